"""Raw updates as python-telegram-bot's objects, plain messages at a quarter of the cost.

`Update.de_json` looks for each of a message's hundred fields, and its objects check at every one
they set whether they are frozen yet: 0.12 ms, which each message of every group would cost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Chat, Message, MessageEntity, Update, User

_PLAIN = frozenset(
    {"message_id", "from", "chat", "date", "text", "entities", "reply_to_message",
     "message_thread_id", "is_topic_message"}
)  # fmt: skip
_USER = frozenset(
    {"id", "is_bot", "first_name", "last_name", "username", "language_code", "is_premium"}
)
_CHAT = frozenset({"id", "type", "title", "first_name", "last_name", "username", "is_forum"})


class _User(User):
    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]


class _Chat(Chat):
    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]


class _Message(Message):
    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]


class _Update(Update):
    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]


def read_update(raw: dict[str, Any], bot: Bot) -> Update:
    """The update; a shape that is not the usual one is python-telegram-bot's own to read."""
    message = raw.get("message")
    if len(raw) != 2 or not isinstance(message, dict) or not _is_plain(message):
        return Update.de_json(raw, bot)
    update = _Update(raw["update_id"], message=_read_message(message, bot))
    update.set_bot(bot)
    return update


def _read_message(raw: dict[str, Any], bot: Bot) -> Message:
    if not _is_plain(raw):
        return Message.de_json(raw, bot)
    user, chat = _User(**raw["from"]), _Chat(**raw["chat"])
    replied = raw.get("reply_to_message")
    message = _Message(
        message_id=raw["message_id"],
        date=datetime.fromtimestamp(raw["date"], UTC),
        chat=chat,
        from_user=user,
        text=raw["text"],
        entities=MessageEntity.de_list(raw["entities"], bot) if "entities" in raw else None,
        reply_to_message=_read_message(replied, bot) if replied else None,
        message_thread_id=raw.get("message_thread_id"),
        is_topic_message=raw.get("is_topic_message"),
    )
    for part in (user, chat, message):
        part.set_bot(bot)
    return message


def _is_plain(message: dict[str, Any]) -> bool:
    """A text that somebody wrote, with nothing that is not known here."""
    user, chat = message.get("from"), message.get("chat")
    return (
        isinstance(user, dict)
        and isinstance(chat, dict)
        and isinstance(message.get("text"), str)
        and isinstance(message.get("date"), int)
        and message.keys() <= _PLAIN
        and user.keys() <= _USER
        and chat.keys() <= _CHAT
    )
