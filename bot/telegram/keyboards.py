"""Answers' buttons as Telegram's inline keyboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from bot.answers.model import Answer, AskPerson, Button, ReportOutdated, Vote
from bot.i18n import Translator
from bot.telegram.callbacks import Action, encode


@dataclass(frozen=True)
class Url:
    """A button that opens an address."""

    address: str


@dataclass(frozen=True)
class Copy:
    """Copies a text of at most 256 characters."""

    text: str


Row = Sequence[tuple[str, Action | Url | Copy]]
Keyboard = dict[str, list[list[dict[str, Any]]]]
"""Bot API, InlineKeyboardMarkup: plain data, as most answers carry a keyboard of their own."""


def keyboard(rows: Sequence[Row]) -> Keyboard:
    return {"inline_keyboard": [_row(row) for row in rows]}


def _row(row: Row) -> list[dict[str, Any]]:
    return [{"text": text, **_does(action)} for text, action in row]


def _does(action: Action | Url | Copy) -> dict[str, Any]:
    match action:
        case Url(address):
            return {"url": address}
        case Copy(text):
            return {"copy_text": {"text": text}}
    return {"callback_data": encode(action)}


def share(url: str, text: str = "") -> Url:
    """Telegram's own choice of a chat to send an address to."""
    return Url(f"https://t.me/share/url?url={quote(url, safe='')}&text={quote(text, safe='')}")


def answer_keyboard(
    t: Translator, answer: Answer, answer_id: int | None, private: str | None = None
) -> Keyboard:
    """The answer's own buttons; below them the votes, the way to a person, and in a group the
    way to the same answer in private (an address)."""
    rows = [*_own_rows(answer.buttons)]
    if answer_id is not None:
        rows += [_row(row) for row in feedback_rows(t, answer, answer_id)]
    if private and answer.outcome == "answered":
        rows[-1] = [*rows[-1], *_row([(t("📩 In private"), Url(private))])]
    return {"inline_keyboard": rows}


@lru_cache(maxsize=1024)
def _own_rows(buttons: tuple[tuple[Button, ...], ...]) -> list[list[dict[str, Any]]]:
    """Many members get the same answer. Never changed by who gets it."""
    return [_row([(b.text, b.action) for b in row]) for row in buttons]


def feedback_rows(t: Translator, answer: Answer, answer_id: int) -> list[Row]:
    person = (t("🙋 Ask a person"), AskPerson(answer_id))
    if answer.outcome == "asked_back":
        return []
    if answer.outcome == "declined":
        return [[person]]
    return [
        [("👍", Vote(answer_id, True)), ("👎", Vote(answer_id, False)),
         (t("⏰ Outdated"), ReportOutdated(answer_id))],
        [person],
    ]  # fmt: skip
