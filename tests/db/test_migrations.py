"""The schema only moves forward, from any version that was ever released, and loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from db.migrations import migrations
from db.open import open_database

NAMES = [step.name for step in migrations.pending(Database(memory=True))]


def migrated_to(path: Path, name: str) -> Database:
    """A database as the version with `name` as its newest step left it."""
    db = open_database(path, migrate=False)
    after = NAMES.index(name) + 1
    migrations.apply(db, stop_before=NAMES[after] if after < len(NAMES) else None)
    return db


@pytest.mark.parametrize("name", NAMES)
def test_each_older_version_is_brought_up(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sampan.db"
    db = migrated_to(path, name)
    db.execute(
        "INSERT INTO members (user_id, country, first_seen, last_seen) VALUES (7, 'VN', 'x', 'x')"
    )
    db.execute("INSERT INTO groups (chat_id, title, joined_at) VALUES (-100, 'Group', 'x')")
    db.conn.close()
    newest = open_database(path)
    assert newest.execute("SELECT country FROM members WHERE user_id = 7").fetchone() == ("VN",)
    assert newest.execute("SELECT title FROM groups WHERE chat_id = -100").fetchone() == ("Group",)
    assert not list(migrations.pending(newest))
    fresh = open_database(tmp_path / "fresh.db")
    assert _shape(newest) == _shape(fresh)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    first = _shape(open_database(tmp_path / "sampan.db"))
    assert _shape(open_database(tmp_path / "sampan.db")) == first


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sampan.db").write_bytes(
        b"not a database, but long enough to look like a file" * 50
    )
    with pytest.raises(sqlite3.DatabaseError):
        open_database(tmp_path / "sampan.db")


def test_foreign_keys_hold(tmp_path: Path) -> None:
    db = open_database(tmp_path / "sampan.db")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO votes (answer_id, user_id, vote, at) VALUES (99, 1, 1, 'x')")


def _shape(db: Database) -> dict[str, object]:
    return {t.name: [(c.name, c.type, c.notnull) for c in t.columns] for t in db.tables}
