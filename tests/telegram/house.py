"""A bot open to everybody's calls, and what may come of them."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.telegram.commands import Commands
from tests.conftest import Harness

SAM = 7_000_100_015
OLA = 7_000_100_103
DESK = -1_002_000_000_100
SINGAPORE = "Sampan Singapore"
PEOPLE = ("Sam", "Nok", "Dara", "Ola")
"""A member, a moderator of the groups, who does marketing, and the owner."""
PLACES = ("bot", SINGAPORE, "Manila meet-up")
ARGUMENTS = (
    "",
    "Philippines",
    "<b>&amp;\u202e @nobody 99999999999999999999 'x' -- ;",
    "1 * " * 200,
)
MEMBERS_WRITE = {
    "answers",
    "updates",
    "members",
    "votes",
    "desk_questions",
    "desk_cases",
    "dialogues",
    "group_messages",
    "meta",
    "sqlite_sequence",
}
"""Tables that a member without any role may change."""


def commands(running: Harness) -> list[str]:
    """All that the application reacts to, as it was built."""
    groups = running.running.application.handlers.values()
    [all_commands] = [h for group in groups for h in group if isinstance(h, Commands)]
    return sorted({name for handler in all_commands._handlers for name in handler.commands})


async def quiet(running: Harness) -> None:
    """Until everything sent was fetched, confirmed and dealt with."""
    while len(running.world.updates) or running.running.dispatcher.waiting:
        await asyncio.sleep(0.02)


def failures(running: Harness) -> float:
    return running.running.metrics.registry.get_sample_value("sampan_updates_failed_total") or 0.0


def contents(running: Harness) -> dict[str, list[tuple[Any, ...]]]:
    """Every table that a member may not change."""
    db = running.core.db
    return {
        table: db.execute(f"SELECT * FROM {table}").fetchall()
        for table in db.table_names()
        if table not in MEMBERS_WRITE
    }


def changed(running: Harness, before: dict[str, list[tuple[Any, ...]]]) -> set[str]:
    """Tables of the team's that are not as they were."""
    after = contents(running)
    return {table for table in after if after[table] != before[table]}
