"""Members' reports that an answer is outdated, gathered for those who keep the facts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True)
class OutdatedReports:
    country: str | None
    topic: str
    count: int
    newest: str


class ReportStore:
    def __init__(self, db: Database) -> None:
        self._db = db

    def outdated(self, country: str | None = None) -> list[OutdatedReports]:
        """Waiting reports by country and topic, the most reported first."""
        where, values = (" AND country = ?", [country]) if country else ("", [])
        rows = self._db.execute(
            f"""SELECT country, topic, count(*), max(at) FROM desk_questions
                WHERE reason = 'outdated' AND state = 'waiting'{where}
                GROUP BY country, topic ORDER BY count(*) DESC, max(at) DESC""",
            values,
        )
        return [OutdatedReports(*row) for row in rows]
