"""What a group's administrators set, and the bot's own messages there that it tidies away."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m008_group_setup(db: Database) -> None:
    run(
        db,
        "ALTER TABLE groups ADD COLUMN timezone TEXT",  # IANA; null: the country's
        """ALTER TABLE groups ADD COLUMN answering TEXT NOT NULL DEFAULT 'mentions'
           CHECK (answering IN ('off', 'mentions', 'confident'))""",
        "UPDATE groups SET answering = 'confident' WHERE auto_answer",
        "ALTER TABLE groups DROP COLUMN auto_answer",
        "ALTER TABLE groups ADD COLUMN festivals INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE groups ADD COLUMN quiet_from INTEGER",  # hours of the local day, 0 to 23
        "ALTER TABLE groups ADD COLUMN quiet_to INTEGER",
        "ALTER TABLE groups ADD COLUMN clean_minutes INTEGER",  # null: nothing is tidied away
        """CREATE TABLE group_messages (
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,    -- the bot's own
            thread_id INTEGER,
            kind TEXT NOT NULL CHECK (kind IN ('notice', 'answer')),
            content TEXT NOT NULL DEFAULT '',   -- a digest of an answer, to know it again
            at TEXT NOT NULL,
            PRIMARY KEY (chat_id, message_id))""",
        "CREATE INDEX group_messages_content ON group_messages (chat_id, content, at)",
        "CREATE INDEX group_messages_at ON group_messages (kind, at)",
    )
