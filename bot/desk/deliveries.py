"""Answers of the desk on their way to those who asked: a row each, sent at most once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

Fate = Literal["sent", "unquoted", "blocked", "gone", "failed", "uncertain", "covered"]
"""`unquoted`: the question was deleted, so it came without a reply; `covered`: others of the same
group were answered there, enough to be seen; `uncertain`: it may have arrived, no second try."""

A_GROUP = 3
"""Replies of one answer in one group: who asked the same there reads one of them."""


@dataclass(frozen=True)
class Delivery:
    question_id: int
    case_id: int
    user_id: int | None
    chat_id: int
    message_id: int
    thread_id: int | None
    language: str
    question: str
    answer: str
    answer_language: str


@dataclass(frozen=True)
class Missed:
    """An asker whom the answer did not reach as it should."""

    chat_id: int
    user_id: int | None
    fate: Fate


class DeliveryStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def recover(self) -> int:
        """At start: what was being sent when the bot was killed may have arrived. Returns how many."""
        with self._db.atomic():
            self._db.execute(
                """UPDATE desk_cases SET card_dirty = 1 WHERE id IN
                   (SELECT case_id FROM desk_deliveries WHERE state = 'sending')"""
            )
            return self._db.execute(
                "UPDATE desk_deliveries SET state = 'uncertain' WHERE state = 'sending'"
            ).rowcount

    def due(self, limit: int) -> list[Delivery]:
        """Cases in the order in which they were answered."""
        rows = self._db.execute(
            """SELECT d.question_id, d.case_id, q.user_id, q.chat_id, q.message_id, q.thread_id,
                      q.language, q.text, c.answer, c.answer_language
               FROM desk_deliveries d JOIN desk_questions q ON q.id = d.question_id
               JOIN desk_cases c ON c.id = d.case_id
               WHERE d.state = 'pending' ORDER BY d.at, d.question_id LIMIT ?""",
            [limit],
        )
        return [Delivery(*row) for row in rows]

    def begin(self, delivery: Delivery) -> bool:
        """Takes it. False when somebody else did, or its group has had enough replies: noted so."""
        in_group = delivery.chat_id < 0
        if in_group and self._sent_in(delivery) >= A_GROUP:
            self.end(delivery, "covered")
            return False
        return self._db.execute(
            "UPDATE desk_deliveries SET state = 'sending', at = ? WHERE question_id = ? AND state = 'pending'",
            [self._now().isoformat(timespec="seconds"), delivery.question_id],
        ).rowcount > 0  # fmt: skip

    def _sent_in(self, delivery: Delivery) -> int:
        return int(
            self._db.execute(
                """SELECT count(*) FROM desk_deliveries d JOIN desk_questions q ON q.id = d.question_id
                   WHERE d.case_id = ? AND q.chat_id = ? AND d.state NOT IN ('pending', 'covered')""",
                [delivery.case_id, delivery.chat_id],
            ).fetchone()[0]
        )

    def later(self, delivery: Delivery) -> None:
        """Telegram asks to wait: it goes back into the queue, behind the others."""
        self._db.execute(
            "UPDATE desk_deliveries SET state = 'pending', at = ? WHERE question_id = ?",
            [self._now().isoformat(timespec="seconds"), delivery.question_id],
        )

    def end(self, delivery: Delivery, fate: Fate) -> None:
        self._db.execute(
            "UPDATE desk_deliveries SET state = ? WHERE question_id = ?",
            [fate, delivery.question_id],
        )

    def untold(self) -> list[int]:
        """Answered cases of which nothing is under way any more, and the desk has not been told."""
        rows = self._db.execute(
            """SELECT id FROM desk_cases c WHERE untold = 1 AND NOT EXISTS
               (SELECT 1 FROM desk_deliveries d WHERE d.case_id = c.id
                AND d.state IN ('pending', 'sending')) ORDER BY id LIMIT 20"""
        )
        return [int(case_id) for (case_id,) in rows]

    def told(self, case_id: int) -> None:
        """Its card is to be drawn anew, too."""
        self._db.execute("UPDATE desk_cases SET untold = 0, card_dirty = 1 WHERE id = ?", [case_id])

    def counts(self, case_id: int) -> Mapping[str, int]:
        rows = self._db.execute(
            "SELECT state, count(*) FROM desk_deliveries WHERE case_id = ? GROUP BY state",
            [case_id],
        )
        return dict(rows.fetchall())

    def missed(self, case_id: int) -> list[Missed]:
        rows = self._db.execute(
            """SELECT q.chat_id, q.user_id, d.state
               FROM desk_deliveries d JOIN desk_questions q ON q.id = d.question_id
               WHERE d.case_id = ? AND d.state IN ('unquoted', 'blocked', 'gone', 'failed', 'uncertain')
               ORDER BY d.question_id""",
            [case_id],
        )
        return [Missed(*row) for row in rows]
