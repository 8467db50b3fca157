"""`bench soak`: a flood against the running process, with faults and kills, and what came of it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.bench.process import cpu_seconds, free_hook, memory_mib, process, webhook_settings
from bot.bench.server import QUESTIONS, TimedWorld, Watch, percentile
from bot.sandbox import Limits, create_app, start
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.model import User

FIRST_ID = 7_500_000_000
MALFORMED: tuple[dict[str, Any], ...] = (
    {"message": {"message_id": "x"}}, {"message": None}, {"something_new": {"a": [1]}}, {},
    {"callback_query": {"id": 1, "from": {}}}, {"message": {"chat": {"id": "no number"}}},
)  # fmt: skip
REFUSALS = ("500", "502", "429", "garbage", "drop", "drop_before", "delay")
IN_DOUBT = ("500", "502", "drop_before")
"""After these the answer is not out, but the bot cannot know it, and does not send it again."""
QUIET_SECONDS = 3.0
"""Without a reply for so long at the end, no more are waited for."""
START_SECONDS = 20.0


class Counting(Watch):
    """How many messages each chat got."""

    def __init__(self) -> None:
        super().__init__()
        self.by_chat: Counter[int] = Counter()

    def reply(self, chat_id: int) -> None:
        self.by_chat[chat_id] += 1
        super().reply(chat_id)


class Soak:
    """`rate` questions a second, each of a person of their own, so that each must get one answer."""

    def __init__(self, rate: int, seconds: int, faulty: bool, seed: int) -> None:
        self._rate = rate
        self._seconds = seconds
        self._faulty = faulty
        self._dice = random.Random(seed)
        self.watch = Counting()
        self.world = TimedWorld(self.watch)
        self.faults = Faults()
        self._fault: Fault | None = None
        self.asked = self.malformed = self.repeated = self.in_doubt = 0

    def _ask(self) -> None:
        language, text = QUESTIONS[self.asked % len(QUESTIONS)]
        user = User(FIRST_ID + self.asked, "P", language_code=language, started=True)
        self.world.add_user(user)
        chat = self.world.private(user)
        self.asked += 1
        body = {
            "message_id": self.asked, "from": user.public(), "chat": chat.public(),
            "date": int(time.time()), "text": text,
        }  # fmt: skip
        pending = self.world.updates.push_timed(body)
        if self._dice.random() < 0.01:
            self.malformed += 1
            self.world.updates.push_raw(dict(self._dice.choice(MALFORMED)))
        if self._dice.random() < 0.01:
            self.repeated += 1
            self.world.updates._pending.append(pending)

    async def flood(self) -> None:
        begun = time.monotonic()
        for n in range(self._rate * self._seconds):
            await asyncio.sleep(max(0.0, begun + n / self._rate - time.monotonic()))
            self._ask()
            if self._faulty and n % self._rate == self._rate // 2:
                self._next_fault()
        self._end_faults()

    def _next_fault(self) -> None:
        """A fault lasts for its second, whether or not it hits a call: else those of a poll that
        backs off would pile up into one long outage."""
        self._end_faults()
        method = self._dice.choice(("sendmessage", "getupdates"))
        self._fault = Fault(method, self._dice.choice(REFUSALS), 1, 1.0)
        self.faults.add(self._fault)

    def _end_faults(self) -> None:
        self.faults.clear()
        hit = self._fault
        if hit and hit.times < 1 and hit.method == "sendmessage" and hit.kind in IN_DOUBT:
            self.in_doubt += 1
        self._fault = None

    async def progress(self, share: float) -> None:
        """Until so great a share of all questions has been answered from now on."""
        wanted = self.watch.replies + max(1, int(share * self._rate * self._seconds))
        while self.watch.replies < wanted:  # noqa: ASYNC110 - a moment to kill in, not an event
            await asyncio.sleep(0.001)

    async def settle(self, database: Path) -> None:
        """Until nothing more comes; longer where updates are noted as not dealt with, since a bot
        that was killed a moment ago may still be starting."""
        last, since = -1, time.monotonic()
        while (
            time.monotonic() - since < (START_SECONDS if _waiting(database) else QUIET_SECONDS)
            or len(self.world.updates)
        ):  # fmt: skip
            await asyncio.sleep(0.2)
            if self.watch.replies != last:
                last, since = self.watch.replies, time.monotonic()
            elif time.monotonic() - since > 90:
                return

    def result(self, database: Path) -> dict[str, object]:
        with closing(sqlite3.connect(database)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            states = dict(connection.execute("SELECT state, count(*) FROM updates GROUP BY state"))
        counts = [self.watch.by_chat[FIRST_ID + n] for n in range(self.asked)]
        return {
            "asked": self.asked, "malformed": self.malformed, "repeated": self.repeated,
            "answers_in_doubt_by_faults": self.in_doubt, "answered_once": counts.count(1), "unanswered": counts.count(0),
            "more_than_one_message": sum(c > 1 for c in counts),
            **self._latencies(), "database": sound, "states": states,
        }  # fmt: skip

    def _latencies(self) -> dict[str, float]:
        """From handed out to answered; a webhook's posts are not timed."""
        spent = self.watch.latencies
        shares = {"p50_ms": 0.5, "p99_ms": 0.99} if spent else {}
        return {name: round(1000 * percentile(spent, share), 1) for name, share in shares.items()}


def _waiting(database: Path) -> int:
    """Updates that the bot has not noted as dealt with; 1 where it has not made its tables yet."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT count(*) FROM updates WHERE state = 'received'")
            return int(found.fetchone()[0])
    except sqlite3.OperationalError:
        return 1


async def soak(
    *, rate: int, seconds: int, kills: int = 0, faulty: bool = False, webhook: bool = False, seed: int = 1
) -> dict[str, object]:  # fmt: skip
    """One run: the flood, `kills` times kill -9 at random moments in it, and the outcome."""
    run = Soak(rate, seconds, faulty, seed)
    app = create_app(
        run.world, limits=Limits(run.world.clock.mono, enabled=False), faults=run.faults,
        retry_webhook_after=0.1,
    )  # fmt: skip
    runner, address = await start(app)
    dice = random.Random(seed)
    try:
        with tempfile.TemporaryDirectory(prefix="sampan-soak-") as name:
            folder, env = Path(name), webhook_settings(free_hook()) if webhook else {}
            flood = asyncio.create_task(run.flood())
            for _ in range(kills):  # each in the middle of its work
                with process("sampan", address, folder, **env) as running:
                    await run.progress(dice.uniform(0.05, 0.8) / kills)
                    running.kill()
            with process("sampan", address, folder, **env) as running:
                await flood
                await run.settle(folder / "sampan.db")
                used = {
                    "memory_mib": round(memory_mib(running.pid), 1),
                    "cpu_seconds_of_last_process": round(cpu_seconds(running.pid), 1),
                }
            return {
                "rate": rate, "seconds": seconds, "kills": kills, "faults": faulty,
                "mode": "webhook" if webhook else "polling", **run.result(folder / "sampan.db"), **used,
            }  # fmt: skip
    finally:
        await runner.cleanup()


async def run(rate: int, seconds: int) -> dict[str, object]:
    """Undisturbed, with faults of the server, and killed, by both ways of taking updates in."""
    rows = [
        await soak(rate=rate, seconds=seconds, kills=kills, faulty=faulty, webhook=webhook)
        for webhook in (False, True)
        for kills, faulty in ((0, False), (0, True), (3, False))
    ]
    return {"bench": "soak", "runs": rows}
