"""Numbers for people to read, in SQL: leaderboards, own standing, funnel, growth, payouts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from bot.referrals.ledger import ALL
from bot.referrals.model import Place, Signal, Standing, State

PAGE = 10
_FIELDS = "opened, joined, departed, held, disqualified, qualified, rewarded"


@dataclass(frozen=True)
class Suspect:
    """A held referral with its evidence, for a person to decide."""

    referral_id: int
    campaign_id: int
    reason: str
    signals: tuple[Signal, ...]
    referrer_id: int
    referrer: str
    referrer_user: int | None
    invitee: str
    opened_at: str
    waiting: int
    """How many are held in the campaign."""


@dataclass(frozen=True)
class Payout:
    person_id: int
    user_id: int | None
    name: str
    country: str | None
    qualified: int
    rewarded: int


class Board:
    def __init__(self, db: Database) -> None:
        self._db = db

    def standing(self, person_id: int, campaign_id: int = ALL) -> Standing:
        row = self._db.execute(
            f"SELECT {_FIELDS} FROM referral_standing WHERE campaign_id = ? AND person_id = ?",
            [campaign_id, person_id],
        ).fetchone()
        return Standing(*row) if row else Standing()

    def top(self, campaign_id: int = ALL, country: str | None = None, page: int = 0) -> list[Place]:
        """A page of those who count, the most first; of equals who was there first."""
        also = "AND s.country = ?" if country else ""
        rows = self._db.execute(
            f"""SELECT s.person_id, p.name, s.country, s.qualified FROM referral_standing s
                JOIN referral_people p ON p.id = s.person_id
                WHERE s.campaign_id = ? {also} AND s.qualified > 0
                ORDER BY s.qualified DESC, s.reached_at, s.person_id LIMIT ? OFFSET ?""",
            [campaign_id, *([country] if country else []), PAGE, page * PAGE],
        ).fetchall()
        if not rows:
            return []
        rank, before, found = self._rank(campaign_id, country, rows[0][3]), rows[0][3], []
        for number, (person, name, home, qualified) in enumerate(rows):
            if qualified != before:
                rank, before = page * PAGE + number + 1, qualified
            found.append(Place(rank, person, name, home, qualified))
        return found

    def _rank(self, campaign_id: int, country: str | None, qualified: int) -> int:
        also = "AND country = ?" if country else ""
        row = self._db.execute(
            f"""SELECT count(*) FROM referral_standing
                WHERE campaign_id = ? {also} AND qualified > ?""",
            [campaign_id, *([country] if country else []), qualified],
        ).fetchone()
        return int(row[0]) + 1

    def ranked(self, campaign_id: int = ALL, country: str | None = None) -> int:
        """How many have a place."""
        also = "AND country = ?" if country else ""
        row = self._db.execute(
            f"""SELECT count(*) FROM referral_standing
                WHERE campaign_id = ? {also} AND qualified > 0""",
            [campaign_id, *([country] if country else [])],
        ).fetchone()
        return int(row[0])

    def more(self, campaign_id: int, country: str | None, page: int) -> bool:
        """Whether a page follows."""
        return bool(self.top(campaign_id, country, page + 1))

    def place(
        self, person_id: int, campaign_id: int = ALL, country: str | None = None
    ) -> Place | None:
        """A person's own line, wherever it stands; None while nobody of theirs counts."""
        row = self._db.execute(
            """SELECT p.name, s.country, s.qualified FROM referral_standing s
               JOIN referral_people p ON p.id = s.person_id
               WHERE s.campaign_id = ? AND s.person_id = ? AND s.qualified > 0""",
            [campaign_id, person_id],
        ).fetchone()
        if row is None or (country and row[1] != country):
            return None
        return Place(self._rank(campaign_id, country, row[2]), person_id, *row)

    def totals(self, campaign_id: int) -> Standing:
        fields = ", ".join(f"coalesce(sum({name}), 0)" for name in _FIELDS.split(", "))
        row = self._db.execute(
            f"SELECT {fields} FROM referral_standing WHERE campaign_id = ?", [campaign_id]
        ).fetchone()
        return Standing(*row)

    def counted(self, campaign_id: int) -> int:
        """How many count in a campaign, for its budget."""
        row = self._db.execute(
            "SELECT qualified FROM referral_totals WHERE campaign_id = ?", [campaign_id]
        ).fetchone()
        return int(row[0]) if row else 0

    def funnel(self, campaign_id: int) -> tuple[int, int, int, int]:
        """How many followed a link, joined, counted, were rewarded."""
        totals = self.totals(campaign_id)
        (joined,) = self._db.execute(
            """SELECT count(*) FROM referrals
               WHERE campaign_id = ? AND (entered_at IS NOT NULL OR state IN (?, ?))""",
            [campaign_id, State.QUALIFIED, State.REWARDED],
        ).fetchone()
        return totals.invited, int(joined), totals.qualified, totals.rewarded

    def growth(self, campaign_id: int, first: date, last: date) -> dict[date, tuple[int, int]]:
        """A day: how many came, how many counted; days without either are there too."""
        days = {first + timedelta(days=n): (0, 0) for n in range((last - first).days + 1)}
        for column, query in enumerate((
            """SELECT substr(opened_at, 1, 10) AS day, count(*) FROM referrals
               WHERE campaign_id = ? AND opened_at >= ? GROUP BY day""",
            """SELECT substr(e.at, 1, 10) AS day, count(*) FROM referral_events e
               JOIN referrals r ON r.id = e.referral_id
               WHERE r.campaign_id = ? AND e.kind = 'qualified' AND e.at >= ? GROUP BY day""",
        )):  # fmt: skip
            for day, number in self._db.execute(query, [campaign_id, first.isoformat()]):
                key = date.fromisoformat(day)
                if key in days:
                    came, counted = days[key]
                    days[key] = (came, number) if column else (number, counted)
        return days

    def suspect(self, campaign_id: int, after: int = 0) -> Suspect | None:
        """The next held referral behind a number, then from the beginning."""
        row = self._db.execute(
            """SELECT r.id, r.campaign_id, e.reason, e.detail, p.id, p.name, p.user_id,
                      r.invitee_name, r.opened_at
               FROM referrals r JOIN referral_people p ON p.id = r.referrer_id
               JOIN referral_events e ON e.id = (SELECT max(id) FROM referral_events
                   WHERE referral_id = r.id AND kind = 'held')
               WHERE r.campaign_id = ? AND r.state = 'held' ORDER BY r.id <= ?, r.id LIMIT 1""",
            [campaign_id, after],
        ).fetchone()
        if row is None:
            return None
        found = json.loads(row[3]).get("signals", [])
        signals = tuple(Signal(s["name"], s["weight"], s["detail"]) for s in found)
        return Suspect(
            row[0], row[1], row[2], signals, row[4], row[5], row[6], row[7], row[8],
            self.held(campaign_id),
        )  # fmt: skip

    def held(self, campaign_id: int) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM referrals WHERE campaign_id = ? AND state = 'held'", [campaign_id]
        ).fetchone()
        return int(row[0])

    def payouts(self, campaign_id: int) -> list[Payout]:
        """Everybody with somebody who counts, the most first."""
        rows = self._db.execute(
            """SELECT p.id, p.user_id, p.name, s.country, s.qualified, s.rewarded
               FROM referral_standing s JOIN referral_people p ON p.id = s.person_id
               WHERE s.campaign_id = ? AND s.qualified > 0
               ORDER BY s.qualified DESC, s.reached_at, s.person_id""",
            [campaign_id],
        )
        return [Payout(*row) for row in rows]

    def rows(self, campaign_id: int) -> Iterator[tuple[Any, ...]]:
        """Every referral of a campaign, for a spreadsheet."""
        yield from self._db.execute(
            """SELECT r.id, p.user_id, p.name, p.country, r.invitee_name, r.country, r.via, r.state,
                      r.opened_at, r.entered_at, r.messages, r.rules_version,
                      (SELECT reason FROM referral_events e WHERE e.referral_id = r.id
                       AND reason <> '' ORDER BY id DESC LIMIT 1)
               FROM referrals r JOIN referral_people p ON p.id = r.referrer_id
               WHERE r.campaign_id = ? ORDER BY r.id""",
            [campaign_id],
        )
