"""`bench matrix`: every way to run Sampan beside bare echo bots, by how many ask at once.

Polling and webhook, uvloop and asyncio's own loop, this project's transport and httpx; each bot is
a process of its own against the same server, one after another.
"""

from __future__ import annotations

import importlib.util
import math
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.bench.answers import closed_loop, first_answer
from bot.bench.process import (
    Mode,
    Variant,
    cpu_seconds,
    free_hook,
    install_grammy,
    memory_mib,
    variant_process,
)
from bot.bench.server import Bench, percentile

MODES: tuple[Mode, ...] = ("polling", "webhook")
WINDOWS = (1, 10, 100, 256)
"""Questions open at a time."""
OWN = Variant("sampan")


def variants() -> tuple[list[Variant], list[str]]:
    """All there is to measure here, and what is left out with the reason."""
    found, left_out = [], []
    for mode in MODES:
        found += [
            Variant("sampan", loop, transport, mode)
            for loop in ("uvloop", "asyncio")
            for transport in ("own", "httpx")
        ]
        found.append(Variant("ptb", "asyncio", "httpx", mode))
        found += [Variant("ptb", loop, "own", mode) for loop in ("uvloop", "asyncio")]
    if importlib.util.find_spec("aiogram"):
        found += [
            Variant("aiogram", loop, "aiohttp", mode)
            for mode in MODES
            for loop in ("uvloop", "asyncio")
        ]
    else:
        left_out.append("aiogram is not installed: it is left out")
    if why := install_grammy():
        left_out.append(why)
    else:
        found += [Variant("grammy", "node", "node", mode) for mode in MODES]
        found.append(Variant("grammy-runner", "node", "node"))  # polls several at once
    return found, left_out


async def measure(
    variant: Variant, folder: Path, messages: int, windows: Sequence[int] = WINDOWS
) -> list[dict[str, object]]:
    """One bot, a row for each number of questions open at a time."""
    hook = free_hook() if variant.mode == "webhook" else None
    async with Bench(hook) as bench:
        with variant_process(variant, bench.address, folder, hook) as running:
            await first_answer(bench)
            await closed_loop(bench, max(1, messages // 4), 100)
            rows = []
            for window in windows:
                wanted = messages if window > 1 else max(1, messages // 4)
                rows.append(await _row(bench, variant, running.pid, wanted, window))
            return rows


async def _row(
    bench: Bench, variant: Variant, pid: int, messages: int, window: int
) -> dict[str, object]:
    bench.watch.latencies.clear()
    cpu, own, begun = cpu_seconds(pid), sum(os.times()[:2]), time.monotonic()
    await closed_loop(bench, messages, window)
    seconds = time.monotonic() - begun
    spent = bench.watch.latencies
    return {
        "bot": variant.kind, "mode": variant.mode, "loop": variant.loop,
        "transport": variant.transport, "open": window,
        "replies_per_second": round(messages / seconds, 1),
        "p50_ms": round(1000 * percentile(spent, 0.5), 2),
        "p99_ms": round(1000 * percentile(spent, 0.99), 2),
        "cpu_ms_per_reply": round(1000 * (cpu_seconds(pid) - cpu) / messages, 3),
        "server_busy": round((sum(os.times()[:2]) - own) / seconds, 2),
        "memory_mib": round(memory_mib(pid), 1),
    }  # fmt: skip


async def run(messages: int = 2000, windows: Sequence[int] = WINDOWS) -> dict[str, object]:
    """`server_busy`: the share of one core that the server took; near 1 it is the limit."""
    chosen, left_out = variants()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        await measure(OWN, folder, 1, (1,))  # its knowledge is in the database from here on
        for variant in chosen:
            rows += await measure(variant, folder, messages, windows)
    return {
        "bench": "matrix", "messages": messages, "left_out": left_out, "rows": rows,
        "best": _best(rows), "ratios": _ratios(rows),
    }  # fmt: skip


def _best(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Each bot's fastest row."""
    best: dict[object, dict[str, object]] = {}
    for row in rows:
        had = best.get(row["bot"])
        if had is None or _speed(row) > _speed(had):
            best[row["bot"]] = row
    return list(best.values())


def _ratios(rows: list[dict[str, object]]) -> dict[str, float]:
    """Sampan as it comes with 100 questions open, beside the others as they come."""

    def speed(kind: str, loop: str, transport: str) -> float:
        for row in rows:
            if (row["bot"], row["loop"], row["transport"], row["mode"], row["open"]) == (
                kind, loop, transport, "polling", 100,
            ):  # fmt: skip
                return _speed(row)
        return float("nan")

    own = speed("sampan", "uvloop", "own")
    beside = {
        "ptb": ("ptb", "asyncio", "httpx"), "ptb_own_transport": ("ptb", "uvloop", "own"),
        "aiogram": ("aiogram", "asyncio", "aiohttp"), "aiogram_uvloop": ("aiogram", "uvloop", "aiohttp"),
        "grammy": ("grammy", "node", "node"), "grammy_runner": ("grammy-runner", "node", "node"),
    }  # fmt: skip
    found = {f"sampan_to_{name}": round(own / speed(*which), 2) for name, which in beside.items()}
    return {name: ratio for name, ratio in found.items() if not math.isnan(ratio)}


def _speed(row: dict[str, object]) -> float:
    return float(str(row["replies_per_second"]))
