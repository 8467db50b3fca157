"""Questions that wait for a person, in SQL: each joins the case of its like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from bot.answers.store import Asked
from bot.desk.alike import MOST, Asking, Group, Paraphrases
from bot.desk.cases import DECLINED_EACH, WAITING_EACH, question_key

Reason = Literal["asked", "voted_down", "declined", "outdated"]
_WEIGHT = {"declined": 0, "voted_down": 1, "asked": 2}


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
    def __init__(
        self, db: Database, now: Callable[[], datetime], alike: Paraphrases | None = None
    ) -> None:
        """`alike`: without it only questions in the same words are the same."""
        self._db = db
        self._now = now
        self._alike = alike

    def hand_over(self, answer_id: int, asked: Asked, user_id: int, reason: Reason) -> int | None:
        """Queues a question for a person. None when this person has queued it already, or has
        too many waiting."""
        with self._db.atomic():
            if reason != "outdated":
                if known := self._known(asked, user_id):
                    return self._raise(*known, reason)
                if self._too_many(user_id, reason):
                    return None
            cursor = self._db.execute(
                """INSERT OR IGNORE INTO desk_questions
                   (answer_id, user_id, chat_id, message_id, thread_id, text, language, topic, country,
                    reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [answer_id, user_id, asked.chat_id, asked.message_id, asked.thread_id, asked.text,
                 asked.language, asked.topic, asked.country, reason, self._stamp()],
            )  # fmt: skip
            if not cursor.rowcount:
                return None
            question_id = int(cursor.lastrowid or 0)
            if reason != "outdated":
                self._join(question_id, asked)
        return question_id

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _known(self, asked: Asked, user_id: int) -> tuple[int, str, int] | None:
        """The same person's same question, if it waits already: number, reason, case."""
        row: tuple[int, str, int] | None = self._db.execute(
            """SELECT id, reason, case_id FROM desk_questions WHERE chat_id = ? AND message_id = ?
               AND user_id = ? AND state = 'waiting' AND reason != 'outdated'""",
            [asked.chat_id, asked.message_id, user_id],
        ).fetchone()
        return row

    def _raise(self, question_id: int, had: str, case_id: int, reason: str) -> int | None:
        """It gets the greater reason. None when it had one as great."""
        if _WEIGHT[had] >= _WEIGHT[reason]:
            return None
        self._db.execute(
            "UPDATE OR IGNORE desk_questions SET reason = ? WHERE id = ?", [reason, question_id]
        )
        self._db.execute("UPDATE desk_cases SET card_dirty = 1 WHERE id = ?", [case_id])
        return question_id

    def is_full(self, user_id: int) -> bool:
        """As many questions of this person wait as may."""
        return self._too_many(user_id, "asked")

    def _too_many(self, user_id: int, reason: str) -> bool:
        total, declined = self._db.execute(
            """SELECT count(*), coalesce(sum(reason = 'declined'), 0) FROM desk_questions
               WHERE user_id = ? AND state = 'waiting' AND reason != 'outdated'""",
            [user_id],
        ).fetchone()
        return total >= WAITING_EACH or (reason == "declined" and declined >= DECLINED_EACH)

    def _join(self, question_id: int, asked: Asked) -> None:
        """Into the waiting case of the same question, else a new one."""
        key = question_key(asked.text) or asked.text[:200]
        row = self._db.execute(
            """SELECT id FROM desk_cases WHERE key = ? AND language = ?
               AND coalesce(asked_country, '') = ? AND state = 'waiting'""",
            [key, asked.language, asked.country or ""],
        ).fetchone()
        case_id = int(row[0]) if row else self._in_other_words(asked)
        if case_id is not None:
            self._db.execute("UPDATE desk_cases SET card_dirty = 1 WHERE id = ?", [case_id])
        else:
            cursor = self._db.execute(
                """INSERT INTO desk_cases
                   (key, text, language, topic, asked_country, country, confidence, opened_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                [key, asked.text, asked.language, asked.topic, asked.country, asked.country,
                 asked.confidence, self._stamp()],
            )  # fmt: skip
            case_id = int(cursor.lastrowid or 0)
            if self._alike:
                self._alike.add(_group(asked), case_id, _asking(asked))
        self._db.execute(
            "UPDATE desk_questions SET case_id = ? WHERE id = ?", [case_id, question_id]
        )

    def _in_other_words(self, asked: Asked) -> int | None:
        """The waiting case that asks the same, if one does."""
        if self._alike is None:
            return None
        group = _group(asked)
        if not self._alike.knows(group):
            self._alike.start(group, self._cases_of(group))
        for case_id in self._alike.find(group, _asking(asked)):
            waits = self._db.execute(
                """SELECT 1 FROM desk_cases WHERE id = ? AND state = 'waiting'
                   AND language = ? AND asked_country IS ?""",
                [case_id, *group],
            ).fetchone()
            if waits:
                return case_id
            self._alike.remove(group, case_id)
        return None

    def _cases_of(self, group: Group) -> list[tuple[int, Asking]]:
        rows = self._db.execute(
            """SELECT id, text, language, topic, asked_country, confidence FROM desk_cases
               WHERE state = 'waiting' AND language = ? AND asked_country IS ?
               ORDER BY id DESC LIMIT ?""",
            [*group, MOST],
        ).fetchall()
        return [(case_id, Asking(*rest)) for case_id, *rest in reversed(rows)]

    def waiting(self, limit: int = 20) -> list[Waiting]:
        """The oldest first."""
        rows = self._db.execute(
            """SELECT id, text, language, topic, country, reason, at FROM desk_questions
               WHERE state = 'waiting' ORDER BY at, id LIMIT ?""",
            [limit],
        )
        return [Waiting(*row) for row in rows]

    def purge(self, keep: timedelta) -> int:
        """Forgets questions older than `keep`, answered or not, and cases that have none left.
        Returns how many questions."""
        oldest = (self._now() - keep).isoformat(timespec="seconds")
        with self._db.atomic():
            gone = self._db.execute("DELETE FROM desk_questions WHERE at < ?", [oldest]).rowcount
            self._db.execute(
                """DELETE FROM desk_cases
                   WHERE NOT EXISTS (SELECT 1 FROM desk_questions q WHERE q.case_id = desk_cases.id)"""
            )
        return gone

    def count_waiting(self) -> int:
        return int(
            self._db.execute(
                "SELECT count(*) FROM desk_questions WHERE state = 'waiting'"
            ).fetchone()[0]
        )


def _group(asked: Asked) -> Group:
    return asked.language, asked.country


def _asking(asked: Asked) -> Asking:
    return Asking(asked.text, asked.language, asked.topic, asked.country, asked.confidence)
