"""Starts the bot as a process: lock, core, event loop."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import Callable

from bot.alive import only_copy
from bot.clock import Clock
from bot.errors import CannotRun
from bot.settings import Settings
from bot.telegram.app import serve
from bot.understanding.model import ModelError
from bot.wiring import Core, build_core


def open_core(settings: Settings, clock: Clock | None = None) -> Core:
    try:
        return build_core(
            settings.database,
            clock=clock,
            default_language=settings.default_language,
            buddhist_years=settings.buddhist_years,
        )
    except ModelError as error:
        raise CannotRun(str(error)) from None
    except sqlite3.Error as error:
        raise CannotRun(f"the database {settings.database} cannot be used: {error}") from None


def run_bot(
    settings: Settings, clock: Clock | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Runs until SIGTERM or SIGINT. Raises CannotRun."""
    with only_copy(settings.database):
        core = open_core(settings, clock)
        gc.freeze()  # what is loaded now stays: the collector need not walk over it each time
        gc.enable()
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(settings, core, ready))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it installs: it halves the cost of the transport (docs/performance.md)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
