"""What is read of one person and held for one chat: so that none of them slows the rest.

Only what a person types or presses can be left unread. Memberships, join requests and payments
change records, so they always pass.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Literal

from bot.telegram.services import NOT_PEOPLE

MAX_PEOPLE = 20_000
"""Buckets held; the least recently used goes first."""
CHAT_QUEUE = 1_000
"""Updates of one chat that may wait to be read."""
_READ = ("message", "edited_message", "callback_query", "inline_query", "guest_message")

Refusal = Literal["person", "chat"]


class Budgets:
    """`per_minute` of one person in the long run, with bursts of half of it."""

    def __init__(self, per_minute: int = 300) -> None:
        self._rate = per_minute / 60
        self._burst = per_minute / 2
        self._people: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def refuse(self, raw: dict[str, Any], queued: int, now: float) -> Refusal | None:
        """Why an update is left unread. `queued`: how many of its chat wait; `now`: monotonic."""
        content = next((raw[kind] for kind in _READ if kind in raw), None)
        if not isinstance(content, dict) or "migrate_to_chat_id" in content:
            return None
        if queued >= CHAT_QUEUE:
            return "chat"
        person = content.get("from")
        user_id = person.get("id") if isinstance(person, dict) else None
        if not isinstance(user_id, int) or user_id in NOT_PEOPLE:
            return None
        return None if self._take(user_id, now) else "person"

    def _take(self, user_id: int, now: float) -> bool:
        tokens, at = self._people.get(user_id, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._rate)
        through = tokens >= 1
        self._people[user_id] = (tokens - through, now)
        self._people.move_to_end(user_id)
        if len(self._people) > MAX_PEOPLE:
            self._people.popitem(last=False)
        return through
