"""The shield's stores on a real database: they outlive a restart, and a group's move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.clock import FixedClock
from bot.members.store import GroupStore
from bot.shield.reports import Card, ReportBook, Suspect
from bot.shield.rules import Evidence, Kind, Mode
from bot.shield.store import ShieldStore
from db.open import open_database

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OLD, NEW, JUN = -4_100_000_001, -1_002_000_000_001, 7
SEED = Evidence(Kind.SEED, sure=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "sampan.db")


@pytest.fixture
def book(db: Database, clock: FixedClock) -> ReportBook:
    return ReportBook(db, clock.now)


def suspect(user: int = JUN, name: str = "Jun") -> Suspect:
    return Suspect(OLD, user, name, "", "hash")


def test_what_is_known_outlives_a_restart(db: Database, clock: FixedClock) -> None:
    store = ShieldStore(db, clock.now)
    store.set_mode(OLD, Mode.ACT)
    store.add_link("evil.com", 1)
    store.note(OLD, JUN, store.fresh("hash", joined=True))
    store.trust(OLD, JUN, "hash")
    again = ShieldStore(db, clock.now)
    guarded, seen = again.group(OLD), again.seen(OLD, JUN)
    assert guarded and guarded.mode is Mode.ACT and guarded.on_since == NOW
    assert again.links == {"evil.com"}
    assert seen and seen.standing.joined and seen.standing.trusted
    assert again.cleared(OLD, JUN, "hash") and not again.cleared(OLD, JUN, "other")
    again.distrust(OLD, JUN, "hash")
    seen = again.seen(OLD, JUN)
    assert seen and not seen.standing.trusted and not again.cleared(OLD, JUN, "hash")


def test_switching_between_modes_keeps_the_date_switching_off_ends_it(
    db: Database, clock: FixedClock
) -> None:
    store = ShieldStore(db, clock.now)
    store.set_mode(OLD, Mode.REPORT)
    clock.moment += timedelta(days=1)
    store.set_mode(OLD, Mode.ACT)
    guarded = store.group(OLD)
    assert guarded and guarded.on_since == NOW
    store.set_mode(OLD, Mode.OFF)
    assert store.group(OLD) is None
    store.set_mode(OLD, Mode.REPORT)
    guarded = store.group(OLD)
    assert guarded and guarded.on_since == clock.moment


def test_a_group_that_moves_takes_its_shield_along(
    db: Database, clock: FixedClock, book: ReportBook
) -> None:
    store, groups = ShieldStore(db, clock.now), GroupStore(db, clock.now)
    groups.join(OLD, "Group")
    store.set_mode(OLD, Mode.REPORT)
    store.note(OLD, JUN, store.fresh("hash", joined=False))
    store.note(NEW, JUN, store.fresh("newer", joined=False))  # heard there before the move was told
    report, _ = book.add(suspect(), [SEED], "text", 5)
    book.add_card(Card(OLD, 6), report_id=report.id)
    groups.migrate(OLD, NEW)
    store.moved(OLD, NEW)
    assert store.group(OLD) is None and store.group(NEW) is not None
    assert ShieldStore(db, clock.now).group(NEW) is not None
    moved = book.get(report.id)
    assert moved and moved.suspect.chat_id == NEW
    assert moved.messages == () and book.cards(report_id=report.id) == []  # other numbers there


def test_one_persons_deeds_go_into_one_open_report(book: ReportBook, clock: FixedClock) -> None:
    first, new = book.add(suspect(), [SEED], "one", 5)
    second, again = book.add(suspect(), [SEED, Evidence(Kind.BAD_LINK, "evil.com")], "two", 6)
    assert new and not again and first.id == second.id
    assert [e.kind for e in second.evidence] == [Kind.SEED, Kind.BAD_LINK]
    assert second.messages == (5, 6) and second.text == "one"
    assert book.take_changed() == [first.id] and book.take_changed() == []
    book.decide(first.id, "dismissed")
    assert book.add(suspect(), [SEED], "three", 7)[1]
    clock.moment += timedelta(days=1)
    assert book.add(suspect(), [SEED], "four", 8)[1]


def test_a_thousand_messages_of_one_person_are_one_small_report(book: ReportBook) -> None:
    for number in range(1, 200):
        report, _ = book.add(suspect(), [Evidence(Kind.BAD_LINK, f"evil{number}.com")], "x", number)
    assert len(report.messages) == 50 and len(report.evidence) == 12


def test_closed_reports_are_forgotten_open_ones_are_not(
    book: ReportBook, clock: FixedClock, db: Database
) -> None:
    closed, _ = book.add(suspect(1), [SEED], "", 1)
    waits, _ = book.add(suspect(2), [SEED], "", 2)
    book.reported_by(closed.id, 9)
    book.add_card(Card(5, 5), report_id=closed.id)
    book.decide(closed.id, "done", deleted=True, barred="muted")
    clock.moment += timedelta(days=91)
    assert book.purge(timedelta(days=90)) == 1
    assert book.get(closed.id) is None and book.get(waits.id) is not None
    assert db["shield_reporters"].count == 0 and db["shield_cards"].count == 0


def test_a_raid_counts_and_ends_when_it_is_quiet(book: ReportBook, clock: FixedClock) -> None:
    raid = book.raids.begin(OLD, 15)
    book.raids.more(raid, joins=2)
    book.add(suspect(), [SEED], "", 1, raid)
    found = book.raids.get(raid)
    assert found and (found.joins, found.reports, found.open, found.over) == (17, 1, 1, False)
    assert book.raids.of(OLD) == raid
    assert book.raids.take_changed(timedelta(minutes=3)) == [raid]
    assert book.raids.take_changed(timedelta(minutes=3)) == []
    clock.moment += timedelta(minutes=4)
    assert book.raids.take_changed(timedelta(minutes=3)) == [raid]
    assert book.raids.of(OLD) is None


def test_a_person_is_warned_once_a_day(db: Database, clock: FixedClock) -> None:
    store = ShieldStore(db, clock.now)
    assert store.warn(JUN) and not store.warn(JUN) and store.warn(8)
    clock.moment += timedelta(days=1)
    assert store.warn(JUN)
