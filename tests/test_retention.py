"""What is kept, how long, and that a person's data can be had and deleted, table by table."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.journal import Journal
from bot.members.store import MemberStore
from bot.retention import BATCH, RETENTION, Deleted, Retention
from bot.settings import ROOT
from db import open_database
from tests.conftest import NOW, Harness

PERSON = 4_242_424_242
SINGLE = {"author", "user", "owner", "admin", "moderator", "sender", "inviter", "invitee", "person"}
NOT_A_PERSON = {("fact_revisions", "undone_by")}
ABOUT_OTHERS = {("staff", "added_by")}
"""Columns that name who did something to somebody else's line: erased, but not theirs to export."""
UNTIL_CLOSED = {("shield_reports", "user_id")}
"""A report about a person that no moderator has closed yet stays: else erasing would undo it."""
PRIVATE_CHATS = {"deliveries", "broadcast_watches", "shield_cards"}
"""Tables where a chat's number alone may name a person; elsewhere it is a group's, or beside theirs."""
MONTHS = timedelta(days=90)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "sampan.db")


def person_columns(db: Database) -> dict[str, list[str]]:
    """Columns that hold a Telegram user id, by what they are called."""

    def holds_person(table: str, column: str) -> bool:
        if column == "chat_id":  # of a private chat: the person's own number
            return table in PRIVATE_CHATS
        named = column in SINGLE or re.search(
            r"_by$|_by_user$|(^|_)(user|author|approver|inviter|invitee|owner)_id$", column
        )
        return bool(named) and (table, column) not in NOT_A_PERSON

    found = {
        table: [c.name for c in db[table].columns if holds_person(table, c.name)]
        for table in db.table_names()
    }
    return {table: columns for table, columns in found.items() if columns}


def fill(db: Database, table: str, person: str, numbers: Iterator[int], who: int = PERSON) -> None:
    """One line, with the person in the column `person` alone."""
    kinds: dict[str, Callable[[], object]] = {
        "INTEGER": lambda: next(numbers),
        "REAL": lambda: 1.0,
        "TEXT": lambda: f"text {next(numbers)}",
    }
    row = {
        c.name: who if c.name == person else kinds[c.type]()
        for c in db[table].columns
        if c.name == person or (c.notnull and c.default_value is None) or c.is_pk
    }
    names, marks = ", ".join(f'"{n}"' for n in row), ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


@pytest.fixture
def filled(db: Database) -> Database:
    """A line of the person in every table that can name one."""
    db.execute("PRAGMA foreign_keys=OFF")
    db.execute("PRAGMA ignore_check_constraints=ON")
    numbers = itertools.count(1_000)
    for table, columns in person_columns(db).items():
        for column in columns:
            fill(db, table, column, numbers)
    return db


def test_every_table_says_how_long_it_keeps(db: Database) -> None:
    missing = set(db.table_names()) - set(RETENTION) - {"sqlite_sequence"}
    assert not missing, (
        f"say in bot/retention.py and docs/privacy.md how long these keep: {missing}"
    )


def test_the_privacy_page_names_every_table() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "privacy.md").read_text("utf-8")))
    assert set(RETENTION) - {"_sqlite_migrations"} <= named


def test_rules_name_columns_that_are_there(db: Database) -> None:
    there = set(db.table_names())
    for table, rule in RETENTION.items():
        if isinstance(rule, Deleted) and table in there:
            assert {rule.column, *re.findall(r"^\w+", rule.where)} - {"1"} <= set(
                db[table].columns_dict
            )


def test_people_are_found_by_the_columns_names(db: Database) -> None:
    found = person_columns(db)
    assert {"members", "answers", "votes", "staff", "audit_log", "faqs"} <= set(found)
    assert found["staff"] == ["user_id", "added_by"]


def test_export_has_a_persons_lines_of_every_table(filled: Database) -> None:
    export = MemberStore(filled, lambda: NOW).export(PERSON)
    wanted = {
        table
        for table, columns in person_columns(filled).items()
        if any((table, column) not in ABOUT_OTHERS for column in columns)
    }
    missing = {table for table in wanted if not export.get(table)}
    assert not missing, f"add these to MemberStore.export: {missing}"


