"""One recipient's message as the Bot API wants it, and what the delivery asks of who writes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.broadcasts.model import Broadcast, Button, Delivery, Media, Run


@dataclass(frozen=True, slots=True)
class Packet:
    """A method, and its parameters as JSON without the chat: `{"text": ...}`."""

    method: str
    body: str

    def to(self, chat_id: int) -> bytes:
        return f'{{"chat_id":{chat_id},{self.body[1:]}'.encode()


@dataclass(frozen=True)
class Held:
    """The compliance gate's no: why, and the id of the fact that decided."""

    reason: str
    rule: str | None = None


Compose = Callable[[Broadcast, Run, Delivery], Packet | None]
"""A recipient's message; None where no variant fits."""
Gate = Callable[[Broadcast, str | None], Held | None]
"""Whether a broadcast may go into a country now; None: it may."""


@lru_cache(maxsize=64)
def pack(
    html: str, media: Media | None = None, buttons: tuple[tuple[Button, ...], ...] = (),
    paid: bool = False,
) -> Packet:  # fmt: skip
    """Most recipients get the same bytes: those are put together once."""
    values: dict[str, Any] = {"parse_mode": "HTML"}
    if media is None:
        method = "sendMessage"
        values |= {"text": html, "link_preview_options": {"is_disabled": True}}
    else:
        method = "sendPhoto" if media.kind == "photo" else "sendDocument"
        values |= {"caption": html, media.kind: media.file_id}
    if buttons:
        rows = [[{"text": b.text, "url": b.url} for b in row] for row in buttons]
        values["reply_markup"] = {"inline_keyboard": rows}
    if paid:
        values["allow_paid_broadcast"] = True
    return Packet(method, json.dumps(values, ensure_ascii=False, separators=(",", ":")))
