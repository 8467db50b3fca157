"""What every step of the schema is written with."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("sampan")


def run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)
