"""People, groups, updates, answers, knowledge and taught answers."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m001_people_and_groups(db: Database) -> None:
    """Who talks to the bot, and where; only what answering them needs."""
    run(
        db,
        """CREATE TABLE members (
            user_id INTEGER PRIMARY KEY,
            language TEXT,              -- chosen by the member
            country TEXT,               -- chosen by the member
            telegram_language TEXT,     -- what their app says
            notify TEXT NOT NULL DEFAULT 'promotion,festival,service',
            started_at TEXT,            -- first /start in private: the bot may write to them
            blocked_at TEXT,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL)""",
        """CREATE TABLE groups (
            chat_id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            country TEXT,
            language TEXT,
            auto_answer INTEGER NOT NULL DEFAULT 0,
            joined_at TEXT NOT NULL,
            left_at TEXT)""",
    )


@migrations()
def m002_updates(db: Database) -> None:
    """Updates that were confirmed to Telegram and are not dealt with yet."""
    run(
        db,
        """CREATE TABLE updates (
            update_id INTEGER PRIMARY KEY,
            payload TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'received'
                CHECK (state IN ('received', 'replying', 'done')),
            received_at TEXT NOT NULL)""",
        "CREATE INDEX updates_state ON updates (state, update_id)",
    )


@migrations()
def m003_answers(db: Database) -> None:
    """What was asked and answered, the votes on it, and what was handed to a person."""
    run(
        db,
        """CREATE TABLE answers (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER,
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,   -- the question's
            thread_id INTEGER,
            text TEXT NOT NULL,
            language TEXT NOT NULL,
            topic TEXT NOT NULL,
            country TEXT,
            entity TEXT,
            outcome TEXT NOT NULL
                CHECK (outcome IN ('answered', 'declined', 'asked_back')),
            confidence REAL NOT NULL,
            at TEXT NOT NULL)""",
        "CREATE INDEX answers_user ON answers (user_id)",
        "CREATE INDEX answers_at ON answers (at)",
        """CREATE TABLE votes (
            answer_id INTEGER NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            vote INTEGER NOT NULL CHECK (vote IN (-1, 1)),
            at TEXT NOT NULL,
            PRIMARY KEY (answer_id, user_id))""",
        "CREATE INDEX votes_user ON votes (user_id)",
        """CREATE TABLE desk_questions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            answer_id INTEGER REFERENCES answers (id) ON DELETE SET NULL,
            user_id INTEGER,
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            thread_id INTEGER,
            text TEXT NOT NULL,
            language TEXT NOT NULL,
            topic TEXT NOT NULL,
            country TEXT,
            reason TEXT NOT NULL CHECK (reason IN ('asked', 'voted_down', 'declined', 'outdated')),
            state TEXT NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'answered', 'dismissed')),
            at TEXT NOT NULL,
            UNIQUE (chat_id, message_id, reason, user_id))""",
        "CREATE INDEX desk_questions_state ON desk_questions (state, at)",
        "CREATE INDEX desk_questions_user ON desk_questions (user_id)",
    )


@migrations()
def m004_knowledge(db: Database) -> None:
    """Facts as they stand now, and every change that was made to them."""
    run(
        db,
        """CREATE TABLE fact_revisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            fact_id TEXT NOT NULL,
            country TEXT,
            action TEXT NOT NULL CHECK (action IN ('edit', 'verify', 'undo', 'import')),
            before TEXT NOT NULL,        -- the fact as JSON
            after TEXT NOT NULL,
            user_id INTEGER,             -- nobody for an import
            undone_by INTEGER REFERENCES fact_revisions (id),
            at TEXT NOT NULL)""",
        "CREATE INDEX fact_revisions_fact ON fact_revisions (fact_id, id)",
        """CREATE TABLE knowledge_parts (
            part TEXT PRIMARY KEY,       -- the file's name without .yaml
            digest TEXT NOT NULL,
            data TEXT NOT NULL)          -- the file as it was last imported, as JSON""",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    )


@migrations()
def m005_fact_drafts(db: Database) -> None:
    """Changes of facts that are being written in a chat: one a person and chat."""
    run(
        db,
        """CREATE TABLE fact_drafts (
            user_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            fact_id TEXT NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('edit', 'verify')),
            asking TEXT CHECK (asking IN ('text', 'status', 'source')),  -- null: previewed
            changes TEXT NOT NULL,       -- what is proposed, as JSON
            message_id INTEGER,          -- the bot's message that asks
            at TEXT NOT NULL,
            PRIMARY KEY (user_id, chat_id))""",
    )


@migrations()
def m006_faq(db: Database) -> None:
    """Answers that people of the team have taught, in one or more languages."""
    run(
        db,
        """CREATE TABLE faqs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            country TEXT,                -- null: for members of every country
            topic TEXT NOT NULL,
            author INTEGER,
            at TEXT NOT NULL,
            until TEXT,
            retired_at TEXT)""",
        """CREATE TABLE faq_texts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the lowest: the language it was taught in
            faq_id INTEGER NOT NULL REFERENCES faqs (id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            question TEXT NOT NULL,
            answer TEXT NOT NULL,
            UNIQUE (faq_id, language))""",
    )
