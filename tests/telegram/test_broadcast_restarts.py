"""A broadcast whose bot is ended and started again at every step, as a process over real HTTP."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.desk.roles import Grant, Role
from bot.desk.staff import StaffStore
from bot.sandbox import DEFAULT_TOKEN, Limits, create_app, start
from db import open_database
from tests.broadcasts.conftest import FIRST, fill_world, now, prepare
from tests.broadcasts.test_kill import Counting, states, until
from tests.process import LONG, Server, bot_process, run, server

DARA, OLA = 7_000_100_102, 7_000_100_103
SETTINGS = {
    "SAMPAN_POLL_TIMEOUT": "1", "SAMPAN_OWNERS": str(OLA),
    "SAMPAN_BROADCAST_QUIET_HOURS": "none",  # whatever the hour at which the tests run
}  # fmt: skip


class Chat:
    """People in front of the sandbox's server, whichever process is the bot."""

    def __init__(self, api: Server) -> None:
        self._api = api

    async def _post(self, what: str, **body: Any) -> dict[str, Any]:
        async with self._api.http.post(f"{self._api.address}/sandbox/{what}", json=body) as r:
            data: dict[str, Any] = await r.json()
            assert r.status == 200, data
            return data

    async def say(self, user: str, text: str) -> dict[str, Any]:
        before = self._api.world.seq
        await self._post("say", user=user, chat="bot", text=text)
        return await self.newest(user, after=before)

    async def newest(self, user: str, *, after: int = 0) -> dict[str, Any]:
        found = await self._api.answers(user, after=after, wait=60)
        assert found, "the bot said nothing"
        return found[-1]

    async def press(self, user: str, message: dict[str, Any], *labels: str) -> dict[str, Any]:
        for label in labels:
            before = self._api.world.seq
            buttons = [b for row in message["keyboard"] for b in row if "callback_data" in b]
            data = next((b["callback_data"] for b in buttons if label in b["text"]), None)
            assert data, (label, [b["text"] for b in buttons])
            await self._post(
                "press", user=user, chat=message["chat_id"], message_id=message["message_id"],
                data=data, wait=30,
            )  # fmt: skip
            message = await self.newest(user, after=before)
        return message

    async def found(self, user: str, words: str) -> dict[str, Any]:
        async with asyncio.timeout(40):
            while True:
                named = [m for m in await self._api.answers(user, wait=0) if words in m["text"]]
                if named:
                    return named[-1]
                await asyncio.sleep(0.2)


@asynccontextmanager
async def marketing(folder: Path) -> AsyncIterator[tuple[Server, Chat]]:
    db = open_database(folder / "sampan.db")
    StaffStore(db, now).add(Grant(DARA, Role.MARKETING, name="Dara"), OLA)
    db.close()
    async with server() as api:
        yield api, Chat(api)


@pytest.mark.slow
async def test_a_draft_is_left_and_taken_up_after_a_kill_at_each_step(tmp_path: Path) -> None:
    """Killed with a prompt open, with a text, before and after asking for approval."""
    async with marketing(tmp_path) as (api, chat):
        with bot_process(tmp_path, api.address, **SETTINGS) as process:
            for user in ("Dara", "Ola"):
                await chat.say(user, "/start")
            menu = await chat.say("Dara", "/broadcast")
            await chat.press("Dara", menu, "New broadcast", "Service notice")
            kill(process)
        with bot_process(tmp_path, api.address, **SETTINGS) as process:
            page = await chat.say("Dara", "Works at night")  # answers the prompt of before
            await chat.press("Dara", page, "Texts", "English")
            kill(process)
        with bot_process(tmp_path, api.address, **SETTINGS) as process:
            shown = await chat.say("Dara", "Maintenance tonight.")
            page = await chat.press("Dara", shown, "Back", "Audience", "Groups", "Back")
            await chat.press("Dara", page, "Check and schedule")
            kill(process)
        with bot_process(tmp_path, api.address, **SETTINGS) as process:
            listed = await chat.say("Dara", "/broadcast")
            page = await chat.press("Dara", listed, "Works at night")
            assert "2 subscribers" in page["text"] and "English" in page["text"]
            await chat.press("Dara", page, "Check and schedule", "Ask for approval")
            kill(process)
        with bot_process(tmp_path, api.address, **SETTINGS):
            asked = await chat.found("Ola", "waits for a second person")
            await chat.press("Ola", asked, "Check and approve", "Approve")
            await chat.found("Dara", "Sent: 2 of 2")
            for user in ("Dara", "Ola"):
                got = [m for m in await api.answers(user, wait=0) if "Maintenance" in m["text"]]
                assert len([m for m in got if m["text"].startswith("Maintenance")]) == 1


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)


