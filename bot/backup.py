"""Copies of the database: made while the bot runs, proved before they count, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.errors import CannotRun
from db import unknown_steps

_NAME = "sampan-{at:%Y%m%dT%H%M%SZ}.db"
_PATTERN = "sampan-????????T??????Z*.db"
_ROOM = 1.05
"""Free space asked for before a copy, as a share of the database's size."""
_COMPANIONS = ("", "-wal", "-shm")


def backup(database: Path, folder: Path, keep: int, now: datetime) -> Path:
    """Makes a proved copy and deletes all but the newest `keep`. Raises CannotRun.

    One read transaction, so it is of one moment, and the bot writes on meanwhile (WAL).
    """
    if not database.exists():
        raise CannotRun(f"there is no database {database}")
    folder.mkdir(parents=True, exist_ok=True)
    target = _free_name(folder, now)
    copy_database(database, target)
    for old in backups(folder)[keep:]:
        old.unlink()
    return target


def backups(folder: Path) -> list[Path]:
    """The newest first: their names hold their time."""
    return sorted(folder.glob(_PATTERN), reverse=True)


def _free_name(folder: Path, now: datetime) -> Path:
    target = folder / _NAME.format(at=now)
    count = 0
    while target.exists():
        count += 1
        target = folder / f"{_NAME.format(at=now).removesuffix('.db')}-{count}.db"
    return target


def copy_database(source: Path, target: Path) -> None:
    """A consistent, proved copy under its final name, or none at all. Raises CannotRun."""
    size = sum(part.stat().st_size for part in _parts(source))
    free = shutil.disk_usage(target.parent).free
    if free < size * _ROOM:
        raise CannotRun(
            f"no room for a copy in {target.parent}: {size // 2**20} MiB needed, {free // 2**20} free"
        )
    partial = target.with_name(f".{target.name}.partial")
    try:
        _copy(source, partial)
        problem = what_is_wrong(partial)
        if problem:
            raise CannotRun(f"the copy of {source} is not sound: {problem}")
        _to_disk(partial)
        partial.replace(target)
        _to_disk(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise CannotRun(f"{source} could not be copied: {error}") from None
    finally:
        for companion in (*_COMPANIONS, "-journal"):
            Path(f"{partial}{companion}").unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Into one file by itself: a copy with a -wal beside it is half lost on the first move."""
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30.0)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def _parts(database: Path) -> list[Path]:
    return [p for c in _COMPANIONS if (p := Path(f"{database}{c}")).exists()]


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def what_is_wrong(database: Path) -> str | None:
    """Why a file cannot serve as our database, or None: read through, and of a known schema."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                return f"damaged ({verdict.splitlines()[0]})"
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if broken:
                return f"a line of {broken[0]} belongs to nothing"
            newer = unknown_steps(connection)
    except sqlite3.Error as error:
        return f"no database of Sampan's ({error})"
    return f"made by a newer version ({', '.join(newer)})" if newer else None


def restore(file: Path, database: Path, now: datetime) -> Path | None:
    """Puts a copy in the database's place; where the old one is kept now, if there was one.

    The caller holds the lock that keeps the bot out. Killed at any moment, either the old or
    the new database is in place, or both are there under other names. Raises CannotRun.
    """
    if not file.exists():
        raise CannotRun(f"there is no file {file}")
    problem = what_is_wrong(file)
    if problem:
        raise CannotRun(f"{file} is not restored: {problem}")
    fresh = database.with_name(f".{database.name}.restoring")
    copy_database(file, fresh)
    old = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    kept = _set_aside(database, old)
    fresh.replace(database)
    _to_disk(database.parent)
    return kept


def _set_aside(database: Path, old: Path) -> Path | None:
    """Moved with its -wal, which holds its newest changes; the -shm is made anew."""
    Path(f"{database}-shm").unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        Path(f"{database}-wal").rename(f"{old}-wal")
    if not database.exists():
        return None
    database.rename(old)
    return old
