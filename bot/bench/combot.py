"""`bench combot`: what Combot reported for its whole service, on one bot and one machine.

13,000 groups, 25 million messages a day (290 a second; the peak is taken as five times that), every
group answered unasked, one message in 50 a question. Latency runs from Telegram having the message
to Telegram having the answer, so what waits in the queue counts.
"""

from __future__ import annotations

import asyncio
import random
import re
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.bench.answers import first_answer
from bot.bench.filling import add_groups, group_id
from bot.bench.process import cpu_seconds, database_bytes, free_hook, memory_mib, process
from bot.bench.server import Bench, percentile
from db import open_database

RATE = 290
PEAK = 5
GROUPS = 13_000
PEOPLE = 11_000_000
ONE_IN = 50
FIRST_GROUP = 1
FIRST_PERSON = 7_700_000_000
SETTLE_SECONDS = 20.0

QUESTIONS = (
    ("en", "is Binance allowed in the Philippines"), ("en", "what is the crypto tax in Japan"),
    ("vi", "mua usdt bang chuyen khoan ngan hang o viet nam nhu nao"),
    ("th", "ขายเหรียญในไทยต้องเสียภาษียังไง"), ("fil", "paano mag cash in sa coins.ph gamit maya"),
    ("id", "pajak kripto sekarang brp persen di indonesia"),
)  # fmt: skip
CHATTER = (
    "gm", "gm everyone", "haha nice one bro", "ok thanks", "🚀🚀🚀", "lol", "wen moon", "same here",
    "chào cả nhà", "hôm nay thị trường đỏ quá", "anh em ăn tối chưa", "cảm ơn bạn nhé",
    "สวัสดีครับทุกคน", "วันนี้ตลาดแดงมาก", "ขอบคุณครับ", "magandang umaga sa lahat", "salamat po",
    "pump na ba ulit", "selamat pagi semua", "makasih infonya kak", "kapan naik lagi ya",
    "오늘 장 너무 안좋네요", "좋은 아침입니다", "ㅋㅋㅋㅋ", "おはようございます", "ありがとうございます",
    "大家早上好", "今天跌太多了", "good night all", "did anyone watch the match yesterday",
    "I sold everything last week and went fishing with my brother, best decision of the month",
    "तो आज क्या चल रहा है", "bhai sab theek hai?", "سلام سب کو", "শুভ সকাল সবাইকে",
)  # fmt: skip


@dataclass(frozen=True)
class Load:
    groups: int = GROUPS
    rate: int = RATE
    """Messages a second, in all groups together."""
    seconds: int = 60
    webhook: bool = False


class Crowd:
    """Messages of people in groups, as Telegram hands them out."""

    def __init__(self, bench: Bench, groups: int, seed: int = 7) -> None:
        self._bench = bench
        self._groups = groups
        self._dice = random.Random(seed)
        self.said = self.asked = 0
        for n in range(groups):
            bench.world.add_chat(f"Group {n}", chat_id=group_id(n, FIRST_GROUP))

    def say(self) -> None:
        self.said += 1
        dice = self._dice
        question = dice.random() < 1 / ONE_IN
        language, text = dice.choice(QUESTIONS) if question else ("en", dice.choice(CHATTER))
        group = dice.randrange(self._groups)
        body = self._message(group, text, language)
        if question:
            self.asked += 1
            self._bench.watch.handed[body["chat"]["id"]] = time.monotonic()
        elif dice.random() < 0.2:
            body["reply_to_message"] = self._message(group, "gm", "en")
        self._bench.send(body)

    def _message(self, group: int, text: str, language: str) -> dict[str, Any]:
        person = FIRST_PERSON + self._dice.randrange(PEOPLE)
        return {
            "message_id": 1000 + self.said, "date": int(time.time()), "text": text,
            "from": {"id": person, "is_bot": False, "first_name": f"P{person % 1000}", "language_code": language},
            "chat": {"id": group_id(group, FIRST_GROUP), "title": f"Group {group}", "type": "supergroup"},
        }  # fmt: skip


