"""The staff list and the audit log, in SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.desk.roles import Grant, Role


class StaffStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def of(self, user_id: int) -> list[Grant]:
        return self._read("WHERE user_id = ?", [user_id])

    def all(self) -> list[Grant]:
        return self._read("ORDER BY role, scope, id", [])

    def _read(self, rest: str, values: list[object]) -> list[Grant]:
        rows = self._db.execute(f"SELECT user_id, role, scope, name FROM staff {rest}", values)
        return [Grant(user, Role(role), scope, name) for user, role, scope, name in rows]

    def add(self, grant: Grant, by: int | None) -> bool:
        """False when they have it already."""
        cursor = self._db.execute(
            """INSERT OR IGNORE INTO staff (user_id, role, scope, name, added_by, at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [grant.user_id, grant.role.value, grant.scope, grant.name, by,
             self._now().isoformat(timespec="seconds")],
        )  # fmt: skip
        return cursor.rowcount > 0

    def remove(self, user_id: int, role: Role | None = None, scope: str | None = None) -> int:
        """Takes all of a person's grants away, or those of a role or scope. Returns how many."""
        return self._db.execute(
            """DELETE FROM staff WHERE user_id = ? AND role = coalesce(?, role)
               AND scope = coalesce(?, scope)""",
            [user_id, role.value if role else None, scope],
        ).rowcount


@dataclass(frozen=True)
class Entry:
    user_id: int | None
    what: str
    target: str
    detail: Mapping[str, object]
    at: datetime


class AuditLog:
    """Append-only: what was changed, by whom, when (UTC)."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def note(self, user_id: int | None, what: str, target: object = "", **detail: object) -> None:
        """`what` is dotted: 'staff.add', 'broadcast.approve'; `detail` must be JSON's."""
        self._db.execute(
            "INSERT INTO audit_log (user_id, what, target, detail, at) VALUES (?, ?, ?, ?, ?)",
            [user_id, what, str(target), json.dumps(detail, ensure_ascii=False),
             self._now().isoformat(timespec="seconds")],
        )  # fmt: skip

    def latest(self, limit: int = 20, *, what: str = "", target: object = "") -> Iterable[Entry]:
        """The newest first; `what` may be a prefix ('broadcast.')."""
        rows = self._db.execute(
            """SELECT user_id, what, target, detail, at FROM audit_log
               WHERE what LIKE ? || '%' AND (? = '' OR target = ?) ORDER BY id DESC LIMIT ?""",
            [what, str(target), str(target), limit],
        )
        return [
            Entry(u, w, o, json.loads(d), datetime.fromisoformat(at)) for u, w, o, d, at in rows
        ]
