"""Writes of one moment share a commit, and each learns of its own outcome."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.commits import MOST, Commits
from bot.journal import Journal, current_update
from db import open_database
from tests.conftest import NOW


@pytest.fixture
def db(tmp_path: Path) -> Database:
    found = open_database(tmp_path / "s.db")
    found.execute("CREATE TABLE notes (n INTEGER PRIMARY KEY)")
    return found


def commits_of(db: Database) -> list[str]:
    seen: list[str] = []
    db.conn.set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


def add(db: Database, n: int) -> int:
    return int(db.execute("INSERT INTO notes (n) VALUES (?)", [n]).lastrowid or 0)


async def test_what_is_written_at_one_moment_is_one_commit(db: Database) -> None:
    commits, seen = Commits(db), commits_of(db)
    written = await asyncio.gather(*(commits.write(lambda n=n: add(db, n)) for n in range(5)))
    assert written == [0, 1, 2, 3, 4]
    assert len(seen) == 1


async def test_a_crowd_is_written_in_parts(db: Database) -> None:
    commits, seen = Commits(db), commits_of(db)
    await asyncio.gather(*(commits.write(lambda n=n: add(db, n)) for n in range(2 * MOST + 1)))
    assert len(seen) == 3


async def test_it_is_on_disk_when_the_writer_goes_on(db: Database, tmp_path: Path) -> None:
    await Commits(db).write(lambda: add(db, 7))
    other = sqlite3.connect(tmp_path / "s.db")
    assert other.execute("SELECT n FROM notes").fetchall() == [(7,)]
    other.close()


async def test_one_that_cannot_be_written_leaves_the_others_alone(db: Database) -> None:
    commits = Commits(db)
    outcomes = await asyncio.gather(
        *(commits.write(lambda n=n: add(db, n)) for n in (1, 2, 2, 3)), return_exceptions=True
    )
    assert [type(o) for o in outcomes] == [int, int, sqlite3.IntegrityError, int]
    assert db.execute("SELECT n FROM notes").fetchall() == [(1,), (2,), (3,)]


async def test_a_locked_database_is_waited_for_once(db: Database, tmp_path: Path) -> None:
    db.execute("PRAGMA busy_timeout=1")
    commits, tried = Commits(db), []
    other = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def write(n: int) -> int:
        tried.append(n)
        return add(db, n)

    outcomes = await asyncio.gather(
        *(commits.write(lambda n=n: write(n)) for n in (1, 2, 3)), return_exceptions=True
    )
    assert [type(o) for o in outcomes] == [sqlite3.OperationalError] * 3
    assert tried == [1]
    other.execute("ROLLBACK")
    other.close()
    assert await commits.write(lambda: add(db, 4)) == 4


async def test_who_gave_up_waiting_does_not_stop_the_others(db: Database) -> None:
    commits = Commits(db)
    gone, stays = (asyncio.ensure_future(commits.write(lambda n=n: add(db, n))) for n in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 2


async def test_each_answer_is_marked_by_the_update_it_answers(db: Database) -> None:
    """The commit runs in the context of whoever came first; the marks must not."""
    journal = Journal(db, lambda: NOW)
    journal.store([{"update_id": n, "message": {}} for n in (1, 2, 3)])

    async def answer(update_id: int) -> None:
        current_update.set(update_id)
        await journal.noted(lambda: add(db, update_id))
        await journal.replying()

    await asyncio.gather(*(asyncio.create_task(answer(n)) for n in (1, 2)))
    states = db.execute("SELECT state FROM updates ORDER BY update_id").fetchall()
    assert states == [("replying",), ("replying",), ("received",)]
