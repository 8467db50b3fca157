"""Who sends one message to each of many people, each run as its own process, printing JSON.

`python -m bot.bench.sending <kind> <base url> <token> <folder> <recipients> <pace>`
Kinds: sampan (the whole delivery, ledger included), choosing (only its first seconds), ptb,
ptb-limited (its AIORateLimiter), aiogram, aiogram-broadcaster (its record in memory),
aiogram-broadcaster-file (its record in a file, so that it outlives a restart). Pace: free, paid or
none; the plain loops keep none.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.bench.server import FIRST_ID

TEXT = "<b>Happy festival!</b> Read the terms before you take part: fees and dates are inside."
WORKERS = 32


@dataclass(frozen=True)
class Task:
    address: str
    token: str
    folder: Path
    recipients: int
    pace: str
    first_seconds: float = 0.0
    """Stop then; 0: go on to the end."""


def memory_mib(what: str = "VmRSS") -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    return float("nan")


def peak_mib() -> float:
    return memory_mib("VmHWM")


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def sampan(task: Task) -> dict[str, float]:
    from datetime import UTC, datetime, timedelta

    from bot.broadcasts.audience import AudienceStore
    from bot.broadcasts.delivery import WINDOW, Parts
    from bot.broadcasts.ledger import Ledger
    from bot.broadcasts.model import Audience, Draft, Kind, RunState, Schedule, Variant
    from bot.broadcasts.pacer import Pacer
    from bot.broadcasts.schedule import Quiet
    from bot.broadcasts.service import Broadcasts
    from bot.broadcasts.store import BroadcastStore
    from bot.knowledge.festivals import Festivals
    from bot.telegram.broadcasting import BotTransport, plainly
    from db import open_database

    def now() -> datetime:
        return datetime.now(UTC)

    db = open_database(task.folder / "bench.db")
    people(db.conn, task.recipients, now().isoformat(timespec="seconds"))
    store, ledger = BroadcastStore(db, now), Ledger(db)
    pacer = Pacer(rate=0, paid_rate=0) if task.pace == "none" else Pacer()
    transport = BotTransport(f"{task.address}/bot{task.token}", WINDOW)
    await transport.initialize()
    parts = Parts(
        store=store, ledger=ledger, pacer=pacer, transport=transport, compose=plainly,
        gate=lambda broadcast, country: None, retire=lambda chat_id: None,
        moved=lambda old, new: None, now=now, may_pay=True,
    )  # fmt: skip
    service = Broadcasts(parts, AudienceStore(db, now), Festivals(()), Quiet(), timedelta(hours=1))
    draft = Draft(
        "Bench", Kind.SERVICE, audience=Audience(groups=False), schedule=Schedule(quiet=False),
        paid=task.pace == "paid",
    )  # fmt: skip
    broadcast = store.create(None, draft, [Variant("en", TEXT)])
    gc.collect()
    idle, begun, spent = memory_mib(), time.monotonic(), cpu_seconds()
    occasion = service.schedule(broadcast.id)
    assert occasion
    run = store.begin_run(broadcast.id, occasion.key)
    assert run
    chosen = await service.audience.choose(run.id, draft.audience, draft.kind, occasion, None)
    choosing, choosing_cpu = time.monotonic() - begun, cpu_seconds() - spent
    store.set_run(run.id, RunState.RUNNING, total=chosen)
    cpu, begun = cpu_seconds(), time.monotonic()
    await service.tick()
    if task.first_seconds:
        await asyncio.sleep(task.first_seconds)
        await service.stop()
    else:
        await service.idle()
    seconds, spent = time.monotonic() - begun, cpu_seconds() - cpu
    counts = ledger.counts(run.id)
    await transport.shutdown()
    return {
        "seconds": round(seconds, 3), "cpu_ms_per_message": round(1000 * spent / chosen, 3),
        "choosing_s": round(choosing, 3), "choosing_cpu_s": round(choosing_cpu, 3), "sent": counts.sent,
        "uncertain": counts.uncertain, "memory_over_idle_mib": round(peak_mib() - idle, 1),
    }  # fmt: skip


def prepare(folder: Path, number: int, first: int, *, paid: bool) -> None:
    """A bot's database with so many members and a broadcast to them that is due."""
    from datetime import UTC, datetime

    from bot.broadcasts.model import Audience, Draft, Kind, Schedule, Variant
    from bot.broadcasts.store import BroadcastStore
    from db import open_database

    def now() -> datetime:
        return datetime.now(UTC).replace(microsecond=0)

    db = open_database(folder / "sampan.db")
    people(db.conn, number, now().isoformat(), first)
    store = BroadcastStore(db, now)
    draft = Draft(
        "Bench", Kind.SERVICE, audience=Audience(groups=False), schedule=Schedule(quiet=False),
        paid=paid,
    )  # fmt: skip
    broadcast = store.create(None, draft, [Variant("en", TEXT)])
    store.schedule(broadcast.id, now().replace(tzinfo=None).isoformat(), now())
    db.close()


def people(connection: object, number: int, at: str, first: int = FIRST_ID) -> None:
    connection.executemany(  # type: ignore[attr-defined]
        """INSERT INTO members (user_id, language, country, started_at, first_seen, last_seen)
           VALUES (?, 'en', 'SG', ?, ?, ?)""",
        ((first + n, at, at, at) for n in range(number)),
    )


