"""Bot API 10.2 and 10.3, "Ephemeral messages and commands": seen by one member of a group.

The fields are those of EphemeralMessageParameters (10.3: receiver_user_id, callback_query_id,
replace_callback_query_message) and the plain parameters of 10.2. A bot that is an administrator
may write to any member; another bot only within 15 seconds of a press, or in reply to an
ephemeral message of the member.
"""

from __future__ import annotations

from bot.sandbox.errors import NOT_MODIFIED, QUERY_TOO_OLD, bad
from bot.sandbox.methods.call import (
    Call,
    Methods,
    caption_of,
    markup_of,
    pace,
    text_of,
    topic_of,
    user_of,
    writable_chat,
)
from bot.sandbox.model import Chat, Json, Message
from bot.sandbox.params import whole

AFTER_PRESS = 15.0


def ephemeral_parameters(call: Call) -> Json | None:
    """Who alone shall see the message; None for an ordinary one."""
    name = "ephemeral_message_parameters"
    given = call.params.object(name, "can't parse ephemeral message parameters JSON object")
    if given is not None:
        return given
    if "receiver_user_id" not in call.params:
        return None
    return {
        "receiver_user_id": call.params.number("receiver_user_id"),
        "callback_query_id": call.params.text("callback_query_id"),
    }


def deliver_ephemeral(
    call: Call, chat: Chat, content: Json, private: Json, markup: Json | None
) -> Message:
    """Send it to the one receiver, or refuse."""
    if not chat.is_group:
        raise bad("ephemeral messages can be sent only to groups and supergroups")
    receiver = call.world.users.get(whole(private.get("receiver_user_id"), "receiver_user_id"))
    if receiver is None:
        raise bad("invalid receiver_user_id specified")
    if receiver.is_bot or not chat.has(receiver.id):
        raise bad("USER_NOT_PARTICIPANT")
    _check_allowed(call, chat, receiver.id, private)
    topic = topic_of(call, chat)
    pace(call, chat)
    more = {"topic": topic, "markup": markup}
    return call.world.post_ephemeral(chat, call.me, receiver, content, **more)


def _check_allowed(call: Call, chat: Chat, receiver_id: int, private: Json) -> None:
    pressed = str(private.get("callback_query_id") or "")
    if pressed:
        callback = call.world.callbacks.get(pressed)
        age = call.world.clock.mono() - callback.pressed_at if callback else AFTER_PRESS + 1
        if callback is None or callback.user.id != receiver_id or age > AFTER_PRESS:
            raise bad(QUERY_TOO_OLD)
        return
    member = call.world.bot_member(chat)
    if member is not None and member.is_admin:
        return
    reply = call.params.object("reply_parameters") or {}
    command = chat.ephemeral.get(whole(reply.get("ephemeral_message_id"), "ephemeral_message_id"))
    if command is None or command.receiver_id != receiver_id:
        raise bad("MESSAGE_NOT_COMMAND")


def _ephemeral_message(call: Call, purpose: str) -> Message:
    chat = writable_chat(call)
    receiver = user_of(call, "receiver_user_id")
    message = chat.ephemeral.get(call.params.number("ephemeral_message_id"))
    if message is None or message.receiver_id != receiver.id:
        raise bad(f"message {purpose} not found")
    if message.sender_id != call.me.id:
        raise bad("message can't be edited")
    return message


def _edit(call: Call, message: Message, content: Json, drop: tuple[str, ...]) -> bool:
    markup, _ = markup_of(call)
    fresh = {key: it for key, it in message.body.items() if key not in (*drop, "reply_markup")}
    fresh |= content | ({"reply_markup": markup} if markup else {})
    if fresh == message.body:
        raise bad(NOT_MODIFIED)
    pace(call, message.chat)
    message.body = fresh
    call.world.touched(message)
    return True


def edit_text(call: Call) -> bool:
    """Bot API, "editEphemeralMessageText"."""
    content = text_of(call)
    return _edit(call, _ephemeral_message(call, "to edit"), content, ("text", "entities"))


def edit_caption(call: Call) -> bool:
    """Bot API, "editEphemeralMessageCaption"."""
    content = caption_of(call)
    message = _ephemeral_message(call, "to edit")
    return _edit(call, message, content, ("caption", "caption_entities"))


def edit_markup(call: Call) -> bool:
    """Bot API, "editEphemeralMessageReplyMarkup"."""
    return _edit(call, _ephemeral_message(call, "to edit"), {}, ())


def delete(call: Call) -> bool:
    """Bot API, "deleteEphemeralMessage"."""
    call.world.delete(_ephemeral_message(call, "to delete"))
    return True


METHODS: Methods = {
    "editEphemeralMessageText": edit_text,
    "editEphemeralMessageCaption": edit_caption,
    "editEphemeralMessageReplyMarkup": edit_markup,
    "deleteEphemeralMessage": delete,
}
