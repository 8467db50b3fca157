"""`bench memory`: what the process holds while a million updates pass, in slices."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bot.bench.answers import first_answer
from bot.bench.combot import Crowd, prepare
from bot.bench.process import cpu_seconds, memory_mib, process
from bot.bench.server import Bench

AHEAD = 400
"""Updates that wait at the server, so that the bot never runs out of work."""
STALL_SECONDS = 60.0


async def run(
    updates: int = 1_000_000, slices: int = 10, groups: int = 13_000
) -> dict[str, object]:
    """Talk in groups, one in 50 a question, as fast as the bot takes it."""
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        prepare(folder, groups)
        async with Bench() as bench:
            crowd = Crowd(bench, groups)
            with process("sampan", bench.address, folder) as running:
                await first_answer(bench)
                begun, rows = time.monotonic(), []
                rows.append({"updates": 0, "memory_mib": round(memory_mib(running.pid), 1)})
                for number in range(1, slices + 1):
                    cpu, since, asked = cpu_seconds(running.pid), time.monotonic(), crowd.asked
                    size, replies = updates // slices, bench.watch.replies
                    await _pass(bench, crowd, size)
                    seconds = time.monotonic() - since
                    rows.append({
                        "updates": number * size, "memory_mib": round(memory_mib(running.pid), 1),
                        "updates_per_second": round(size / seconds, 1),
                        "cpu_ms_per_update": round(1000 * (cpu_seconds(running.pid) - cpu) / size, 3),
                        "questions": crowd.asked - asked, "replies": bench.watch.replies - replies,
                    })  # fmt: skip
                took = time.monotonic() - begun
    return {
        "bench": "memory", "seconds": round(took, 1), "slices": rows,
        "grown_in_second_half_mib": round(
            rows[-1]["memory_mib"] - rows[len(rows) // 2]["memory_mib"], 1
        ),
    }  # fmt: skip


async def _pass(bench: Bench, crowd: Crowd, number: int) -> None:
    said = 0
    while said < number:
        while said < number and bench.waiting < AHEAD:
            crowd.say()
            said += 1
        await asyncio.sleep(0.005)
    end = time.monotonic() + STALL_SECONDS
    while bench.waiting:
        if time.monotonic() > end:
            raise RuntimeError("the bot takes no more updates")
        await asyncio.sleep(0.01)
