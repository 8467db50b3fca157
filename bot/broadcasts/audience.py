"""Who gets a broadcast, in SQL: counting them, and writing a million of them into the ledger.

Both go through the members in slices, and give way in between: answers are not held up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlite_utils import Database

from bot.broadcasts.ledger import language_of
from bot.broadcasts.model import OPT_OUT, Audience, Kind
from bot.broadcasts.schedule import Occasion, Place, Quiet
from bot.knowledge.model import COUNTRIES

SLICE = 5_000
"""Members looked at in one go: some 10 ms."""


@dataclass(frozen=True)
class Reach:
    """How many are meant; by country, None where it is not known."""

    members: int = 0
    groups: int = 0
    countries: Mapping[str | None, int] = field(default_factory=dict)
    languages: Mapping[str | None, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.members + self.groups


class AudienceStore:
    """`never`: chats that get no broadcast, such as the desk's own."""

    def __init__(
        self, db: Database, now: Callable[[], datetime], never: frozenset[int] = frozenset()
    ) -> None:
        self._db = db
        self._now = now
        self._never = never
        db.conn.create_function("language_of", 1, language_of, deterministic=True)

    async def count(self, audience: Audience, kind: Kind) -> Reach:
        """Who would get it now."""
        countries: Counter[str | None] = Counter()
        languages: Counter[str | None] = Counter()
        totals = Counter[str]()
        for what, source, values in self._slices(audience, kind):
            rows = self._db.execute(
                f"SELECT country, language, count(*) FROM ({source}) GROUP BY 1, 2", values
            )
            for country, language, number in rows:
                countries[country] += number
                languages[language_of(language)] += number
                totals[what] += number
            await asyncio.sleep(0)
        return Reach(totals["members"], totals["groups"], dict(countries), dict(languages))

    async def choose(
        self, run_id: int, audience: Audience, kind: Kind, occasion: Occasion, quiet: Quiet | None
    ) -> int:
        """Writes the recipients of a run, each with their due moment. How many. What an
        interrupted choice left is thrown away first: nothing of it was sent."""
        self._db.execute("DELETE FROM deliveries WHERE run_id = ?", [run_id])
        total = 0
        dues = _Dues(occasion, quiet)
        for what, source, values in self._slices(audience, kind):
            due, due_values = (
                dues.members()
                if what == "members"
                else ("due_in(country, zone, quiet_from, quiet_to)", [])
            )
            if what == "groups":
                self._db.conn.create_function("due_in", 4, dues.of_group)
            total += self._db.execute(
                f"""INSERT INTO deliveries (run_id, due, chat_id, country, language)
                    SELECT ?, {due}, chat_id, country, language FROM ({source})
                    ORDER BY 2, 3""",
                [run_id, *due_values, *values],
            ).rowcount
            await asyncio.sleep(0)
        return total

    def places(self, audience: Audience) -> Sequence[Place]:
        """Where its recipients may be: what a schedule is planned for."""
        chosen: list[str | None] = [*sorted(audience.countries)] or [*COUNTRIES, None]
        found = {Place.of(country) for country in chosen}
        if audience.groups:
            source, values = self._groups(audience)
            rows = self._db.execute(f"SELECT DISTINCT country, zone FROM ({source})", values)
            found |= {Place.of(country, zone) for country, zone in rows}
        return sorted(found, key=lambda place: (place.country or "", place.zone))

    def _slices(self, audience: Audience, kind: Kind) -> Iterator[tuple[str, str, list[Any]]]:
        """Queries of chat_id, country and language (and zone), one after another, all of which
        together are the audience."""
        if audience.groups:
            yield "groups", *self._groups(audience, kind)
        if not audience.members:
            return
        last: int | None = -(1 << 62)
        while last is not None:
            first = last
            row = self._db.execute(
                "SELECT user_id FROM members WHERE user_id > ? ORDER BY user_id LIMIT 1 OFFSET ?",
                [first, SLICE - 1],
            ).fetchone()
            last = row[0] if row else None
            source, values = self._members(audience, kind)
            upper = "" if last is None else f" AND user_id <= {int(last)}"
            yield "members", f"{source} AND user_id > {int(first)}{upper}", values

    def _members(self, audience: Audience, kind: Kind) -> tuple[str, list[Any]]:
        where = [
            "started_at IS NOT NULL", "blocked_at IS NULL",
            f"instr(notify, '{OPT_OUT[kind]}')",
        ]  # fmt: skip
        values: list[Any] = []
        if audience.active_days is not None:
            where.append("last_seen >= ?")
            oldest = self._now() - timedelta(days=audience.active_days)
            values.append(oldest.isoformat(timespec="seconds"))
        _among(where, values, "country", sorted(audience.countries))
        spoken = "language_of(coalesce(language, telegram_language))"
        _among(where, values, spoken, sorted(audience.languages))
        return (
            f"""SELECT user_id AS chat_id, country,
                coalesce(language, telegram_language) AS language
                FROM members WHERE {" AND ".join(where)}""",
            values,
        )

    def _groups(self, audience: Audience, kind: Kind | None = None) -> tuple[str, list[Any]]:
        where, values = ["left_at IS NULL"], list[Any]()
        _among(where, values, "chat_id", sorted(audience.chats))
        _among(where, values, "country", sorted(audience.countries))
        _among(where, values, "language", sorted(audience.languages))
        if kind is Kind.FESTIVAL:
            where.append("festivals")
        if self._never:
            where.append(f"chat_id NOT IN ({', '.join(str(int(c)) for c in self._never)})")
        return (
            f"""SELECT chat_id, country, language, timezone AS zone, quiet_from, quiet_to
                FROM groups WHERE {" AND ".join(where)}""",
            values,
        )


class _Dues:
    """When an occasion is due in each country, worked out once each."""

    def __init__(self, occasion: Occasion, quiet: Quiet | None) -> None:
        self.of = lru_cache(maxsize=None)(
            lambda country, zone: int(occasion.due(Place.of(country, zone), quiet).timestamp())
        )
        self.of_group = lru_cache(maxsize=None)(partial(_outside_both, occasion, quiet))

    def members(self) -> tuple[str, list[Any]]:
        """An SQL expression over `country`: a call of Python for each of a million is too slow."""
        dues = {country: self.of(country, None) for country in COUNTRIES}
        elsewhere = self.of(None, None)
        apart = [(country, due) for country, due in dues.items() if due != elsewhere]
        if not apart:
            return "?", [elsewhere]
        whens = " ".join("WHEN ? THEN ?" for _ in apart)
        flat = [value for pair in apart for value in pair]
        return f"CASE country {whens} ELSE ? END", [*flat, elsewhere]


def _outside_both(
    occasion: Occasion, quiet: Quiet | None, country: str | None, zone: str | None,
    start: int | None, end: int | None,
) -> int:  # fmt: skip
    """A group's due moment: outside its own quiet hours (`start` and `end`) and its country's."""
    place = Place.of(country, zone)
    moment = occasion.due(place, quiet)
    if start is None or end is None:
        return int(moment.timestamp())
    own = Quiet(time(start), time(end))
    for _ in range(2):  # the end of one may lie within the other; together they may fill the day
        moment = own.push(moment, place)
        moment = quiet.push(moment, place) if quiet else moment
    return int(moment.timestamp())


def _among(where: list[str], values: list[Any], column: str, chosen: Sequence[object]) -> None:
    if chosen:
        where.append(f"{column} IN ({', '.join('?' * len(chosen))})")
        values += chosen
