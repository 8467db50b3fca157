"""The scam shield: per group settings, who was seen, what was reported and done."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m010_shield(db: Database) -> None:
    run(
        db,
        """CREATE TABLE shield_groups (
            chat_id INTEGER PRIMARY KEY,
            mode TEXT NOT NULL CHECK (mode IN ('off', 'report', 'act')),
            on_since TEXT NOT NULL)      -- when it was last switched on""",
        """CREATE TABLE shield_people (  -- only of groups where the shield is on
            chat_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            name_hash TEXT NOT NULL,     -- of the name last looked at: tells a renamed person
            first_seen TEXT NOT NULL,
            joined INTEGER NOT NULL DEFAULT 0,   -- was seen joining
            spoke INTEGER NOT NULL DEFAULT 0,
            trusted INTEGER NOT NULL DEFAULT 0,  -- a moderator called them no newcomer
            PRIMARY KEY (chat_id, user_id))""",
        "CREATE INDEX shield_people_user ON shield_people (user_id)",
        """CREATE TABLE shield_cleared (  -- names that a moderator found harmless
            chat_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            name_hash TEXT NOT NULL,
            PRIMARY KEY (chat_id, user_id, name_hash))""",
        """CREATE TABLE shield_links (
            address TEXT PRIMARY KEY,    -- host, or host/first-step
            user_id INTEGER,             -- who listed it
            at TEXT NOT NULL)""",
        """CREATE TABLE shield_raids (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat_id INTEGER NOT NULL,
            joins INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 1,  -- since its cards were last written
            at TEXT NOT NULL,
            last_at TEXT NOT NULL,
            over_at TEXT)""",
        """CREATE TABLE shield_reports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            chat_id INTEGER NOT NULL,
            user_id INTEGER NOT NULL,    -- whom it is about; a channel's id when one wrote
            name TEXT NOT NULL,
            username TEXT NOT NULL DEFAULT '',
            name_hash TEXT NOT NULL,
            text TEXT NOT NULL DEFAULT '',
            evidence TEXT NOT NULL,      -- JSON: [[kind, detail, sure], ...]
            messages TEXT NOT NULL DEFAULT '[]',   -- JSON: the ids of what they wrote
            state TEXT NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'done', 'dismissed', 'trusted', 'undone')),
            deleted INTEGER NOT NULL DEFAULT 0,
            barred TEXT NOT NULL DEFAULT '' CHECK (barred IN ('', 'muted', 'banned')),
            problem TEXT NOT NULL DEFAULT '',   -- what the bot may not do there
            by_bot INTEGER NOT NULL DEFAULT 0,  -- the bot did it by itself; who else: audit_log
            raid_id INTEGER REFERENCES shield_raids (id),
            changed INTEGER NOT NULL DEFAULT 0,
            at TEXT NOT NULL,
            closed_at TEXT)""",
        "CREATE INDEX shield_reports_person ON shield_reports (chat_id, user_id, state)",
        "CREATE INDEX shield_reports_state ON shield_reports (state, at)",
        """CREATE TABLE shield_reporters (
            report_id INTEGER NOT NULL REFERENCES shield_reports (id) ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (report_id, user_id))""",
        "CREATE INDEX shield_reporters_user ON shield_reporters (user_id, at)",
        """CREATE TABLE shield_cards (    -- the bot's messages about a report or a raid
            report_id INTEGER REFERENCES shield_reports (id) ON DELETE CASCADE,
            raid_id INTEGER REFERENCES shield_raids (id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            PRIMARY KEY (chat_id, message_id))""",
        "CREATE INDEX shield_cards_report ON shield_cards (report_id)",
        """CREATE TABLE shield_warned (   -- who was told that staff never write first
            user_id INTEGER PRIMARY KEY,
            at TEXT NOT NULL)""",
    )
