"""The database: opening it, its migrations, and the knowledge that it starts with."""

from db.migrations import migrations
from db.open import NewerDatabase, open_database, unknown_steps

__all__ = ["NewerDatabase", "migrations", "open_database", "unknown_steps"]
