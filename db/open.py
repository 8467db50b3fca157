"""Opens the one SQLite file with the settings that everything relies on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from db.migrations import migrations

BUSY_SECONDS = 5.0
"""How long a write waits for another process (a backup, the command line) to finish."""


class NewerDatabase(sqlite3.DatabaseError):
    """A newer version has changed the database in ways that this one does not know."""


def unknown_steps(connection: sqlite3.Connection) -> list[str]:
    """Steps that were applied to a database and that this version does not have."""
    there = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = ?", [migrations.migrations_table]
    ).fetchone()
    if there is None:
        raise sqlite3.DatabaseError("it holds no schema of ours")
    applied = connection.execute(
        f"SELECT name FROM {migrations.migrations_table} WHERE migration_set = ? ORDER BY rowid",
        [migrations.name],
    )
    known = {step.name for step in migrations.pending(Database(memory=True))}
    return [name for (name,) in applied if name not in known]


def open_database(path: Path | str, *, migrate: bool = True) -> Database:
    """Opens (and by default migrates) the database.

    WAL with `synchronous=NORMAL` keeps every committed change across a kill -9; a power cut
    can lose the last commits but never the file. Raises sqlite3.Error when it cannot be opened,
    NewerDatabase when a newer version has been at work on it.
    """
    if str(path) != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    database = Database(connection)
    if migrations.applied(database) and (newer := unknown_steps(connection)):
        connection.close()
        raise NewerDatabase(
            f"a newer version of Sampan has worked on it ({', '.join(newer)}): "
            "start that version, or restore a backup made before it"
        )
    if migrate:
        migrations.apply(database)
    return database
