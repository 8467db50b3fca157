"""A database with people in it, and a broadcast to all of them that is due at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.broadcasts.model import Audience, Draft, Kind, Schedule, Variant
from bot.broadcasts.store import BroadcastStore
from bot.sandbox import World
from bot.sandbox.model import User
from db import open_database

FIRST = 7_500_000_000


def now() -> datetime:
    return datetime.now(UTC)


def fill_world(world: World, number: int) -> None:
    for n in range(number):
        world.add_user(User(FIRST + n, f"P{n}", started=True))


def fill_members(db: Database, number: int, country: str = "SG") -> None:
    at = now().isoformat(timespec="seconds")
    with db.atomic():
        db.conn.executemany(
            """INSERT INTO members (user_id, language, country, started_at, first_seen, last_seen)
               VALUES (?, 'en', ?, ?, ?, ?)""",
            [(FIRST + n, country, at, at, at) for n in range(number)],
        )


def due_at_once(db: Database, *, paid: bool = False, groups: bool = False) -> int:
    """The broadcast's id."""
    store = BroadcastStore(db, now)
    draft = Draft(
        "Notice", Kind.SERVICE, audience=Audience(groups=groups), schedule=Schedule(quiet=False),
        paid=paid,
    )  # fmt: skip
    broadcast = store.create(1, draft, [Variant("en", "Hello <b>you</b>")])
    at = now().replace(microsecond=0)
    assert store.schedule(broadcast.id, at.replace(tzinfo=None).isoformat(), at)
    return broadcast.id


def prepare(folder: Path, number: int, *, paid: bool = False) -> int:
    """A database file with so many members and a broadcast for them."""
    db = open_database(folder / "sampan.db")
    fill_members(db, number)
    broadcast_id = due_at_once(db, paid=paid)
    db.close()
    return broadcast_id
