"""`bench restart`: from the start of the process to the first answer, after a kill -9 in the middle
of its work, on a large database and on a small one in the same run."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bot.bench.answers import closed_loop, first_answer
from bot.bench.filling import BYTES_A_ROW, fill
from bot.bench.process import cpu_seconds, memory_mib, process
from bot.bench.server import Bench

BUSY = 200
"""Questions answered before each kill, so that there is something to take up."""


async def run(mib: int = 1024, times: int = 5) -> dict[str, object]:
    large, small = await measure(mib, times), await measure(0, times)
    return {
        "bench": "restart", "databases": {"large": large, "small": small},
        "more_s": round(float(str(large["median_s"])) - float(str(small["median_s"])), 2),
    }  # fmt: skip


async def measure(mib: int, times: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        if mib:
            fill(folder / "sampan.db", mib * 2**20 // BYTES_A_ROW, datetime.now(UTC))
        async with Bench() as bench:
            with process("sampan", bench.address, folder) as running:
                await first_answer(bench)  # the knowledge is taken over
                await closed_loop(bench, BUSY)
                running.kill()
                running.wait()
            spent, cpu = [], []
            for _ in range(times):
                with process("sampan", bench.address, folder) as running:
                    spent.append(round(await first_answer(bench), 2))
                    cpu.append(round(cpu_seconds(running.pid), 2))
                    memory = memory_mib(running.pid)
                    await closed_loop(bench, BUSY)
                    running.kill()
                    running.wait()
            size = (folder / "sampan.db").stat().st_size
    return {
        "file_mib": round(size / 2**20, 1), "median_s": sorted(spent)[len(spent) // 2],
        "all_s": spent, "cpu_s": sorted(cpu)[len(cpu) // 2], "memory_mib": round(memory, 1),
    }  # fmt: skip
