"""Starts the bot as a process: lock, core, event loop."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.clock import Clock
from bot.errors import CannotRun
from bot.settings import Settings
from bot.telegram.app import serve
from bot.understanding.model import ModelError
from bot.wiring import Core, build_core


@contextmanager
def only_copy(database: Path) -> Iterator[None]:
    """One bot a database (and no restoring under it): the lock falls with the process, even at
    kill -9. Raises CannotRun."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{database}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(
                f"another copy of the bot already works on {database}: stop it first"
            ) from None
        yield


def is_healthy(database: Path) -> str | None:
    """What is wrong, in one line, or None: a bot holds the lock and the database answers."""
    try:
        with only_copy(database):
            return f"no bot is running on {database}"
    except CannotRun:
        pass
    try:
        with closing(
            sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=2.0)
        ) as connection:
            connection.execute("SELECT count(*) FROM meta").fetchone()
    except sqlite3.Error as error:
        return f"the database {database} cannot be read: {error}"
    return None


def open_core(settings: Settings, clock: Clock | None = None) -> Core:
    try:
        return build_core(
            settings.database, clock=clock, default_language=settings.default_language
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
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(settings, core, ready))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it installs: it halves the cost of the transport (docs/performance.md)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
