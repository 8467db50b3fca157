"""What people do: they write, press buttons, join, leave, ask inline. Each act changes the world
and queues the updates that Telegram would send to the bot."""

from __future__ import annotations

from bot.sandbox.entities import detect
from bot.sandbox.html import utf16_slice
from bot.sandbox.keyboards import callback_data_of
from bot.sandbox.membership import set_blocked
from bot.sandbox.menus import commands_for
from bot.sandbox.methods.sending import copied, origin_of
from bot.sandbox.model import (
    ANONYMOUS_ADMIN_ID,
    CHANNEL_BOT_ID,
    SERVICE_ID,
    Chat,
    Json,
    Member,
    Message,
    Topic,
    User,
)
from bot.sandbox.world import Callback, Query, World


class Impossible(ValueError):
    """An act that no person could do, with the reason."""


def text_content(text: str) -> Json:
    """What a person typed, with what Telegram's apps detect in it."""
    body = text.strip()
    if not body:
        raise Impossible("a message needs a text")
    found = detect(body)
    return {"text": body} | ({"entities": found} if found else {})


def say(
    world: World,
    user: User,
    chat: Chat,
    content: Json,
    *,
    reply_to: Message | None = None,
    topic: Topic | None = None,
    anonymous: bool = False,
    channel: Chat | None = None,
) -> Message:
    """A person writes; in a group also as the group itself, or as a channel of theirs."""
    _let_in(world, user, chat)
    if topic is None and reply_to is not None and reply_to.body.get("is_topic_message"):
        topic = chat.topics.get(reply_to.body["message_thread_id"])
    if _is_ephemeral_command(world, user, chat, content):
        return _say_ephemeral(world, user, chat, content, topic)
    sender, sender_chat = user, None
    if anonymous:
        _check_admin(user, chat)
        sender, sender_chat = world.users[ANONYMOUS_ADMIN_ID], chat
    elif channel is not None:
        sender, sender_chat = world.users[CHANNEL_BOT_ID], channel
    message = world.post(
        chat, sender, content, sender_chat=sender_chat, topic=topic, reply_to=reply_to
    )
    world.tell_bot(message)
    return message


def _let_in(world: World, user: User, chat: Chat) -> None:
    if chat.user is not None:
        if chat.user is not user:
            raise Impossible(f"{user.name} can't write in the private chat of {chat.user.name}")
        set_blocked(world, user, False)
        user.started = True
        return
    member = chat.member(user.id)
    if member is None or not member.present:
        raise Impossible(f"{user.name} is not a member of {chat.title}")
    if chat.migrated_to:
        raise Impossible(f"{chat.title} has become a supergroup")
    if member.status == "restricted" and not member.rights.get("can_send_messages", False):
        raise Impossible(f"{user.name} is muted in {chat.title}")


def _check_admin(user: User, chat: Chat) -> None:
    member = chat.member(user.id)
    if member is None or not member.is_admin:
        raise Impossible(f"{user.name} is no administrator of {chat.title}")


def _is_ephemeral_command(world: World, user: User, chat: Chat, content: Json) -> bool:
    """Bot API 10.2, "BotCommand": a command whose `is_ephemeral` is set."""
    text = content.get("text", "")
    if not chat.is_group or not text.startswith("/"):
        return False
    entity = next((it for it in content.get("entities", ()) if it["offset"] == 0), None)
    if entity is None or entity["type"] != "bot_command":
        return False
    name, _, whom = utf16_slice(text, 1, entity["length"] - 1).partition("@")
    if whom and whom.lower() != world.bot.user.username.lower():
        return False
    listed = commands_for(world, chat, user)
    return any(it["command"] == name and it.get("is_ephemeral") for it in listed)


def _say_ephemeral(
    world: World, user: User, chat: Chat, content: Json, topic: Topic | None
) -> Message:
    message = world.post_ephemeral(chat, user, user, content, topic=topic)
    me = world.bot_member(chat)
    if me is not None and me.present:
        world.updates.push("message", message.body)
    return message


def start(world: World, user: User, payload: str = "") -> Message:
    """A person opens the bot by its link: /start with the deep link's payload."""
    text = f"/start {payload}".strip()
    return say(world, user, world.private(user), text_content(text))


def edit(world: World, user: User, message: Message, text: str) -> Message:
    """A person changes their own message."""
    if message.sender_id != user.id:
        raise Impossible("only one's own message can be edited")
    content = text_content(text)
    if "text" not in message.body:
        fields = {"text": "caption", "entities": "caption_entities"}
        content = {fields[key]: value for key, value in content.items()}
    gone = ("text", "entities", "caption", "caption_entities", "edit_date")
    kept = {key: value for key, value in message.body.items() if key not in gone}
    message.body = kept | content | {"edit_date": int(world.clock.now())}
    world.touched(message)
    channel = message.chat.type == "channel"
    world.tell_bot(message, "edited_channel_post" if channel else "edited_message")
    return message


