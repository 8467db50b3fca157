"""Bot API, "Updating messages": text, caption, keyboard and media of what the bot sent."""

from __future__ import annotations

from bot.sandbox.errors import NOT_MODIFIED, bad
from bot.sandbox.methods.call import (
    Call,
    Methods,
    caption_of,
    markup_of,
    message_of,
    pace,
    text_of,
    writable_chat,
)
from bot.sandbox.methods.media import media_content
from bot.sandbox.model import Json, Message

TEXT_FIELDS = ("text", "entities")
CAPTION_FIELDS = ("caption", "caption_entities")
MEDIA_FIELDS = ("photo", "document", *CAPTION_FIELDS)


def _editable(call: Call) -> Message:
    """The bot's own message, by chat and id or by inline_message_id."""
    if "inline_message_id" in call.params:
        message = call.world.inline_messages.get(call.params.text("inline_message_id"))
        if message is None:
            raise bad("MESSAGE_ID_INVALID")
        return message
    message = message_of(call, writable_chat(call), "to edit")
    if message.sender_id != call.me.id or "forward_origin" in message.body:
        raise bad("message can't be edited")
    return message


def _replace(call: Call, message: Message, content: Json, drop: tuple[str, ...]) -> Json | bool:
    """Put the new content in; the same content again is refused."""
    markup, _ = markup_of(call)
    gone = {*drop, "reply_markup", "edit_date"}
    fresh = {key: value for key, value in message.body.items() if key not in gone}
    fresh |= content | ({"reply_markup": markup} if markup else {})
    before = {key: value for key, value in message.body.items() if key != "edit_date"}
    if fresh == before and call.world.record:
        raise bad(NOT_MODIFIED)
    pace(call, message.chat)
    message.body = fresh | {"edit_date": int(call.world.clock.now())}
    call.world.touched(message)
    return True if "inline_message_id" in call.params else message.body


def edit_message_text(call: Call) -> Json | bool:
    """Bot API, "editMessageText"."""
    content = text_of(call)
    message = _editable(call)
    if "text" not in message.body:
        raise bad("there is no text in the message to edit")
    return _replace(call, message, content, TEXT_FIELDS)


def edit_message_caption(call: Call) -> Json | bool:
    """Bot API, "editMessageCaption"."""
    content = caption_of(call)
    message = _editable(call)
    if "text" in message.body and call.world.record:
        raise bad("there is no caption in the message to edit")
    return _replace(call, message, content, CAPTION_FIELDS)


def edit_message_reply_markup(call: Call) -> Json | bool:
    """Bot API, "editMessageReplyMarkup"."""
    return _replace(call, _editable(call), {}, ())


def edit_message_media(call: Call) -> Json | bool:
    """Bot API, "editMessageMedia"."""
    given = call.params.object("media", "can't parse input media JSON object")
    if given is None:
        raise bad("media to edit is not specified")
    content = media_content(call, given)
    return _replace(call, _editable(call), content, (*MEDIA_FIELDS, *TEXT_FIELDS))


METHODS: Methods = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageMedia": edit_message_media,
}
