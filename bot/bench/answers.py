"""`bench answers`: the whole way from an update handed out to the reply received."""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
import time
from pathlib import Path

from bot.bench.process import cpu_seconds, memory_mib, process
from bot.bench.server import Bench, percentile

MESSAGES = 3000
WARM_UP = 500
WINDOW = 100
RATE = 100
RATE_SECONDS = 10


async def first_answer(bench: Bench) -> float:
    """Seconds until the just started bot answers one question."""
    begun = time.monotonic()
    wanted = bench.watch.replies + 1
    bench.ask(0)
    if not await bench.wait_for_replies(wanted, 60):
        raise RuntimeError("the bot does not answer")
    return time.monotonic() - begun


async def closed_loop(bench: Bench, messages: int, window: int = WINDOW) -> None:
    """Keeps `window` questions open until so many are answered."""
    base = bench.watch.replies
    sent = 0
    while bench.watch.replies - base < messages:
        while sent < messages and sent - (bench.watch.replies - base) < window:
            bench.ask(sent)
            sent += 1
        if not await bench.wait_for_replies(bench.watch.replies + 1, 60):
            raise RuntimeError(f"only {bench.watch.replies - base} of {messages} were answered")


async def open_loop(bench: Bench, seconds: int = RATE_SECONDS) -> None:
    """RATE questions a second, whatever the bot does."""
    base = bench.watch.replies
    begun = time.monotonic()
    for n in range(RATE * seconds):
        await asyncio.sleep(max(0.0, begun + n / RATE - time.monotonic()))
        bench.ask(n)
    await bench.wait_for_replies(base + RATE * seconds, 30)


async def measure(kind: str, folder: Path, messages: int, warm_up: int) -> dict[str, float]:
    async with Bench() as bench:
        with process(kind, bench.address, folder) as running:
            started = await first_answer(bench)
            await closed_loop(bench, warm_up)
            cpu, begun = cpu_seconds(running.pid), time.monotonic()
            bench.watch.latencies.clear()
            await closed_loop(bench, messages)
            seconds = time.monotonic() - begun
            spent = cpu_seconds(running.pid) - cpu
            loaded = list(bench.watch.latencies)
            bench.watch.latencies.clear()
            await open_loop(bench)
            steady = list(bench.watch.latencies)
            return {
                "replies_per_second": round(messages / seconds, 1),
                "cpu_ms_per_reply": round(1000 * spent / messages, 3),
                "loaded_p50_ms": round(1000 * percentile(loaded, 0.5), 2),
                "loaded_p99_ms": round(1000 * percentile(loaded, 0.99), 2),
                "at_100_per_second_p50_ms": round(1000 * percentile(steady, 0.5), 2),
                "at_100_per_second_p99_ms": round(1000 * percentile(steady, 0.99), 2),
                "start_to_first_answer_s": round(started, 2),
                "memory_mib": round(memory_mib(running.pid), 1),
            }


async def run(messages: int = MESSAGES, warm_up: int = WARM_UP) -> dict[str, object]:
    """All bots, one after another, on one server; Sampan twice, so that its database is warm."""
    kinds = ["ptb", "ptb-aiohttp"]
    if importlib.util.find_spec("aiogram"):
        kinds.append("aiogram")
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        cold = await measure("sampan", folder, messages, warm_up)
        figures = {"sampan": await measure("sampan", folder, messages, warm_up)}
        for kind in kinds:
            figures[kind] = await measure(kind, folder, messages, warm_up)
    figures["sampan"]["cold_start_to_first_answer_s"] = cold["start_to_first_answer_s"]
    own = figures["sampan"]["replies_per_second"]
    ratios = {
        f"sampan_to_{kind}": round(own / figures[kind]["replies_per_second"], 2) for kind in kinds
    }
    return {
        "bench": "answers",
        "messages": messages,
        "window": WINDOW,
        "bots": figures,
        "ratios": ratios,
    }