def test_nothing_names_a_person_after_erasing(filled: Database) -> None:
    MemberStore(filled, lambda: NOW).erase(PERSON)
    left = {
        (table, column.name)
        for table in filled.table_names()
        for column in filled[table].columns
        for (value,) in filled.execute(f'SELECT "{column.name}" FROM "{table}"')
        if str(PERSON) in str(value)
    }
    assert left == UNTIL_CLOSED, f"add these to MemberStore.erase: {left - UNTIL_CLOSED}"


async def test_a_member_takes_their_data_and_leaves(harness: Harness) -> None:
    """End to end: the file has a line of every table; after deleting, no table knows them."""
    people, db = harness.people, harness.core.db
    made = await people.act("people", first_name="Vera", language="en", id=PERSON)
    vera = int(made["user"]["id"])
    await people.say(str(vera), "/start")
    answer = await people.say(str(vera), "is Binance allowed in the Philippines")
    await people.press(str(vera), answer, "👎")
    page = await people.say(str(vera), "/privacy")
    db.execute("PRAGMA foreign_keys=OFF")
    db.execute("PRAGMA ignore_check_constraints=ON")
    numbers, columns = itertools.count(1_000_000), person_columns(db)
    for table in columns.keys() - {"members", "answers", "votes"}:
        for column in columns[table]:
            fill(db, table, column, numbers, vera)
    db.execute("PRAGMA foreign_keys=ON")
    await people.press(str(vera), page, "Export")
    mine = json.loads(list(harness.world.files.values())[-1].data)
    assert not {t for t in columns if not mine.get(t)} - {"desk_deliveries"}
    confirm = await people.press(str(vera), page, "Delete")
    await people.press(str(vera), confirm["message"], "Yes, delete")
    harness.running.journal.flush()
    left = {
        (table, column)
        for table, named in columns.items()
        for column in named
        if db.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", [vera]).fetchone()
    }
    assert left <= {("members", "user_id"), *UNTIL_CLOSED}, left
    assert not db.execute("SELECT 1 FROM updates WHERE payload LIKE ?", [f"%{vera}%"]).fetchone()


def answer(db: Database, at: datetime) -> int:
    cursor = db.execute(
        """INSERT INTO answers (user_id, chat_id, message_id, text, language, topic, outcome,
           confidence, at) VALUES (1, 1, 1, 'q', 'en', 'tax', 'answered', 1, ?)""",
        [at.isoformat(timespec="seconds")],
    )
    return int(cursor.lastrowid or 0)


async def test_what_is_past_its_time_goes_and_takes_what_hangs_on_it(db: Database) -> None:
    old, new = answer(db, NOW - MONTHS - timedelta(days=1)), answer(db, NOW - timedelta(days=89))
    for number in (old, new):
        db.execute("INSERT INTO votes VALUES (?, 1, 1, '2026')", [number])
    deleted = await Retention(db, lambda: NOW, MONTHS).purge()
    assert deleted == {"answers": 1}
    assert [row["id"] for row in db["answers"].rows] == [new]
    assert [row["answer_id"] for row in db["votes"].rows] == [new]


async def test_more_than_a_batch_goes_in_one_run(db: Database) -> None:
    with db.atomic():
        for _ in range(2 * BATCH + 7):
            answer(db, NOW - timedelta(days=100))
    assert await Retention(db, lambda: NOW, MONTHS).purge() == {"answers": 2 * BATCH + 7}


async def test_updates_are_forgotten_but_never_one_that_waits(db: Database) -> None:
    at = NOW - timedelta(hours=26)
    journal = Journal(db, lambda: at)
    journal.store([{"update_id": n} for n in (1, 2, 3)])
    journal.done(1)
    journal.flush()
    db.execute("UPDATE updates SET state = 'replying' WHERE update_id = 3")
    Journal(db, lambda: NOW - timedelta(hours=2)).store([{"update_id": 4, "message": "private"}])
    db.execute("UPDATE updates SET state = 'replying' WHERE update_id = 4")
    await Retention(db, lambda: NOW, MONTHS).purge()
    assert [(r["update_id"], r["payload"]) for r in db["updates"].rows] == [
        (2, '{"update_id":2}'), (4, ""),
    ]  # fmt: skip


async def test_a_clock_that_was_set_deletes_nothing(db: Database) -> None:
    answer(db, NOW)
    later = NOW + timedelta(days=4000)
    assert await Retention(db, lambda: later, MONTHS, lambda: False).purge() == {}
    assert db["answers"].count == 1
