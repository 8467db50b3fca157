"""The running process, and what happens to a machine: stops, locks, full disks, switches."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from tests.process import Server, bot_process, by_webhook, free_port, logged, server

QUESTION = "is Binance allowed in the Philippines"
POLLING = {"SAMPAN_POLL_TIMEOUT": "1"}


def is_sound(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "sampan.db")) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


async def all_answered(api: Server, people: list[int]) -> None:
    for person in people:
        assert await api.answers(person, wait=30), "somebody got no answer"


@pytest.mark.slow
async def test_stopped_at_random_and_switched_between_polling_and_webhook_it_loses_nobody(
    tmp_path: Path,
) -> None:
    """SIGTERM, unlike kill -9, leaves nobody without an answer, whatever takes over."""
    dice = random.Random(5)
    async with server() as api:
        people = await api.newcomers(80)
        for turn, env in enumerate((POLLING, by_webhook(), POLLING, by_webhook())):
            asking = people[20 * turn : 20 * (turn + 1)]
            for person in asking[:10]:  # they wait at Telegram while nobody is there
                await api.say(person, QUESTION)
            sent = api.world.calls.get("sendmessage", 0)
            with bot_process(tmp_path, api.address, **env) as process:
                while api.world.calls.get("sendmessage", 0) == sent:
                    await asyncio.sleep(0.01)
                for person in asking[10:]:
                    await api.say(person, QUESTION)
                if turn == 3:
                    await all_answered(api, people)
                while api.world.calls["sendmessage"] < sent + dice.randrange(2, 15):
                    await asyncio.sleep(0.001)
                process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(process.wait, 15) == 0
        assert await api.counts(people) == [1] * len(people)
        assert not len(api.world.updates)
    assert is_sound(tmp_path) and "Traceback" not in logged(tmp_path)


async def healthy(http: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with http.get(f"http://127.0.0.1:{port}/healthz") as r:
            return r.status == 200
    except aiohttp.ClientError:
        return False


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_a_locked_database_leaves_the_bot_alive_and_loses_nothing(
    tmp_path: Path, webhook: bool
) -> None:
    port = free_port()
    env = {"SAMPAN_WATCH_PORT": str(port), **(by_webhook() if webhook else POLLING)}
    async with server() as api:
        people = await api.newcomers(20)
        with bot_process(tmp_path, api.address, **env):
            await api.say(people[0], QUESTION)
            await api.answers(people[0])
            with closing(sqlite3.connect(tmp_path / "sampan.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                for person in people[1:]:
                    await api.say(person, QUESTION)
                alive = 0
                while alive < 40:  # the lock is held until it has said so often that it lives
                    alive += await healthy(api.http, port)
                    await asyncio.sleep(0.05)
                assert await api.counts(people) == [1] + [0] * 19
                other.execute("ROLLBACK")
            await all_answered(api, people)
            await asyncio.sleep(0.3)
        assert await api.counts(people) == [1] * 20
    assert "Traceback" not in logged(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 48 MiB."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("a small disk can be mounted by root alone")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(mounted)], check=False
    )
    if done.returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def fill(disk: Path) -> Path:
    """Takes every byte that is left."""
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return rest


async def test_a_disk_that_is_full_delays_and_loses_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    port = free_port()
    env = {**POLLING, "SAMPAN_WATCH_PORT": str(port)}
    env["SAMPAN_DATABASE"] = str(small_disk / "sampan.db")
    async with server() as api:
        people = await api.newcomers(30)
        with bot_process(tmp_path, api.address, **env):
            await api.say(people[0], QUESTION)
            await api.answers(people[0])
            rest = await asyncio.to_thread(fill, small_disk)
            for person in people[1:]:
                await api.say(person, QUESTION + "?" * 900)
            alive = 0
            while alive < 20 or "cannot be written" not in logged(tmp_path):
                alive += await healthy(api.http, port)
                await asyncio.sleep(0.05)
            rest.unlink()
            await all_answered(api, people)
        assert await api.counts(people) == [1] * 30
    assert is_sound(small_disk)