def prepare(folder: Path, groups: int) -> None:
    database = open_database(folder / "sampan.db")
    with closing(database.conn) as connection:
        add_groups(connection, groups, datetime.now(UTC), FIRST_GROUP)


async def run(load: Load) -> dict[str, object]:
    """The usual load, then the peak."""
    hook = free_hook() if load.webhook else None
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        prepare(folder, load.groups)
        async with Bench(hook) as bench:
            crowd = Crowd(bench, load.groups)
            port = free_hook().rpartition(":")[2].partition("/")[0]
            with process("sampan", bench.address, folder, hook, SAMPAN_WATCH_PORT=port) as running:
                await first_answer(bench)
                await phase(crowd, bench, load.rate, min(5, load.seconds))  # warm
                watched = Watched(running.pid, port, folder / "sampan.db")
                loads = {
                    kind: await watched.phase(crowd, bench, load.rate * times, load.seconds)
                    for kind, times in (("usual", 1), ("peak", PEAK))
                }
    mode = "webhook" if hook else "polling"
    return {"bench": "combot", "groups": load.groups, "mode": mode, "loads": loads}


@dataclass(frozen=True)
class Watched:
    """The process under load: what a phase costs it."""

    pid: int
    port: str
    database: Path

    async def phase(self, crowd: Crowd, bench: Bench, rate: int, seconds: int) -> dict[str, float]:
        cpu, begun, size = cpu_seconds(self.pid), time.monotonic(), database_bytes(self.database)
        before, said = await handled(self.port), crowd.said
        found = await phase(crowd, bench, rate, seconds)
        took, number = time.monotonic() - begun, crowd.said - said
        spent = cpu_seconds(self.pid) - cpu
        return found | {
            "dealt_with_p99_below_ms": below(before, await handled(self.port), 0.99),
            "cpu_share": round(spent / took, 3), "cpu_ms_per_message": round(1000 * spent / number, 3),
            "memory_mib": round(memory_mib(self.pid), 1),
            "bytes_per_message": round((database_bytes(self.database) - size) / number),
        }  # fmt: skip


async def phase(crowd: Crowd, bench: Bench, rate: int, seconds: int) -> dict[str, float]:
    """So many messages a second, whatever the bot does; then until it has caught up."""
    bench.watch.latencies.clear()
    asked, said, begun = crowd.asked, crowd.said, time.monotonic()
    for n in range(rate * seconds):
        await asyncio.sleep(max(0.0, begun + n / rate - time.monotonic()))
        crowd.say()
    took, backlog = time.monotonic() - begun, bench.waiting
    caught_up = time.monotonic()
    while bench.waiting and time.monotonic() - caught_up < SETTLE_SECONDS:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    behind = time.monotonic() - caught_up
    await asyncio.sleep(0.5)  # the last answers
    spent = bench.watch.latencies
    return {
        "messages_per_second": round((crowd.said - said) / took, 1),
        "questions": crowd.asked - asked, "answers": len(spent),
        "answer_p50_ms": round(1000 * percentile(spent, 0.5), 2),
        "answer_p99_ms": round(1000 * percentile(spent, 0.99), 2),
        "waiting_at_the_end": backlog, "caught_up_in_s": round(behind, 2),
    }  # fmt: skip


Buckets = dict[float, float]
_BUCKET = re.compile(r'^sampan_update_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


async def handled(port: str) -> Buckets:
    """How many updates were dealt with within so many seconds, as the bot's metrics say."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        return {float(le): float(count) for le, count in _BUCKET.findall(await answer.text())}


def below(before: Buckets, after: Buckets, share: float) -> float:
    """Milliseconds that so great a share stayed below: the bound of a bucket."""
    new = {le: after[le] - before.get(le, 0.0) for le in after}
    total = max(new.values(), default=0.0)
    return 1000 * min((le for le, count in new.items() if count >= share * total), default=0.0)
