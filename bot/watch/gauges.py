"""What the database tells about the bot's work: queues, deliveries, ages, size. SQL stands here."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from bot.knowledge.store import KnowledgeStore
from bot.watch.metrics import Metrics


class Gauges:
    """Read every minute rather than at each look, so that a stranger's look costs nothing."""

    def __init__(
        self, db: Database, store: KnowledgeStore, now: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self._db = db
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
        now = self._now()
        waiting, oldest = self._db.execute(
            "SELECT count(*), min(at) FROM desk_questions WHERE state = 'waiting'"
        ).fetchone()
        self._values["inbox_waiting"] = waiting
        self._values["inbox_oldest_seconds"] = (
            (now - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0
        )
        self._values["stale_facts"] = len(self._store.current.stale(now.date()))
        pages, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        self._values["database_bytes"] = pages * size
        file = self._db.execute("PRAGMA database_list").fetchone()[2]
        states = await asyncio.to_thread(_deliveries, file)
        self._metrics.set_states("deliveries", "Broadcast deliveries by state", states)


def _deliveries(file: str) -> dict[str, float]:
    """Reads millions of rows, so beside the loop and on a connection of its own."""
    try:
        with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
            return {str(state): float(count) for state, count in rows}
    except sqlite3.Error:  # the next look has them
        return {}
