"""Bot API, "InlineKeyboardMarkup" and the other reply markups: what Telegram accepts."""

from __future__ import annotations

import json

from bot.sandbox.errors import bad
from bot.sandbox.html import checked_url
from bot.sandbox.model import Json

MAX_BUTTONS = 100
MAX_IN_ROW = 8
MAX_MARKUP_BYTES = 10_000
MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def checked_markup(markup: object) -> tuple[Json | None, Json | None]:
    """The inline keyboard to show in the message, and the reply keyboard to show below."""
    if markup is None or markup == {}:
        return None, None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        return inline_keyboard(markup), None
    if "keyboard" in markup:
        return None, _reply_keyboard(markup)
    return None, markup


def inline_keyboard(markup: Json) -> Json | None:
    """Bot API, "InlineKeyboardMarkup"; None when it has no button."""
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    checked = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, checked)) > MAX_BUTTONS or any(len(row) > MAX_IN_ROW for row in checked):
        raise bad("reply markup is too long")
    if len(json.dumps(checked, ensure_ascii=False).encode()) > MAX_MARKUP_BYTES:
        raise bad("reply markup is too long")
    return {"inline_keyboard": checked} if checked else None


def _button(button: object) -> Json:
    """Bot API, "InlineKeyboardButton": a text and exactly one thing to do."""
    cannot = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad(f"{cannot}InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad(f'{cannot}Can\'t find field "text"')
    if not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    button = {key: value for key, value in button.items() if value is not None}
    if button.get("url") == "" or button.get("callback_data") == "":
        button = {key: value for key, value in button.items() if value != ""}
    if not any(action in button for action in ACTIONS):
        raise bad(f"{cannot}Text buttons are unallowed in the inline keyboard")
    _check_action(button)
    return button


def _check_action(button: Json) -> None:
    if (
        "url" not in button
        and len(str(button.get("callback_data", "")).encode()) > MAX_CALLBACK_BYTES
    ):
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        url = str(button["url"])
        if not checked_url(url):
            raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if "copy_text" in button:
        text = button["copy_text"].get("text", "") if isinstance(button["copy_text"], dict) else ""
        if not 1 <= len(text) <= MAX_COPY_TEXT:
            raise bad("BUTTON_COPY_TEXT_INVALID")


def _reply_keyboard(markup: Json) -> Json:
    """Bot API, "ReplyKeyboardMarkup"."""
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        text = button.get("text") if isinstance(button, dict) else button
        if not isinstance(text, str):
            raise bad("can't parse keyboard button: KeyboardButton must be a String or an Object")
        if not text:
            raise bad("keyboard button text must be non-empty")
    return markup


def callback_data_of(markup: Json | None) -> set[str]:
    """All callback data that a keyboard can send."""
    rows = (markup or {}).get("inline_keyboard", [])
    return {button["callback_data"] for row in rows for button in row if "callback_data" in button}
