"""Opens the one SQLite file with the settings that everything relies on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from db.migrations import migrations

BUSY_SECONDS = 5.0
"""How long a write waits for another process (a backup, the command line) to finish."""


def open_database(path: Path | str, *, migrate: bool = True) -> Database:
    """Opens (and by default migrates) the database.

    WAL with `synchronous=NORMAL` keeps every committed change across a kill -9; a power cut
    can lose the last commits but never the file. Raises sqlite3.Error when it cannot be opened.
    """
    if str(path) != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    database = Database(connection)
    if migrate:
        migrations.apply(database)
    return database
