"""Promotions and reminders, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from bot.promotions.model import Promotion

_FIELDS = frozenset({
    "title", "platform", "festival", "countries", "starts_on", "ends_on", "terms_url", "proof",
    "language",
})  # fmt: skip
_COLUMNS = """id, title, platform, festival, countries, starts_on, ends_on, terms_url, proof,
    language, author_id, published_at, ended_at"""


class PromotionStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def create(self, title: str, author_id: int | None, language: str = "en") -> Promotion:
        at = self._at()
        number = self._db.execute(
            """INSERT INTO promotions (title, author_id, language, created_at, changed_at)
               VALUES (?, ?, ?, ?, ?)""",
            [title, author_id, language, at, at],
        ).lastrowid
        assert number is not None
        return self._existing(number)

    def change(self, promotion_id: int, **values: object) -> Promotion:
        """Dates as `date`, countries as a tuple of codes. Raises ValueError for other fields."""
        if not _FIELDS.issuperset(values):
            raise ValueError(f"no such field: {', '.join(values)}")
        with self._db.atomic():
            for name, value in values.items():
                self._db.execute(
                    f"UPDATE promotions SET {name} = ?, changed_at = ? WHERE id = ?",
                    [_stored(value), self._at(), promotion_id],
                )
        return self._existing(promotion_id)

    def put_text(self, promotion_id: int, language: str, text: str) -> Promotion:
        """An empty text takes the language out."""
        with self._db.atomic():
            self._db.execute(
                "DELETE FROM promotion_texts WHERE promotion_id = ? AND language = ?",
                [promotion_id, language],
            )
            if text:
                self._db.execute(
                    "INSERT INTO promotion_texts (promotion_id, language, text) VALUES (?, ?, ?)",
                    [promotion_id, language, text],
                )
        return self._existing(promotion_id)

    def publish(self, promotion_id: int) -> Promotion:
        self._stamp("published_at", promotion_id)
        return self._existing(promotion_id)

    def end(self, promotion_id: int) -> Promotion:
        self._stamp("ended_at", promotion_id)
        return self._existing(promotion_id)

    def _stamp(self, column: str, promotion_id: int) -> None:
        self._db.execute(
            f"UPDATE promotions SET {column} = coalesce({column}, ?), changed_at = ? WHERE id = ?",
            [self._at(), self._at(), promotion_id],
        )

    def get(self, promotion_id: int) -> Promotion | None:
        found = self._read("WHERE id = ?", [promotion_id])
        return found[0] if found else None

    def _existing(self, promotion_id: int) -> Promotion:
        found = self.get(promotion_id)
        if found is None:
            raise KeyError(promotion_id)
        return found

    def latest(self, limit: int = 20) -> list[Promotion]:
        return self._read("ORDER BY id DESC LIMIT ?", [limit])

    def published(self) -> list[Promotion]:
        """Those that are not ended by hand, the first to start first."""
        return self._read(
            "WHERE published_at IS NOT NULL AND ended_at IS NULL ORDER BY starts_on, id", []
        )

    def for_festival(self, festival: str, first: date, last: date) -> bool:
        """Whether a promotion, published or not, is planned for a festival around these days."""
        return bool(
            self._db.execute(
                """SELECT 1 FROM promotions WHERE festival = ? AND ended_at IS NULL
                   AND (starts_on IS NULL OR (starts_on <= ? AND ends_on >= ?)) LIMIT 1""",
                [festival, last.isoformat(), first.isoformat()],
            ).fetchone()
        )

    def _read(self, rest: str, values: list[Any]) -> list[Promotion]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM promotions {rest}", values).fetchall()
        return [self._promotion(row) for row in rows]

    def _promotion(self, row: tuple[Any, ...]) -> Promotion:
        (number, title, platform, festival, countries, starts, ends, terms, proof, language,
         author, published, ended) = row  # fmt: skip
        texts = dict(
            self._db.execute(
                "SELECT language, text FROM promotion_texts WHERE promotion_id = ? ORDER BY language",
                [number],
            ).fetchall()
        )
        return Promotion(
            number, title, platform, festival, tuple(c for c in countries.split(",") if c),
            date.fromisoformat(starts) if starts else None,
            date.fromisoformat(ends) if ends else None, terms, proof, language, texts, author,
            datetime.fromisoformat(published) if published else None,
            datetime.fromisoformat(ended) if ended else None,
        )  # fmt: skip

    # Reminders

    def remind(self, festival: str, day: date) -> bool:
        """Notes that marketing is reminded of a festival's day. False when it was before."""
        return (
            self._db.execute(
                "INSERT OR IGNORE INTO festival_reminders (festival, day, at) VALUES (?, ?, ?)",
                [festival, day.isoformat(), self._at()],
            ).rowcount
            > 0
        )


def _stored(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, tuple) else value
