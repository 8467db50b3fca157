"""Questions that wait for a person, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from bot.answers.store import Asked

Reason = Literal["asked", "voted_down", "declined", "outdated"]


@dataclass(frozen=True)
class Waiting:
    id: int
    text: str
    language: str
    topic: str
    country: str | None
    reason: Reason
    at: str


class DeskStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def hand_over(self, answer_id: int, asked: Asked, user_id: int, reason: Reason) -> int | None:
        """Queues a question for a person. None when this person has queued it already."""
        cursor = self._db.execute(
            """INSERT OR IGNORE INTO desk_questions
               (answer_id, user_id, chat_id, message_id, thread_id, text, language, topic, country,
                reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [answer_id, user_id, asked.chat_id, asked.message_id, asked.thread_id, asked.text,
             asked.language, asked.topic, asked.country, reason,
             self._now().isoformat(timespec="seconds")],
        )  # fmt: skip
        return int(cursor.lastrowid or 0) if cursor.rowcount else None

    def waiting(self, limit: int = 20) -> list[Waiting]:
        """The oldest first."""
        rows = self._db.execute(
            """SELECT id, text, language, topic, country, reason, at FROM desk_questions
               WHERE state = 'waiting' ORDER BY at, id LIMIT ?""",
            [limit],
        )
        return [Waiting(*row) for row in rows]

    def purge(self, keep: timedelta) -> int:
        """Forgets questions older than `keep`, answered or not. Returns how many."""
        oldest = (self._now() - keep).isoformat(timespec="seconds")
        return self._db.execute("DELETE FROM desk_questions WHERE at < ?", [oldest]).rowcount

    def count_waiting(self) -> int:
        return int(
            self._db.execute(
                "SELECT count(*) FROM desk_questions WHERE state = 'waiting'"
            ).fetchone()[0]
        )
