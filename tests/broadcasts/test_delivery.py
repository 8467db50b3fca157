"""Delivery over real HTTP against the sandbox: what comes back, and what goes wrong."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlite_utils import Database

from bot.broadcasts.audience import AudienceStore
from bot.broadcasts.delivery import WINDOW, Parts, Progress
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.model import (
    Audience,
    Counts,
    Delivered,
    Draft,
    Kind,
    RunState,
    Schedule,
    State,
    Variant,
    When,
)
from bot.broadcasts.pacer import Pacer
from bot.broadcasts.packet import Held
from bot.broadcasts.schedule import Quiet
from bot.broadcasts.service import Broadcasts
from bot.broadcasts.store import BroadcastStore
from bot.clock import FixedClock
from bot.knowledge.festivals import Festivals
from bot.members.store import GroupStore, MemberStore
from bot.sandbox import DEFAULT_TOKEN, Limits, create_app, start
from bot.sandbox.faults import Fault, Faults
from bot.telegram.broadcasting import BotTransport, plainly
from db import open_database
from tests.broadcasts.conftest import FIRST, fill_members, fill_world
from tests.broadcasts.test_kill import Counting

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATE = timedelta(minutes=30)


@dataclass
class Room:
    world: Counting
    faults: Faults
    runner: web.AppRunner
    address: str
    db: Database
    parts: Parts
    service: Broadcasts
    clock: FixedClock
    told: list[Progress] = field(default_factory=list)

    @property
    def store(self) -> BroadcastStore:
        return self.parts.store

    def create(self, draft: Draft | None = None) -> int:
        draft = draft or Draft("Notice", Kind.SERVICE, schedule=Schedule(quiet=False))
        return self.store.create(1, draft, [Variant("en", "Hello <b>you</b>")]).id

    async def send(self, draft: Draft | None = None) -> int:
        """A broadcast, sent to the end; its run's id."""
        broadcast_id = self.create(draft)
        assert self.service.schedule(broadcast_id)
        await self.go_on()
        return self.store.runs(broadcast_id)[0].id

    async def go_on(self) -> None:
        await self.service.tick()
        await self.service.idle()

    def counts(self, run_id: int) -> Counts:
        return self.parts.ledger.counts(run_id)

    def row(self, run_id: int, chat_id: int) -> tuple[Delivered, str | None]:
        found = next(r for r in self.parts.ledger.rows(run_id) if r.chat_id == chat_id)
        return found.state, found.reason

    def restart(self, **parts: object) -> None:
        self.parts = replace(self.parts, **parts)  # type: ignore[arg-type]
        self.service = Broadcasts(
            self.parts, AudienceStore(self.db, self.clock.now), Festivals(()), Quiet(), LATE
        )


@asynccontextmanager
async def room(folder: Path, people: int = 50, *, limited: bool = False) -> AsyncIterator[Room]:
    world, faults = Counting(), Faults()
    fill_world(world, people)
    app = create_app(world, faults=faults, limits=Limits(world.clock.mono, enabled=limited))
    runner, address = await start(app)
    db = open_database(folder / "sampan.db")
    fill_members(db, people)
    clock = FixedClock(NOW)
    members, groups = MemberStore(db, clock.now), GroupStore(db, clock.now)
    transport = BotTransport(f"{address}/bot{DEFAULT_TOKEN}", WINDOW)
    await transport.initialize()

    def retire(chat_id: int) -> None:
        if chat_id > 0:
            members.set_blocked(chat_id, True)
        else:
            groups.leave(chat_id)

    told: list[Progress] = []

    async def watch(progress: Progress) -> None:
        told.append(progress)

    parts = Parts(
        BroadcastStore(db, clock.now), Ledger(db), Pacer(rate=0), transport, plainly,
        lambda broadcast, country: None, retire, groups.migrate, clock.now, watch,
    )  # fmt: skip
    service = Broadcasts(parts, AudienceStore(db, clock.now), Festivals(()), Quiet(), LATE)
    made = Room(world, faults, runner, address, db, parts, service, clock, told)
    try:
        yield made
    finally:
        await made.service.stop()
        await transport.shutdown()
        await runner.cleanup()


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