@LONG
@pytest.mark.slow
async def test_down_past_the_moment_it_asks_and_obeys(tmp_path: Path) -> None:
    """Two were due hours ago: one is sent on a person's word, the other is let go."""
    async with marketing(tmp_path) as (api, chat):
        with bot_process(tmp_path, api.address, **SETTINGS):
            for user in ("Dara", "Ola"):
                await chat.say(user, "/start")
            for title in ("Sent still", "Let go"):
                menu = await chat.say("Dara", "/broadcast")
                await chat.press("Dara", menu, "New broadcast", "Service notice")
                page = await chat.say("Dara", title)
                await chat.press("Dara", page, "Texts", "English")
                shown = await chat.say("Dara", f"{title}: the text.")
                page = await chat.press("Dara", shown, "Back", "Audience", "Groups", "Back")
                await chat.press("Dara", page, "When", "Once")
                day = (datetime.now(UTC) + timedelta(days=2)).date()
                when = await chat.say("Dara", f"{day} 09:00")
                page = await chat.press("Dara", when, "Back")
                await chat.press("Dara", page, "Check and schedule", "Ask for approval")
                asked = await chat.found("Ola", title)
                await chat.press("Ola", asked, "Check and approve", "Approve")
                await chat.found("Dara", f"{title}: approved and scheduled")
        db = sqlite3.connect(tmp_path / "sampan.db")
        hours_ago = (datetime.now(UTC) - timedelta(hours=5)).isoformat(timespec="seconds")
        with db:
            assert db.execute("UPDATE broadcasts SET next_at = ?", [hours_ago]).rowcount == 2
            db.execute("UPDATE broadcasts SET next_key = '2026-01-01T09:00:00'")
        db.close()
        with bot_process(tmp_path, api.address, **SETTINGS):
            for title, choice in (("Sent still", "Send it still"), ("Let go", "Let it go")):
                asked = await question(chat, title)
                assert not await arrived(api, title)
                await chat.press("Dara", asked, choice)
            await chat.found("Ola", "Sent: 2 of 2")
            assert await arrived(api, "Sent still") and not await arrived(api, "Let go")
    db = sqlite3.connect(tmp_path / "sampan.db")
    assert db.execute("SELECT DISTINCT state FROM broadcasts").fetchall() == [("finished",)]
    db.close()


async def question(chat: Chat, title: str) -> dict[str, Any]:
    async with asyncio.timeout(90):
        while True:
            asked = await chat.found("Dara", title)
            if "Its moment was missed" in asked["text"]:
                return asked
            await asyncio.sleep(0.3)


async def arrived(api: Server, title: str) -> bool:
    got = await api.answers("Ola", wait=0)
    return any(m["text"].startswith(f"{title}: the text.") for m in got)


async def test_a_second_copy_in_the_middle_stands_back_and_nobody_gets_it_twice(
    tmp_path: Path,
) -> None:
    world = Counting()
    fill_world(world, 150)
    prepare(tmp_path, 150)
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono)))
    given = {"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": address}
    try:
        with bot_process(tmp_path, address):
            await until(world, 10, 60)
            second = await asyncio.to_thread(run, tmp_path, "run", **given)
            assert second.returncode != 0 and "another copy of the bot" in second.stderr
            await until(world, 150, 60)
            end = time.monotonic() + 20
            while states(tmp_path) != {"sent": 150} and time.monotonic() < end:
                await asyncio.sleep(0.2)
    finally:
        await runner.cleanup()
    assert states(tmp_path) == {"sent": 150}
    assert set(world.got) == set(range(FIRST, FIRST + 150)) and set(world.got.values()) == {1}
