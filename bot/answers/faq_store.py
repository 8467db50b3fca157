"""Taught answers in SQL: a question, its answers by language, who taught it and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlite_utils import Database

MAX_TEXT = 2000
"""Characters of a taught question or answer that are kept."""


Values = list[object]


@dataclass(frozen=True)
class FaqText:
    language: str
    question: str
    answer: str


@dataclass(frozen=True)
class TaughtFaq:
    id: int
    country: str | None
    topic: str
    author: int | None
    at: str
    until: str | None
    retired_at: str | None
    texts: tuple[FaqText, ...] = field(default=())
    """The language that it was taught in first."""

    def text(self, language: str) -> FaqText:
        """In this language, else in the one that it was taught in."""
        return next((t for t in self.texts if t.language == language), self.texts[0])

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(t.language for t in self.texts)


class FaqStore:
    """`changed` is called with the id of an entry after each change to it."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self.changed: list[Callable[[int], None]] = []

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _tell(self, faq_id: int) -> None:
        for listener in self.changed:
            listener(faq_id)

    def teach(
        self, question: str, answer: str, *, language: str, topic: str,
        country: str | None = None, author: int | None = None, until: datetime | None = None,
    ) -> int:  # fmt: skip
        """Keeps a question with its answer. Returns its number."""
        with self._db.atomic():
            cursor = self._db.execute(
                "INSERT INTO faqs (country, topic, author, at, until) VALUES (?, ?, ?, ?, ?)",
                [country, topic, author, self._stamp(),
                 until.isoformat(timespec="seconds") if until else None],
            )  # fmt: skip
            faq_id = int(cursor.lastrowid or 0)
            self._put(faq_id, language, question, answer)
        self._tell(faq_id)
        return faq_id

    def _put(self, faq_id: int, language: str, question: str, answer: str) -> None:
        self._db.execute(
            """INSERT INTO faq_texts (faq_id, language, question, answer) VALUES (?, ?, ?, ?)
               ON CONFLICT (faq_id, language)
               DO UPDATE SET question = excluded.question, answer = excluded.answer""",
            [faq_id, language, question[:MAX_TEXT], answer[:MAX_TEXT]],
        )

    def add_translation(self, faq_id: int, language: str, question: str, answer: str) -> bool:
        """Adds or replaces a language. False for an entry that is not there or was retired."""
        entry = self.get(faq_id)
        if entry is None or entry.retired_at:
            return False
        with self._db.atomic():
            self._put(faq_id, language, question, answer)
        self._tell(faq_id)
        return True

    def retire(self, faq_id: int) -> bool:
        """It answers no more, and stays on record. False when there was nothing to retire."""
        with self._db.atomic():
            cursor = self._db.execute(
                "UPDATE faqs SET retired_at = ? WHERE id = ? AND retired_at IS NULL",
                [self._stamp(), faq_id],
            )
        if cursor.rowcount:
            self._tell(faq_id)
        return bool(cursor.rowcount)

    def get(self, faq_id: int) -> TaughtFaq | None:
        return next(iter(self._read("f.id = ?", [faq_id])), None)

    def list(self, country: str | None = None, *, retired: bool = False) -> tuple[TaughtFaq, ...]:
        """Those in force (or with the retired and past ones), of a country or of all."""
        conditions = ["1"]
        values: Values = []
        if not retired:
            conditions.append("f.retired_at IS NULL AND (f.until IS NULL OR f.until > ?)")
            values.append(self._stamp())
        if country is not None:
            conditions.append("f.country = ?")
            values.append(country)
        return self._read(" AND ".join(conditions), values)

    def _read(self, condition: str, values: Iterable[object]) -> tuple[TaughtFaq, ...]:
        rows = self._db.execute(
            f"""SELECT f.id, f.country, f.topic, f.author, f.at, f.until, f.retired_at,
                       t.language, t.question, t.answer
                FROM faqs f JOIN faq_texts t ON t.faq_id = f.id
                WHERE {condition} ORDER BY f.id, t.id""",
            list(values),
        ).fetchall()
        return tuple(_taught(head, texts) for head, texts in groupby(rows, key=lambda row: row[:7]))


def _taught(head: tuple[Any, ...], texts: Iterable[tuple[Any, ...]]) -> TaughtFaq:
    faq_id, country, topic, author, at, until, retired_at = head
    shown = tuple(FaqText(*row[7:]) for row in texts)
    return TaughtFaq(faq_id, country, topic, author, at, until, retired_at, shown)
