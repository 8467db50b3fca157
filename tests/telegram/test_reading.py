"""A plain message is read as python-telegram-bot would read it; every other shape is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot, Update

from bot.telegram.reading import read_update

BOT = Bot("123456:AAAA")
LINH = {"id": 7, "is_bot": False, "first_name": "Linh", "language_code": "vi"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Crypto VN", "is_forum": True}
PRIVATE = {"id": 7, "type": "private", "first_name": "Linh"}


def message(**more: Any) -> dict[str, Any]:
    plain = {"message_id": 5, "from": LINH, "chat": GROUP, "date": 1_790_000_000, "text": "gm"}
    return {"update_id": 9, "message": plain | more}


@pytest.mark.parametrize(
    "raw",
    [
        message(),
        message(chat=PRIVATE),
        message(message_thread_id=3, is_topic_message=True),
        message(text="/ask@bot hi", entities=[{"type": "bot_command", "offset": 0, "length": 8}]),
        message(reply_to_message=message(text="earlier")["message"]),
        message(reply_to_message=message(photo=[], caption="seen?")["message"] | {"text": None}),
    ],
)
def test_a_plain_message_is_what_the_library_reads(raw: dict[str, Any]) -> None:
    read, known = read_update(raw, BOT), Update.de_json(raw, BOT)
    assert type(read) is not Update
    assert read.to_dict() == known.to_dict()
    assert read.message is not None and known.message is not None
    assert read.message.date == known.message.date
    assert read.effective_user == known.effective_user
    assert read.effective_chat == known.effective_chat
    assert read.message.get_bot() is BOT
    assert read.message.from_user is not None and read.message.from_user.get_bot() is BOT
    for name in read.message.__slots__ or type(known.message).__slots__:
        assert getattr(read.message, name) == getattr(known.message, name)


@pytest.mark.parametrize(
    "raw",
    [
        message(forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"}),
        message(via_bot=LINH | {"is_bot": True}),
        message(sender_chat=GROUP),
        message(migrate_to_chat_id=-1002),
        message(something_new={"of": "tomorrow"}),
        message(**{"from": LINH | {"something_new": 1}}),
        {"update_id": 9, "edited_message": message()["message"]},
        {"update_id": 9, "something_new": 1},
    ],
)
def test_another_shape_is_the_librarys_own(raw: dict[str, Any]) -> None:
    assert type(read_update(raw, BOT)) is Update


def test_what_lacks_a_field_is_refused_as_before() -> None:
    raw = message(chat={"type": "private"})
    with pytest.raises(TypeError):
        read_update(raw, BOT)
    with pytest.raises(TypeError):
        Update.de_json(raw, BOT)