async def test_everybody_gets_it_once_and_it_is_finished(tmp_path: Path) -> None:
    async with room(tmp_path, 300) as r:
        run_id = await r.send()
        assert r.counts(run_id) == Counts(sent=300)
        assert set(r.world.got.values()) == {1} and len(r.world.got) == 300
        run = r.store.run(run_id)
        assert run and run.state is RunState.FINISHED and run.total == 300
        broadcast = r.store.get(run.broadcast_id)
        assert broadcast and broadcast.state is State.FINISHED
        await asyncio.sleep(0)
        assert r.told[-1].ended and r.told[-1].counts.sent == 300
        await r.go_on()
        assert r.world.total == 300, "a later tick sends nothing more"


async def test_dead_chats_are_retired_and_the_next_broadcast_leaves_them_out(
    tmp_path: Path,
) -> None:
    async with room(tmp_path, 20) as r:
        r.world.users[FIRST].blocked = True
        r.world.users[FIRST + 1].deactivated = True
        del r.world.users[FIRST + 2]
        r.world.chats.pop(FIRST + 2, None)
        run_id = await r.send()
        assert r.counts(run_id) == Counts(sent=17, failed=3)
        assert r.row(run_id, FIRST) == (Delivered.FAILED, "bot was blocked by the user")
        assert r.row(run_id, FIRST + 2) == (Delivered.FAILED, "chat not found")
        again = await r.send()
        assert r.counts(again) == Counts(sent=17)


async def test_lost_answers_are_uncertain_and_resent_only_on_a_persons_word(
    tmp_path: Path,
) -> None:
    """1 in 50 answers is lost after the message was delivered."""
    async with room(tmp_path, 200) as r:
        handed = 0

        def every_fiftieth(method: str) -> Fault | None:
            nonlocal handed
            handed += 1
            return Fault(method, "drop") if handed % 50 == 0 else None

        r.faults.next = every_fiftieth  # type: ignore[method-assign]
        run_id = await r.send()
        assert r.counts(run_id) == Counts(sent=196, uncertain=4)
        assert r.world.total == 200 and set(r.world.got.values()) == {1}
        await r.go_on()
        r.restart()
        await r.go_on()
        assert r.world.total == 200, "nobody is tried again unasked"
        r.faults.next = lambda method: None  # type: ignore[method-assign]
        assert r.service.resend_uncertain(run_id) == 4
        await r.go_on()
        assert r.counts(run_id) == Counts(sent=200) and r.world.total == 204


@pytest.mark.parametrize("kind", ["500", "502", "garbage", "drop_before"])
async def test_what_gives_no_clear_answer_is_uncertain(tmp_path: Path, kind: str) -> None:
    async with room(tmp_path, 10) as r:
        r.faults.add(Fault("sendmessage", kind))
        run_id = await r.send()
        assert r.counts(run_id) == Counts(sent=9, uncertain=1)


async def test_a_429_of_one_chat_does_not_hold_the_others(tmp_path: Path) -> None:
    async with room(tmp_path, 40) as r:
        r.faults.add(Fault("sendmessage", "429", seconds=2))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total == 39, 1.5)
        await r.service.idle()
        run_id = r.store.runs(broadcast_id)[0].id
        assert r.counts(run_id) == Counts(sent=40), "a success after a wait counts as sent"
        assert set(r.world.got.values()) == {1}


