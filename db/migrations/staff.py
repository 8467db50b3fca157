"""Who works here, what was changed by whom, and dialogues that are under way."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m007_staff(db: Database) -> None:
    run(
        db,
        """CREATE TABLE staff (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('admin', 'moderator', 'marketing')),
            scope TEXT NOT NULL DEFAULT '*',   -- '*', a country (alpha-2), or a group's chat id
            name TEXT NOT NULL DEFAULT '',     -- as shown when they were added
            added_by INTEGER,
            at TEXT NOT NULL,
            UNIQUE (user_id, role, scope))""",
        """CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER,             -- null: the bot itself, or an erased person
            what TEXT NOT NULL,          -- 'staff.add', 'group.setup', 'broadcast.approve' ...
            target TEXT NOT NULL DEFAULT '',
            detail TEXT NOT NULL DEFAULT '{}',   -- JSON
            at TEXT NOT NULL)""",
        "CREATE INDEX audit_log_target ON audit_log (what, target)",
        """CREATE TABLE dialogues (
            user_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            room TEXT NOT NULL,          -- the feature that asks
            asking TEXT NOT NULL,        -- what it asks for
            data TEXT NOT NULL,          -- JSON
            message_id INTEGER,          -- the bot's message that asks
            at TEXT NOT NULL,
            PRIMARY KEY (user_id, chat_id))""",
    )