async def ptb(task: Task, *, limited: bool) -> dict[str, float]:
    """A plain loop, as most bots have it: WORKERS at a time; `limited`: python-telegram-bot's own
    AIORateLimiter with retries on."""
    from telegram.error import RetryAfter
    from telegram.ext import ExtBot
    from telegram.request import HTTPXRequest

    limiter = None
    if limited:
        from telegram.ext import AIORateLimiter

        limiter = AIORateLimiter(max_retries=5)
    bot = ExtBot(
        task.token, base_url=f"{task.address}/bot", rate_limiter=limiter,
        request=HTTPXRequest(connection_pool_size=WORKERS * 2, pool_timeout=60.0),
    )  # fmt: skip
    await bot.initialize()

    async def send(chat_id: int) -> None:
        try:
            await bot.send_message(chat_id, TEXT, parse_mode="HTML")
        except RetryAfter as error:
            after = error.retry_after
            await asyncio.sleep(after if isinstance(after, int) else after.total_seconds())
            await bot.send_message(chat_id, TEXT, parse_mode="HTML")

    figures = await looped(task, send)
    await bot.shutdown()
    return figures


async def aiogram(task: Task) -> dict[str, float]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.exceptions import TelegramRetryAfter

    bot = Bot(task.token, session=AiohttpSession(api=TelegramAPIServer.from_base(task.address)))

    async def send(chat_id: int) -> None:
        try:
            await bot.send_message(chat_id, TEXT, parse_mode="HTML")
        except TelegramRetryAfter as error:
            await asyncio.sleep(error.retry_after)
            await bot.send_message(chat_id, TEXT, parse_mode="HTML")

    figures = await looped(task, send)
    await bot.session.close()
    return figures


async def aiogram_broadcaster(task: Task, *, stored: bool) -> dict[str, float]:
    """As its README has it: one message after the other, a fixed pause between them where a pace
    is kept, its own handler for refusals."""
    from aiogram import Bot
    from aiogram.client.default import DefaultBotProperties
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram_broadcaster import Broadcaster
    from aiogram_broadcaster.contents import TextContent
    from aiogram_broadcaster.intervals import SimpleInterval
    from aiogram_broadcaster.storages.file import FileStorage
    from aiogram_broadcaster.utils.retry_after_handler import setup_retry_after_handler

    session = AiohttpSession(api=TelegramAPIServer.from_base(task.address))
    bot = Bot(task.token, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    storage = FileStorage(task.folder / "mailers.json") if stored else None
    if storage:
        await storage.startup()
    broadcaster = Broadcaster(bot, storage=storage)
    setup_retry_after_handler(broadcaster.event)
    pause = {"free": 1 / 30, "paid": 1 / 1000}.get(task.pace)
    chats = range(FIRST_ID, FIRST_ID + task.recipients)
    cpu, begun = cpu_seconds(), time.monotonic()
    mailer = await broadcaster.create_mailer(
        chats, TextContent(text=TEXT), interval=SimpleInterval(interval=pause) if pause else None
    )
    await mailer.start()
    seconds, spent = time.monotonic() - begun, cpu_seconds() - cpu
    await session.close()
    return {
        "seconds": round(seconds, 3),
        "cpu_ms_per_message": round(1000 * spent / task.recipients, 3),
        "sent": len(mailer.chats.success),
        "failed": len(mailer.chats.failed),
    }


async def looped(task: Task, send: Callable[[int], Awaitable[None]]) -> dict[str, float]:
    chats = iter(range(FIRST_ID, FIRST_ID + task.recipients))
    sent = failed = 0

    async def worker() -> None:
        nonlocal sent, failed
        for chat_id in chats:
            try:
                await send(chat_id)
                sent += 1
            except Exception:
                failed += 1

    cpu, begun = cpu_seconds(), time.monotonic()
    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    seconds, spent = time.monotonic() - begun, cpu_seconds() - cpu
    return {
        "seconds": round(seconds, 3),
        "cpu_ms_per_message": round(1000 * spent / task.recipients, 3),
        "sent": sent,
        "failed": failed,
    }


def main() -> None:
    from bot.running import loop_factory

    kind, address, token, folder, recipients, pace = sys.argv[1:7]
    task = Task(address, token, Path(folder), int(recipients), pace)
    kinds: dict[str, Callable[[Task], Coroutine[Any, Any, dict[str, float]]]] = {
        "sampan": sampan,
        "choosing": lambda t: sampan(replace(t, first_seconds=3.0)),
        "ptb": lambda t: ptb(t, limited=False),
        "ptb-limited": lambda t: ptb(t, limited=True),
        "aiogram": aiogram,
        "aiogram-broadcaster": lambda t: aiogram_broadcaster(t, stored=False),
        "aiogram-broadcaster-file": lambda t: aiogram_broadcaster(t, stored=True),
    }
    factory = loop_factory() if kind in ("sampan", "choosing") else None
    with asyncio.Runner(loop_factory=factory) as runner:
        sys.stdout.write(json.dumps(runner.run(kinds[kind](task))) + "\n")


if __name__ == "__main__":
    main()