def press(
    world: World, user: User, message: Message, data: str, *, forged: bool = False
) -> Callback:
    """A person presses an inline button; `forged` sends data that no button has."""
    if message.receiver_id not in (0, user.id):
        raise Impossible(f"{user.name} does not see that message")
    if not forged and data not in callback_data_of(message.body.get("reply_markup")):
        raise Impossible(f"the message has no button with the data {data!r}")
    identifier = str(3_000_000_000_000_000_000 + world.fresh_id())
    callback = Callback(identifier, user, message, world.clock.mono())
    world.callbacks[identifier] = callback
    update: Json = {"id": identifier, "from": user.public(), "data": data}
    update["chat_instance"] = str(abs(message.chat.id) * 7 + 13)
    if message.inline_id:
        update["inline_message_id"] = message.inline_id
    else:
        update["message"] = message.body
    world.updates.push("callback_query", update)
    return callback


def forward(world: World, user: User, message: Message, chat: Chat) -> Message:
    """A person forwards a message to another chat."""
    content = copied(message) | {"forward_origin": origin_of(message)}
    return say(world, user, chat, content)


def react(world: World, user: User, message: Message, emoji: str) -> None:
    """A person reacts (Bot API, "MessageReactionUpdated"); told to administrators only."""
    old = message.reactions.get(user.id, [])
    new = [{"type": "emoji", "emoji": emoji}] if emoji else []
    message.reactions[user.id] = new
    world.touched(message)
    me = world.bot_member(message.chat)
    if message.chat.user is not None or (me is not None and me.is_admin):
        world.updates.push(
            "message_reaction",
            {
                "chat": message.chat.public(),
                "message_id": message.id,
                "user": user.public(),
                "date": int(world.clock.now()),
                "old_reaction": old,
                "new_reaction": new,
            },
        )


def channel_post(world: World, channel: Chat, text: str) -> Message:
    """A post in a channel; its discussion group gets it as an automatic forward."""
    bot_or_channel = world.users[CHANNEL_BOT_ID]
    content = text_content(text)
    message = world.post(channel, bot_or_channel, content, sender_chat=channel)
    world.tell_bot(message)
    group = world.chats.get(channel.linked_chat_id)
    if group is not None:
        extra = {"is_automatic_forward": True, "forward_origin": origin_of(message)}
        service = world.users[SERVICE_ID]
        copy = world.post(group, service, content | extra, sender_chat=channel)
        world.tell_bot(copy)
    return message


def ask_inline(world: World, user: User, chat: Chat, text: str, offset: str = "") -> Query:
    """A person types `@bot text` (Bot API, "InlineQuery")."""
    if not world.bot.inline:
        raise Impossible("the bot has inline mode switched off")
    if len(text) > 256:
        raise Impossible("an inline query has at most 256 characters")
    identifier = str(5_000_000_000_000_000_000 + world.fresh_id())
    query = Query(identifier, user, chat, world.clock.mono(), text)
    world.inline_queries[identifier] = query
    kind = "sender" if chat.user is not None else chat.type
    update: Json = {
        "id": identifier,
        "from": user.public(),
        "query": text,
        "offset": offset,
    }
    world.updates.push("inline_query", update | {"chat_type": kind})
    return query


def choose_inline(world: World, query: Query, result_id: str, chat: Chat) -> Message:
    """A person picks a result: it is posted as theirs, via the bot."""
    results = (query.answer or {}).get("results", [])
    result = next((it for it in results if it["id"] == result_id), None)
    if result is None:
        raise Impossible(f"there is no result {result_id!r}")
    content = dict(result["message"]) | {"via_bot": world.bot.user.public()}
    message = say(world, query.user, chat, content)
    chosen: Json = {
        "result_id": result_id,
        "from": query.user.public(),
        "query": query.text,
    }
    if "reply_markup" in content:
        message.inline_id = f"inline-{world.fresh_id()}"
        world.inline_messages[message.inline_id] = message
        chosen["inline_message_id"] = message.inline_id
    world.updates.push("chosen_inline_result", chosen)
    return message


def mention_guest(world: World, user: User, chat: Chat, text: str) -> tuple[Message, Query]:
    """A person mentions the bot in a chat that it is not in (Bot API 10.0, guest_message)."""
    me = world.bot_member(chat)
    if not world.bot.guest or (me is not None and me.present) or chat.user is not None:
        raise Impossible("a guest mention needs a group without the bot")
    message = say(world, user, chat, text_content(text))
    identifier = str(6_000_000_000_000_000_000 + world.fresh_id())
    query = Query(identifier, user, chat, world.clock.mono(), text)
    world.guest_queries[identifier] = query
    world.updates.push("guest_message", message.body | {"guest_query_id": identifier})
    return message, query


def migrate(world: World, group: Chat) -> Chat:
    """A basic group becomes a supergroup with another id."""
    if group.type != "group" or group.migrated_to:
        raise Impossible(f"{group.title} is no basic group")
    owner = next(iter(group.members.values())).user
    new = world.add_chat(group.title, "supergroup", with_bot=False, country=group.country)
    new.members = {key: Member(it.user, it.status) for key, it in group.members.items()}
    world.tell_bot(world.post(group, owner, {"migrate_to_chat_id": new.id}))
    group.migrated_to = new.id
    anonymous = world.users[ANONYMOUS_ADMIN_ID]
    world.tell_bot(world.post(new, anonymous, {"migrate_from_chat_id": group.id}, sender_chat=new))
    world.events.tell("chats")
    return new
