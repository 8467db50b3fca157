"""One call of a Bot API method: its parameters, and the checks that many methods share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.entities import formatted
from bot.sandbox.errors import bad, forbidden, too_many
from bot.sandbox.keyboards import checked_markup
from bot.sandbox.limits import Limits
from bot.sandbox.model import Chat, Json, Member, Message, Topic, User
from bot.sandbox.params import Params, whole
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_SOURCE_BYTES = 1 << 15
GENERAL_TOPIC = 1


@dataclass(slots=True)
class Raw:
    """A result that is JSON already."""

    data: bytes


@dataclass(slots=True)
class Call:
    """What a method works with."""

    world: World
    limits: Limits
    webhook: Webhook
    params: Params

    @property
    def me(self) -> User:
        """The bot's account."""
        return self.world.bot.user


Result = Any
Handler = Callable[[Call], Result | Awaitable[Result]]
Methods = dict[str, Handler]


def found_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat that a parameter names, readable or not (Bot API, "chat_id")."""
    given = call.params.text(name)
    if not given:
        raise bad(f"{name} is empty")
    chat = _by_id_or_name(call.world, given)
    if chat is None:
        raise bad("chat not found")
    return chat


def _by_id_or_name(world: World, given: str) -> Chat | None:
    if given.startswith("@"):
        return world.by_username(given)
    try:
        number = int(given)
    except ValueError:
        return None
    chat = world.chats.get(number)
    if chat is None and number in world.users:
        return world.private(world.users[number])
    return chat


def readable_chat(call: Call, name: str = "chat_id") -> Chat:
    """A chat that the bot may look into."""
    chat = found_chat(call, name)
    if chat.user is None and not chat.username:
        _check_member(call.world, chat)
    return chat


def writable_chat(call: Call, name: str = "chat_id") -> Chat:
    """A chat that the bot may write to; the refusals are Telegram's."""
    chat = found_chat(call, name)
    if chat.user is not None:
        _check_person(call.world, chat.user)
        return chat
    if chat.migrated_to:
        text = "group chat was upgraded to a supergroup chat"
        raise bad(text, migrate_to_chat_id=chat.migrated_to)
    member = _check_member(call.world, chat)
    if chat.type == "channel" and not member.is_admin:
        raise bad("need administrator rights in the channel chat")
    if member.status == "restricted" and not member.rights.get("can_send_messages", True):
        raise bad("not enough rights to send text messages to the chat")
    return chat


def _check_person(world: World, user: User) -> None:
    if user.deactivated:
        raise forbidden("user is deactivated")
    if user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if user.blocked:
        raise forbidden("bot was blocked by the user")
    if not user.started and world.clock.mono() > user.may_write_until:
        raise forbidden("bot can't initiate conversation with a user")


def _check_member(world: World, chat: Chat) -> Member:
    member = world.bot_member(chat)
    if member is not None and member.present:
        return member
    if member is not None and member.status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    raise forbidden(f"bot is not a member of the {chat.type} chat")


def needs_right(call: Call, chat: Chat, right: str, description: str) -> None:
    """The bot must be an administrator with the right."""
    member = call.world.bot_member(chat)
    if member is None or not member.can(right):
        raise bad(description)


def topic_of(call: Call, chat: Chat, reply_to: Message | None = None) -> Topic | None:
    """message_thread_id as PEERS has it: General takes none, a stale or wrong one is refused."""
    thread_id = call.params.number("message_thread_id")
    if thread_id == 0:
        if reply_to is not None and reply_to.body.get("is_topic_message"):
            return chat.topics.get(reply_to.body["message_thread_id"])
        return None
    if chat.type == "private":
        return None
    topic = chat.topics.get(thread_id) if chat.is_forum and thread_id != GENERAL_TOPIC else None
    if topic is None:
        raise bad("message thread not found")
    member = call.world.bot_member(chat)
    if topic.closed and not (member and member.can("can_manage_topics")):
        raise bad("TOPIC_CLOSED")
    return topic


