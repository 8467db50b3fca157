"""The ledger of referrals in SQL: events are only ever added, numbers are derived from them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.referrals import codes, rules
from bot.referrals.model import Event, Invited, Referral, State

_REFERRAL = """SELECT id, campaign_id, referrer_id, invitee_id, invitee_name, state, via,
    rules_version, opened_at, entered_at, due_at, messages, human, accepted, country, chat_id
    FROM referrals"""
ALL = 0
"""The standing over all campaigns."""
RECHECK = timedelta(hours=1)


class Ledger:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self.db = db
        self._now = now
        self.secret = _secret(db)

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # Who was seen

    def knows(self, user_id: int) -> bool:
        """Whether the person was here before: wrote to the bot, or was in a group."""
        key = codes.person_key(self.secret, user_id)
        row = self.db.execute(
            """SELECT EXISTS (SELECT 1 FROM referral_known WHERE person_key = ?)
               OR EXISTS (SELECT 1 FROM members WHERE user_id = ?)
               OR EXISTS (SELECT 1 FROM answers WHERE user_id = ?)
               OR EXISTS (SELECT 1 FROM referral_people WHERE user_id = ?)""",
            [key, user_id, user_id, user_id],
        ).fetchone()
        return bool(row[0])

    def saw(self, user_id: int) -> None:
        key = codes.person_key(self.secret, user_id)
        self.db.execute("INSERT OR IGNORE INTO referral_known (person_key) VALUES (?)", [key])

    # Referrals

    def get(self, referral_id: int) -> Referral | None:
        return next(self._read("WHERE id = ?", [referral_id]), None)

    def of(self, user_id: int) -> Referral | None:
        """The one referral by which a person came, if any."""
        key = codes.person_key(self.secret, user_id)
        return next(self._read("WHERE person_key = ?", [key]), None)

    def _read(self, rest: str, values: list[Any]) -> Iterator[Referral]:
        for row in self.db.execute(f"{_REFERRAL} {rest}", values):
            yield _referral(row)

    def open(
        self, who: Invited, campaign_id: int, referrer_id: int, rules_version: int, via: str, *,
        own: bool = False,
    ) -> int | None:  # fmt: skip
        """A new referral; None when the person has one already, whoever was quicker.

        `own`: they came by their own link, which is kept apart from the one they may come by."""
        key = ("self-" if own else "") + codes.person_key(self.secret, who.user_id)
        with self.db.atomic():
            cursor = self.db.execute(
                """INSERT OR IGNORE INTO referrals (person_key, invitee_id, invitee_name, name_key,
                   language, has_username, country, campaign_id, referrer_id, rules_version, via,
                   state, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'opened', ?)""",
                [key, who.user_id, codes.mask(who.name), codes.name_key(self.secret, who.name),
                 who.language, int(who.has_username), who.country, campaign_id, referrer_id,
                 rules_version, via, self._at()],
            )  # fmt: skip
            if not cursor.rowcount:
                return None
            referral_id = int(cursor.lastrowid or 0)
            self._write(referral_id, Event.OPENED)
            self._count(campaign_id, referrer_id, None, State.OPENED, self._at())
        return referral_id

    def note(
        self, referral_id: int, event: Event, reason: str = "", *,
        detail: Mapping[str, object] | None = None, by: int | None = None,
    ) -> bool:  # fmt: skip
        """Adds an event, if it can happen to the referral as it stands."""
        with self.db.atomic():
            row = self.db.execute(
                "SELECT state, campaign_id, referrer_id FROM referrals WHERE id = ?", [referral_id]
            ).fetchone()
            before = State(row[0])
            now = rules.after(before, event)
            if now is None:
                return False
            self._write(referral_id, event, reason, detail or {}, by)
            self.db.execute("UPDATE referrals SET state = ? WHERE id = ?", [now, referral_id])
            self._count(row[1], row[2], before, now, self._at())
        return True

    def _write(
        self, referral_id: int, event: Event, reason: str = "",
        detail: Mapping[str, object] | None = None, by: int | None = None,
    ) -> None:  # fmt: skip
        self.db.execute(
            """INSERT INTO referral_events (referral_id, kind, reason, detail, by_user, at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [referral_id, event, reason, json.dumps(detail or {}), by, self._at()],
        )

    def _count(
        self, campaign_id: int, person_id: int, before: State | None, now: State, at: str
    ) -> None:
        """One referral less in its former column, one more in the new one."""
        if before is now:
            return
        change = dict.fromkeys(rules.COLUMNS[before], -1) if before else {}
        for column in rules.COLUMNS[now]:
            change[column] = change.get(column, 0) + 1
        gained = change.get("qualified", 0)
        sets = ", ".join(f"{column} = {column} + {n}" for column, n in change.items() if n)
        if gained > 0:
            sets += ", reached_at = :at"
        for scope in (campaign_id, ALL):
            self.db.execute(
                """INSERT OR IGNORE INTO referral_standing (campaign_id, person_id, country)
                   SELECT ?, id, country FROM referral_people WHERE id = ?""",
                [scope, person_id],
            )
            self.db.execute(
                f"UPDATE referral_standing SET {sets} WHERE campaign_id = :scope AND person_id = :person",
                {"at": at, "scope": scope, "person": person_id},
            )
        if gained:
            self.db.execute(
                """INSERT INTO referral_totals (campaign_id, qualified) VALUES (?, ?)
                   ON CONFLICT (campaign_id) DO UPDATE SET qualified = qualified + excluded.qualified""",
                [campaign_id, gained],
            )

    def entered(self, referral_id: int, chat_id: int, due_at: datetime | None) -> None:
        """They are in a group (the first time counts), and when they may count."""
        self.db.execute(
            """UPDATE referrals SET entered_at = coalesce(entered_at, ?),
               chat_id = coalesce(chat_id, ?), due_at = ? WHERE id = ?""",
            [self._at(), chat_id, _iso(due_at), referral_id],
        )

    def postpone(self, referral_id: int, due_at: datetime | None) -> None:
        self.db.execute("UPDATE referrals SET due_at = ? WHERE id = ?", [_iso(due_at), referral_id])

    def set_human(self, referral_id: int, value: int) -> None:
        self.db.execute("UPDATE referrals SET human = ? WHERE id = ?", [value, referral_id])

    def set_accepted(self, referral_id: int) -> None:
        self.db.execute("UPDATE referrals SET accepted = 1 WHERE id = ?", [referral_id])

    def set_country(self, referral_id: int, country: str) -> None:
        self.db.execute("UPDATE referrals SET country = ? WHERE id = ?", [country, referral_id])

    def wrote(self, user_id: int) -> None:
        self.db.execute(
            "UPDATE referrals SET messages = messages + 1 WHERE invitee_id = ?", [user_id]
        )

    def awaited(self) -> set[int]:
        """Those whose messages are counted: not decided yet."""
        return {
            user_id
            for (user_id,) in self.db.execute(
                """SELECT invitee_id FROM referrals WHERE invitee_id IS NOT NULL
                   AND state IN ('opened', 'joined', 'held')"""
            )
        }

    def due(self, limit: int = 500) -> list[Referral]:
        """Those whose time has come, the longest waiting first."""
        found = [
            *self._read("WHERE state = 'joined' AND due_at <= ? ORDER BY due_at LIMIT ?", [self._at(), limit]),
            *self._read("WHERE state = 'opened' AND due_at <= ? ORDER BY due_at LIMIT ?", [self._at(), limit]),
        ]  # fmt: skip
        return found[:limit]

    def erased(self) -> list[int]:
        """Undecided referrals of people who had everything about them deleted."""
        return [
            number
            for state in ("opened", "joined", "left", "held")
            for (number,) in self.db.execute(
                "SELECT id FROM referrals WHERE state = ? AND invitee_id IS NULL LIMIT 20", [state]
            )
        ]

    def undecided_of(self, person_id: int, campaign_id: int) -> list[int]:
        return [
            number
            for (number,) in self.db.execute(
                """SELECT id FROM referrals WHERE referrer_id = ? AND campaign_id = ?
                   AND state NOT IN ('rewarded', 'disqualified')""",
                [person_id, campaign_id],
            )
        ]

    def to_reward(self, campaign_id: int) -> list[int]:
        return [
            number
            for (number,) in self.db.execute(
                "SELECT id FROM referrals WHERE campaign_id = ? AND state = 'qualified'",
                [campaign_id],
            )
        ]

    # Rebuilding

    def rebuild(self) -> int:
        """Derives every state and number from the events alone; the number of referrals."""
        with self.db.atomic():
            states, reached = _folded(self.db)
            wrong, rows = _derived(self.db, states, reached)
            self.db.conn.executemany("UPDATE referrals SET state = ? WHERE id = ?", wrong)
            self.db.execute("DELETE FROM referral_standing")
            self.db.conn.executemany(
                "INSERT INTO referral_standing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            self.db.execute("DELETE FROM referral_totals")
            self.db.execute(
                """INSERT INTO referral_totals SELECT campaign_id, sum(qualified)
                   FROM referral_standing WHERE campaign_id <> 0 GROUP BY campaign_id"""
            )
        return len(states)


_COLUMNS = ("opened", "joined", "departed", "held", "disqualified", "qualified", "rewarded")


def _folded(db: Database) -> tuple[dict[int, str], dict[int, str]]:
    """Each referral's state, and when it came to count. Millions of rows: plain texts, no enums."""
    steps = {
        (before.value if before else None, event.value): state.value
        for before in (None, *State)
        for event in Event
        if (state := rules.after(before, event)) is not None
    }
    states: dict[int, str] = {}
    reached: dict[int, str] = {}
    qualified = Event.QUALIFIED.value
    for number, kind, at in db.execute(
        "SELECT referral_id, kind, at FROM referral_events ORDER BY id"
    ):
        following = steps.get((states.get(number), kind))
        if following is not None:
            states[number] = following
            if kind == qualified:
                reached[number] = at
    return states, reached


def _derived(
    db: Database, states: Mapping[int, str], reached: Mapping[int, str]
) -> tuple[list[tuple[str, int]], Iterator[list[object]]]:
    """States that are written down otherwise, and the rows of all standings."""
    places = {
        state.value: [_COLUMNS.index(name) for name in names]
        for state, names in rules.COLUMNS.items()
    }
    wrong: list[tuple[str, int]] = []
    counts: dict[tuple[int, int], list[int]] = {}
    last: dict[tuple[int, int], str] = {}
    for number, campaign_id, person_id, written in db.execute(
        "SELECT id, campaign_id, referrer_id, state FROM referrals"
    ):
        state = states[number]
        if state != written:
            wrong.append((state, number))
        at = reached.get(number, "")
        for scope in ((campaign_id, person_id), (ALL, person_id)):
            row = counts.get(scope)
            if row is None:
                row = counts[scope] = [0] * len(_COLUMNS)
            for place in places[state]:
                row[place] += 1
            if at and at > last.get(scope, ""):
                last[scope] = at
    return wrong, _standings(db, counts, last)


def _standings(
    db: Database, counts: Mapping[tuple[int, int], list[int]], last: Mapping[tuple[int, int], str]
) -> Iterator[list[object]]:
    countries = dict(db.execute("SELECT id, country FROM referral_people").fetchall())
    for scope, row in sorted(counts.items()):
        yield [*scope, countries[scope[1]], *row, last.get(scope, "")]


def _secret(db: Database) -> bytes:
    """The key of the hashes that stand for people: made once a database."""
    db.execute(
        "INSERT OR IGNORE INTO meta (key, value) VALUES ('referrals.key', ?)",
        [secrets.token_hex(32)],
    )
    row = db.execute("SELECT value FROM meta WHERE key = 'referrals.key'").fetchone()
    return bytes.fromhex(str(row[0]))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _referral(row: tuple[Any, ...]) -> Referral:
    return Referral(
        id=row[0], campaign_id=row[1], referrer_id=row[2], invitee_id=row[3], invitee_name=row[4],
        state=State(row[5]), via=row[6], rules_version=row[7],
        opened_at=datetime.fromisoformat(row[8]), entered_at=_moment(row[9]),
        due_at=_moment(row[10]), messages=row[11], human=row[12], accepted=bool(row[13]),
        country=row[14], chat_id=row[15],
    )  # fmt: skip
