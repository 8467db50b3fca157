"""The bot as an operator meets it: a process with settings, exit codes and a kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import DEFAULT_TOKEN, Limits, World, create_app, default_bot, populate, start
from bot.settings import ROOT


def environment(folder: Path, **more: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("SAMPAN_", "TELEGRAM_"))}
    return {**keep, "SAMPAN_DATABASE": str(folder / "sampan.db"),
            "SAMPAN_WATCH_PORT": "0", "PYTHONPATH": str(ROOT), **more}  # fmt: skip


def run(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder, env=environment(folder, **env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "TELEGRAM_BOT_TOKEN is not set"),
        ({"TELEGRAM_BOT_TOKEN": "hello"}, "TELEGRAM_BOT_TOKEN is malformed"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "http://telegram.invalid"}, "cannot be reached"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "nonsense"}, "TELEGRAM_API_BASE_URL:"),
        ({"SAMPAN_OWNERS": "alice"}, "SAMPAN_OWNERS: expected Telegram user ids"),
        ({"SAMPAN_POLL_TIMEOUT": "900"}, "SAMPAN_POLL_TIMEOUT:"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_clear_line(tmp_path: Path, env: dict[str, str], words: str) -> None:
    done = run(tmp_path, "run", **env)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("sampan: ")]
    assert len(lines) == 1 and words in lines[0], done.stderr
    assert "Traceback" not in done.stderr
    assert DEFAULT_TOKEN not in done.stderr + done.stdout


@dataclass
class Server:
    world: World
    address: str
    http: aiohttp.ClientSession

    async def say(self, user: str, text: str, chat: str | int = "bot") -> None:
        async with self.http.post(
            f"{self.address}/sandbox/say", json={"user": user, "chat": chat, "text": text}
        ) as r:
            assert r.status == 200

    async def answers(self, user: str, *, after: int = 0, wait: float = 20) -> list[dict[str, Any]]:
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
def bot_process(folder: Path, address: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], cwd=folder, text=True,
        env=environment(folder, TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN, TELEGRAM_API_BASE_URL=address, **env),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        out, errors = process.communicate(timeout=10)
        secret = DEFAULT_TOKEN.partition(":")[2]
        assert secret not in out + errors, "the token is in the log"


async def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address, SAMPAN_POLL_TIMEOUT="20") as process:
            await api.say("Sam", "/start")
            assert await api.answers("Sam")
            process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            code = await asyncio.to_thread(process.wait, 15)
            assert code == 0
            assert time.monotonic() - started < 10
            logged = process.stderr.read() if process.stderr else ""
        assert DEFAULT_TOKEN not in logged and "Traceback" not in logged


async def test_a_second_copy_on_the_same_database_is_refused(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address):
            await api.say("Sam", "/start")
            await api.answers("Sam")
            second = await asyncio.to_thread(
                run,
                tmp_path,
                "run",
                TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
                TELEGRAM_API_BASE_URL=api.address,
            )
            assert second.returncode != 0
            assert "another copy of the bot already works" in second.stderr


async def test_a_second_copy_elsewhere_gives_way_and_the_first_goes_on(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address, SAMPAN_POLL_TIMEOUT="20"):
            await api.say("Sam", "/start")
            await api.answers("Sam")
            other = tmp_path / "other"
            other.mkdir()
            second = await asyncio.to_thread(
                run,
                other,
                "run",
                TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
                TELEGRAM_API_BASE_URL=api.address,
            )
            assert second.returncode != 0
            assert "another copy of this bot is already polling" in second.stderr
            version = api.world.seq
            await api.say("Sam", "is Binance allowed in the Philippines")
            assert await api.answers("Sam", after=version)


async def test_a_refused_token_is_one_line(tmp_path: Path) -> None:
    async with server() as api:
        done = await asyncio.to_thread(
            run, tmp_path, "run", TELEGRAM_API_BASE_URL=api.address,
            TELEGRAM_BOT_TOKEN="123456:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        )  # fmt: skip
        assert done.returncode != 0
        assert "Telegram refuses TELEGRAM_BOT_TOKEN" in done.stderr
        assert "AAaaaaaaaa" not in done.stderr


def by_webhook() -> dict[str, str]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    return {"SAMPAN_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook", "SAMPAN_WEBHOOK_PORT": str(port)}


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_kill_9_loses_no_question_and_answers_none_twice(
    tmp_path: Path, webhook: bool
) -> None:
    """Killed again and again while 60 people ask: each gets exactly one answer."""
    env = {
        "SAMPAN_POLL_TIMEOUT": "1",
        "SAMPAN_LOG_LEVEL": "DEBUG",
        **(by_webhook() if webhook else {}),
    }
    async with server() as api:
        people = []
        for n in range(60):
            async with api.http.post(
                f"{api.address}/sandbox/people", json={"first_name": f"P{n}"}
            ) as r:
                assert r.status == 200, await r.text()
                people.append((await r.json())["user"]["id"])
        for person in people:
            await api.say(person, "is Binance allowed in the Philippines")
        for pause in (1.2, 1.5, 1.9, 2.4):
            with bot_process(tmp_path, api.address, **env) as process:
                await asyncio.sleep(pause)  # not a measure: only where in its work it is killed
                process.kill()
        with bot_process(tmp_path, api.address, **env):
            for person in people:
                await api.answers(person, wait=20)
        counts = [len(await api.answers(person, wait=0)) for person in people]
        assert max(counts) == 1
        unanswered = counts.count(0)
        database = sqlite3.connect(tmp_path / "sampan.db")
        in_flight = database.execute(
            "SELECT count(*) FROM updates WHERE state = 'replying'"
        ).fetchone()[0]
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert unanswered <= in_flight, "only what was in flight at a kill may be without an answer"
