"""The bot as a process of its own against a server in this one: started, stopped, killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import DEFAULT_TOKEN, Limits, World, create_app, default_bot, populate, start
from bot.settings import ROOT

LONG_TESTS = "SAMPAN_LONG_TESTS" in os.environ
LONG = pytest.mark.skipif(not LONG_TESTS, reason="a minute or more: make reliability")


def environment(folder: Path, **more: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("SAMPAN_", "TELEGRAM_"))}
    return {**keep, "SAMPAN_DATABASE": str(folder / "sampan.db"),
            "SAMPAN_WATCH_PORT": "0", "PYTHONPATH": str(ROOT), **more}  # fmt: skip


def run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder, env=environment(folder, **env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@dataclass
class Server:
    world: World
    address: str
    http: aiohttp.ClientSession

    async def say(self, user: str | int, text: str, chat: str | int = "bot") -> None:
        async with self.http.post(
            f"{self.address}/sandbox/say", json={"user": user, "chat": chat, "text": text}
        ) as r:
            assert r.status == 200

    async def newcomers(self, count: int) -> list[int]:
        """So many people who have never written before."""
        found = []
        for n in range(count):
            async with self.http.post(
                f"{self.address}/sandbox/people", json={"first_name": f"P{n}"}
            ) as r:
                assert r.status == 200, await r.text()
                found.append(int((await r.json())["user"]["id"]))
        return found

    async def counts(self, people: list[int]) -> list[int]:
        """How many messages of the bot each of them has."""
        return [len(await self.answers(person, wait=0)) for person in people]

    async def answers(
        self, user: str | int, *, after: int = 0, wait: float = 20
    ) -> list[dict[str, Any]]:
        params = {"user": user, "from_bot": "1", "wait": str(wait), "after": str(after)}
        async with self.http.get(f"{self.address}/sandbox/chats/bot/messages", params=params) as r:
            return list((await r.json())["messages"])


@asynccontextmanager
async def server() -> AsyncIterator[Server]:
    world = populate(World(default_bot()))
    app = create_app(world, limits=Limits(world.clock.mono), retry_webhook_after=0.1)
    runner, address = await start(app)
    async with aiohttp.ClientSession() as session:
        try:
            yield Server(world, address, session)
        finally:
            await runner.cleanup()


@contextmanager
def bot_process(
    folder: Path, address: str, *, logs: Path | None = None, **env: str
) -> Iterator[subprocess.Popen[str]]:
    """The bot at work; what it writes is appended to `bot.log` in `logs`, else in `folder`."""
    logs = logs or folder
    with (logs / "bot.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=folder, text=True, stdout=log, stderr=log,
            env=environment(folder, TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN, TELEGRAM_API_BASE_URL=address, **env),
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert DEFAULT_TOKEN.partition(":")[2] not in logged(logs), "the token is in the log"


def logged(folder: Path) -> str:
    return (folder / "bot.log").read_text("utf-8", "replace")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def by_webhook() -> dict[str, str]:
    port = free_port()
    return {"SAMPAN_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook", "SAMPAN_WEBHOOK_PORT": str(port)}
