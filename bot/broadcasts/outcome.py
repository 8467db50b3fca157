"""What came of one request, and who carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from bot.broadcasts.packet import Packet


class Came(Enum):
    ARRIVED = auto()
    TOO_FAST = auto()
    """429: not delivered; again after `seconds`."""
    MOVED = auto()
    """The group has the id `chat_id` now."""
    GONE = auto()
    """Blocked, kicked, deleted, not found: the chat is retired."""
    REFUSED = auto()
    """Telegram doesn't take this message."""
    NOT_SENT = auto()
    """No connection was made: nothing can have arrived."""
    UNKNOWN = auto()
    """No answer: it may have arrived."""
    SHUT_OUT = auto()
    """The token is refused: nobody will get anything."""


@dataclass(frozen=True, slots=True)
class Outcome:
    came: Came
    message_id: int | None = None
    seconds: float = 0.0
    chat_id: int = 0
    reason: str = ""


class Transport(Protocol):
    async def send(self, packet: Packet, chat_id: int) -> Outcome:
        """Carries out one request; raises nothing but CancelledError."""
        ...