async def test_the_server_gone_for_a_while_costs_nobody_the_message(tmp_path: Path) -> None:
    async with room(tmp_path, 600) as r:
        r.restart(pacer=Pacer(rate=300))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 100)
        port = int(r.address.rsplit(":", 1)[1])
        await r.runner.cleanup()
        run_id = r.store.runs(broadcast_id)[0].id
        await until(lambda: r.service.progress(run_id).trouble == "no_connection")  # type: ignore[union-attr]
        at_that_time = r.world.total
        await asyncio.sleep(0.5)
        assert r.world.total == at_that_time
        app = create_app(r.world, faults=r.faults, limits=Limits(r.world.clock.mono, enabled=False))
        r.runner, _ = await start(app, port=port)
        await r.service.idle()
        counts = r.counts(run_id)
        assert counts.sent + counts.uncertain == 600 and counts.uncertain <= WINDOW
        assert max(r.world.got.values()) == 1


async def test_a_locked_database_stops_sending_and_loses_nothing(tmp_path: Path) -> None:
    async with room(tmp_path, 400) as r:
        r.restart(pacer=Pacer(rate=200))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 50)
        other = sqlite3.connect(tmp_path / "sampan.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        run_id = r.store.runs(broadcast_id)[0].id
        await until(lambda: r.service.progress(run_id).trouble == "database")  # type: ignore[union-attr]
        await asyncio.sleep(0.2)
        at_that_time = r.world.total
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(5)
        assert asyncio.get_running_loop().time() - begun < 6, "answers are not held up"
        assert r.world.total == at_that_time, "nothing leaves that was not written down"
        other.execute("ROLLBACK")
        await r.service.idle()
        assert r.counts(run_id) == Counts(sent=400)
        assert set(r.world.got.values()) == {1}


async def test_a_full_disk_stops_sending_says_so_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with room(tmp_path, 400) as r:
        r.restart(pacer=Pacer(rate=400))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 40)
        (pages,) = r.db.execute("PRAGMA page_count").fetchone()
        r.db.execute(f"PRAGMA max_page_count = {pages}")
        r.db.execute("CREATE TEMP TRIGGER full BEFORE UPDATE ON main.deliveries BEGIN "
                     "INSERT INTO meta VALUES (hex(randomblob(9)), hex(zeroblob(9000))); END")  # fmt: skip
        run_id = r.store.runs(broadcast_id)[0].id
        await until(lambda: r.service.progress(run_id).trouble == "database")  # type: ignore[union-attr]
        assert "database or disk is full" in caplog.text
        await asyncio.sleep(0.3)
        at_that_time = r.world.total
        await asyncio.sleep(0.5)
        assert r.world.total == at_that_time
        r.db.execute("DROP TRIGGER full")
        r.db.execute("PRAGMA max_page_count = 1073741823")
        await r.service.idle()
        assert r.counts(run_id) == Counts(sent=400)
        assert set(r.world.got.values()) == {1}


async def test_a_disk_too_full_to_choose_is_told_and_tried_again(tmp_path: Path) -> None:
    async with room(tmp_path, 5000) as r:
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        (pages,) = r.db.execute("PRAGMA page_count").fetchone()
        r.db.execute(f"PRAGMA max_page_count = {pages + 2}")
        await r.go_on()
        await asyncio.sleep(0)
        assert r.told[-1].trouble == "database" and r.world.total == 0
        r.db.execute("PRAGMA max_page_count = 1073741823")
        await r.go_on()
        assert r.counts(r.store.runs(broadcast_id)[0].id) == Counts(sent=5000)


async def test_pause_resume_and_cancel(tmp_path: Path) -> None:
    async with room(tmp_path, 300) as r:
        r.restart(pacer=Pacer(rate=200))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 30)
        assert r.store.pause(broadcast_id) and not r.store.pause(broadcast_id)
        await r.service.idle()
        stood = r.world.total
        await r.go_on()
        assert stood < 300 and r.world.total == stood
        assert r.store.resume(broadcast_id) and not r.store.resume(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= stood + 10)
        assert r.store.cancel(broadcast_id) and not r.store.cancel(broadcast_id)
        await r.service.idle()
        ended = r.world.total
        await r.go_on()
        run = r.store.runs(broadcast_id)[0]
        assert ended < 300 and r.world.total == ended and run.state is RunState.CANCELLED
        assert r.counts(run.id) == Counts(sent=ended, pending=300 - ended)
        assert not r.store.resume(broadcast_id)


