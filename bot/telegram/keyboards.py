"""Answers' buttons as Telegram's inline keyboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.model import Answer, AskPerson, ReportOutdated, Vote
from bot.i18n import Translator
from bot.telegram.callbacks import Action, encode


@dataclass(frozen=True)
class Url:
    """A button that opens an address."""

    address: str


Row = Sequence[tuple[str, Action | Url]]
Keyboard = dict[str, list[list[dict[str, str]]]]
"""Bot API, InlineKeyboardMarkup: plain data, as most answers carry a keyboard of their own."""


def keyboard(rows: Sequence[Row]) -> Keyboard:
    return {
        "inline_keyboard": [
            [{"text": text, **_does(action)} for text, action in row] for row in rows
        ]
    }


def _does(action: Action | Url) -> dict[str, str]:
    return {"url": action.address} if isinstance(action, Url) else {"callback_data": encode(action)}


def answer_keyboard(t: Translator, answer: Answer, answer_id: int | None) -> Keyboard:
    """The answer's own buttons; below them the votes and the way to a person."""
    rows: list[Row] = [[(b.text, b.action) for b in row] for row in answer.buttons]
    if answer_id is not None:
        rows += feedback_rows(t, answer, answer_id)
    return keyboard(rows)


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
