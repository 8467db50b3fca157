"""Messages as a person sees them: for transcripts, tests and the chat page."""

from __future__ import annotations

from html import escape

from bot.sandbox.html import utf16_len
from bot.sandbox.model import Chat, Json, Member, Message, User
from bot.sandbox.world import World

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "blockquote": "blockquote",
}
SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "pinned_message",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
)


def to_html(text: str, entities: list[Json]) -> str:
    """Text and entities back to Bot API HTML ("HTML style")."""
    marks: dict[int, tuple[list[str], list[str]]] = {}
    for entity in sorted(entities, key=lambda it: (it["offset"], -it["length"])):
        opening, closing = _tags(entity)
        if opening:
            marks.setdefault(entity["offset"], ([], []))[0].append(opening)
            end = entity["offset"] + entity["length"]
            marks.setdefault(end, ([], []))[1].insert(0, closing)
    parts: list[str] = []
    at = 0
    for char in text:
        parts += _marks(marks, at)
        parts.append(escape(char, quote=False))
        at += utf16_len(char)
    return "".join(parts + _marks(marks, at))


def _marks(marks: dict[int, tuple[list[str], list[str]]], at: int) -> list[str]:
    opening, closing = marks.get(at, ([], []))
    return closing + opening


def _tags(entity: Json) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>", f"</{_TAGS[kind]}>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    if kind == "pre" and entity.get("language"):
        language = escape(entity["language"])
        return f'<pre><code class="language-{language}">', "</code></pre>"
    if kind == "pre":
        return "<pre>", "</pre>"
    if kind == "text_link":
        return f'<a href="{escape(entity["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
    return "", ""


def shown(world: World, message: Message) -> Json:
    """A message of a transcript."""
    body = message.body
    text = body.get("text") or body.get("caption") or ""
    entities = body.get("entities") or body.get("caption_entities") or []
    keyboard = body.get("reply_markup", {}).get("inline_keyboard", [])
    seen: Json = {
        "message_id": message.id,
        "seq": message.seq,
        "version": message.version,
        "chat_id": message.chat.id,
        "date": body["date"],
        "edited": "edit_date" in body,
        "from": _sender(world, message),
        "text": text,
        "entities": entities,
        "html": to_html(text, entities),
        "keyboard": keyboard,
        "reply_to": _reply(body),
        "topic": body.get("message_thread_id") if body.get("is_topic_message") else None,
        "reactions": [one["emoji"] for given in message.reactions.values() for one in given],
    }
    if message.ephemeral_id:
        seen |= {
            "ephemeral_id": message.ephemeral_id,
            "receiver_id": message.receiver_id,
        }
    if message.reply_keyboard:
        seen["reply_keyboard"] = message.reply_keyboard
    return seen | _media(body) | _notes(body)


def _sender(world: World, message: Message) -> Json:
    body = message.body
    if "sender_chat" in body:
        return {
            "id": body["sender_chat"]["id"],
            "name": body["sender_chat"]["title"],
            "bot": False,
        }
    user = world.users.get(message.sender_id)
    name = user.name if user else body.get("from", {}).get("first_name", "")
    return {
        "id": message.sender_id,
        "name": name,
        "bot": message.sender_id == world.bot.user.id,
    }


def _reply(body: Json) -> Json | None:
    original = body.get("reply_to_message")
    if original is None:
        return None
    who = original.get("sender_chat", {}).get("title") or original.get("from", {}).get("first_name")
    text = original.get("text") or original.get("caption") or "📎"
    return {"message_id": original["message_id"], "name": who or "", "text": text[:160]}


def _media(body: Json) -> Json:
    if "photo" in body:
        photo = body["photo"][-1]
        size = {"width": photo["width"], "height": photo["height"]}
        return {"photo": {"url": f"/sandbox/files/{photo['file_id']}", **size}}
    if "document" in body:
        document = body["document"]
        url = f"/sandbox/files/{document['file_id']}"
        name, size = document["file_name"], document["file_size"]
        return {"document": {"url": url, "name": name, "size": size}}
    return {}


def _notes(body: Json) -> Json:
    """What stands beside the text: forwarded from, via bot, pinned, service lines."""
    notes: Json = {}
    if "forward_origin" in body:
        origin = body["forward_origin"]
        source = origin.get("sender_user") or origin.get("chat") or origin.get("sender_chat") or {}
        notes["forwarded_from"] = source.get("title") or source.get("first_name") or ""
    if "via_bot" in body:
        notes["via_bot"] = body["via_bot"]["username"]
    kind = next((name for name in SERVICE if name in body), "")
    if kind:
        notes["service"] = service_line(kind, body)
    return notes


def service_line(kind: str, body: Json) -> str:
    """A service message in words."""
    who = body.get("from", {}).get("first_name", "")
    match kind:
        case "new_chat_members":
            names = ", ".join(user["first_name"] for user in body[kind])
            return f"{names} joined the group"
        case "left_chat_member":
            return f"{body[kind]['first_name']} left the group"
        case "pinned_message":
            return f"{who} pinned a message"
        case "forum_topic_created":
            return f"Topic “{body[kind]['name']}” was opened"
        case "migrate_to_chat_id" | "migrate_from_chat_id":
            return "This group became a supergroup"
    return kind.replace("_", " ")


def transcript(
    world: World, chat: Chat, viewer: User | None, *, after: int = 0, limit: int = 200
) -> list[Json]:
    """The chat's messages in order; ephemeral ones only for their receiver (or for no viewer,
    that is, a test). With `after`, those written or changed since that version."""
    mine = [
        message
        for message in chat.ephemeral.values()
        if viewer is None or message.receiver_id == viewer.id
    ]
    every = sorted([*chat.messages.values(), *mine], key=lambda message: message.seq)
    fresh = [message for message in every if message.version > after]
    return [shown(world, message) for message in fresh[-limit:]]


def chat_card(world: World, chat: Chat, viewer: User) -> Json:
    """A line of the chat list."""
    visible = transcript(world, chat, viewer, limit=1)
    member = chat.member(viewer.id)
    bot = world.bot_member(chat)
    title = world.bot.user.name if chat.user is not None else chat.title
    return {
        "id": chat.id,
        "type": chat.type,
        "title": title,
        "country": chat.country,
        "username": chat.username,
        "is_forum": chat.is_forum,
        "migrated": bool(chat.migrated_to),
        "topics": [{"id": it.thread_id, "name": it.name} for it in chat.topics.values()],
        "status": member.status if member else "member",
        "members": sum(it.present for it in chat.members.values()),
        "bot_present": chat.user is not None or bool(bot and bot.present),
        "requests": _waiting(world, chat, member),
        "last": visible[-1] if visible else None,
    }


def _waiting(world: World, chat: Chat, member: Member | None) -> list[Json]:
    """Who asked to join, for whoever may let them in."""
    if member is None or not member.can("can_invite_users"):
        return []
    return [{"id": number, "name": world.users[number].name} for number in chat.requests]
