"""What breaks around the bot, and that it goes on without a hand."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.resolver import ThreadedResolver

from bot.clock import FixedClock
from bot.journal import Journal
from bot.sandbox.updates import Pending
from bot.telegram.request import AiohttpRequest
from db import open_database
from tests.conftest import NOW, Harness, run_bot_in_sandbox

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


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def states(harness: Harness) -> list[str]:
    rows = harness.core.db.execute("SELECT state FROM updates WHERE state != 'done' ORDER BY 1")
    return [state for (state,) in rows]


def question(update_id: int) -> dict[str, Any]:
    person = {"id": 7_000_100_015, "is_bot": False, "first_name": "Sam", "language_code": "en"}
    message = {"message_id": update_id, "date": 1, "from": person, "text": QUESTION,
               "chat": {**person, "type": "private"}}  # fmt: skip
    return {"update_id": update_id, "message": message}


async def test_what_a_lock_meets_half_way_is_begun_anew(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    version = await harness.people.version("Sam", "bot")
    running = harness.running
    updates = running.journal.store([question(n) for n in (1, 2, 3)])
    with locked(harness.settings.database):
        for update in updates:
            running.dispatcher.submit(update)
        while not running.busy.now:
            await asyncio.sleep(0.01)
    assert "Binance" in await answer_to(harness, version)
    await harness.people.settle()
    said = [m for m in await harness.people.messages("Sam") if m["from"]["bot"]]
    assert len([m for m in said if "Binance in the" in m["text"]]) == 3
    assert not [m for m in said if "went wrong" in m["text"]]


async def test_what_came_of_an_update_outlives_a_lock(tmp_path: Path) -> None:
    """Else it would be dealt with a second time after a restart."""
    path = tmp_path / "sampan.db"
    journal = Journal(open_database(path), lambda: NOW)
    journal._db.execute("PRAGMA busy_timeout = 0")
    journal.store([question(1)])
    journal.done(1)
    with locked(path):
        for write in (journal.flush, lambda: journal.store([question(2)])):
            with pytest.raises(sqlite3.OperationalError):
                write()
    journal.store([question(2)])
    assert [update["update_id"] for update in journal.pending()] == [2]


class Watched(dict[str, int]):
    """Counts calls by method, and looks at each moment in which an answer arrives."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._look = look

    def __setitem__(self, method: str, count: int) -> None:
        super().__setitem__(method, count)
        if method == "sendmessage":
            self._look()


async def test_during_a_flood_wait_a_kill_would_lose_nothing(harness: Harness) -> None:
    """A 429 means for certain that nothing was sent: the update stands as if not begun."""
    await harness.people.say("Sam", "/start")
    await harness.people.settle()
    harness.running.journal.flush()
    version = await harness.people.version("Sam", "bot")
    seen: list[list[str]] = []
    harness.world.calls = Watched(lambda: seen.append(states(harness)))
    await harness.people.act("faults", method="sendMessage", kind="429", times=2, seconds=1)
    await harness.people.act("say", user="Sam", text=QUESTION)
    async with asyncio.timeout(20):
        while not seen or states(harness) != ["received"]:
            await asyncio.sleep(0.001)
    assert seen[0] == ["replying"]
    assert "Binance" in await answer_to(harness, version)


@pytest.mark.parametrize(
    ("kind", "answers"),
    [("429", 1), ("delay", 1), ("garbage", 1), ("drop", 1), ("500", 0), ("502", 0), ("drop_before", 0)],
)  # fmt: skip
async def test_an_answer_is_sent_again_only_when_it_was_surely_not_sent(
    harness: Harness, kind: str, answers: int
) -> None:
    """What a 5xx or a cut connection leaves in doubt gets no second try: nobody may get two."""
    await harness.people.say("Sam", "/start")
    await harness.people.act("faults", method="sendMessage", kind=kind, times=1, seconds=1)
    await harness.people.act("say", user="Sam", text=QUESTION)
    await harness.people.settle()
    said = [m for m in await harness.people.messages("Sam") if "Binance in the" in m["text"]]
    assert len(said) == answers


def impatient(harness: Harness) -> None:
    """The bot's own patience for an answer, shortened: seconds."""
    for request in harness.running.bot._request:
        assert isinstance(request, AiohttpRequest)
        request._read = 0.5
        request._usual = request._timeout(*[request.DEFAULT_NONE] * 4)


async def test_a_server_that_takes_calls_in_and_never_answers_holds_up_nobody(
    harness: Harness,
) -> None:
    """Half-open connections: the one answer in doubt is not sent again, all others come."""
    await harness.people.say("Sam", "/start")
    impatient(harness)
    await harness.people.act("faults", method="sendMessage", kind="hang")
    await harness.people.act("faults", method="getUpdates", kind="hang")
    await harness.people.act("say", user="Sam", text=QUESTION)
    answer = await asyncio.wait_for(harness.people.say("Maria", QUESTION), 60)
    assert "Binance in the" in answer["text"]
    await harness.people.settle()
    both = [await harness.people.messages(user) for user in ("Sam", "Maria")]
    assert sum("Binance in the" in m["text"] for found in both for m in found) == 1


async def test_without_an_address_everything_waits_and_comes_then(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS fails in mid-run: polls and answers are tried until it works again."""
    async with run_bot_in_sandbox(tmp_path, clock, host="localhost") as harness:
        await harness.people.say("Sam", "/start")
        await harness.people.settle()
        harness.running.journal.flush()
        asked = asyncio.Event()

        async def no_name(*_: object, **__: object) -> list[Any]:
            asked.set()
            raise OSError(-3, "Temporary failure in name resolution")

        with monkeypatch.context() as patch:
            patch.setattr(ThreadedResolver, "resolve", no_name)
            for request in harness.running.bot._request:
                assert isinstance(request, AiohttpRequest)
                await request.shutdown()
                await request.initialize()
            version = await harness.people.version("Sam", "bot")
            [update] = harness.running.journal.store([question(1)])
            harness.running.dispatcher.submit(update)
            await asked.wait()
            await asyncio.sleep(0.5)
            assert states(harness) == ["received"], "nothing of the answer has left"
        assert "Binance in the" in await answer_to(harness, version)


async def test_a_clock_that_is_set_forward_deletes_nothing_and_answers_go_on(
    harness: Harness,
) -> None:
    await harness.people.say("Sam", QUESTION)
    harness.clock.moment += timedelta(days=1000)
    await harness.running.jobs.run("purge")
    assert harness.core.db.execute("SELECT count(*) FROM answers").fetchone()[0]
    harness.clock.moment -= timedelta(days=2000)
    assert "Binance" in (await harness.people.say("Sam", QUESTION))["text"]
