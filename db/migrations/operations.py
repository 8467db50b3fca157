"""What keeps the work by age quick on a large database."""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations.steps import migrations, run


@migrations()
def m014_operations(db: Database) -> None:
    """Deleting old answers looks for the questions that hang on them; old groups by their day."""
    run(
        db,
        "CREATE INDEX IF NOT EXISTS desk_questions_answer ON desk_questions (answer_id)",
        "CREATE INDEX IF NOT EXISTS desk_questions_at ON desk_questions (at)",
        "CREATE INDEX IF NOT EXISTS audit_log_at ON audit_log (at)",
    )
