"""`bench broadcast`: what Sampan's delivery costs and how well it keeps the pace, beside others.

All talk to the same server in the same run: the sandbox's, with Telegram's limits where a pace is
measured and without where the sender is.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.bench.answers import first_answer
from bot.bench.process import process
from bot.bench.sending import prepare
from bot.bench.server import DEFAULT_TOKEN, FIRST_ID, PEOPLE, Bench, percentile
from bot.sandbox import Limits, World, create_app, default_bot, start
from bot.sandbox.model import User
from bot.settings import ROOT

REPLIES = 20
REPLY_SECONDS = 15
RATES = {"free": 30, "paid": 1000}


@dataclass(frozen=True)
class Sizes:
    """Recipients of each measure; 0 leaves it out."""

    free: int = 600
    paid: int = 10_000
    unpaced: int = 10_000
    others: int = 2_000
    choosing: int = 1_000_000
    beside: int = 20_000
    """Recipients of a paid broadcast during which people ask."""


async def measure(kind: str, recipients: int, pace: str) -> dict[str, float]:
    """One sender against a fresh server."""
    world = World(default_bot(), record=False)
    for n in range(recipients if kind != "choosing" else 0):  # nobody there: each is refused
        world.add_user(User(FIRST_ID + n, f"P{n}", started=True))
    limits = Limits(world.clock.mono, enabled=pace != "none")
    runner, address = await start(create_app(world, limits=limits))
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as folder:
        try:
            figures = await _process(kind, address, Path(folder), recipients, pace)
        finally:
            await runner.cleanup()
    figures["refused_429"] = limits.refused
    figures["messages_per_second"] = round(recipients / figures["seconds"], 1)
    if pace in RATES:
        figures["to_ideal_time"] = round(figures["seconds"] * RATES[pace] / recipients, 4)
    return figures


async def _process(
    kind: str, address: str, folder: Path, recipients: int, pace: str
) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.bench.sending", kind, address, DEFAULT_TOKEN, str(folder),
        str(recipients), pace, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{kind} failed")
    figures: dict[str, float] = json.loads(output)
    return figures


async def replies(recipients: int, *, paid: bool = True) -> dict[str, float]:
    """The whole bot: what answers to REPLIES questions a second take, a broadcast on its way to so
    many (0: none)."""
    async with Bench() as bench:
        first = FIRST_ID + PEOPLE
        for n in range(recipients):
            bench.world.add_user(User(first + n, f"P{n}", started=True))
        with tempfile.TemporaryDirectory(prefix="sampan-bench-") as name:
            folder = Path(name)
            if recipients:
                prepare(folder, recipients, first, paid=paid)
            with process("sampan", bench.address, folder, SAMPAN_PAID_BROADCASTS="1"):
                await first_answer(bench)
                if recipients:  # it has begun
                    await bench.wait_for_replies(60, 30)
                await _ask(bench, 100)
                bench.watch.latencies.clear()
                before, begun = bench.watch.replies, time.monotonic()
                await _ask(bench, REPLIES * REPLY_SECONDS)
                seconds = time.monotonic() - begun
                also = bench.watch.replies - before - len(bench.watch.latencies)
                return {
                    "p50_ms": round(1000 * percentile(bench.watch.latencies, 0.5), 2),
                    "p99_ms": round(1000 * percentile(bench.watch.latencies, 0.99), 2),
                    "broadcast_per_second": round(also / seconds, 1),
                }


async def _beside(recipients: int) -> dict[str, object]:
    alone = await replies(0)
    free, paid = await replies(recipients, paid=False), await replies(recipients)
    return {
        "alone": alone,
        "during_a_broadcast": free,
        "during_a_paid_broadcast": paid,
        "p99_ratio": round(free["p99_ms"] / alone["p99_ms"], 2),
        "p99_ratio_paid": round(paid["p99_ms"] / alone["p99_ms"], 2),
    }


async def _ask(bench: Bench, number: int) -> None:
    wanted = len(bench.watch.latencies) + number
    begun = time.monotonic()
    for n in range(number):
        await asyncio.sleep(max(0.0, begun + n / REPLIES - time.monotonic()))
        bench.ask(n)
    while len(bench.watch.latencies) < wanted:
        if not await bench.wait_for_replies(bench.watch.replies + 1, 30):
            return


PEERS = {
    "ptb": "telegram", "ptb-limited": "aiolimiter", "aiogram": "aiogram",
    "aiogram-broadcaster": "aiogram_broadcaster", "aiogram-broadcaster-file": "aiogram_broadcaster",
}  # fmt: skip
"""Who else is measured, and the package that it needs (the extra `bench`)."""
PACED = ("ptb-limited", "aiogram-broadcaster")
"""Those that keep a pace by themselves."""


def installed() -> list[str]:
    return [kind for kind, package in PEERS.items() if importlib.util.find_spec(package)]


async def run(sizes: Sizes) -> dict[str, object]:
    figures: dict[str, object] = {"bench": "broadcast"}
    others = installed()
    if missing := sorted(set(PEERS) - set(others)):
        figures["not_installed"] = missing
    if sizes.free:
        figures["free"] = {
            kind: await measure(kind, sizes.free, "free")
            for kind in ("sampan", *PACED)
            if kind == "sampan" or kind in others
        }
    if sizes.paid:
        figures["paid"] = {"sampan": await measure("sampan", sizes.paid, "paid")}
    if sizes.unpaced:
        own = await measure("sampan", sizes.unpaced, "none")
        beside = {
            kind: await measure(kind, sizes.others, "none") for kind in others if sizes.others
        }
        ratios = {
            f"sampan_to_{kind}": round(own["messages_per_second"] / found["messages_per_second"], 2)
            for kind, found in beside.items()
        }
        figures["unpaced"] = {"sampan": own, **beside, "ratios": ratios}
    if sizes.choosing:
        figures["choosing"] = await measure("choosing", sizes.choosing, "none")
    if sizes.beside:
        figures["replies"] = await _beside(sizes.beside)
    return figures
