"""Groups of several languages."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m016_group_languages(db: Database) -> None:
    """`language` stays a group's first: what the bot announces there is written in it."""
    run(
        db,
        # Tags with commas, in the order in which they were chosen.
        "ALTER TABLE groups ADD COLUMN more_languages TEXT NOT NULL DEFAULT ''",
    )