def pace(call: Call, chat: Chat) -> None:
    """Refuse with 429 what goes over the flood limits."""
    if not call.limits.enabled:
        return
    paid = call.params.flag("allow_paid_broadcast")
    wait = call.limits.check(chat.id, group=chat.user is None, paid=paid)
    if wait:
        raise too_many(wait)


def text_of(call: Call, name: str = "text", entities: str = "entities") -> Json:
    """A message's text: 1-4096 characters after entities parsing."""
    source = call.params.text(name)
    if not source:
        raise bad("message text is empty")
    text, found = _formatted(call, source, entities)
    if not text:
        raise bad("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad("message is too long")
    return {"text": text, "entities": found} if found else {"text": text}


def caption_of(call: Call) -> Json:
    """A caption: 0-1024 characters after entities parsing."""
    text, found = _formatted(call, call.params.text("caption"), "caption_entities")
    return checked_caption(text, found)


def checked_caption(text: str, found: list[Json]) -> Json:
    """The caption's fields, empty when there is none."""
    if len(text) > MAX_CAPTION:
        raise bad("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": found} if found else {"caption": text}


def _formatted(call: Call, source: str, entities: str) -> tuple[str, list[Json]]:
    if len(source) * 4 > MAX_SOURCE_BYTES and len(source.encode()) > MAX_SOURCE_BYTES:
        raise bad("text is too long")
    mode = call.params.text("parse_mode")
    text, found = formatted(source, mode, None if mode else call.params.json(entities))
    return text, [one for one in found if _known(call.world, one)]


def _known(world: World, entity: Json) -> bool:
    """Bot API, "text_mention": the whole user; a person whom the bot has not met is plain text."""
    if entity["type"] != "text_mention":
        return True
    user = world.users.get(entity["user"]["id"])
    if user is not None:
        entity["user"] = user.public()
    return user is not None


def markup_of(call: Call) -> tuple[Json | None, Json | None]:
    """The inline keyboard and the reply keyboard of `reply_markup`."""
    given = call.params.json("reply_markup", "can't parse reply keyboard markup JSON object")
    return checked_markup(given)


def reply_of(call: Call, chat: Chat) -> Message | None:
    """Bot API, "ReplyParameters", and the older reply_to_message_id."""
    params = call.params
    given = params.object("reply_parameters", "can't parse reply parameters JSON object") or {}
    number = whole(given.get("message_id"), "message_id") or params.number("reply_to_message_id")
    if not number:
        return None
    lenient = given.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply")
    source = chat
    if given.get("chat_id"):
        source = call.world.chats.get(whole(given["chat_id"], "chat_id"), chat)
    message = known_message(call, source, number)
    if message is None and not lenient:
        raise bad("message to be replied not found")
    return message


def known_message(call: Call, chat: Chat, number: int) -> Message | None:
    """A message of the chat; without a transcript (record=False), one of the bot's own."""
    message = chat.messages.get(number)
    if message is None and not call.world.record and number > 0:
        body = {
            "message_id": number,
            "from": call.me.public(),
            "chat": chat.public(),
            "text": "",
        }
        now = call.world.clock.now()
        return Message(chat, number, 0, 0, call.me.id, body | {"date": int(now)}, now)
    return message


def message_of(call: Call, chat: Chat, purpose: str, name: str = "message_id") -> Message:
    """The message that `message_id` names, for `purpose` ("to edit", "to delete" ...)."""
    if name not in call.params:
        raise bad("message identifier is not specified")
    message = known_message(call, chat, call.params.number(name))
    if message is None:
        raise bad(f"message {purpose} not found")
    return message


def user_of(call: Call, name: str = "user_id") -> User:
    """The user that a parameter names."""
    number = call.params.number(name)
    if number <= 0:
        raise bad(f"invalid {name} specified")
    user = call.world.users.get(number)
    if user is None:
        raise bad("user not found")
    return user


def needs_group(chat: Chat) -> None:
    """Methods for groups and supergroups."""
    if not chat.is_group:
        raise bad("method is available only for groups and supergroups")
