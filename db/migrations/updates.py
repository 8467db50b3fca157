"""How updates are found."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m015_updates_waiting(db: Database) -> None:
    """Only updates that wait are looked for: an index of the rest is written for nothing."""
    run(
        db,
        "DROP INDEX updates_state",
        "CREATE INDEX updates_waiting ON updates (update_id) WHERE state = 'received'",
    )
