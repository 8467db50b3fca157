"""Cases of the desk, the delivery of its answers, and where taught answers were given."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m009_inbox(db: Database) -> None:
    run(
        db,
        """CREATE TABLE desk_cases (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL,           -- the question as it is compared with others
            text TEXT NOT NULL,          -- as it was asked first
            language TEXT NOT NULL,      -- in which its askers are answered
            topic TEXT NOT NULL,
            asked_country TEXT,          -- part of what makes questions the same
            country TEXT,                -- whose people look after it: changed by passing it on
            confidence REAL NOT NULL,    -- of the bot's own guess
            state TEXT NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'answered', 'dismissed')),
            opened_at TEXT NOT NULL,
            claimed_by INTEGER,
            claimed_name TEXT NOT NULL DEFAULT '',
            claimed_at TEXT,
            closed_by INTEGER,
            closed_name TEXT NOT NULL DEFAULT '',
            closed_at TEXT,
            answer TEXT,
            answer_language TEXT,
            faq_id INTEGER REFERENCES faqs (id),   -- taught from it
            card_chat INTEGER,
            card_message INTEGER,
            card_dirty INTEGER NOT NULL DEFAULT 1)   -- what it shows is out of date""",
        """CREATE UNIQUE INDEX desk_cases_open
           ON desk_cases (key, language, coalesce(asked_country, '')) WHERE state = 'waiting'""",
        "CREATE INDEX desk_cases_state ON desk_cases (state, opened_at)",
        "CREATE INDEX desk_cases_card ON desk_cases (card_chat, card_message)",
        "CREATE INDEX desk_cases_dirty ON desk_cases (id) WHERE card_dirty = 1",
        "ALTER TABLE desk_questions ADD COLUMN case_id INTEGER REFERENCES desk_cases (id) ON DELETE SET NULL",
        """INSERT INTO desk_cases
           (key, text, language, topic, asked_country, country, confidence, opened_at)
           SELECT 'question ' || id, text, language, topic, country, country, 0, at
           FROM desk_questions WHERE state = 'waiting' AND reason != 'outdated'""",
        """UPDATE desk_questions
           SET case_id = (SELECT c.id FROM desk_cases c WHERE c.key = 'question ' || desk_questions.id)""",
        "CREATE INDEX desk_questions_case ON desk_questions (case_id)",
        "CREATE INDEX desk_questions_answer ON desk_questions (answer_id)",
        """CREATE TABLE desk_deliveries (
            question_id INTEGER PRIMARY KEY REFERENCES desk_questions (id) ON DELETE CASCADE,
            case_id INTEGER NOT NULL REFERENCES desk_cases (id) ON DELETE CASCADE,
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                ('pending', 'sending', 'sent', 'unquoted', 'blocked', 'gone', 'failed', 'uncertain', 'covered')),
            at TEXT NOT NULL)""",
        "CREATE INDEX desk_deliveries_state ON desk_deliveries (state, question_id)",
        "CREATE INDEX desk_deliveries_case ON desk_deliveries (case_id)",
        """CREATE TABLE desk_topics (
            chat_id INTEGER NOT NULL,
            country TEXT NOT NULL,       -- '' for questions of no country
            thread_id INTEGER NOT NULL,
            PRIMARY KEY (chat_id, country))""",
        """CREATE TABLE faq_uses (
            answer_id INTEGER PRIMARY KEY REFERENCES answers (id) ON DELETE CASCADE,
            faq_id INTEGER NOT NULL REFERENCES faqs (id))""",
        "CREATE INDEX faq_uses_faq ON faq_uses (faq_id)",
    )  # fmt: skip
