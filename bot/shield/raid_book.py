"""Raids in SQL: when one began, who came with it, and whether it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database


@dataclass(frozen=True)
class Raid:
    id: int
    chat_id: int
    joins: int
    at: datetime
    last_at: datetime
    over: bool
    reports: int
    open: int
    barred: int
    names: Sequence[str]


class RaidBook:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def of(self, chat_id: int) -> int | None:
        """The raid that a group is under."""
        row = self._db.execute(
            "SELECT id FROM shield_raids WHERE chat_id = ? AND over_at IS NULL", [chat_id]
        ).fetchone()
        return int(row[0]) if row else None

    def begin(self, chat_id: int, joins: int) -> int:
        cursor = self._db.execute(
            "INSERT INTO shield_raids (chat_id, joins, at, last_at) VALUES (?, ?, ?, ?)",
            [chat_id, joins, self._at(), self._at()],
        )
        return int(cursor.lastrowid or 0)

    def more(self, raid_id: int, joins: int = 0) -> None:
        self._db.execute(
            "UPDATE shield_raids SET joins = joins + ?, last_at = ?, changed = 1 WHERE id = ?",
            [joins, self._at(), raid_id],
        )

    def get(self, raid_id: int) -> Raid | None:
        row = self._db.execute(
            "SELECT chat_id, joins, at, last_at, over_at FROM shield_raids WHERE id = ?", [raid_id]
        ).fetchone()
        if row is None:
            return None
        counts = self._db.execute(
            """SELECT count(*), coalesce(sum(state = 'open'), 0), coalesce(sum(barred <> ''), 0)
               FROM shield_reports WHERE raid_id = ?""",
            [raid_id],
        ).fetchone()
        names = self._db.execute(
            "SELECT name FROM shield_reports WHERE raid_id = ? ORDER BY id LIMIT 5", [raid_id]
        )
        chat, joins, at, last, over = row
        return Raid(
            raid_id, chat, joins, datetime.fromisoformat(at), datetime.fromisoformat(last),
            over is not None, int(counts[0]), int(counts[1]), int(counts[2]), [n for (n,) in names],
        )  # fmt: skip

    def take_changed(self, quiet: timedelta) -> list[int]:
        """Raids to be written anew; those that went quiet are over."""
        before = (self._now() - quiet).isoformat(timespec="seconds")
        with self._db.atomic():
            self._db.execute(
                """UPDATE shield_raids SET over_at = ?, changed = 1
                   WHERE over_at IS NULL AND last_at < ?""",
                [self._at(), before],
            )
            found = [
                n for (n,) in self._db.execute("SELECT id FROM shield_raids WHERE changed = 1")
            ]
            self._db.execute("UPDATE shield_raids SET changed = 0")
        return found
