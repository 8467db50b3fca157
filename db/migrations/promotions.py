"""Festival campaigns, reminders of festivals, and who watches a broadcast."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m012_promotions(db: Database) -> None:
    run(
        db,
        """CREATE TABLE promotions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            platform TEXT,               -- whom it is for; null: it names no platform
            festival TEXT,
            countries TEXT NOT NULL DEFAULT '',    -- alpha-2 codes with commas between
            starts_on TEXT,              -- days of each country's own calendar
            ends_on TEXT,
            terms_url TEXT,
            proof TEXT NOT NULL DEFAULT '',        -- why the chats are the platform's own channel
            language TEXT NOT NULL DEFAULT 'en',   -- the text for whom no other fits
            author_id INTEGER,           -- null: an erased person
            published_at TEXT,
            ended_at TEXT,
            created_at TEXT NOT NULL,
            changed_at TEXT NOT NULL)""",
        """CREATE TABLE promotion_texts (
            promotion_id INTEGER NOT NULL REFERENCES promotions (id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            text TEXT NOT NULL,          -- plain
            PRIMARY KEY (promotion_id, language))""",
        """CREATE TABLE festival_reminders (
            festival TEXT NOT NULL,
            day TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (festival, day))""",
        """CREATE TABLE broadcast_watches (
            broadcast_id INTEGER NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,    -- a private chat: the person's id
            message_id INTEGER NOT NULL, -- the one message in which the progress is shown
            told TEXT NOT NULL DEFAULT '',   -- the last thing that was told in a new message
            PRIMARY KEY (broadcast_id, chat_id))""",
        # For {first_name}: what a person's app says when they open the private chat.
        "ALTER TABLE members ADD COLUMN first_name TEXT",
    )
