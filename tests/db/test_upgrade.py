"""An older database is brought up with what it holds; a newer one is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.backup import backup, restore, what_is_wrong
from bot.errors import CannotRun
from db import NewerDatabase, migrations, open_database
from tests.conftest import NOW

SAMPLE = (
    ("members", {"user_id": 1, "language": "vi", "first_seen": "2026-01-01", "last_seen": "2026-02-01"}),
    ("groups", {"chat_id": -5, "title": "Nhóm", "country": "VN", "joined_at": "2026-01-01"}),
    ("updates", {"update_id": 9, "payload": "{}", "received_at": "2026-01-01"}),
    ("answers", {"user_id": 1, "chat_id": -5, "message_id": 2, "text": "thuế?", "language": "vi", "topic": "tax", "outcome": "answered", "confidence": 0.9, "at": "2026-11-01"}),
    ("votes", {"answer_id": 1, "user_id": 1, "vote": -1, "at": "2026-11-01"}),
    ("desk_questions", {"answer_id": 1, "user_id": 1, "chat_id": -5, "message_id": 2, "text": "thuế?", "language": "vi", "topic": "tax", "reason": "asked", "at": "2026-11-01"}),
    ("fact_revisions", {"fact_id": "vn.x", "action": "edit", "before": "{}", "after": "{}", "at": "2026-11-01"}),
    ("faqs", {"topic": "tax", "author": 1, "at": "2026-11-01"}),
    ("faq_texts", {"faq_id": 1, "language": "vi", "question": "q", "answer": "a"}),
)  # fmt: skip


def old_database(path: Path) -> None:
    """As the version with the schema m006 left it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    db = Database(connection)
    migrations.apply(db, stop_before="m007_staff")
    for table, row in SAMPLE:
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))
    connection.close()


def test_a_database_of_m006_comes_up_with_everything_in_it(tmp_path: Path) -> None:
    old_database(tmp_path / "sampan.db")
    db = open_database(tmp_path / "sampan.db")
    assert migrations.pending(db) == []
    for table, row in SAMPLE:
        found = next(db[table].rows)
        assert {column: found[column] for column in row} == row
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_rolling_back_is_the_backup_made_before(tmp_path: Path) -> None:
    path = tmp_path / "sampan.db"
    old_database(path)
    copy = backup(path, tmp_path / "backups", 3, NOW)
    open_database(path).close()
    kept = restore(copy, path, NOW)
    back = sqlite3.connect(path)
    names = [name for (name,) in back.execute("SELECT name FROM _sqlite_migrations ORDER BY rowid")]
    assert names[-1] == "m006_faq"
    assert back.execute("SELECT text FROM answers").fetchall() == [("thuế?",)]
    assert kept is not None and what_is_wrong(kept) is None


def test_every_step_can_be_the_last_one_of_an_older_version(tmp_path: Path) -> None:
    steps = [step.name for step in migrations.pending(Database(memory=True))]
    for index, name in enumerate(steps[1:]):
        path = tmp_path / f"{index}.db"
        connection = sqlite3.connect(path, isolation_level=None)
        migrations.apply(Database(connection), stop_before=name)
        connection.close()
        assert migrations.pending(open_database(path)) == []


def from_the_future(path: Path) -> None:
    db = open_database(path)
    db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('sampan', 'm999_later', '2030')"
    )
    db.close()


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    from_the_future(tmp_path / "sampan.db")
    with pytest.raises(NewerDatabase, match="m999_later"):
        open_database(tmp_path / "sampan.db")
    with pytest.raises(CannotRun, match="newer version"):
        restore(tmp_path / "sampan.db", tmp_path / "other.db", NOW)