async def test_paused_and_resumed_nobody_is_missing(tmp_path: Path) -> None:
    async with room(tmp_path, 600) as r:
        r.restart(pacer=Pacer(rate=200))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        for _ in range(3):
            before = r.world.total
            await until(lambda before=before: r.world.total >= before + 20)  # type: ignore[misc]
            r.store.pause(broadcast_id)
            await r.service.idle()
            r.store.resume(broadcast_id)
            await r.service.tick()
        await r.service.idle()
        assert r.counts(r.store.runs(broadcast_id)[0].id) == Counts(sent=600)
        assert set(r.world.got.values()) == {1}


async def test_the_gate_is_asked_again_before_each_delivery(tmp_path: Path) -> None:
    """A fact that is corrected in the middle stops the rest, and the rule is on record."""
    async with room(tmp_path, 300) as r:
        held: list[Held] = []
        r.restart(pacer=Pacer(rate=150), gate=lambda b, country: held[0] if held else None)
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 30)
        held.append(Held("hold", "cn.regulation.marketing"))
        await r.service.idle()
        run_id = r.store.runs(broadcast_id)[0].id
        counts = r.counts(run_id)
        assert 30 <= counts.sent < 300 and counts.sent + counts.held == 300
        assert r.world.total == counts.sent
        tally = next(t for t in r.parts.ledger.tally(run_id) if t.state is Delivered.HELD)
        assert (tally.rule, tally.country) == ("cn.regulation.marketing", "SG")


async def test_a_moved_group_gets_it_under_its_new_id_once(tmp_path: Path) -> None:
    async with room(tmp_path, 0) as r:
        from bot.sandbox import populate

        populate(r.world)
        old = next(c for c in r.world.chats.values() if c.type == "group")
        groups = GroupStore(r.db, r.clock.now)
        groups.join(old.id, old.title)
        new = next(c for c in r.world.chats.values() if c.type == "supergroup")
        old.migrated_to = new.id
        run_id = await r.send()
        assert r.counts(run_id) == Counts(sent=1)
        assert r.row(run_id, new.id) == (Delivered.SENT, None)
        assert groups.get(old.id) is None and groups.get(new.id)
        groups.join(old.id, old.title)  # both known: the message is not sent there twice
        before = r.world.got[new.id]
        again = await r.send()
        assert r.counts(again) == Counts(sent=1, failed=1)
        assert r.world.got[new.id] == before + 1


async def test_a_missed_moment_is_not_sent_late_without_a_persons_word(tmp_path: Path) -> None:
    async with room(tmp_path, 5) as r:
        at = NOW.replace(tzinfo=None) + timedelta(hours=1)
        draft = Draft("x", Kind.SERVICE, schedule=Schedule(When.ONCE, at, zone="UTC", quiet=False))
        late, let_go, in_time = r.create(draft), r.create(draft), r.create(draft)
        for broadcast_id in (late, let_go):
            assert r.service.schedule(broadcast_id)
        r.clock.moment = NOW + timedelta(hours=2)
        await r.go_on()
        found = r.store.get(late)
        assert found and found.state is State.OVERDUE and r.world.total == 0
        assert r.service.schedule(in_time) is None, "a time in the past"
        assert r.store.resume(late)
        await r.go_on()
        assert r.world.total == 5
        assert r.service.skip(let_go) and not r.service.skip(let_go)
        await r.go_on()
        found = r.store.get(let_go)
        assert r.world.total == 5 and found and found.state is State.FINISHED


