"""What was asked and answered, and the votes on it, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.answers.model import Outcome

MAX_TEXT = 1000
"""Characters of a question that are kept."""


@dataclass(frozen=True)
class Asked:
    """A question as it was asked: enough to hand it to a person and to reply to it."""

    user_id: int | None
    chat_id: int
    message_id: int
    thread_id: int | None
    text: str
    language: str
    topic: str
    country: str | None
    entity: str | None
    outcome: Outcome
    confidence: float


@dataclass(frozen=True)
class TaughtUse:
    """How often a taught answer was given, as far back as questions are kept."""

    times: int
    up: int
    down: int
    places: tuple[tuple[int, int], ...]
    """The chats where most, with how often; all private chats are one, numbered 0."""
    languages: tuple[tuple[str, int], ...]


class AnswerStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def add(self, asked: Asked, taught: int | None = None) -> int:
        """Notes an answer that is about to be given, and which taught one it is. Returns its number."""
        with self._db.atomic():
            answer_id = self._insert(asked)
            if taught is not None:
                self._db.execute(
                    "INSERT INTO faq_uses (answer_id, faq_id) VALUES (?, ?)", [answer_id, taught]
                )
        return answer_id

    def _insert(self, asked: Asked) -> int:
        cursor = self._db.execute(
            """INSERT INTO answers (user_id, chat_id, message_id, thread_id, text, language, topic,
                                    country, entity, outcome, confidence, at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [asked.user_id, asked.chat_id, asked.message_id, asked.thread_id,
             asked.text[:MAX_TEXT], asked.language, asked.topic, asked.country, asked.entity,
             asked.outcome, asked.confidence, self._now().isoformat(timespec="seconds")],
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def get(self, answer_id: int) -> Asked | None:
        row = self._db.execute(
            """SELECT user_id, chat_id, message_id, thread_id, text, language, topic, country,
                      entity, outcome, confidence FROM answers WHERE id = ?""",
            [answer_id],
        ).fetchone()
        return Asked(*row) if row else None

    def vote(self, answer_id: int, user_id: int, up: bool) -> bool:
        """One vote a person, which they may change. False for an answer that is not there."""
        if self.get(answer_id) is None:
            return False
        self._db.execute(
            """INSERT INTO votes (answer_id, user_id, vote, at) VALUES (?, ?, ?, ?)
               ON CONFLICT (answer_id, user_id) DO UPDATE SET vote = excluded.vote, at = excluded.at""",
            [answer_id, user_id, 1 if up else -1, self._now().isoformat(timespec="seconds")],
        )
        return True

    def votes(self, answer_id: int) -> tuple[int, int]:
        """Up and down."""
        row = self._db.execute(
            "SELECT coalesce(sum(vote = 1), 0), coalesce(sum(vote = -1), 0) FROM votes WHERE answer_id = ?",
            [answer_id],
        ).fetchone()
        return int(row[0]), int(row[1])

    def taught_use(self, faq_id: int, places: int = 5) -> TaughtUse:
        def count(what: str, limit: int) -> tuple[tuple[Any, int], ...]:
            rows = self._db.execute(
                f"""SELECT {what}, count(*) FROM faq_uses u JOIN answers a ON a.id = u.answer_id
                    WHERE u.faq_id = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?""",
                [faq_id, limit],
            )
            return tuple((row[0], int(row[1])) for row in rows)

        up, down = self._db.execute(
            """SELECT coalesce(sum(v.vote = 1), 0), coalesce(sum(v.vote = -1), 0)
               FROM votes v JOIN faq_uses u ON u.answer_id = v.answer_id WHERE u.faq_id = ?""",
            [faq_id],
        ).fetchone()
        languages = count("a.language", 20)
        return TaughtUse(
            sum(n for _, n in languages), up, down, count("min(a.chat_id, 0)", places), languages
        )

    def purge(self, keep: timedelta) -> int:
        """Forgets questions older than `keep`. Returns how many."""
        oldest = (self._now() - keep).isoformat(timespec="seconds")
        return self._db.execute("DELETE FROM answers WHERE at < ?", [oldest]).rowcount
