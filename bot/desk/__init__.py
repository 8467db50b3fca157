"""The moderators' desk: what the bot hands to people."""

from bot.desk.store import DeskStore, Waiting

__all__ = ["DeskStore", "Waiting"]
