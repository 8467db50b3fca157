"""`bench size`: answers, single reads and writes, and the nightly tidying beside millions of rows.

The baseline is an empty database in the same run.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from bot.answers.store import AnswerStore, Asked
from bot.bench.answers import closed_loop, first_answer, open_loop
from bot.bench.filling import FIRST_ID, fill, group_id
from bot.bench.process import cpu_seconds, database_bytes, memory_mib, process
from bot.bench.server import Bench, percentile
from bot.desk.store import DeskStore
from bot.journal import Journal
from bot.members.group_messages import GroupMessages
from bot.members.store import GroupStore, MemberStore
from bot.retention import Retention
from db import open_database

ROUNDS = 300
SOME = 100


async def run(
    sizes: Sequence[int] = (0, 1_000_000), messages: int = 2000, seconds: int = 10
) -> dict[str, object]:
    """`seconds`: how long 100 questions a second are asked."""
    return {
        "bench": "size",
        "sizes": {f"{size:,} rows": await measure(size, messages, seconds) for size in sizes},
    }


async def measure(rows: int, messages: int, seconds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        database = folder / "sampan.db"
        now = datetime.now(UTC)
        begun = time.monotonic()
        if rows:
            fill(database, rows, now)
        filled = time.monotonic() - begun
        size = database.stat().st_size if rows else 0
        return {
            "file_mib": round(size / 2**20, 1), "filled_in_s": round(filled, 1),
            **await _whole_bot(folder, messages, seconds),
            **await asyncio.to_thread(_stores, database, max(1, rows), now),
            **await _tidying(database, now),
        }  # fmt: skip


async def _whole_bot(folder: Path, messages: int, seconds: int) -> dict[str, float]:
    async with Bench() as bench:
        with process("sampan", bench.address, folder):
            await first_answer(bench)  # the knowledge is taken over
        before = database_bytes(folder / "sampan.db")
        with process("sampan", bench.address, folder) as running:
            started = await first_answer(bench)
            await closed_loop(bench, max(1, messages // 4))
            cpu, begun = cpu_seconds(running.pid), time.monotonic()
            await closed_loop(bench, messages)
            took, spent = time.monotonic() - begun, cpu_seconds(running.pid) - cpu
            bench.watch.latencies.clear()
            await open_loop(bench, seconds)
            steady = bench.watch.latencies
            answered = 1 + messages // 4 + messages + len(steady)
            memory = memory_mib(running.pid)
        return {
            "start_to_first_answer_s": round(started, 2),
            "answers_per_second": round(messages / took, 1),
            "cpu_ms_per_answer": round(1000 * spent / messages, 3),
            "at_100_per_second_p50_ms": round(1000 * percentile(steady, 0.5), 2),
            "at_100_per_second_p99_ms": round(1000 * percentile(steady, 0.99), 2),
            "bytes_per_answer": round((database_bytes(folder / "sampan.db") - before) / answered),
            "memory_mib": round(memory, 1),
        }  # fmt: skip


def _stores(database: Path, rows: int, at: datetime, seed: int = 7) -> dict[str, float]:
    """Milliseconds of what every message or answer costs in the database, by itself."""
    db, dice = open_database(database), random.Random(seed)
    journal, answers = Journal(db, lambda: at), AnswerStore(db, lambda: at)
    members, groups = MemberStore(db, lambda: at), GroupStore(db, lambda: at)
    messages, desk = GroupMessages(db, lambda: at), DeskStore(db, lambda: at)
    ids = iter(range(2**52, 2**53))

    def person() -> int:
        return FIRST_ID + dice.randrange(rows)

    def store_100() -> None:
        found = [{"update_id": next(ids), "message": {"text": "x" * 400}} for _ in range(100)]
        journal.store(found)
        for update in found:
            journal.done(update["update_id"])  # type: ignore[arg-type]

    def answer() -> None:
        answers.add(
            Asked(person(), group_id(dice.randrange(13_000)), next(ids), None, "a question " * 5,
                  "vi", "p2p", "VN", None, "answered", 0.9)
        )  # fmt: skip

    group = iter(range(10**9))
    work: dict[str, Callable[[], object]] = {
        "store_100_updates": store_100,
        "note_an_answer": answer,
        "vote": lambda: answers.vote(dice.randrange(1, rows + 1), person(), True),
        "read_member": lambda: members.get(person()),
        "read_group": lambda: groups.get(group_id(dice.randrange(13_000))),
        "earlier_answer": lambda: messages.earlier(
            group_id(dice.randrange(13_000)), None, "30", timedelta(minutes=10)
        ),
        "note_group_message": lambda: messages.answer(
            group_id(dice.randrange(13_000)), next(ids), None, "abc"
        ),
        "notices_due": messages.due,
        "inbox": lambda: (desk.waiting(), desk.count_waiting()),
        "export_a_person": lambda: members.export(person()),
        "erase_a_person": lambda: members.erase(person()),
        "group_becomes_supergroup": lambda: _migrate(db, groups, next(group)),
        "taught_use": lambda: answers.taught_use(1),
    }
    often = {"store_100_updates", "note_an_answer", "vote", "read_member", "read_group",
             "earlier_answer", "note_group_message"}  # fmt: skip
    found = {}
    for name, call in work.items():
        spent = _timed(call, ROUNDS if name in often else 5)
        found[f"{name}_p50_ms"] = round(percentile(spent, 0.5), 3)
        found[f"{name}_max_ms"] = round(max(spent), 1)
    db.conn.close()
    return found


def _migrate(db: Database, groups: GroupStore, n: int) -> None:
    groups.join(-5_000_000_000 - n, "Small")
    groups.migrate(-5_000_000_000 - n, -1_009_000_000_000 - n)


def _timed(call: Callable[[], object], rounds: int) -> list[float]:
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - begun))
    return spent


async def _tidying(database: Path, now: datetime) -> dict[str, float]:
    """An hour's worth of updates that are past their time; how long nobody is answered for it."""
    db = open_database(database)
    retention = Retention(db, lambda: now + timedelta(hours=2), timedelta(days=90))
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - begun)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    longest, begun = 0.0, time.monotonic()
    deleted = await retention.purge()
    await asyncio.sleep(0.01)
    seconds = time.monotonic() - begun
    watching.cancel()
    db.conn.close()
    return {
        "purge_rows": sum(deleted.values()), "purge_s": round(seconds, 2),
        "purge_longest_halt_ms": round(1000 * longest, 1),
    }  # fmt: skip
