"""The desk's figures in SQL: what waits, what was answered and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from bot.desk.cases import median
from bot.desk.roles import EVERYWHERE

WEEK = 7
"""Days of the chart and of the median."""


@dataclass(frozen=True)
class Unanswered:
    topic: str
    language: str
    country: str | None
    askers: int


@dataclass(frozen=True)
class Day:
    day: date
    opened: int
    answered: int


@dataclass(frozen=True)
class Figures:
    """Of cases; days are UTC's."""

    waiting: int
    askers: int
    oldest: datetime | None
    answered_today: int
    median_seconds: float | None
    """From the first question to the answer, of those answered in the last seven days."""
    unanswered: tuple[Unanswered, ...]
    days: tuple[Day, ...]


class FigureStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def read(self, scopes: frozenset[str], top: int = 5) -> Figures:
        """For the countries among a person's scopes; '*' for all."""
        where, values = _within(scopes)
        now = self._now()
        first = (now - timedelta(days=WEEK - 1)).date()
        today = now.date().isoformat()
        waiting, oldest = self._db.execute(
            f"SELECT count(*), min(opened_at) FROM desk_cases WHERE state = 'waiting' AND {where}",
            values,
        ).fetchone()
        times = self._db.execute(
            f"""SELECT opened_at, closed_at FROM desk_cases
                WHERE state = 'answered' AND closed_at >= ? AND {where}""",
            [first.isoformat(), *values],
        ).fetchall()
        took = [
            (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
            for start, end in times
        ]
        unanswered = self._unanswered(where, values)
        return Figures(
            waiting=waiting, askers=sum(u.askers for u in unanswered),
            oldest=datetime.fromisoformat(oldest) if oldest else None,
            answered_today=sum(end[:10] == today for _, end in times), median_seconds=median(took),
            unanswered=tuple(unanswered[:top]), days=self._days(first, where, values),
        )  # fmt: skip

    def _unanswered(self, where: str, values: list[object]) -> list[Unanswered]:
        rows = self._db.execute(
            f"""SELECT c.topic, c.language, c.country, count(q.id)
                FROM desk_cases c JOIN desk_questions q ON q.case_id = c.id
                WHERE c.state = 'waiting' AND {where.replace("country", "c.country")}
                GROUP BY c.topic, c.language, c.country
                ORDER BY count(q.id) DESC, c.topic, c.language""",
            values,
        )
        return [Unanswered(*row) for row in rows]

    def _days(self, first: date, where: str, values: list[object]) -> tuple[Day, ...]:
        def by_day(column: str, more: str) -> dict[str, int]:
            return dict(
                self._db.execute(
                    f"""SELECT substr({column}, 1, 10), count(*) FROM desk_cases
                        WHERE {column} >= ? AND {more} AND {where} GROUP BY 1""",
                    [first.isoformat(), *values],
                ).fetchall()
            )

        opened, answered = by_day("opened_at", "1"), by_day("closed_at", "state = 'answered'")
        days = [first + timedelta(days=n) for n in range(WEEK)]
        return tuple(
            Day(d, opened.get(d.isoformat(), 0), answered.get(d.isoformat(), 0)) for d in days
        )


def _within(scopes: frozenset[str]) -> tuple[str, list[object]]:
    if EVERYWHERE in scopes:
        return "1", []
    marks = ", ".join("?" * len(scopes)) or "''"
    return f"country IN ({marks})", [*sorted(scopes)]
