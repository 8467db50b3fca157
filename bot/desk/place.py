"""Where the moderators' desk is: a group chosen by an owner, else the one in the settings."""

from __future__ import annotations

from typing import Protocol

_KEY = "desk.chat"
MOVED = "moved."
"""Before the id of a group that became a supergroup; its value is the new id."""


class Meta(Protocol):
    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...


class DeskPlace:
    def __init__(self, meta: Meta, settings_default: int | None) -> None:
        self._meta = meta
        self._default = settings_default

    def chat_id(self) -> int | None:
        """The desk's group, asked anew each time: an owner may move it while the bot runs."""
        stored = self._meta.get(_KEY)
        chat = int(stored) if stored else self._default
        moved = self._meta.get(f"{MOVED}{chat}") if chat is not None else None
        return int(moved) if moved else chat

    def set(self, chat_id: int) -> None:
        self._meta.set(_KEY, str(chat_id))
