"""What the shield knows of groups, people and links, in SQL."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.shield.rules import Mode, Standing

MAX_LINKS = 5_000
MAX_HELD = 50_000
"""People whose row is held in memory: they are looked up at every message."""
WARN_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Guarded:
    """A group's setting."""

    mode: Mode
    on_since: datetime


@dataclass(frozen=True)
class Seen:
    """A person in a group where the shield is on."""

    name_hash: str
    standing: Standing


class ShieldStore:
    """Asked at every message of every group: what has no shield, and whom it knows, need no query."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self._groups = {
            chat: Guarded(Mode(mode), datetime.fromisoformat(since))
            for chat, mode, since in db.execute("SELECT chat_id, mode, on_since FROM shield_groups")
        }
        self._held: OrderedDict[tuple[int, int], Seen] = OrderedDict()
        self._links = frozenset(a for (a,) in db.execute("SELECT address FROM shield_links"))

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # Groups

    def group(self, chat_id: int) -> Guarded | None:
        """The setting of a group where the shield is on."""
        guarded = self._groups.get(chat_id)
        return guarded if guarded and guarded.mode is not Mode.OFF else None

    def set_mode(self, chat_id: int, mode: Mode) -> None:
        before = self._groups.get(chat_id)
        since = before.on_since if before and before.mode is not Mode.OFF else self._now()
        self._db.execute(
            """INSERT INTO shield_groups (chat_id, mode, on_since) VALUES (?, ?, ?)
               ON CONFLICT (chat_id) DO UPDATE SET mode = excluded.mode, on_since = excluded.on_since""",
            [chat_id, mode.value, since.isoformat(timespec="seconds")],
        )
        self._groups[chat_id] = Guarded(mode, since)

    def moved(self, old: int, new: int) -> None:
        """The rows were moved with the group's other ones; what is held in memory follows."""
        guarded = self._groups.pop(old, None)
        if guarded:
            self._groups[new] = guarded

    # People

    def seen(self, chat_id: int, user_id: int) -> Seen | None:
        held = self._held.get((chat_id, user_id))
        if held is not None:
            self._held.move_to_end((chat_id, user_id))
            return held
        row = self._db.execute(
            """SELECT name_hash, first_seen, joined, spoke, trusted FROM shield_people
               WHERE chat_id = ? AND user_id = ?""",
            [chat_id, user_id],
        ).fetchone()
        if row is None:
            return None
        name_hash, first, joined, spoke, trusted = row
        standing = Standing(datetime.fromisoformat(first), bool(joined), bool(spoke), bool(trusted))
        return self._hold(chat_id, user_id, Seen(name_hash, standing))

    def _hold(self, chat_id: int, user_id: int, seen: Seen) -> Seen:
        self._held[(chat_id, user_id)] = seen
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        return seen

    def note(self, chat_id: int, user_id: int, seen: Seen) -> None:
        standing = seen.standing
        self._db.execute(
            """INSERT INTO shield_people (chat_id, user_id, name_hash, first_seen, joined, spoke, trusted)
               VALUES (?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (chat_id, user_id) DO UPDATE SET name_hash = excluded.name_hash,
               first_seen = excluded.first_seen, joined = excluded.joined, spoke = excluded.spoke,
               trusted = excluded.trusted""",
            [chat_id, user_id, seen.name_hash, standing.first_seen.isoformat(timespec="seconds"),
             int(standing.joined), int(standing.spoke), int(standing.trusted)],
        )  # fmt: skip
        self._hold(chat_id, user_id, seen)

    def fresh(self, name_hash: str, *, joined: bool) -> Seen:
        return Seen(name_hash, Standing(self._now(), joined))

    def trust(self, chat_id: int, user_id: int, name_hash: str) -> None:
        """Clears this very name, and lets the person post links; a later name is looked at anew."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO shield_cleared (chat_id, user_id, name_hash) VALUES (?, ?, ?)",
                [chat_id, user_id, name_hash],
            )
            known = self.seen(chat_id, user_id)
            if known:
                standing = replace(known.standing, trusted=True)
                self.note(chat_id, user_id, replace(known, standing=standing))

    def distrust(self, chat_id: int, user_id: int, name_hash: str) -> None:
        """Takes `trust` back."""
        with self._db.atomic():
            self._db.execute(
                "DELETE FROM shield_cleared WHERE chat_id = ? AND user_id = ? AND name_hash = ?",
                [chat_id, user_id, name_hash],
            )
            self._db.execute(
                "UPDATE shield_people SET trusted = 0 WHERE chat_id = ? AND user_id = ?",
                [chat_id, user_id],
            )
        self._held.pop((chat_id, user_id), None)

    def cleared(self, chat_id: int, user_id: int, name_hash: str) -> bool:
        return bool(
            self._db.execute(
                """SELECT 1 FROM shield_cleared
                   WHERE chat_id = ? AND user_id = ? AND name_hash = ?""",
                [chat_id, user_id, name_hash],
            ).fetchone()
        )

    def warn(self, user_id: int) -> bool:
        """Whether the person is to be warned now: once a day at most. Notes it."""
        limit = (self._now() - WARN_AGAIN).isoformat(timespec="seconds")
        return bool(
            self._db.execute(
                """INSERT INTO shield_warned (user_id, at) VALUES (?, ?)
                   ON CONFLICT (user_id) DO UPDATE SET at = excluded.at
                   WHERE shield_warned.at <= ?""",
                [user_id, self._at(), limit],
            ).rowcount
            > 0
        )

    # Links

    @property
    def links(self) -> frozenset[str]:
        return self._links

    def add_link(self, address: str, by: int) -> bool:
        """False when it is listed already, or the list is full."""
        if len(self._links) >= MAX_LINKS or address in self._links:
            return False
        self._db.execute(
            "INSERT OR IGNORE INTO shield_links (address, user_id, at) VALUES (?, ?, ?)",
            [address, by, self._at()],
        )
        self._links |= {address}
        return True

    def remove_link(self, address: str) -> bool:
        self._links -= {address}
        return (
            self._db.execute("DELETE FROM shield_links WHERE address = ?", [address]).rowcount > 0
        )
