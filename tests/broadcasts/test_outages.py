"""A broadcast of the real process through what breaks around it: nobody twice, nobody forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.broadcasts.delivery import WINDOW
from bot.sandbox import Limits, create_app, start
from bot.sandbox.faults import Fault, Faults
from tests.broadcasts.conftest import FIRST, fill_world, prepare
from tests.broadcasts.test_kill import Counting, states, until
from tests.process import LONG_TESTS, bot_process, logged

PEOPLE = 3_000
GONE_SECONDS = 60.0 if LONG_TESTS else 3.0
LOCKED_SECONDS = 5.0


class Losing(Faults):
    """Every fiftieth message is delivered, and its answer lost."""

    handed = lost = 0

    def next(self, method: str) -> Fault | None:
        if method != "sendmessage":
            return None
        self.handed += 1
        if self.handed % 50:
            return None
        self.lost += 1
        return Fault(method, "drop")


async def finished(folder: Path, seconds: float = 90) -> dict[str, int]:
    async with asyncio.timeout(seconds):
        while not _is_over(folder):
            await asyncio.sleep(0.2)
    return states(folder)


def _is_over(folder: Path) -> bool:
    db = sqlite3.connect(folder / "sampan.db")
    try:
        return bool(db.execute("SELECT state = 'finished' FROM broadcasts").fetchone()[0])
    finally:
        db.close()


def listed(folder: Path, state: str) -> set[int]:
    db = sqlite3.connect(folder / "sampan.db")
    rows = db.execute("SELECT chat_id FROM deliveries WHERE state = ?", [state]).fetchall()
    db.close()
    return {chat_id for (chat_id,) in rows}


async def stands_still(world: Counting, seconds: float) -> None:
    """What is on its way arrives; then nothing leaves for so long."""
    await asyncio.sleep(1)
    before = world.total
    await asyncio.sleep(seconds - 1)
    assert world.total == before


@pytest.mark.slow
async def test_lost_answers_a_locked_database_and_a_server_that_is_gone(tmp_path: Path) -> None:
    world, faults = Counting(), Losing()
    fill_world(world, PEOPLE)
    prepare(tmp_path, PEOPLE, paid=True)
    runner, address = await start(create_app(world, faults=faults, limits=Limits(world.clock.mono)))
    port = int(address.rsplit(":", 1)[1])
    settings = {"SAMPAN_POLL_TIMEOUT": "1", "SAMPAN_PAID_BROADCASTS": "1"}
    try:
        with bot_process(tmp_path, address, **settings):
            await until(world, 300, 60)
            other = sqlite3.connect(tmp_path / "sampan.db", isolation_level=None, timeout=10)
            other.execute("BEGIN IMMEDIATE")
            await stands_still(world, LOCKED_SECONDS)
            other.execute("ROLLBACK")
            other.close()
            await until(world, 1_500, 60)
            await runner.cleanup()
            await stands_still(world, GONE_SECONDS)
            app = create_app(world, faults=faults, limits=Limits(world.clock.mono))
            runner, _ = await start(app, port=port)
            found = await finished(tmp_path)
    finally:
        await runner.cleanup()
    assert set(found) == {"sent", "uncertain"} and sum(found.values()) == PEOPLE
    assert max(world.got.values()) == 1, "nobody gets it twice"
    assert faults.lost >= PEOPLE // 50 - 2
    assert faults.lost <= found["uncertain"] <= faults.lost + WINDOW
    uncertain = listed(tmp_path, "uncertain")
    assert listed(tmp_path, "sent") <= set(world.got)
    assert set(range(FIRST, FIRST + PEOPLE)) - set(world.got) <= uncertain


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[None]:
    """A file system of its own, where that may be made."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        made = False
    if not made:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(folder: Path) -> Callable[[], None]:
    """Leaves no room; what it returns gives it back."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast.unlink


@pytest.mark.slow
async def test_a_full_disk_stops_it_is_told_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    people = 8_000
    world = Counting()
    fill_world(world, people)
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono)))
    settings = {
        "SAMPAN_POLL_TIMEOUT": "1", "SAMPAN_PAID_BROADCASTS": "1",
        "SAMPAN_DATABASE": str(disk / "sampan.db"),
    }  # fmt: skip
    with small_disk(disk, 192):
        prepare(disk, people, paid=True)
        try:
            with bot_process(tmp_path, address, **settings) as process:
                await until(world, 300, 60)
                make_room = await asyncio.to_thread(fill_up, disk)
                await still(world)
                at_that_time = world.total
                assert at_that_time < people, "the disk was not full soon enough"
                await asyncio.sleep(2)
                assert world.total == at_that_time and process.poll() is None
                make_room()
                found = await finished(disk)
        finally:
            await runner.cleanup()
        assert "the broadcast waits: the database cannot be written" in logged(tmp_path)
        assert found == {"sent": people} and set(world.got.values()) == {1}


async def still(world: Counting, seconds: float = 60) -> None:
    """Until nothing leaves any more."""
    async with asyncio.timeout(seconds):
        before = -1
        while world.total != before:
            before = world.total
            await asyncio.sleep(1)
