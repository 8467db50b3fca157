"""What many tests share: one core on the real knowledge and model, and a running bot."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import FixedClock
from bot.sandbox import DEFAULT_TOKEN, Limits, World, create_app, default_bot, populate, start
from bot.settings import Settings, load_settings
from bot.telegram.app import Running, build_bot
from bot.wiring import Core, build_core

pytest_plugins = ["tests.leaks"]

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


@lru_cache(maxsize=1)
def shared_core() -> Core:
    """Built once a process: reading all knowledge and names takes seconds."""
    folder = tempfile.mkdtemp(prefix="sampan-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build_core(Path(folder) / "sampan.db", clock=FixedClock(NOW))


def warm_core(database: Path, clock: FixedClock) -> Core:
    """A core of its own, on a copy of a database that holds the knowledge already."""
    shared = shared_core()
    if not database.exists():
        with closing(sqlite3.connect(database)) as copy:
            shared.db.conn.backup(copy)
    return build_core(database, clock=clock, understanding=shared.answers.understanding)


@pytest.fixture(scope="session")
def core() -> Core:
    """The features on the real knowledge, shared: tests that write make their own."""
    return shared_core()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


class People:
    """Plays people through the sandbox's control API."""

    def __init__(
        self, session: aiohttp.ClientSession, address: str, running: Running, world: World
    ) -> None:
        self._session = session
        self._world = world
        self.address = address
        self.running = running

    async def act(self, what: str, **body: Any) -> dict[str, Any]:
        async with self._session.post(f"{self.address}/sandbox/{what}", json=body) as response:
            data: dict[str, Any] = await response.json()
            assert response.status == 200, data
            return data

    async def _get(self, path: str, **params: Any) -> Any:
        async with self._session.get(f"{self.address}/sandbox/{path}", params=params) as response:
            data = await response.json()
            assert response.status == 200, data
            return data

    async def messages(self, user: str, chat: str | int = "bot") -> list[dict[str, Any]]:
        data = await self._get(f"chats/{chat}/messages", user=user, viewer=user)
        found: list[dict[str, Any]] = data["messages"]
        return found

    async def version(self, user: str, chat: str | int) -> int:
        return int((await self._get(f"chats/{chat}/messages", user=user))["version"])

    async def answer_after(self, user: str, chat: str | int, version: int) -> dict[str, Any]:
        """The bot's newest message there that came or changed since."""
        data = await self._get(
            f"chats/{chat}/messages", user=user, viewer=user, after=version, from_bot=1, wait=30
        )
        assert data["messages"], "the bot said nothing"
        found: dict[str, Any] = data["messages"][-1]
        return found

    async def say(
        self, user: str, text: str, chat: str | int = "bot", **more: Any
    ) -> dict[str, Any]:
        """Says something and waits for the bot's next message there."""
        version = await self.version(user, chat)
        await self.act("say", user=user, chat=chat, text=text, **more)
        return await self.answer_after(user, chat, version)

    async def silence(self, user: str, text: str, chat: str | int) -> None:
        """Says something that the bot must not answer; a question after it marks the end."""
        before = {m["message_id"] for m in await self.messages(user, chat)}
        await self.act("say", user=user, chat=chat, text=text)
        await self.settle()
        fresh = [m for m in await self.messages(user, chat) if m["message_id"] not in before]
        assert [m for m in fresh if m["from"]["bot"]] == []

    async def settle(self) -> None:
        """Until the bot has fetched and dealt with everything that it was sent."""
        while len(self._world.updates) or self.running.dispatcher.waiting:
            await asyncio.sleep(0.005)

    async def press(
        self, user: str, message: dict[str, Any], text: str = "", data: str = ""
    ) -> dict[str, Any]:
        """Presses the button whose label holds `text` (or whose data is `data`, forged if need be);
        the bot's answer to the press, and the message as it is afterwards."""
        buttons = [b for row in message["keyboard"] for b in row if "callback_data" in b]
        real = next((b["callback_data"] for b in buttons if text and text in b["text"]), None)
        assert real or data, [b["text"] for b in buttons]
        pressed = await self.act(
            "press", user=user, chat=message["chat_id"], message_id=message["message_id"],
            data=real or data, forged=not real, wait=30,
        )  # fmt: skip
        await self.settle()
        found = await self.messages(user, message["chat_id"] if message["chat_id"] < 0 else "bot")
        now = next((m for m in found if m["message_id"] == message["message_id"]), message)
        return {"answer": pressed["answer"], "message": now, "last": found[-1] if found else now}


@dataclass
class Harness:
    people: People
    world: World
    running: Running
    core: Core
    clock: FixedClock
    settings: Settings


@asynccontextmanager
async def run_bot_in_sandbox(
    folder: Path,
    clock: FixedClock,
    *,
    rate: float = 20.0,
    limited: bool = True,
    host: str = "127.0.0.1",
    **settings: Any,
) -> AsyncIterator[Harness]:
    """The real bot against the sandbox's server over real HTTP, in this process.

    `rate`: how many times Telegram's own limits are allowed, so that tests of something else
    need not wait a second between two messages; 1.0 where the limits matter. `limited`: whether
    the server has limits at all. `host`: the name by which the bot knows the server.
    """
    world = populate(World(default_bot()))
    limits = Limits(world.clock.mono, scale=rate, enabled=limited)
    runner, address = await start(create_app(world, limits=limits))
    chosen = load_settings(
        _env_file=None, TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
        TELEGRAM_API_BASE_URL=address.replace("127.0.0.1", host), database=str(folder / "sampan.db"), **{"poll_timeout": 1, "watch_port": 0, **settings},
    )  # fmt: skip
    core = warm_core(chosen.database, clock)
    running = Running(chosen, core, build_bot(chosen))
    stop = asyncio.Event()
    task = asyncio.create_task(running.run(stop))
    async with aiohttp.ClientSession() as session:
        taking = running.receiver.listening if running.receiver else running.poller.polled
        polled = asyncio.create_task(taking.wait())
        await asyncio.wait({polled, task}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if task.done():
            task.result()
        people = People(session, address, running, world)
        try:
            yield Harness(people, world, running, core, clock, chosen)
        finally:
            stop.set()
            await task
            await runner.cleanup()


@pytest.fixture
async def harness(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock) as running:
        yield running
