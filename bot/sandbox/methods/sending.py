"""Bot API, "sendMessage" and its kin: how a message of the bot gets into a chat."""

from __future__ import annotations

from bot.sandbox.entities import formatted
from bot.sandbox.errors import bad
from bot.sandbox.methods.call import (
    Call,
    Methods,
    checked_caption,
    known_message,
    markup_of,
    message_of,
    needs_right,
    pace,
    readable_chat,
    reply_of,
    text_of,
    topic_of,
    writable_chat,
)
from bot.sandbox.methods.ephemeral import deliver_ephemeral, ephemeral_parameters
from bot.sandbox.model import Chat, Json, Message
from bot.sandbox.params import whole

ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
DELETABLE_FOR = 48 * 3600
KINDS = ("text", "photo", "document")
REACTIONS = frozenset(
    [
        "👍",
        "👎",
        "❤",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "💯",
        "🤣",
        "⚡",
        "🏆",
        "👀",
        "🤝",
        "✍",
        "🆒",
        "👨\u200d💻",
        "😎",
        "🫡",
    ]
)


def deliver(call: Call, content: Json, chat: Chat | None = None) -> Message:
    """Check where it goes, count it against the limits, put it there."""
    markup, keyboard = markup_of(call)
    chat = chat or writable_chat(call)
    private = ephemeral_parameters(call)
    if private is not None:
        return deliver_ephemeral(call, chat, content, private, markup)
    reply_to = reply_of(call, chat)
    topic = topic_of(call, chat, reply_to)
    pace(call, chat)
    message = call.world.post(
        chat,
        call.me,
        content,
        sender_chat=chat if chat.type == "channel" else None,
        topic=topic,
        reply_to=reply_to,
        markup=markup,
    )
    message.reply_keyboard = keyboard
    return message


def send_message(call: Call) -> Json:
    """Bot API, "sendMessage"."""
    return deliver(call, text_of(call)).body


def copy_message(call: Call) -> Json:
    """Bot API, "copyMessage": the content without the link to the original."""
    chat = writable_chat(call)
    source = message_of(call, readable_chat(call, "from_chat_id"), "to copy")
    content = copied(source)
    if "caption" in call.params and "text" not in content:
        text, found = formatted(
            call.params.text("caption"),
            call.params.text("parse_mode"),
            call.params.json("caption_entities"),
        )
        content = {key: it for key, it in content.items() if not key.startswith("caption")}
        content |= checked_caption(text, found)
    return {"message_id": deliver(call, content, chat).id}


def copied(source: Message) -> Json:
    """The part of a message that can be sent again."""
    kept = ("text", "entities", "photo", "document", "caption", "caption_entities")
    content = {key: source.body[key] for key in kept if key in source.body}
    if not content:
        raise bad("message can't be copied")
    return content


def forward_message(call: Call) -> Json:
    """Bot API, "forwardMessage"."""
    chat = writable_chat(call)
    source = message_of(call, readable_chat(call, "from_chat_id"), "to forward")
    content = copied(source) | {"forward_origin": origin_of(source)}
    return deliver(call, content, chat).body


def origin_of(source: Message) -> Json:
    """Bot API, "MessageOrigin"."""
    body = source.body
    if "forward_origin" in body:
        origin: Json = body["forward_origin"]
        return origin
    if source.chat.type == "channel":
        origin = {
            "type": "channel",
            "chat": source.chat.public(),
            "message_id": source.id,
        }
    elif "sender_chat" in body:
        origin = {"type": "chat", "sender_chat": body["sender_chat"]}
    else:
        origin = {"type": "user", "sender_user": body["from"]}
    return origin | {"date": body["date"]}


def delete_message(call: Call) -> bool:
    """Bot API, "deleteMessage": own messages and, with rights, others', for 48 hours."""
    message = message_of(call, writable_chat(call), "to delete")
    _check_deletable(call, message)
    call.world.delete(message)
    return True


def delete_messages(call: Call) -> bool:
    """Bot API, "deleteMessages": 1-100 ids; those that can't be found are skipped."""
    chat = writable_chat(call)
    found = [known_message(call, chat, number) for number in message_ids(call)]
    for message in (one for one in found if one is not None):
        _check_deletable(call, message)
        call.world.delete(message)
    return True


def message_ids(call: Call) -> list[int]:
    """Bot API, `message_ids` of the bulk methods."""
    if "message_ids" not in call.params:
        raise bad("message identifiers are not specified")
    given = call.params.json("message_ids")
    if not isinstance(given, list):
        raise bad("expected an Array of message identifiers")
    if len(given) > 100:
        raise bad("too many message identifiers specified")
    return [whole(number, "message_ids") for number in given]


def _check_deletable(call: Call, message: Message) -> None:
    me = call.world.bot_member(message.chat)
    if me is not None and me.can("can_delete_messages") and message.chat.type != "group":
        return
    own = message.sender_id == call.me.id
    if not own and message.chat.user is None:
        raise bad("message can't be deleted")
    if call.world.clock.now() - message.sent_at > DELETABLE_FOR:
        raise bad("message can't be deleted for everyone")


def send_chat_action(call: Call) -> bool:
    """Bot API, "sendChatAction"."""
    chat = writable_chat(call)
    if call.params.text("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    call.world.events.tell("action", chat_id=chat.id, action=call.params.text("action"))
    return True


def set_message_reaction(call: Call) -> bool:
    """Bot API, "setMessageReaction": at most one, an emoji of the fixed list."""
    message = message_of(call, writable_chat(call), "to react")
    given = call.params.json("reaction") or []
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for one in given:
        if str(one.get("emoji", "")).rstrip("\ufe0f") not in REACTIONS:
            raise bad("REACTION_INVALID")
    message.reactions[call.me.id] = list(given)
    call.world.touched(message)
    return True


def pin_chat_message(call: Call) -> bool:
    """Bot API, "pinChatMessage": leaves a service message."""
    chat = writable_chat(call)
    message = message_of(call, chat, "to pin")
    if chat.user is None:
        text = "not enough rights to manage pinned messages in the chat"
        needs_right(call, chat, "can_pin_messages", text)
    chat.pinned = [number for number in chat.pinned if number != message.id] + [message.id]
    call.world.post(chat, call.me, {"pinned_message": message.body})
    return True


def unpin_chat_message(call: Call) -> bool:
    """Bot API, "unpinChatMessage"."""
    chat = writable_chat(call)
    number = call.params.number("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad("message to unpin not found")
    chat.pinned.remove(number)
    return True


METHODS: Methods = {
    "sendMessage": send_message,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "sendChatAction": send_chat_action,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
}
