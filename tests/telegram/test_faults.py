"""What breaks around the bot, and that it goes on without a hand."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from bot.sandbox.updates import Pending
from tests.conftest import Harness

QUESTION = "is Binance allowed in the Philippines"


async def answer_to(harness: Harness, version: int) -> str:
    return str((await harness.people.answer_after("Sam", "bot", version))["text"])


@pytest.mark.parametrize("kind", ["500", "502", "429", "garbage", "drop", "drop_before", "delay"])
async def test_polling_goes_on_after_every_fault_of_the_server(harness: Harness, kind: str) -> None:
    await harness.people.say("Sam", "/start")
    await harness.people.act("faults", method="getUpdates", kind=kind, times=2, seconds=1)
    assert "Binance" in (await harness.people.say("Sam", QUESTION))["text"]
    await harness.people.settle()
    answers = [m for m in await harness.people.messages("Sam") if "Binance in the" in m["text"]]
    assert len(answers) == 1


async def test_a_locked_database_delays_and_loses_nothing(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    version = await harness.people.version("Sam", "bot")
    harness.core.db.execute("PRAGMA busy_timeout=50")
    locking = sqlite3.connect(harness.settings.database, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    await harness.people.act("say", user="Sam", text=QUESTION)
    await asyncio.sleep(0.5)
    locking.execute("ROLLBACK")
    assert "Binance" in await answer_to(harness, version)
    assert not harness.running.health.problems()


async def test_a_full_disk_delays_and_loses_nothing(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    version = await harness.people.version("Sam", "bot")
    db = harness.core.db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count={pages}")
    for _ in range(30):  # more than the free room in the last pages
        await harness.people.act("say", user="Sam", text="is crypto legal in Japan? " * 100)
    await asyncio.sleep(0.5)
    db.execute("PRAGMA max_page_count=1000000")
    await harness.people.act("say", user="Maria", text=QUESTION)
    assert await answer_to(harness, version)
    while len(harness.world.updates) or harness.running.dispatcher.waiting:
        await asyncio.sleep(0.05)
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    harness.running.journal.flush()
    left = db.execute("SELECT count(*) FROM updates WHERE state = 'received'").fetchone()[0]
    assert left == 0


async def test_updates_handed_out_twice_and_out_of_order_are_answered_once(
    harness: Harness,
) -> None:
    await harness.people.say("Sam", "/start")
    updates = harness.world.updates
    for user in ("Sam", "Maria", "Linh"):
        await harness.people.act("say", user=user, text=QUESTION)
    waiting: list[Pending] = updates.peek(9)
    updates._pending.extend(reversed(waiting))
    while len(updates) or harness.running.dispatcher.waiting:
        await asyncio.sleep(0.05)
    updates._pending.extend(waiting)
    await harness.people.settle()
    for user in ("Sam", "Maria", "Linh"):
        said = [m for m in await harness.people.messages(user) if m["from"]["bot"]]
        assert len([m for m in said if "Binance" in m["text"]]) == 1
