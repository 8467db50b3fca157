"""What the desk is still to be told."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m017_desk_untold(db: Database) -> None:
    """Kept, so that a kill right after the last delivery hides nobody who was not reached."""
    run(
        db,
        "ALTER TABLE desk_cases ADD COLUMN untold INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX desk_cases_untold ON desk_cases (id) WHERE untold = 1",
    )
