"""Writes of one moment in one commit: the commit costs more than what is written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

T = TypeVar("T")
MOST = 16
"""Writes in one commit, so that the first of them need not wait for many others."""


class Commits:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def write(self, work: Callable[[], T]) -> T:
        """Runs `work` with what others write at this moment; returns once it is committed.

        Raises what `work` raises, or sqlite3.OperationalError when the database refuses them all.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, done))
        if len(self._waiting) == 1:
            loop.call_soon(self._commit)
        elif len(self._waiting) >= MOST:
            self._commit()
        return await done

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            with self._db.atomic():
                written = [work() for work, _ in waiting]
        except Exception as error:
            # One that cannot be written must not take the others with it; a database that is
            # locked or full refuses each alike, and each would wait for it again.
            if len(waiting) == 1 or isinstance(error, sqlite3.OperationalError):
                for _, done in waiting:
                    _tell(done, error)
            else:
                for one in waiting:
                    self._waiting = [one]
                    self._commit()
            return
        for (_, done), result in zip(waiting, written, strict=True):
            if not done.done():
                done.set_result(result)


def _tell(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
