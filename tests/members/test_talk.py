"""The bot keeps out of a conversation that people have, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.members.group_messages import GroupMessages
from bot.members.store import GroupStore
from bot.members.talk import HELD_SECONDS, MAX_HELD, Talk
from db import open_database

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_reply_holds_the_person_and_staffs_reply_the_topic() -> None:
    talk = Talk()
    talk.replied(-1, None, 7, 100.0)
    assert talk.is_held(-1, None, 7, 100.0 + HELD_SECONDS - 1)
    assert not talk.is_held(-1, None, 7, 100.0 + HELD_SECONDS)
    assert not talk.is_held(-1, None, 8, 101.0) and not talk.is_held(-2, None, 7, 101.0)
    talk.replied(-1, 5, 7, 100.0, staff=True)
    assert talk.is_held(-1, 5, 8, 101.0) and not talk.is_held(-1, 6, 8, 101.0)
    talk.replied(-1, None, 7, 100.0, staff=True)  # outside of topics it is for one person
    assert not talk.is_held(-1, None, 8, 101.0)


@given(st.integers(MAX_HELD, MAX_HELD + 50))
def test_a_flood_of_replies_does_not_grow_without_end(count: int) -> None:
    talk = Talk()
    for person in range(count):
        talk.replied(-1, None, person, 0.0)
    assert len(talk._held) == MAX_HELD


def test_what_was_said_is_found_for_a_while_in_its_own_place(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    db = open_database(tmp_path / "s.db")
    messages, groups = GroupMessages(db, clock.now), GroupStore(db, clock.now)
    within = timedelta(minutes=10)
    messages.answer(-1, 11, None, "aa")
    messages.answer(-1, 12, 5, "aa")
    assert messages.earlier(-1, None, "aa", within) == 11
    assert messages.earlier(-1, 5, "aa", within) == 12
    assert messages.earlier(-1, 6, "aa", within) is None
    assert messages.earlier(-2, None, "aa", within) is None
    clock.moment += timedelta(minutes=11)
    assert messages.earlier(-1, None, "aa", within) is None
    groups.join(-1, "g")
    groups.configure(-1, clean_minutes=5)
    messages.notice(-1, 20)
    clock.moment += timedelta(minutes=4)
    assert messages.due() == {}
    messages.notice(-1, 20)  # pressed again: it stays
    clock.moment += timedelta(minutes=4)
    assert messages.due() == {}
    clock.moment += timedelta(minutes=1)
    assert messages.due() == {-1: [20]}
    clock.moment += timedelta(hours=48)  # Telegram deletes nothing that old
    assert messages.due() == {} and messages.purge() == 3
