"""Updates between Telegram and the bot: stored before Telegram is told, answered at most once.

`received` -> dealt with again after a kill; `replying` -> an answer may be out, so it is not
given again; `done` -> kept (without its content) for a day, as Telegram may hand it out again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
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
leaving: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("leaving", default=None)
"""Awaited by the transport directly before a request is written; where it raises, nothing leaves."""


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
        self._finished.clear()
        return fresh

    def pending(self) -> list[dict[str, Any]]:
        """What a previous run received and did not begin to answer, in order."""
        rows = self._db.execute(
            """SELECT payload FROM updates WHERE state != 'done' AND state = 'received'
               ORDER BY update_id"""
        )
        return [jsons.loads(payload) for (payload,) in rows]

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around calls that may put an answer before people's eyes."""
        token = leaving.set(self.replying)
        try:
            yield
        finally:
            leaving.reset(token)

    async def replying(self) -> None:
        """Notes durably that an answer leaves now; all of one moment share a commit."""
        update_id = current_update.get()
        if update_id is None or update_id in self._replying:
            return
        await self._commits.write(lambda: self._mark(update_id, "replying"))
        self._replying.add(update_id)

    async def noted(self, note: Callable[[], T]) -> T:
        """What is noted of an answer, in one commit with what others note at this moment."""
        return await self._commits.write(note)

    @property
    def has_replied(self) -> bool:
        """Whether something of an answer to the running task's update may be out."""
        return current_update.get() in self._replying

    def nothing_left(self) -> None:
        """The first message of an answer was surely not sent: after a kill it is tried again."""
        update_id = current_update.get()
        if update_id in self._replying:
            self._mark(update_id, "received")
            self._replying.discard(update_id)

    def _mark(self, update_id: int, state: str) -> None:
        self._db.execute("UPDATE updates SET state = ? WHERE update_id = ?", [state, update_id])

    def done(self, update_id: int) -> None:
        """Noted now, written with the next batch: a repeat in between is harmless."""
        self._finished.append(update_id)
        self._replying.discard(update_id)

    def flush(self) -> None:
        with self._db.atomic():
            self._flush()
        self._finished.clear()

    def _flush(self) -> None:
        """Within a transaction; forgotten here once that is through."""
        self._db.conn.executemany(
            "UPDATE updates SET state = 'done', payload = '' WHERE update_id = ?",
            [(update_id,) for update_id in self._finished],
        )

    def purge(self) -> int:
        """Forgets what Telegram will not hand out again. Returns how many."""
        oldest = (self._now() - KEEP_DONE).isoformat(timespec="seconds")
        cursor = self._db.execute(
            "DELETE FROM updates WHERE state != 'received' AND received_at < ?", [oldest]
        )
        return cursor.rowcount
