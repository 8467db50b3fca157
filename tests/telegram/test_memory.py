"""However many people and groups pass by, what is held of them does not grow with them."""

from __future__ import annotations

from typing import Any

from telegram import Update

from bot.telegram.sender import TOASTS
from bot.telegram.shield_acts import MAX_GROUPS, GroupOfficials
from tests.conftest import Harness

MANY = 1_000


def said(number: int) -> dict[str, Any]:
    """A person whom nobody knows says something in a group of their own."""
    return {
        "update_id": 900_000 + number,
        "message": {
            "message_id": 1, "date": 1_760_000_000, "text": "gm",
            "from": {"id": 800_000_000 + number, "is_bot": False, "first_name": "P"},
            "chat": {"id": -1_009_000_000_000 - number, "type": "supergroup", "title": "G"},
        },
    }  # fmt: skip


async def test_the_application_keeps_no_list_of_whom_it_has_seen(harness: Harness) -> None:
    application = harness.running.application
    for number in range(MANY):
        await application.process_update(Update.de_json(said(number), harness.running.bot))
    names = {name for kind in type(application).__mro__ for name in getattr(kind, "__slots__", ())}
    held = {name: getattr(application, name, None) for name in names}
    sizes = {n: len(v) for n, v in held.items() if isinstance(v, dict | set | list)}
    assert "_user_data" in sizes  # else it looks in the wrong place
    assert [name for name, size in sizes.items() if size >= MANY] == []


async def test_presses_that_nobody_asks_about_are_forgotten(harness: Harness) -> None:
    sender = harness.running.services.sender
    for number in range(TOASTS + 100):
        await sender.toast(f"press-{number}")
    assert len(sender._toasted) == TOASTS
    assert sender.toasted(f"press-{TOASTS + 99}")


async def test_channels_of_groups_long_not_asked_about_are_forgotten(harness: Harness) -> None:
    s = harness.running.services
    officials = GroupOfficials(harness.running.bot, s.staff, s.groups)
    for number in range(MAX_GROUPS + 50):
        chat = -1_009_000_000_000 - number
        harness.world.add_chat("G", chat_id=chat)
        assert not await officials.speaks_for(chat, -1_001)
    assert len(officials._linked) == MAX_GROUPS
