"""Who gets a broadcast, and what is kept of it of one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.broadcasts.audience import SLICE, AudienceStore
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.model import Audience, Draft, Kind, Schedule, State, Variant, When
from bot.broadcasts.schedule import Occasion, Place, Quiet
from bot.broadcasts.store import BroadcastStore
from bot.clock import FixedClock
from bot.members.store import GroupStore, MemberStore
from db import open_database
from tests.broadcasts.conftest import FIRST, fill_members

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """Seven members and three groups, each left out by something else."""
    db = open_database(tmp_path / "sampan.db")
    members, groups = MemberStore(db, CLOCK.now), GroupStore(db, CLOCK.now)
    for user_id, language, country in (
        (1, "vi", "VN"), (2, "en-US", "SG"), (3, "zh-hant", "TW"), (4, "en", None),
        (5, "en", "SG"), (6, "en", "SG"), (7, "en", "SG"),
    ):  # fmt: skip
        members.start(user_id, language)
        members.set_country(user_id, country)
    members.set_language(4, "vi")
    members.set_blocked(5, True)
    members.set_notify(6, frozenset({"service"}))
    db.execute("UPDATE members SET last_seen = '2026-01-01T00:00:00+00:00' WHERE user_id = 7")
    members.set_language(8, "en")  # never started the bot
    for chat_id, country, language in ((-1, "VN", "vi"), (-2, "SG", "en"), (-3, "SG", "en")):
        groups.join(chat_id, f"G{chat_id}")
        groups.configure(chat_id, country=country, language=language)
    groups.leave(-3)
    return db


async def chosen(
    db: Database,
    audience: Audience,
    kind: Kind = Kind.PROMOTION,
    never: frozenset[int] = frozenset(),
) -> set[int]:
    store = AudienceStore(db, CLOCK.now, never)
    broadcasts = BroadcastStore(db, CLOCK.now)
    run = broadcasts.begin_run(broadcasts.create(1, Draft("x")).id, "k")
    assert run
    occasion = Occasion("k", NOW.replace(tzinfo=None), "UTC")
    total = await store.choose(run.id, audience, kind, occasion, None)
    rows = [row.chat_id for row in Ledger(db).rows(run.id)]
    assert len(rows) == total == (await store.count(audience, kind)).total
    return set(rows)


async def test_opt_outs_blocked_and_left_are_never_among_them(db: Database) -> None:
    assert await chosen(db, Audience()) == {1, 2, 3, 4, 7, -1, -2}
    assert await chosen(db, Audience(), Kind.SERVICE) == {1, 2, 3, 4, 6, 7, -1, -2}
    assert await chosen(db, Audience(), Kind.EDUCATION) == {1, 2, 3, 4, 7, -1, -2}


async def test_by_country_language_group_and_last_activity(db: Database) -> None:
    assert await chosen(db, Audience(groups=False)) == {1, 2, 3, 4, 7}
    assert await chosen(db, Audience(members=False)) == {-1, -2}
    assert await chosen(db, Audience(countries=frozenset({"SG"}))) == {2, 7, -2}
    assert await chosen(db, Audience(languages=frozenset({"vi"}))) == {1, 4, -1}
    assert await chosen(db, Audience(languages=frozenset({"zh-Hant", "en"}))) == {2, 3, 7, -2}
    assert await chosen(db, Audience(members=False, chats=frozenset({-1, -3}))) == {-1}
    assert await chosen(db, Audience(groups=False, active_days=30)) == {1, 2, 3, 4}
    assert await chosen(db, Audience(), never=frozenset({-2})) == {1, 2, 3, 4, 7, -1}
    assert await chosen(db, Audience(groups=False, members=False)) == set()


async def test_the_count_tells_countries_and_languages(db: Database) -> None:
    reach = await AudienceStore(db, CLOCK.now).count(Audience(), Kind.PROMOTION)
    assert (reach.members, reach.groups) == (5, 2)
    assert reach.countries == {"VN": 2, "SG": 3, "TW": 1, None: 1}
    assert reach.languages == {"vi": 3, "en": 3, "zh-Hant": 1}


async def test_more_than_a_slice_each_once_in_order_of_their_moment(tmp_path: Path) -> None:
    db = open_database(tmp_path / "many.db")
    fill_members(db, SLICE + 10)
    db.execute("UPDATE members SET country = 'JP' WHERE user_id % 2")
    store, broadcasts = AudienceStore(db, CLOCK.now), BroadcastStore(db, CLOCK.now)
    run = broadcasts.begin_run(broadcasts.create(1, Draft("x")).id, "k")
    assert run
    at_seven = Occasion("k", datetime(2026, 11, 21, 7), None)
    for _ in range(2):  # an interrupted choice begins anew
        await store.choose(run.id, Audience(), Kind.SERVICE, at_seven, Quiet())
    rows = list(Ledger(db).rows(run.id))
    assert sorted(r.chat_id for r in rows) == list(range(FIRST, FIRST + SLICE + 10))
    assert rows == sorted(rows, key=lambda r: (r.due, r.chat_id))
    assert {(r.country, datetime.fromtimestamp(r.due, UTC).hour) for r in rows} == {
        ("JP", 23), ("SG", 0),
    }  # fmt: skip  # 07:00 is quiet: 08:00 there


async def test_a_groups_own_zone_beats_its_countrys(tmp_path: Path) -> None:
    db = open_database(tmp_path / "zones.db")
    groups = GroupStore(db, CLOCK.now)
    for chat_id, zone in ((-1, "Asia/Jayapura"), (-2, None), (-3, "Asia/Nowhere")):
        groups.join(chat_id, "G")
        groups.configure(chat_id, country="ID")
        db.execute("UPDATE groups SET timezone = ? WHERE chat_id = ?", [zone, chat_id])
    store, broadcasts = AudienceStore(db, CLOCK.now), BroadcastStore(db, CLOCK.now)
    run = broadcasts.begin_run(broadcasts.create(1, Draft("x")).id, "k")
    assert run
    nine = Occasion("k", datetime(2026, 11, 21, 9), None)
    await store.choose(run.id, Audience(), Kind.SERVICE, nine, Quiet())
    hours = {r.chat_id: datetime.fromtimestamp(r.due, UTC).hour for r in Ledger(db).rows(run.id)}
    assert hours == {-1: 0, -2: 2, -3: 2}
    assert Place("ID", "Asia/Jayapura") in store.places(Audience(countries=frozenset({"ID"})))


async def test_a_group_that_wants_no_festival_notices_gets_none(db: Database) -> None:
    GroupStore(db, CLOCK.now).configure(-1, festivals=False)
    groups = Audience(members=False)
    assert await chosen(db, groups, Kind.FESTIVAL) == {-2}
    assert await chosen(db, groups, Kind.SERVICE) == {-1, -2}


async def test_nothing_is_due_in_a_groups_own_quiet_hours(tmp_path: Path) -> None:
    db = open_database(tmp_path / "quiet.db")
    groups = GroupStore(db, CLOCK.now)
    for chat_id, start, end in ((-1, None, None), (-2, 12, 14), (-3, 23, 9), (-4, 14, 23)):
        groups.join(chat_id, "G")
        groups.configure(chat_id, country="VN", quiet_from=start, quiet_to=end)
    store, broadcasts = AudienceStore(db, CLOCK.now), BroadcastStore(db, CLOCK.now)

    async def hours(wall: int, quiet: Quiet | None) -> dict[int, int]:
        """When each group is written to, by the clock of Viet Nam."""
        run = broadcasts.begin_run(broadcasts.create(1, Draft("x")).id, "k")
        assert run
        moment = Occasion("k", datetime(2026, 11, 21, wall), None)
        await store.choose(run.id, Audience(), Kind.SERVICE, moment, quiet)
        rows = Ledger(db).rows(run.id)
        return {r.chat_id: (datetime.fromtimestamp(r.due, UTC).hour + 7) % 24 for r in rows}

    assert await hours(13, Quiet()) == {-1: 13, -2: 14, -3: 13, -4: 13}
    assert await hours(7, Quiet()) == {-1: 8, -2: 8, -3: 9, -4: 8}
    assert await hours(15, Quiet()) == {-1: 15, -2: 15, -3: 15, -4: 8}, "23:00 is the country's"
    assert await hours(1, None) == {-1: 1, -2: 1, -3: 9, -4: 1}


async def test_a_group_of_several_languages_is_written_to_in_its_first(db: Database) -> None:
    GroupStore(db, CLOCK.now).configure(-2, more_languages=("zh-Hans", "ms"))
    groups = Audience(members=False)
    assert await chosen(db, groups) == {-1, -2}
    reach = await AudienceStore(db, CLOCK.now).count(groups, Kind.SERVICE)
    assert reach.languages == {"vi": 1, "en": 1}


async def test_a_person_may_see_and_delete_what_was_sent_to_them(db: Database) -> None:
    await chosen(db, Audience())
    await chosen(db, Audience())
    members = MemberStore(db, CLOCK.now)
    exported = members.export(1)
    assert [row["chat_id"] for row in exported["deliveries"]] == [1, 1]
    assert exported["broadcasts"]
    members.erase(1)
    left = members.export(1)
    assert left["deliveries"] == [] and left["broadcasts"] == []
    assert db.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 12


def test_drafts_states_and_rights_of_way(db: Database) -> None:
    """What people do to a broadcast, in the order that the store allows."""
    store = BroadcastStore(db, CLOCK.now)
    schedule = Schedule(When.FESTIVAL, festival="songkran", days_before=3, zone=None)
    draft = Draft("Songkran", platform="binance_th", audience=Audience(countries=frozenset({"TH"})),
                  schedule=schedule)  # fmt: skip
    made = store.create(1, draft, [Variant("en", "Hi")])
    store.put_variant(made.id, Variant("th", "สวัสดี"))
    found = store.get(made.id)
    assert found and found.draft == draft and set(found.variants) == {"en", "th"}
    assert found.variant("vi") == found.variants["en"]
    assert not store.approve(made.id, 2), "it doesn't wait"
    assert store.submit(made.id) and not store.submit(made.id)
    assert store.approve(made.id, 2) and not store.approve(made.id, 3), "once"
    store.put_variant(made.id, Variant("en", "Hello"))
    found = store.get(made.id)
    assert found and found.approver_id is None, "what is sent is what was approved"
    copy = store.duplicate(made.id, 9)
    assert copy.draft == draft and copy.author_id == 9 and copy.copied_from == made.id
    assert store.schedule(made.id, "songkran:2027.1", NOW + timedelta(days=1))
    assert store.due(NOW) == [] and [b.id for b in store.due(NOW + timedelta(days=1))] == [made.id]
    assert store.cancel(made.id) and not store.cancel(made.id)
    store.delete(copy.id)
    assert store.get(copy.id) is None


async def test_a_group_that_moved_stays_in_the_audience_and_approved(db: Database) -> None:
    """Its id is followed in a draft and in what is scheduled; an emptied list would mean all."""
    store, groups = BroadcastStore(db, CLOCK.now), GroupStore(db, CLOCK.now)
    audience = Audience(members=False, chats=frozenset({-1, -2}))
    draft, scheduled = (store.create(1, Draft("x", audience=audience)).id for _ in range(2))
    assert store.submit(scheduled) and store.approve(scheduled, 2)
    assert store.schedule(scheduled, "k", NOW)
    groups.migrate(-1, -100_1)
    groups.migrate(-1, -100_1)  # told of twice
    for broadcast_id in (draft, scheduled):
        found = store.get(broadcast_id)
        assert found and found.draft.audience.chats == {-100_1, -2}
        assert await chosen(db, found.draft.audience) == {-100_1, -2}
    assert found and found.approver_id == 2 and found.state is State.SCHEDULED
    groups.migrate(-2, -100_1)  # two that became one
    found = store.get(draft)
    assert found and found.draft.audience.chats == {-100_1}
    assert found.draft.audience.members is False
