"""While the database cannot be written (locked by another program, disk full): who writes waits,
and the event loop goes on."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from sqlite_utils import Database

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOP_BUSY_MS = 250
"""How long a write of the running bot may hold up the loop."""
LOOK_SECONDS = (0.1, 0.2, 0.5, 1.0)
"""Between looks whether it can be written again; the last stays."""
_PASSES = ("locked", "busy", "disk is full", "disk i/o error", "readonly")


class Busy:
    """Knows whether the database can be written now."""

    def __init__(self, db: Database) -> None:
        self._db = db
        db.execute(f"PRAGMA busy_timeout = {LOOP_BUSY_MS}")
        self._free = asyncio.Event()
        self._free.set()
        self._looking: asyncio.Task[None] | None = None

    @property
    def now(self) -> bool:
        return not self._free.is_set()

    async def over(self) -> None:
        await self._free.wait()

    def noticed(self, error: BaseException | None) -> bool:
        """Whether an error says that the database cannot be written for now."""
        text = str(error).lower()
        if not isinstance(error, sqlite3.Error) or not any(word in text for word in _PASSES):
            return False
        if self._free.is_set():
            log.warning("the database cannot be written (%s): what needs it waits", error)
            self._free.clear()
            self._looking = asyncio.create_task(self._look())
        return True

    async def written(self, write: Callable[[], T]) -> T:
        """A write that must not be missed, such as what came of a message that is out."""
        while True:
            try:
                return write()
            except sqlite3.Error as error:
                if not self.noticed(error):
                    raise
                await self.over()

    async def _look(self) -> None:
        for turn in range(10**9):
            await asyncio.sleep(LOOK_SECONDS[min(turn, len(LOOK_SECONDS) - 1)])
            if self._writable():
                log.info("the database can be written again")
                self._free.set()
                return

    def _writable(self) -> bool:
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            with self._db.atomic():
                self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('busy', '')")
        except sqlite3.Error:
            return False
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {LOOP_BUSY_MS}")
        return True

    async def stop(self) -> None:
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
