"""kill -9 in the middle of a broadcast, as a process and over real HTTP."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from bot.broadcasts.delivery import WINDOW
from bot.sandbox import Limits, World, create_app, default_bot, start
from bot.sandbox.model import Chat, Json, Message, User
from tests.broadcasts.conftest import FIRST, fill_world, prepare
from tests.process import LONG, bot_process


class Counting(World):
    """Who got how many messages."""

    def __init__(self) -> None:
        super().__init__(default_bot(), record=False)
        self.got: dict[int, int] = {}
        self.total = 0

    def post(self, chat: Chat, sender: User, content: Json, **more: object) -> Message:
        message = super().post(chat, sender, content, **more)  # type: ignore[arg-type]
        if sender.is_bot:
            self.got[chat.id] = self.got.get(chat.id, 0) + 1
            self.total += 1
        return message


def states(folder: Path) -> dict[str, int]:
    db = sqlite3.connect(folder / "sampan.db")
    found = dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
    return found


def broadcast_state(folder: Path) -> str:
    db = sqlite3.connect(folder / "sampan.db")
    state = db.execute("SELECT state FROM broadcasts").fetchone()[0]
    db.close()
    return str(state)


async def until(world: Counting, wanted: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while world.total < wanted and time.monotonic() < end:
        await asyncio.sleep(0.001)


async def killed_again_and_again(folder: Path, people: int, kills: int, seed: int) -> None:
    world = Counting()
    fill_world(world, people)
    prepare(folder, people, paid=True)
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono)))
    points = sorted(random.Random(seed).sample(range(1, people - WINDOW), kills))
    settings = {"SAMPAN_POLL_TIMEOUT": "1", "SAMPAN_PAID_BROADCASTS": "1"}
    try:
        for point in points:
            with bot_process(folder, address, **settings) as process:
                await until(world, point, 60)
                process.kill()
                await asyncio.to_thread(process.wait, 10)
        with bot_process(folder, address, **settings):
            end = time.monotonic() + 60
            while broadcast_state(folder) != "finished" and time.monotonic() < end:
                await asyncio.sleep(0.2)
            found = states(folder)
    finally:
        await runner.cleanup()
    assert max(world.got.values()) == 1, "nobody gets it twice"
    assert set(found) <= {"sent", "uncertain"}
    assert sum(found.values()) == people
    assert found.get("uncertain", 0) <= WINDOW * kills, "no more than what was on its way"
    database = sqlite3.connect(folder / "sampan.db")
    sent = {
        row[0] for row in database.execute("SELECT chat_id FROM deliveries WHERE state = 'sent'")
    }
    uncertain = {
        row[0]
        for row in database.execute("SELECT chat_id FROM deliveries WHERE state = 'uncertain'")
    }
    everybody = set(range(FIRST, FIRST + people))
    assert sent <= set(world.got), "whoever counts as sent has got it"
    assert everybody - set(world.got) <= uncertain, "whoever got nothing is listed"
    assert broadcast_state(folder) == "finished"


async def test_killed_four_times_nobody_gets_it_twice_and_nobody_is_lost(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, 400, 4, seed=1)


@pytest.mark.slow
@LONG
async def test_killed_at_20_points_of_2000_recipients(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, 2000, 20, seed=int(time.time()))


async def test_told_to_stop_it_finishes_what_is_on_its_way(tmp_path: Path) -> None:
    """SIGTERM in the middle: nobody is uncertain, and the next start goes on."""
    world = Counting()
    fill_world(world, 200)
    prepare(tmp_path, 200)
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono)))
    try:
        with bot_process(tmp_path, address, SAMPAN_POLL_TIMEOUT="20") as process:
            await until(world, 20, 60)
            process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            assert await asyncio.to_thread(process.wait, 15) == 0
            assert time.monotonic() - begun < 10
        sent = world.total
        assert states(tmp_path) == {"sent": sent, "pending": 200 - sent}
        with bot_process(tmp_path, address):
            await until(world, 200, 60)
            await asyncio.sleep(0.3)
        assert set(world.got.values()) == {1} and len(world.got) == 200
        assert states(tmp_path) == {"sent": 200}
    finally:
        await runner.cleanup()
