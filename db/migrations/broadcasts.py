"""Broadcasts: what is sent, to whom and when; and a ledger row for every recipient."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m011_broadcasts(db: Database) -> None:
    run(
        db,
        """CREATE TABLE broadcasts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('promotion', 'festival', 'education', 'service')),
            state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'waiting', 'scheduled',
                'running', 'paused', 'finished', 'cancelled', 'overdue')),
            author_id INTEGER,           -- null: an erased person
            approver_id INTEGER,
            platform TEXT,               -- whom a promotion is for
            promotion_id INTEGER,
            language TEXT NOT NULL DEFAULT 'en',   -- the variant for whom no other fits
            audience TEXT NOT NULL DEFAULT '{}',   -- JSON
            schedule TEXT NOT NULL DEFAULT '{}',   -- JSON
            paid INTEGER NOT NULL DEFAULT 0,
            note TEXT NOT NULL DEFAULT '',         -- why it stands still, in one line
            next_key TEXT,               -- the coming moment, as the schedule names it
            next_at TEXT,                -- when its first recipient is due
            copied_from INTEGER,
            created_at TEXT NOT NULL,
            changed_at TEXT NOT NULL)""",
        "CREATE INDEX broadcasts_state ON broadcasts (state, next_at)",
        """CREATE TABLE broadcast_variants (
            broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            text TEXT NOT NULL,          -- HTML with placeholders
            media TEXT,                  -- JSON: kind, file_id, name
            buttons TEXT NOT NULL DEFAULT '[]',    -- JSON: rows of text and url
            PRIMARY KEY (broadcast_id, language))""",
        """CREATE TABLE broadcast_runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
            key TEXT NOT NULL,           -- the moment: one run each, whatever the clock does
            state TEXT NOT NULL CHECK (state IN
                ('choosing', 'running', 'paused', 'finished', 'cancelled', 'overdue')),
            note TEXT NOT NULL DEFAULT '',
            total INTEGER NOT NULL DEFAULT 0,
            started_at TEXT NOT NULL,
            touched_at TEXT NOT NULL,    -- when the delivery was last known to be at work
            finished_at TEXT,
            summary TEXT,                -- JSON, once finished: what counting a million takes long for
            UNIQUE (broadcast_id, key))""",
        "CREATE INDEX broadcast_runs_state ON broadcast_runs (state)",
        # One b-tree in the order of sending: choosing a million and taking the next are both
        # appends and reads of neighbouring rows. No CHECK: it doubles the cost of choosing.
        """CREATE TABLE deliveries (
            run_id INTEGER NOT NULL REFERENCES broadcast_runs (id) ON DELETE CASCADE,
            due INTEGER NOT NULL,        -- seconds since 1970, UTC
            chat_id INTEGER NOT NULL,
            country TEXT,
            language TEXT,               -- their own choice, or what their app says
            state TEXT NOT NULL DEFAULT 'pending',   -- bot/broadcasts/model.py, Delivered
            reason TEXT,                 -- why failed, uncertain or held
            rule TEXT,                   -- the fact that held it
            message_id INTEGER,
            at INTEGER,                  -- when it came into this state, as `due`
            PRIMARY KEY (run_id, due, chat_id)) WITHOUT ROWID""",
        """CREATE TABLE broadcast_links (
            token TEXT PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES broadcast_runs (id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            url TEXT NOT NULL,
            clicks INTEGER NOT NULL DEFAULT 0,   -- counted, never by whom
            UNIQUE (run_id, language, url))""",
    )
