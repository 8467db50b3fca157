"""The stand-in Telegram's state, in memory: who there is, where they are, what was said."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.events import EventHub
from bot.sandbox.html import utf16_slice
from bot.sandbox.model import (
    ANONYMOUS_ADMIN_ID,
    CHANNEL_BOT_ID,
    SERVICE_ID,
    Bot,
    Chat,
    File,
    InviteLink,
    Json,
    Member,
    Message,
    Topic,
    User,
)
from bot.sandbox.updates import UpdateQueue

DEFAULT_TOKEN = "7000000001:AAsandboxSANDBOXsandboxSANDBOX-00001"  # noqa: S105 - opens nothing but this
SUPERGROUP_BASE = -1_000_000_000_000
FIRST_PERSON_ID = 7_100_000_001


@dataclass(slots=True)
class Callback:
    """A pressed button that waits for answerCallbackQuery."""

    id: str
    user: User
    message: Message | None
    pressed_at: float
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Query:
    """An inline or guest query that waits for its answer."""

    id: str
    user: User
    chat: Chat | None
    asked_at: float
    text: str = ""
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


def default_bot(token: str = DEFAULT_TOKEN) -> Bot:
    """Sampan's own stand-in account."""
    user = User(
        int(token.split(":", maxsplit=1)[0]), "Sampan", username="SampanDeskBot", is_bot=True
    )
    return Bot(token, user)


