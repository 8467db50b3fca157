"""Backups are consistent, proved and few; restoring is refused when it would do harm."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

import bot.backup
from bot.backup import backup, backups, restore, what_is_wrong
from bot.errors import CannotRun
from db import open_database
from tests.conftest import NOW
from tests.process import environment, run


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "sampan.db"
    db = open_database(path)
    db.execute("INSERT INTO meta VALUES ('a', '1')")
    return path


def value(path: Path) -> str:
    return str(
        sqlite3.connect(path).execute("SELECT value FROM meta WHERE key = 'a'").fetchone()[0]
    )


def test_a_copy_holds_what_the_wal_held_and_stands_alone(database: Path, tmp_path: Path) -> None:
    copy = backup(database, tmp_path / "b", 3, NOW)
    assert value(copy) == "1"
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["sampan-20261121T080000Z.db"]
    moved = shutil.move(copy, tmp_path / "elsewhere.db")
    assert what_is_wrong(Path(moved)) is None


def test_only_the_newest_are_kept_and_nothing_else_is_touched(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "sampan-notes.db").write_text("mine")
    for day in range(5):
        backup(database, folder, 3, NOW + timedelta(days=day))
    twice = backup(database, folder, 3, NOW + timedelta(days=4))
    assert [p.name for p in backups(folder)] == [
        "sampan-20261125T080000Z.db", twice.name, "sampan-20261124T080000Z.db",
    ]  # fmt: skip
    assert (folder / "sampan-notes.db").exists()


def test_a_copy_made_under_writes_is_of_one_moment(database: Path, tmp_path: Path) -> None:
    """Two counters that always change together are equal in every copy."""
    db = open_database(database)
    db.execute("INSERT INTO meta VALUES ('x', '0'), ('y', '0')")
    stop = threading.Event()
    written = [0]

    def write() -> None:
        other = open_database(database)
        while not stop.is_set():
            written[0] += 1
            with other.atomic():
                for key in ("x", "y"):
                    other.execute("UPDATE meta SET value = ? WHERE key = ?", [str(written[0]), key])
                other.execute("INSERT INTO meta VALUES (?, ?)", [f"n{written[0]}", "z" * 2000])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [backup(database, tmp_path / "b", 9, NOW + timedelta(hours=n)) for n in range(5)]
    finally:
        stop.set()
        writer.join()
    for copy in copies:
        rows = dict(
            sqlite3.connect(copy).execute("SELECT key, value FROM meta WHERE key IN ('x', 'y')")
        )
        assert rows["x"] == rows["y"]
    assert written[0] > 5


def test_a_full_disk_leaves_no_half_copy(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(bot.backup.shutil, "disk_usage", lambda path: full)
    with pytest.raises(CannotRun, match="no room"):
        backup(database, tmp_path / "b", 3, NOW)
    assert list((tmp_path / "b").iterdir()) == []


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 3] = b"\x00" * 8192
    path.write_bytes(data)


def test_what_is_no_backup_is_not_restored(database: Path, tmp_path: Path) -> None:
    copy = backup(database, tmp_path / "b", 3, NOW)
    broken = tmp_path / "broken.db"
    shutil.copy(copy, broken)
    damaged(broken)
    text = tmp_path / "text.db"
    text.write_text("not a database at all, only a long enough line of text\n" * 100)
    empty = tmp_path / "empty.db"
    sqlite3.connect(empty).execute("CREATE TABLE t (x)")
    for file in (broken, text, empty, tmp_path / "nowhere.db"):
        with pytest.raises(CannotRun):
            restore(file, database, NOW)
    assert value(database) == "1"


def test_restoring_keeps_what_was_there_with_its_newest_changes(
    database: Path, tmp_path: Path
) -> None:
    copy = backup(database, tmp_path / "b", 3, NOW)
    db = open_database(database)
    db.execute("UPDATE meta SET value = '2' WHERE key = 'a'")
    kept = restore(copy, database, NOW)
    db.close()
    assert value(database) == "1"
    assert kept is not None and value(kept) == "2"


def test_the_commands_as_an_operator_types_them(database: Path, tmp_path: Path) -> None:
    env = {"SAMPAN_DATABASE": str(database)}
    made = run(tmp_path, "backup", "--keep", "2", **env)
    assert made.returncode == 0 and "proved" in made.stdout, made.stderr
    copy = backups(database.parent / "backups")[0]
    with Path(f"{database}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = run(tmp_path, "restore", str(copy), **env)
        assert refused.returncode == 1 and "stop it first" in refused.stderr
    done = run(tmp_path, "restore", str(copy), **env)
    assert done.returncode == 0 and "what was there is kept as" in done.stdout
    assert run(tmp_path, "backup", SAMPAN_DATABASE=str(tmp_path / "no.db")).returncode == 1
    assert run(tmp_path, "backup", "--keep", "0", **env).returncode == 2


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.006, 0.015])
def test_killed_while_restoring_no_database_is_lost(
    database: Path, tmp_path: Path, pause: float
) -> None:
    copy = backup(database, tmp_path / "b", 3, NOW)
    script = (
        "import sys, datetime, pathlib; from bot.backup import restore; print('go', flush=True);"
        "restore(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), datetime.datetime.now())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(copy), str(database)],
        env=environment(tmp_path), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == "go\n"
    time.sleep(pause)  # not a measure: only where in its work it is killed
    process.kill()
    process.communicate()
    there = [p for p in database.parent.glob("sampan.db*") if not p.name.endswith(("-wal", "-shm"))]
    assert there and all(what_is_wrong(path) is None for path in there)
