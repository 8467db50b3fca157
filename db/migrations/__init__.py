"""The database's schema, as steps that are only ever added. Times are UTC, ISO 8601 text.

A step is applied once, by its name, in the order in which the modules below are imported.
"""

# ruff: noqa: I001 - the order is the steps' order
from db.migrations.steps import migrations
from db.migrations import first
from db.migrations import staff
from db.migrations import groups
from db.migrations import inbox
from db.migrations import shield
from db.migrations import broadcasts
from db.migrations import promotions
from db.migrations import referrals
from db.migrations import operations
from db.migrations import updates
from db.migrations import languages
from db.migrations import desk
from db.migrations import large

__all__ = [
    "broadcasts",
    "desk",
    "first",
    "groups",
    "inbox",
    "languages",
    "large",
    "migrations",
    "operations",
    "promotions",
    "referrals",
    "shield",
    "staff",
    "updates",
]
