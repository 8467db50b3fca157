"""Bot API, "createForumTopic" and its kin."""

from __future__ import annotations

from bot.sandbox.errors import bad
from bot.sandbox.methods.call import (
    GENERAL_TOPIC,
    Call,
    Methods,
    needs_right,
    writable_chat,
)
from bot.sandbox.model import Chat, Json, Topic
from bot.sandbox.world import World

COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def _forum(call: Call) -> Chat:
    chat = writable_chat(call)
    if not chat.is_forum:
        raise bad("the chat is not a forum")
    needs_right(call, chat, "can_manage_topics", "not enough rights to create a topic")
    return chat


def _name(call: Call) -> str:
    name = call.params.text("name")
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    return name


def open_topic(world: World, chat: Chat, name: str, color: int = COLORS[0]) -> Topic:
    """Start a topic: its id is that of the service message which opens it."""
    created = {"name": name, "icon_color": color}
    chat.last_id = max(chat.last_id, GENERAL_TOPIC)  # whose number no other topic can have
    message = world.post(chat, world.bot.user, {"forum_topic_created": created})
    topic = Topic(message.id, name, color)
    message.body |= {"message_thread_id": topic.thread_id, "is_topic_message": True}
    chat.topics[topic.thread_id] = topic
    return topic


def create_forum_topic(call: Call) -> Json:
    """Bot API, "createForumTopic"."""
    name, color = _name(call), call.params.number("icon_color", COLORS[0])
    if color not in COLORS:
        raise bad("invalid icon color specified")
    return open_topic(call.world, _forum(call), name, color).public()


def _topic(call: Call) -> tuple[Chat, Topic]:
    chat, number = _forum(call), call.params.number("message_thread_id")
    topic = chat.topics.get(number) if number != GENERAL_TOPIC else None
    if topic is None:
        raise bad("TOPIC_ID_INVALID")
    return chat, topic


def edit_forum_topic(call: Call) -> bool:
    """Bot API, "editForumTopic"."""
    chat, topic = _topic(call)
    name = _name(call) if "name" in call.params else topic.name
    if name == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name = name
    call.world.post(chat, call.me, {"forum_topic_edited": {"name": name}}, topic=topic)
    return True


def close_forum_topic(call: Call) -> bool:
    """Bot API, "closeForumTopic"."""
    return _set_closed(call, True)


def reopen_forum_topic(call: Call) -> bool:
    """Bot API, "reopenForumTopic"."""
    return _set_closed(call, False)


def _set_closed(call: Call, closed: bool) -> bool:
    chat, topic = _topic(call)
    if topic.closed == closed:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    service = "forum_topic_closed" if closed else "forum_topic_reopened"
    call.world.post(chat, call.me, {service: {}}, topic=topic)
    return True


def delete_forum_topic(call: Call) -> bool:
    """Bot API, "deleteForumTopic": with its messages; the id is stale from then on."""
    chat, topic = _topic(call)
    del chat.topics[topic.thread_id]
    thread = [it for it in chat.messages.values() if _in_topic(it.body, topic)]
    for message in thread:
        call.world.delete(message)
    return True


def _in_topic(body: Json, topic: Topic) -> bool:
    return bool(body.get("is_topic_message") and body["message_thread_id"] == topic.thread_id)


METHODS: Methods = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
