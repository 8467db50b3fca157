"""The ledger: one row a recipient and moment, in SQL.

`sending` is written before the request leaves, `sent` after the answer came: whoever is found in
`sending` at a start may or may not have got it, and becomes `uncertain`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from bot.broadcasts.model import Counts, Delivered, Delivery, Tally
from bot.i18n import match_language

_ROW = "run_id, due, chat_id, country, language, state, reason, rule, message_id, at"
_STATES = {str(state): state for state in Delivered}
Position = tuple[int, int]
"""Due and chat: where in a run's order a reader stands."""
START: Position = (-1, -(1 << 62))
SLICE = 5_000
_LAST_CHAT = (1 << 63) - 1


class Ledger:
    def __init__(self, db: Database) -> None:
        self._db = db

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """One transaction that raises sqlite3.OperationalError at once when another process has
        the database: the delivery waits without holding up answers."""
        (usual,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            with self._db.atomic():
                yield
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {usual}")

    def next(self, run_id: int, after: Position, now: int, limit: int) -> list[Delivery]:
        """Pending rows that are due, in order."""
        rows = self._db.execute(
            f"""SELECT {_ROW} FROM deliveries WHERE run_id = ? AND (due, chat_id) > (?, ?)
                AND due <= ? AND state = 'pending' ORDER BY due, chat_id LIMIT ?""",
            [run_id, *after, now, limit],
        )
        return [_delivery(row) for row in rows]

    def next_due(self, run_id: int, after: int = -1) -> int | None:
        """When the next pending row later than `after` is due."""
        row = self._db.execute(
            """SELECT due FROM deliveries WHERE run_id = ? AND due > ? AND state = 'pending'
               ORDER BY due LIMIT 1""",
            [run_id, after],
        ).fetchone()
        return int(row[0]) if row else None

    def mark(self, rows: Iterable[Delivery]) -> None:
        """Writes the state that each row holds now; within `impatient`."""
        self._db.conn.executemany(
            """UPDATE deliveries SET state = ?, reason = ?, rule = ?, message_id = ?, at = ?
               WHERE run_id = ? AND due = ? AND chat_id = ?""",
            [
                (r.state, r.reason, r.rule, r.message_id, r.at, r.run_id, r.due, r.chat_id)
                for r in rows
            ],
        )

    def interrupted(self, now: int) -> int:
        """At a start: what was on its way at a kill is uncertain now. How many."""
        return int(
            self._db.execute(
                """UPDATE deliveries SET state = 'uncertain', reason = 'interrupted', at = ?
                   WHERE state = 'sending' AND run_id IN (SELECT id FROM broadcast_runs
                       WHERE state IN ('running', 'paused', 'overdue', 'cancelled'))""",
                [now],
            ).rowcount
        )

    def resend_uncertain(self, run_id: int) -> int:
        """A person's word: the uncertain ones are pending again. How many."""
        self._db.execute("UPDATE broadcast_runs SET summary = NULL WHERE id = ?", [run_id])
        return self._db.execute(
            """UPDATE deliveries SET state = 'pending', reason = NULL, at = NULL
               WHERE run_id = ? AND state = 'uncertain'""",
            [run_id],
        ).rowcount

    def has(self, run_id: int, chat_id: int) -> bool:
        """Whether a chat has a row in the run; a look at each due moment, however many rows."""
        due: int | None = -1
        while due is not None:
            row = self._db.execute(
                "SELECT 1 FROM deliveries WHERE run_id = ? AND due = ? AND chat_id = ?",
                [run_id, due, chat_id],
            ).fetchone()
            if row:
                return True
            due = self._db.execute(
                "SELECT min(due) FROM deliveries WHERE run_id = ? AND due > ?", [run_id, due]
            ).fetchone()[0]
        return False

    def migrate(self, run_id: int, due: int, old: int, new: int) -> None:
        """A group moved: its row follows."""
        self._db.execute(
            "UPDATE deliveries SET chat_id = ? WHERE run_id = ? AND due = ? AND chat_id = ?",
            [new, run_id, due, old],
        )

    def counts(self, run_id: int) -> Counts:
        found = Counter[str]()
        for tally in self._summary(run_id) or ():
            found[tally.state] += tally.count
        if not found:
            rows = self._db.execute(
                "SELECT state, count(*) FROM deliveries WHERE run_id = ? GROUP BY state", [run_id]
            )
            found.update(dict(rows.fetchall()))
        return Counts(**found)

    def tally(self, run_id: int) -> Sequence[Tally]:
        """By state, reason, rule and country, the largest first. Cheap once it is finished; else
        a second for a million."""
        summary = self._summary(run_id)
        if summary is not None:
            return summary
        rows = self._db.execute(
            "SELECT state, reason, rule, country FROM deliveries WHERE run_id = ?", [run_id]
        )
        return _tallies(Counter(rows))

    async def summarise(self, run_id: int) -> bool:
        """Counts a run once and for all, giving way to others in between. False, and nothing is
        noted, when somebody is pending in it still: it is not finished."""
        found: Counter[tuple[Any, ...]] = Counter()
        last: Position | None = START
        while last is not None:
            rows = self._db.execute(
                """SELECT state, reason, rule, country, due, chat_id FROM deliveries
                   WHERE run_id = ? AND (due, chat_id) > (?, ?) ORDER BY due, chat_id LIMIT ?""",
                [run_id, *last, SLICE],
            ).fetchall()
            found.update(row[:4] for row in rows)
            last = (rows[-1][4], rows[-1][5]) if rows else None
            await asyncio.sleep(0)
        if any(row[0] == Delivered.PENDING for row in found):
            return False
        summary = [[t.state, t.reason, t.rule, t.country, t.count] for t in _tallies(found)]
        self._db.execute(
            "UPDATE broadcast_runs SET summary = ? WHERE id = ?", [json.dumps(summary), run_id]
        )
        return True

    def _summary(self, run_id: int) -> Sequence[Tally] | None:
        row = self._db.execute(
            "SELECT summary FROM broadcast_runs WHERE id = ?", [run_id]
        ).fetchone()
        if row is None or row[0] is None:
            return None
        return [Tally(Delivered(s), *rest) for s, *rest in json.loads(row[0])]

    def rows(self, run_id: int, states: Iterable[Delivered] = ()) -> Iterator[Delivery]:
        """All rows of a run, or those in the given states, in order (CSV, lists)."""
        wanted = list(states)
        also = f"AND state IN ({', '.join('?' * len(wanted))})" if wanted else ""
        cursor = self._db.execute(
            f"SELECT {_ROW} FROM deliveries WHERE run_id = ? {also} ORDER BY due, chat_id",
            [run_id, *wanted],
        )
        return (_delivery(row) for row in cursor)

    def by_minute(self, run_id: int) -> Sequence[tuple[int, int]]:
        """How many were sent in each minute (its start, seconds since 1970): the chart."""
        rows = self._db.execute(
            """SELECT at / 60 * 60 AS minute, count(*) FROM deliveries
               WHERE run_id = ? AND state = 'sent' GROUP BY minute ORDER BY minute""",
            [run_id],
        )
        return [(int(minute), int(count)) for minute, count in rows]


def keys_of_chat(db: Database, chat_id: int) -> list[tuple[int, int, int]]:
    """The keys of all rows of one chat: a look at each moment of each run, however many rows."""
    found = []
    place = db.execute("SELECT run_id, due FROM deliveries ORDER BY run_id, due LIMIT 1").fetchone()
    while place:
        key = (*place, chat_id)
        if db.execute(
            "SELECT 1 FROM deliveries WHERE run_id = ? AND due = ? AND chat_id = ?", key
        ).fetchone():
            found.append(key)
        place = db.execute(
            """SELECT run_id, due FROM deliveries WHERE (run_id, due, chat_id) > (?, ?, ?)
               ORDER BY run_id, due LIMIT 1""",
            (*place, _LAST_CHAT),  # without the chat SQLite walks over all rows of the moment
        ).fetchone()
    return found


def _tallies(found: Counter[tuple[Any, ...]]) -> Sequence[Tally]:
    return [
        Tally(Delivered(s), reason, rule, country, n)
        for (s, reason, rule, country), n in found.most_common()
    ]


def _delivery(row: Sequence[Any]) -> Delivery:
    run_id, due, chat_id, country, language, state, reason, rule, message_id, at = row
    return Delivery(
        run_id, due, chat_id, country, language_of(language), _STATES[state], reason, rule,
        message_id, at,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def language_of(tag: str | None) -> str | None:
    """The ledger keeps what a member's app says, such as en-US: one of our tags, or None."""
    return match_language(tag) if tag else None