class World:
    """All state. `record=False` keeps no messages, for load; `keep` bounds a chat's transcript."""

    def __init__(
        self,
        bot: Bot | None = None,
        *,
        clock: Clock | None = None,
        record: bool = True,
        keep: int = 2000,
    ) -> None:
        self.bot = bot or default_bot()
        self.clock = clock or Clock()
        self.record = record
        self.keep = keep
        self.updates = UpdateQueue()
        self.events = EventHub()
        self.users: dict[int, User] = {self.bot.user.id: self.bot.user}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.links: dict[str, Chat] = {}
        self.callbacks: dict[str, Callback] = {}
        self.inline_queries: dict[str, Query] = {}
        self.guest_queries: dict[str, Query] = {}
        self.inline_messages: dict[str, Message] = {}
        self.calls: dict[str, int] = {}
        self.seq = 0
        self._private_message_id = 0
        self._next_id = 0
        self._stand_ins()

    def _stand_ins(self) -> None:
        """Telegram's own accounts (PEERS: anonymous admin, channel, service)."""
        self.users[ANONYMOUS_ADMIN_ID] = User(
            ANONYMOUS_ADMIN_ID, "Group", username="GroupAnonymousBot", is_bot=True
        )
        self.users[CHANNEL_BOT_ID] = User(
            CHANNEL_BOT_ID, "Channel", username="Channel_Bot", is_bot=True
        )
        self.users[SERVICE_ID] = User(SERVICE_ID, "Telegram")

    # people and chats

    def fresh_id(self) -> int:
        """A number not used before."""
        self._next_id += 1
        return self._next_id

    def add_user(self, user: User) -> User:
        """Take a person in; the name may be anything, the id must be new."""
        self.users[user.id] = user
        self.events.tell("people")
        return user

    def people(self) -> list[User]:
        """Everybody who is not a bot or Telegram itself."""
        return [it for it in self.users.values() if not it.is_bot and it.id != SERVICE_ID]

    def new_person_id(self) -> int:
        """An id as Telegram gives now (more than 32 bits)."""
        return FIRST_PERSON_ID + self.fresh_id()

    def add_chat(
        self,
        title: str,
        kind: str = "supergroup",
        *,
        members: Iterable[User] = (),
        with_bot: bool = True,
        chat_id: int = 0,
        **fields: Any,
    ) -> Chat:
        """A group, supergroup, forum or channel with its members."""
        number = self.fresh_id()
        base = (
            -(4_000_000_000 + number)
            if kind == "group"
            else SUPERGROUP_BASE - 2_000_000_000 - number
        )
        chat = Chat(chat_id or base, kind, title, **fields)
        self.chats[chat.id] = chat
        for user in members:
            chat.members[user.id] = Member(user)
        if with_bot:
            chat.members[self.bot.user.id] = Member(self.bot.user)
        self.events.tell("chats")
        return chat

    def private(self, user: User) -> Chat:
        """The private chat of a person with the bot."""
        chat = self.chats.get(user.id)
        if chat is None:
            chat = self.chats[user.id] = Chat(user.id, "private", user=user)
        return chat

    def by_username(self, name: str) -> Chat | None:
        """A public chat by @name."""
        wanted = name.lstrip("@").lower()
        for chat in self.chats.values():
            if chat.username and chat.username.lower() == wanted:
                return chat
        return None

    def new_link(self, chat: Chat, creator: User, **fields: Any) -> InviteLink:
        """A fresh invite link of the chat."""
        link = InviteLink(f"https://t.me/+{secrets.token_urlsafe(12)}", creator, **fields)
        chat.links[link.url] = link
        self.links[link.url] = chat
        return link

    # messages

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups and channels count by themselves, all other chats together."""
        if chat.type in ("supergroup", "channel"):
            chat.last_id += 1
            return chat.last_id
        self._private_message_id += 1
        return self._private_message_id

    def post(
        self,
        chat: Chat,
        sender: User,
        content: Json,
        *,
        sender_chat: Chat | None = None,
        topic: Topic | None = None,
        reply_to: Message | None = None,
        markup: Json | None = None,
    ) -> Message:
        """Put a message into the chat. Who is to hear of it is the caller's business."""
        now = self.clock.now()
        body: Json = {"message_id": self.next_message_id(chat)}
        if chat.type != "channel":
            body["from"] = sender.public()
        if sender_chat is not None:
            body["sender_chat"] = sender_chat.public()
        body["chat"] = chat.public()
        body["date"] = int(now)
        body.update(thread_fields(chat, topic, reply_to))
        if reply_to is not None:
            body["reply_to_message"] = quoted(reply_to.body)
        body.update(content)
        if markup is not None:
            body["reply_markup"] = markup
        self.seq += 1
        message = Message(chat, body["message_id"], self.seq, self.seq, sender.id, body, now)
        if self.record:
            self._keep(chat.messages, message.id, message)
            self.events.tell("message", chat_id=chat.id, message_id=message.id, seq=message.seq)
        return message

    def post_ephemeral(
        self, chat: Chat, sender: User, receiver: User, content: Json, **more: Any
    ) -> Message:
        """A message that only one person sees (Bot API 10.2): message_id 0 and an id of its own."""
        now = self.clock.now()
        number = 20_000_000 + self.fresh_id()
        body: Json = {
            "message_id": 0,
            "ephemeral_message_id": number,
            "from": sender.public(),
        }
        body |= {"chat": chat.public(), "date": int(now)}
        if sender.is_bot:
            body["receiver_user"] = receiver.public()
        body |= thread_fields(chat, more.get("topic"), None)
        body |= content | ({"reply_markup": more["markup"]} if more.get("markup") else {})
        self.seq += 1
        message = Message(chat, 0, self.seq, self.seq, sender.id, body, now)
        message.receiver_id, message.ephemeral_id = receiver.id, number
        self._keep(chat.ephemeral, number, message)
        self.events.tell("message", chat_id=chat.id, message_id=0, seq=message.seq)
        return message

    def _keep(self, shelf: dict[int, Message], key: int, message: Message) -> None:
        shelf[key] = message
        if len(shelf) > self.keep:
            del shelf[next(iter(shelf))]

    def touched(self, message: Message) -> None:
        """Note that a message changed, and tell the page."""
        self.seq += 1
        message.version = self.seq
        self.events.tell(
            "edited",
            chat_id=message.chat.id,
            message_id=message.id,
            version=message.version,
        )

    def delete(self, message: Message) -> None:
        """Take a message out of the chat."""
        shelf = message.chat.ephemeral if message.ephemeral_id else message.chat.messages
        shelf.pop(message.ephemeral_id or message.id, None)
        if message.id in message.chat.pinned:
            message.chat.pinned.remove(message.id)
        self.events.tell("deleted", chat_id=message.chat.id, message_id=message.id, seq=message.seq)

    # what the bot hears

    def bot_member(self, chat: Chat) -> Member | None:
        """The bot's standing in a group."""
        return chat.members.get(self.bot.user.id)

    def bot_sees(self, message: Message) -> bool:
        """Privacy mode (Bots, "Privacy mode") and membership."""
        chat = message.chat
        if chat.type == "private":
            return True
        me = self.bot_member(chat)
        if me is None or not me.present or message.sender_id == self.bot.user.id:
            return False
        if chat.type == "channel" or me.is_admin or not self.bot.privacy:
            return True
        return self._addressed(message)

    def _addressed(self, message: Message) -> bool:
        """With privacy mode on: commands, mentions, replies, service messages."""
        body = message.body
        text = body.get("text") or body.get("caption")
        if text is None and not any(kind in body for kind in ("photo", "document")):
            return True
        if body.get("reply_to_message", {}).get("from", {}).get("id") == self.bot.user.id:
            return True
        mine = f"@{self.bot.user.username}".lower()
        for entity in body.get("entities") or body.get("caption_entities") or ():
            part = utf16_slice(text or "", entity["offset"], entity["length"]).lower()
            if entity["type"] == "mention" and part == mine:
                return True
            if entity["type"] == "bot_command" and ("@" not in part or part.endswith(mine)):
                return True
        return False

    def tell_bot(self, message: Message, kind: str = "") -> int:
        """Queue the update for a message if the bot may see it; the update_id or 0."""
        if not self.bot_sees(message):
            return 0
        channel = message.chat.type == "channel"
        return self.updates.push(kind or ("channel_post" if channel else "message"), message.body)


def thread_fields(chat: Chat, topic: Topic | None, reply_to: Message | None) -> Json:
    """message_thread_id as Telegram gives it (PEERS, "topics"): a topic's messages carry it with
    is_topic_message; a reply elsewhere in a supergroup carries one that is no topic."""
    if topic is not None:
        return {"message_thread_id": topic.thread_id, "is_topic_message": True}
    if reply_to is not None and chat.type == "supergroup":
        return {"message_thread_id": reply_to.body.get("message_thread_id", reply_to.id)}
    return {}


def quoted(body: Json) -> Json:
    """A message inside another has no reply of its own (Bot API, "Message")."""
    return {key: value for key, value in body.items() if key != "reply_to_message"}
