"""Updates between Telegram and the bot: stored before Telegram is told, answered at most once.

`received` -> dealt with again after a kill; `replying` -> an answer may be out, so it is not
given again; `done` -> kept (without its content) for a day, as Telegram may hand it out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlite_utils import Database

from bot import jsons
from bot.commits import Commits

T = TypeVar("T")

KEEP_DONE = timedelta(hours=25)
"""Telegram itself keeps updates for 24 hours."""

current_update: ContextVar[int | None] = ContextVar("current_update", default=None)
"""The update that the running task deals with."""


class Journal:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self._finished: list[int] = []
        self._replying: set[int] = set()
        self._commits = Commits(db)

    def store(self, updates: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Stores updates durably, all or none. Returns those that were not known before."""
        at = self._now().isoformat(timespec="seconds")
        fresh = []
        with self._db.atomic():
            self._flush()
            for update in updates:
                cursor = self._db.execute(
                    "INSERT OR IGNORE INTO updates (update_id, payload, received_at) VALUES (?, ?, ?)",
                    [update["update_id"], jsons.dumps(update).decode(), at],
                )
                if cursor.rowcount:
                    fresh.append(update)
        return fresh

    def pending(self) -> list[dict[str, Any]]:
        """What a previous run received and did not begin to answer, in order."""
        rows = self._db.execute(
            "SELECT payload FROM updates WHERE state = 'received' ORDER BY update_id"
        )
        return [jsons.loads(payload) for (payload,) in rows]

    def replying(self) -> None:
        """Called before the first message of an answer leaves."""
        update_id = current_update.get()
        if update_id is not None and update_id not in self._replying:
            self._mark(update_id)
            self._replying.add(update_id)

    def _mark(self, update_id: int) -> None:
        self._db.execute("UPDATE updates SET state = 'replying' WHERE update_id = ?", [update_id])

    async def answering(self, note: Callable[[], T]) -> T:
        """What is noted of an answer, and that it is about to leave, in one commit."""
        update_id = current_update.get()

        def write() -> T:
            if update_id is not None:
                self._mark(update_id)
            return note()

        noted = await self._commits.write(write)
        if update_id is not None:
            self._replying.add(update_id)
        return noted

    def done(self, update_id: int) -> None:
        """Noted now, written with the next batch: a repeat in between is harmless."""
        self._finished.append(update_id)
        self._replying.discard(update_id)

    def flush(self) -> None:
        with self._db.atomic():
            self._flush()

    def _flush(self) -> None:
        finished, self._finished = self._finished, []
        self._db.conn.executemany(
            "UPDATE updates SET state = 'done', payload = '' WHERE update_id = ?",
            [(update_id,) for update_id in finished],
        )

    def purge(self) -> int:
        """Forgets what Telegram will not hand out again. Returns how many."""
        oldest = (self._now() - KEEP_DONE).isoformat(timespec="seconds")
        cursor = self._db.execute(
            "DELETE FROM updates WHERE state != 'received' AND received_at < ?", [oldest]
        )
        return cursor.rowcount
