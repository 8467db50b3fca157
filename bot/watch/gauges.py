"""What the database tells about the bot's work: queues, deliveries, ages, size. SQL stands here."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.knowledge.store import KnowledgeStore
from bot.watch.metrics import Metrics


class Gauges:
    """Read every minute rather than at each look, so that a stranger's look costs nothing."""

    def __init__(
        self, path: Path, store: KnowledgeStore, now: Callable[[], datetime], metrics: Metrics
    ) -> None:
        """`path`: the database's."""
        self._path = path
        self._store = store
        self._now = now
        self._metrics = metrics
        self._values: dict[str, float] = {}
        for name, about in (
            ("inbox_waiting", "Questions that wait for a person"),
            ("inbox_oldest_seconds", "Age of the oldest question that waits for a person"),
            ("stale_facts", "Facts past the day on which they should be looked at again"),
            ("database_bytes", "Size of the database file"),
        ):
            metrics.gauge(name, about, lambda name=name: self._values.get(name, 0.0))  # type: ignore[misc]

    async def read(self) -> None:
        """In a thread on a connection of its own: counting millions of rows takes seconds."""
        found = await asyncio.to_thread(_counted, self._path)
        oldest = found.oldest
        self._values = {
            "inbox_waiting": found.waiting,
            "inbox_oldest_seconds": (self._now() - oldest).total_seconds() if oldest else 0.0,
            "stale_facts": len(self._store.current.stale(self._now().date())),
            "database_bytes": found.size,
        }
        self._metrics.set_states("deliveries", "Broadcast deliveries by state", found.deliveries)


@dataclass(frozen=True)
class _Counted:
    """`size` in bytes."""

    waiting: int
    oldest: datetime | None
    size: int
    deliveries: dict[str, float]


def _counted(path: Path) -> _Counted:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        waiting, oldest = db.execute(
            "SELECT count(*), min(at) FROM desk_questions WHERE state = 'waiting'"
        ).fetchone()
        pages, page = (db.execute(f"PRAGMA {n}").fetchone()[0] for n in ("page_count", "page_size"))
        states = db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()
    return _Counted(
        waiting, datetime.fromisoformat(oldest) if oldest else None, pages * page,
        {str(state): float(count) for state, count in states},
    )  # fmt: skip
