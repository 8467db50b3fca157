"""A database as it is after long use: the large tables, filled in bulk."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from db import open_database

FIRST_ID = 7_600_000_000
"""Of people and, negative, of groups, who are nobody's that ask in a bench."""
BYTES_A_ROW = 560
"""What one of `rows` takes in all tables together, about."""

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :rows - 1)"
_AGO = "strftime('%Y-%m-%dT%H:%M:%S+00:00', :now - :seconds * (:rows - 1 - i) / :rows, 'unixepoch')"
_CHAT = f"-1002000000000 - {FIRST_ID} - i * 7919 % 13000"
_MESSAGE = "1000000 + i"

# Each table: its share of `rows`, over how many seconds up to now, and what fills it.
_TABLES = {
    "members": (1, 89 * 86400, f"""INSERT INTO members
        (user_id, telegram_language, started_at, first_seen, last_seen)
        SELECT {FIRST_ID} + i, 'vi', {_AGO}, {_AGO}, {_AGO} FROM n"""),
    "updates": (1, 24 * 3600, f"""INSERT INTO updates (update_id, payload, state, received_at)
        SELECT 100000000 + i, '', CASE WHEN i % 100000 THEN 'done' ELSE 'replying' END, {_AGO} FROM n"""),
    "answers": (1, 89 * 86400, f"""INSERT INTO answers
        (user_id, chat_id, message_id, text, language, topic, country, entity, outcome, confidence, at)
        SELECT {FIRST_ID} + i * 7919 % :rows, {_CHAT}, {_MESSAGE},
               'mua usdt bang chuyen khoan ngan hang o viet nam nhu nao ' || i, 'vi', 'p2p', 'VN', NULL,
               'answered', 0.9, {_AGO} FROM n"""),
    "group_messages": (1, 46 * 3600, f"""INSERT INTO group_messages
        (chat_id, message_id, kind, content, at)
        SELECT {_CHAT}, {_MESSAGE}, CASE WHEN i % 100000 THEN 'answer' ELSE 'notice' END,
               substr(hex(i * 2654435761), 1, 20), {_AGO} FROM n"""),
    "votes": (10, 89 * 86400, f"""INSERT INTO votes (answer_id, user_id, vote, at)
        SELECT (SELECT min(id) FROM answers) + i * 10, {FIRST_ID} + i * 7919 % :rows,
               CASE WHEN i % 4 THEN 1 ELSE -1 END, {_AGO} FROM n"""),
    "desk_cases": (100, 89 * 86400, f"""INSERT INTO desk_cases
        (id, key, text, language, topic, confidence, state, card_dirty, opened_at)
        SELECT 1 + i, 'key' || i, 'a question ' || i, 'vi', 'none', 0.5,
               CASE WHEN i % 100 THEN 'answered' ELSE 'waiting' END, 0, {_AGO} FROM n"""),
    "desk_questions": (100, 89 * 86400, f"""INSERT INTO desk_questions
        (user_id, chat_id, message_id, text, language, topic, reason, state, case_id, at)
        SELECT {FIRST_ID} + i, {_CHAT}, {_MESSAGE}, 'a question ' || i, 'vi', 'none', 'declined',
               CASE WHEN i % 100 THEN 'answered' ELSE 'waiting' END, 1 + i, {_AGO} FROM n"""),
}  # fmt: skip


def fill(database: Path, rows: int, now: datetime, groups: int = 13_000) -> dict[str, int]:
    """`rows` members, updates, answers and messages in groups each, and fewer votes and questions
    to the desk, nearly as old as they may grow. Indexes are built afterwards, which is ten times as fast.
    Returns the rows by table."""
    open_database(database).conn.close()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        add_groups(connection, groups, now)
        found = {}
        for table, (share, seconds, statement) in _TABLES.items():
            values = {
                "rows": max(1, rows // share),
                "seconds": seconds,
                "now": int(now.timestamp()),
            }
            _without_indexes(connection, table, f"{_NUMBERS} {statement}", values)
            found[table] = values["rows"]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("rb+") as file:  # else the bot's first checkpoint would wait for all of it
        os.fsync(file.fileno())
    return found


def _without_indexes(
    connection: sqlite3.Connection, table: str, statement: str, values: dict[str, int]
) -> None:
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        [table],
    ).fetchall()
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute(statement, values)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")


def add_groups(
    connection: sqlite3.Connection, number: int, now: datetime, first: int = FIRST_ID
) -> None:
    """Groups in which clear questions are answered unasked."""
    at = (now - timedelta(days=90)).isoformat(timespec="seconds")
    connection.execute("BEGIN")
    connection.executemany(
        """INSERT OR IGNORE INTO groups (chat_id, title, country, answering, joined_at)
           VALUES (?, ?, ?, 'confident', ?)""",
        (
            (group_id(n, first), f"Group {n}", COUNTRIES[n % len(COUNTRIES)], at)
            for n in range(number)
        ),
    )
    connection.execute("COMMIT")


COUNTRIES = ("VN", "PH", "TH", "ID", "KR", "JP", "TW", "IN")


def group_id(n: int, first: int = FIRST_ID) -> int:
    return -1_002_000_000_000 - first - n
