"""What can be wrong on the machine itself: disk, database, backups. Pure findings, no Telegram."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.backup import backups
from bot.settings import Settings
from db import migrations, unknown_steps

FREE_BYTES = 500 * 2**20
"""Less free space than this is worth a warning."""
OLD_BACKUP = timedelta(days=2)
CLOCK_SECONDS = 30.0
"""By how much the clock may differ from Telegram's."""

_MARKS = {"ok": "ok     ", "warn": "look   ", "bad": "WRONG  "}


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do when it is not well."""

    verdict: Literal["ok", "warn", "bad"]
    about: str
    what: str
    advice: str = ""

    def line(self) -> str:
        advice = f" -> {self.advice}" if self.advice else ""
        return f"{_MARKS[self.verdict]} {self.about:12} {self.what}{advice}"


def disk(settings: Settings) -> Finding:
    folder = settings.database.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    size = settings.database.stat().st_size if settings.database.exists() else 0
    what = f"{free // 2**20} MiB free, the database takes {size // 2**20}"
    if free < max(FREE_BYTES // 10, size // 10):
        return Finding("bad", "disk", what, "make room now: a full disk stops answers")
    if free < max(FREE_BYTES, size):
        return Finding("warn", "disk", what, "make room: a backup needs as much as the database")
    return Finding("ok", "disk", what)


def database(settings: Settings) -> list[Finding]:
    path = settings.database
    if not path.exists():
        return [Finding("warn", "database", f"{path} is not there yet", "the first run makes it")]
    try:
        with closing(sqlite3.connect(path, timeout=2.0)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            newer = unknown_steps(connection)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            behind = _behind(connection)
    except sqlite3.Error as error:
        advice = "is the disk full, or is the file of another owner? else restore a backup"
        return [Finding("bad", "database", f"{path}: {error}", advice)]
    if verdict != "ok":
        return [Finding("bad", "database", f"damaged: {verdict}", "stop the bot, restore a backup")]
    if newer:
        advice = "start the newer version, or restore a backup made before it"
        return [Finding("bad", "database", f"a newer version was here: {newer[-1]}", advice)]
    found = [Finding("ok", "database", f"sound and writable ({mode})")]
    if behind:
        what = f"{behind} steps of the schema are to come"
        found.append(Finding("warn", "schema", what, "make a backup; the next start applies them"))
    return found


def _behind(connection: sqlite3.Connection) -> int:
    applied = {
        name for (name,) in connection.execute(f"SELECT name FROM {migrations.migrations_table}")
    }
    from sqlite_utils import Database

    return sum(step.name not in applied for step in migrations.pending(Database(memory=True)))


def newest_backup(folder: Path, now: datetime) -> Finding:
    found = backups(folder)
    if not found:
        return Finding("warn", "backup", f"none in {folder}", "python -m bot backup, once a day")
    age = now.timestamp() - found[0].stat().st_mtime
    what = f"{found[0].name}, {age / 3600:.0f} hours old"
    if age > OLD_BACKUP.total_seconds():
        return Finding("warn", "backup", what, "is the daily backup still at work?")
    return Finding("ok", "backup", what)


def clock(behind_seconds: float) -> Finding:
    what = f"{abs(behind_seconds):.0f} s from Telegram's"
    if abs(behind_seconds) > CLOCK_SECONDS:
        advice = "switch on time synchronisation: broadcasts and retention go by it"
        return Finding("bad", "clock", what, advice)
    return Finding("ok", "clock", what)
