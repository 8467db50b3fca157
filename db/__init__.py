"""The database: opening it, its migrations, and the knowledge that it starts with."""

from db.migrations import migrations
from db.open import open_database

__all__ = ["migrations", "open_database"]
