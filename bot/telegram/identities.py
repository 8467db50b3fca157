"""Telegram's own accounts that write in the name of a chat: none of them is a person."""

from __future__ import annotations

PRIVATE = "private"
ANONYMOUS_ADMIN = 1087968824
"""GroupAnonymousBot: the group's administrators who write without their name."""
CHANNEL_BOT = 136817688
TELEGRAM_SERVICE = 777000
"""Posts of a group's linked channel come from it."""
NOT_PEOPLE = frozenset({ANONYMOUS_ADMIN, CHANNEL_BOT, TELEGRAM_SERVICE})