async def test_a_run_that_a_long_outage_interrupted_asks_a_person(tmp_path: Path) -> None:
    async with room(tmp_path, 200) as r:
        r.restart(pacer=Pacer(rate=100))
        broadcast_id = r.create()
        r.service.schedule(broadcast_id)
        await r.service.tick()
        await until(lambda: r.world.total >= 20)
        await r.service.stop()
        before = r.world.total
        r.clock.moment += timedelta(days=2)
        r.restart(pacer=Pacer(rate=0))
        await r.go_on()
        run = r.store.runs(broadcast_id)[0]
        assert run.state is RunState.OVERDUE and r.world.total == before
        assert r.store.resume(broadcast_id)
        await r.go_on()
        assert r.counts(run.id) == Counts(sent=200) and set(r.world.got.values()) == {1}


async def test_each_country_gets_it_at_its_own_nine_oclock(tmp_path: Path) -> None:
    async with room(tmp_path, 30) as r:
        for n, country in enumerate(("JP", "TH", "PK")):
            for k in range(10):
                MemberStore(r.db, r.clock.now).set_country(FIRST + n * 10 + k, country)
        day = datetime(2026, 11, 21, 9)
        broadcast_id = r.create(Draft("x", Kind.SERVICE, schedule=Schedule(When.ONCE, day)))
        occasion = r.service.schedule(broadcast_id)
        assert occasion
        for hour, minute, wanted in ((-1, 59, 0), (0, 0, 10), (1, 59, 10), (2, 0, 20), (4, 0, 30)):
            r.clock.moment = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(
                hours=hour, minutes=minute
            )
            await r.go_on()
            assert r.world.total == wanted, (hour, minute)
        found = r.store.get(broadcast_id)
        assert found and found.state is State.FINISHED


async def test_a_repeat_comes_each_week_once_even_if_the_clock_goes_back(tmp_path: Path) -> None:
    async with room(tmp_path, 5) as r:
        draft = Draft(
            "x", Kind.SERVICE, audience=Audience(groups=False),
            schedule=Schedule(When.REPEAT, cron="0 9 * * 1", zone="Asia/Singapore"),
        )  # fmt: skip
        broadcast_id = r.create(draft)
        assert r.service.schedule(broadcast_id)
        monday = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        for week in range(3):
            r.clock.moment = monday + timedelta(weeks=week)
            await r.go_on()
            await r.go_on()
            assert r.world.total == 5 * (week + 1)
        r.clock.moment = NOW  # the machine's clock was wrong
        r.store.set_state(broadcast_id, State.RUNNING)
        assert r.service.schedule(broadcast_id)
        r.clock.moment = monday
        await r.go_on()
        assert r.world.total == 15, "that Monday had its broadcast"


async def test_a_refused_token_pauses_it_and_nobody_is_lost(tmp_path: Path) -> None:
    async with room(tmp_path, 100) as r:
        broken = BotTransport(f"{r.address}/bot1:wrong", WINDOW)
        await broken.initialize()
        right = r.parts.transport
        r.restart(transport=broken)
        run_id = await r.send()
        await broken.shutdown()
        run = r.store.run(run_id)
        assert run and run.state is RunState.PAUSED and run.note == "token_refused"
        assert r.counts(run_id) == Counts(pending=100)
        r.restart(transport=right)
        assert r.store.resume(run.broadcast_id)
        await r.go_on()
        assert r.counts(run_id) == Counts(sent=100)


async def test_no_variant_for_a_language_is_told_not_guessed(tmp_path: Path) -> None:
    async with room(tmp_path, 4) as r:
        MemberStore(r.db, r.clock.now).set_language(FIRST, "vi")
        draft = Draft("x", Kind.SERVICE, language="th", schedule=Schedule(quiet=False))
        run_id = await r.send(draft)  # the only variant is English, the default would be Thai
        assert r.counts(run_id) == Counts(sent=3, failed=1)
        assert r.row(run_id, FIRST) == (Delivered.FAILED, "no_variant")
