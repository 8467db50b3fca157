"""No job and nobody's wish reads a whole large table: each statement is explained by SQLite."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.answers.store import AnswerStore, Asked
from bot.desk.store import DeskStore
from bot.journal import Journal
from bot.members.group_messages import GroupMessages
from bot.members.store import GroupStore, MemberStore
from bot.retention import BATCH, Retention, next_batch
from db import open_database
from tests.conftest import NOW

LARGE = {
    "updates", "answers", "votes", "members", "group_messages", "desk_questions", "faq_uses",
    "referrals", "referral_events", "shield_people", "audit_log", "shield_reports",
}  # fmt: skip
MONTHS = timedelta(days=90)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "sampan.db")


def asked(chat_id: int, message_id: int) -> Asked:
    return Asked(
        7, chat_id, message_id, None, "a question", "en", "tax", "JP", None, "declined", 0.9
    )


def use_everything(db: Database) -> None:
    """What each update and answer does, and the rare wishes: export, erase, a group that moves."""
    journal, answers = Journal(db, lambda: NOW), AnswerStore(db, lambda: NOW)
    members, groups = MemberStore(db, lambda: NOW), GroupStore(db, lambda: NOW)
    messages, desk = GroupMessages(db, lambda: NOW), DeskStore(db, lambda: NOW)
    journal.store([{"update_id": 5}])
    journal.done(5)
    journal.flush()
    journal.pending()
    number = answers.add(asked(-5, 1))
    desk.hand_over(number, asked(-5, 1), 7, "declined")
    answers.vote(number, 7, True)
    answers.votes(number)
    answers.taught_use(1)
    messages.answer(-5, 2, None, "abc")
    messages.earlier(-5, None, "abc", timedelta(minutes=10))
    messages.due()
    messages.purge()
    desk.waiting()
    desk.count_waiting()
    groups.join(-5, "Small")
    groups.migrate(-5, -1_002_000_000_005)
    members.start(7, "en", "Ann")
    members.export(7)
    members.erase(7)


async def test_no_statement_reads_a_large_table_whole(db: Database) -> None:
    statements: set[str] = set()
    db.conn.set_trace_callback(statements.add)
    use_everything(db)
    await Retention(db, lambda: NOW, MONTHS).purge()
    db.conn.set_trace_callback(None)
    whole = set()
    for statement in statements:
        if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", statement):
            continue
        for *_, step in db.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall():
            found = re.match(r"SCAN (\w+)(?! USING (COVERING )?INDEX updates_open)", step)
            if found and found.group(1) in LARGE:
                whole.add((step, " ".join(statement.split())))
    assert not whole, "\n".join(f"{step}: {statement}" for step, statement in sorted(whole))


async def test_updates_go_in_order_and_the_young_are_not_looked_at(db: Database) -> None:
    old, young = NOW - timedelta(hours=26), NOW - timedelta(hours=1)
    Journal(db, lambda: old).store([{"update_id": n} for n in range(2 * BATCH + 7)])
    db.execute("UPDATE updates SET state = 'done' WHERE update_id != 3")
    Journal(db, lambda: young).store([{"update_id": n} for n in range(10**6, 10**6 + 9_000)])
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    deleted = await Retention(db, lambda: NOW, MONTHS).purge()
    db.conn.set_trace_callback(None)
    assert deleted == {"updates": 2 * BATCH + 6}, "all that are old but the one that waits"
    reached = [int(n) for s in statements for n in re.findall(r"update_id <= (\d+)", s)]
    assert max(reached) < 10**6 + 8_999, "it stops at the first young ones"


async def test_deleting_leaves_most_of_the_time_to_answers(db: Database) -> None:
    """On a slow disk, batches become smaller, and between two there is a rest of four times one."""
    with db.atomic():
        for number in range(1_400):
            db.execute("INSERT INTO audit_log (what, at) VALUES (?, '2020')", [f"a{number}"])
    seconds, rests = itertools.count(0.0, 1 / 64), list[float]()

    async def rest(length: float) -> None:
        rests.append(length)

    retention = Retention(db, lambda: NOW, MONTHS, mono=lambda: next(seconds), rest=rest)
    statements: list[str] = []
    db.conn.set_trace_callback(statements.append)
    assert await retention.purge() == {"audit_log": 1_400}
    db.conn.set_trace_callback(None)
    sizes = [
        int(n) for s in statements if "FROM audit_log" in s for n in re.findall(r"LIMIT (\d+)", s)
    ]
    assert sizes[:4] == [500, 320, 204, 130] and min(sizes) == 20
    assert set(rests) == {4 / 64}


def test_a_batch_grows_no_more_than_twice_and_to_a_limit() -> None:
    assert next_batch(500, 0.0) == 1_000
    assert next_batch(4_000, 0.001) == 5_000
    assert next_batch(500, 0.01) == 500


def test_a_basic_group_takes_its_answers_along(db: Database) -> None:
    answers, groups = AnswerStore(db, lambda: NOW), GroupStore(db, lambda: NOW)
    groups.join(-5, "Small")
    theirs = answers.add(asked(-5, 1))
    other = answers.add(asked(-6, 1))
    groups.migrate(-5, -1_002_000_000_005)
    moved, stayed = answers.get(theirs), answers.get(other)
    assert moved and stayed
    assert (moved.chat_id, stayed.chat_id) == (-1_002_000_000_005, -6)


def test_erasing_takes_only_the_cases_that_nobody_else_asks(db: Database) -> None:
    answers, desk = AnswerStore(db, lambda: NOW), DeskStore(db, lambda: NOW)
    for person in (7, 8):
        for number in (1, 2) if person == 7 else (1,):
            text = f"how do I get a mining licence in region {number}"
            question = Asked(
                person, person, number, None, text, "en", "none", "JP", None, "declined", 0.1
            )
            desk.hand_over(answers.add(question), question, person, "declined")
    assert db["desk_cases"].count == 2
    MemberStore(db, lambda: NOW).erase(7)
    assert [row["text"] for row in db["desk_cases"].rows] == [
        "how do I get a mining licence in region 1"
    ]
