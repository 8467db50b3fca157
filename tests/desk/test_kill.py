"""kill -9 while the desk's answer is on its way, as a process and over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections import Counter
from pathlib import Path
from subprocess import Popen
from typing import Any

import aiohttp

from bot.sandbox import Limits, World, create_app, default_bot, populate, start
from bot.sandbox.model import Chat, Json, Message, User
from bot.sandbox.people import DESK_ID
from tests.process import Server, bot_process

OLA = 7_000_100_103
ANSWER = "In the shed by the pond."
ASKERS = 10
KILLS = ((1, True), (5, False), (ASKERS, True))
"""With which answer on its way, and whether that one was lost."""


class Watching(World):
    """Counts who got the answer, and kills the bot while the server has its n-th in hand."""

    def __init__(self) -> None:
        super().__init__(default_bot())
        self.got: Counter[int] = Counter()
        self.seen = 0
        self.process: Popen[str] | None = None
        self.kill_at: int | None = None
        self.then_lost = False
        """Whether the message that is in hand at the kill is thrown away, or arrives."""

    def post(self, chat: Chat, sender: User, content: Json, **more: Any) -> Message:
        if sender.is_bot and chat.id > 0 and ANSWER in str(content.get("text")):
            self.seen += 1
            if self.seen == self.kill_at and self.process:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait(10)
                if self.then_lost:
                    raise ConnectionResetError
            self.got[chat.id] += 1
        return super().post(chat, sender, content, **more)


async def desk_messages(api: Server, *words: str) -> list[dict[str, Any]]:
    """The bot's messages in the desk with one of the words, as soon as there are any."""
    for _ in range(60):
        params = {"user": "Ola", "from_bot": "1", "wait": "1"}
        url = f"{api.address}/sandbox/chats/{DESK_ID}/messages"
        async with api.http.get(url, params=params) as response:
            found = (await response.json())["messages"]
        hits = [m for m in found if any(word in m.get("text", "") for word in words)]
        if hits:
            return hits
        await asyncio.sleep(0.2)
    raise AssertionError(f"the desk was not told {words}")


async def everybody_asks(api: Server, people: list[int]) -> int:
    """One question of ten people, and a moderator's answer: a reply to this message, its card."""
    for person in people:
        await api.say(str(person), "Where do our gardeners keep the old lanterns?")
    for person in people:
        assert await api.answers(str(person))
    (card,) = await desk_messages(api, f"Asked {ASKERS} times")
    body = {"user": "Ola", "chat": DESK_ID, "text": ANSWER, "reply_to": card["message_id"]}
    async with api.http.post(f"{api.address}/sandbox/say", json=body) as response:
        assert response.status == 200
    return int(card["message_id"])


def ledger(folder: Path) -> dict[str, set[int]]:
    db = sqlite3.connect(folder / "sampan.db")
    rows = db.execute(
        """SELECT d.state, q.user_id FROM desk_deliveries d
           JOIN desk_questions q ON q.id = d.question_id"""
    ).fetchall()
    audited = db.execute("SELECT count(*) FROM audit_log WHERE what = 'desk.answer'").fetchone()[0]
    assert audited == 1
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    db.close()
    return {state: {user for s, user in rows if s == state} for state, _ in rows}


async def test_an_answer_comes_once_or_the_desk_is_told_that_it_may_not_have(
    tmp_path: Path,
) -> None:
    world = populate(Watching())
    assert isinstance(world, Watching)
    env = {"SAMPAN_POLL_TIMEOUT": "1", "SAMPAN_OWNERS": str(OLA), "SAMPAN_DESK_CHAT": str(DESK_ID)}
    people = [user.id for user in world.people() if user.id < 7_000_100_100][:ASKERS]
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono, scale=20.0)))
    async with aiohttp.ClientSession() as session:
        api = Server(world, address, session)
        try:
            card = 0
            for world.kill_at, world.then_lost in KILLS:
                with bot_process(tmp_path, address, **env) as world.process:
                    card = card or await everybody_asks(api, people)
                    assert await asyncio.to_thread(world.process.wait, 60) == -signal.SIGKILL
            world.kill_at = None
            with bot_process(tmp_path, address, **env):
                (told,) = await desk_messages(api, "Not everybody got answer")
        finally:
            await runner.cleanup()
    found = ledger(tmp_path)
    assert set(found) == {"sent", "uncertain"}
    assert len(found["uncertain"]) == len(KILLS) and len(found["sent"]) == ASKERS - len(KILLS)
    assert max(world.got.values()) == 1, "nobody gets it twice"
    assert found["sent"] < set(world.got), "whoever counts as reached has got it"
    assert set(people) - set(world.got) < found["uncertain"], "whoever got nothing is listed"
    assert told["text"].count("it may have arrived") == len(KILLS)
    assert told["reply_to"]["message_id"] == card
