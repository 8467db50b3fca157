"""`bench answers`: the whole way from an update handed out to the reply received."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.bench.server import DEFAULT_TOKEN, Bench, percentile
from bot.settings import ROOT

MESSAGES = 3000
WARM_UP = 500
WINDOW = 100
RATE = 100
RATE_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5), /proc/pid/stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


@contextmanager
def process(
    kind: str, address: str, folder: Path, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A bot at work; `more` are settings of its own."""
    arguments = (
        ["-m", "bot", "run"]
        if kind == "sampan"
        else ["-m", "bot.bench.bots", kind, address, DEFAULT_TOKEN]
    )
    env = {
        **os.environ, "TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": address,
        "SAMPAN_DATABASE": str(folder / "sampan.db"), "SAMPAN_ANSWERS_PER_MINUTE": "600",
        "SAMPAN_CONCURRENT_UPDATES": "256", "SAMPAN_LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT),
        "SAMPAN_UPDATES_PER_MINUTE": "1000000", "SAMPAN_WATCH_PORT": "0",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), **more,
    }  # fmt: skip
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a first start compiles, a second finds it done
    running = subprocess.Popen(
        [sys.executable, *arguments], env=env, cwd=folder, stdout=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(12)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


async def first_answer(bench: Bench) -> float:
    """Seconds until the just started bot answers one question."""
    begun = time.monotonic()
    wanted = bench.watch.replies + 1
    bench.ask(0)
    if not await bench.wait_for_replies(wanted, 60):
        raise RuntimeError("the bot does not answer")
    return time.monotonic() - begun


async def closed_loop(bench: Bench, messages: int) -> None:
    """Keeps WINDOW questions open until so many are answered."""
    base = bench.watch.replies
    sent = 0
    while bench.watch.replies - base < messages:
        while sent < messages and sent - (bench.watch.replies - base) < WINDOW:
            bench.ask(sent)
            sent += 1
        if not await bench.wait_for_replies(bench.watch.replies + 1, 60):
            raise RuntimeError(f"only {bench.watch.replies - base} of {messages} were answered")


async def open_loop(bench: Bench) -> None:
    """RATE questions a second, whatever the bot does."""
    base = bench.watch.replies
    begun = time.monotonic()
    for n in range(RATE * RATE_SECONDS):
        await asyncio.sleep(max(0.0, begun + n / RATE - time.monotonic()))
        bench.ask(n)
    await bench.wait_for_replies(base + RATE * RATE_SECONDS, 30)


async def measure(kind: str, folder: Path) -> dict[str, float]:
    async with Bench() as bench:
        with process(kind, bench.address, folder) as running:
            started = await first_answer(bench)
            await closed_loop(bench, WARM_UP)
            cpu, begun = cpu_seconds(running.pid), time.monotonic()
            bench.watch.latencies.clear()
            await closed_loop(bench, MESSAGES)
            seconds = time.monotonic() - begun
            spent = cpu_seconds(running.pid) - cpu
            loaded = list(bench.watch.latencies)
            bench.watch.latencies.clear()
            await open_loop(bench)
            steady = list(bench.watch.latencies)
            return {
                "replies_per_second": round(MESSAGES / seconds, 1),
                "cpu_ms_per_reply": round(1000 * spent / MESSAGES, 3),
                "loaded_p50_ms": round(1000 * percentile(loaded, 0.5), 2),
                "loaded_p99_ms": round(1000 * percentile(loaded, 0.99), 2),
                "at_100_per_second_p50_ms": round(1000 * percentile(steady, 0.5), 2),
                "at_100_per_second_p99_ms": round(1000 * percentile(steady, 0.99), 2),
                "start_to_first_answer_s": round(started, 2),
                "memory_mib": round(memory_mib(running.pid), 1),
            }


async def run() -> dict[str, object]:
    """All bots, one after another, on one server; Sampan twice, so that its database is warm."""
    kinds = ["ptb", "ptb-aiohttp"]
    if importlib.util.find_spec("aiogram"):
        kinds.append("aiogram")
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
        folder = Path(name)
        cold = await measure("sampan", folder)
        figures = {"sampan": await measure("sampan", folder)}
        for kind in kinds:
            figures[kind] = await measure(kind, folder)
    figures["sampan"]["cold_start_to_first_answer_s"] = cold["start_to_first_answer_s"]
    own = figures["sampan"]["replies_per_second"]
    ratios = {
        f"sampan_to_{kind}": round(own / figures[kind]["replies_per_second"], 2) for kind in kinds
    }
    return {
        "bench": "answers",
        "messages": MESSAGES,
        "window": WINDOW,
        "bots": figures,
        "ratios": ratios,
    }
