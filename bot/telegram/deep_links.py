"""What follows `/start`: each room has a prefix, and gets the payloads that begin with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import Message, Update

from bot.telegram.views import View


@dataclass(frozen=True)
class Led:
    """What a link shows; `instead` of the welcome, or before it."""

    view: View
    instead: bool = False


Follow = Callable[[Update, Message, str], Awaitable[Led | None]]


class DeepLinks:
    def __init__(self) -> None:
        self._rooms: dict[str, Follow] = {}

    def add(self, prefix: str, follow: Follow) -> None:
        """`follow` gets the whole payload, as outside input: anybody can type one."""
        self._rooms[prefix] = follow

    async def follow(self, update: Update, message: Message, words: Sequence[str]) -> Led | None:
        payload = " ".join(words)
        for prefix, follow in self._rooms.items():
            if payload.startswith(prefix):
                return await follow(update, message, payload)
        return None
