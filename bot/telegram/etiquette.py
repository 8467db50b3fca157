"""Manners in a group: not twice the same, not over a person who helps, not in a flood."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from telegram import Bot, Message, Update

from bot.desk.roles import Task
from bot.members.group_messages import GroupMessages
from bot.members.group_rules import is_quiet
from bot.members.store import Answering, GroupStore
from bot.members.talk import Talk
from bot.telegram.cooldown import Cooldown, Verdict
from bot.telegram.group_staff import GroupStaff
from bot.telegram.identities import PRIVATE

SAME_WITHIN = timedelta(minutes=10)
"""How long an answer counts as given, and the next asker gets a link to it."""
GROUP_PER_MINUTE = 18
"""What the bot says in one group in a minute; Telegram stops it at 20."""
LINKS_PER_MINUTE = 2
"""Links to one earlier answer, after the first three."""


class Etiquette:
    def __init__(
        self, groups: GroupStore, staff: GroupStaff, messages: GroupMessages, bot: Bot,
        replied_later: Callable[[int, int], bool], now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        """`replied_later`: whether a reply to that chat's message is waiting to be dealt with."""
        self._groups = groups
        self._staff = staff
        self._messages = messages
        self._bot = bot
        self._replied_later = replied_later
        self._now = now
        self._talk = Talk()
        self._pace = Cooldown(GROUP_PER_MINUTE)
        self._links = Cooldown(LINKS_PER_MINUTE)

    def answering(self, message: Message) -> Answering:
        """What is wanted where the message stands."""
        if message.chat.type == PRIVATE:
            return "confident"
        group = self._groups.get(message.chat.id)
        return group.answering if group else "mentions"

    def pace(self, message: Message) -> Verdict:
        """Whether the group has room for one more message of ours."""
        if message.chat.type == PRIVATE:
            return "go"
        return self._pace.take(0, message.chat.id, time.monotonic())

    # People who help each other

    async def overheard(self, update: Update, message: Message) -> None:
        """Notes that a person answers another."""
        to, sender = _replied_to(message), message.from_user
        if to is None or sender is None or to in (sender.id, self._bot.id):
            return
        thread = _thread(message)
        staff = thread is not None and await self._staff.is_staff(update, Task.DESK)
        self._talk.replied(message.chat.id, thread, to, time.monotonic(), staff=staff)

    def stays_out(self, message: Message) -> bool:
        """Whether an unasked answer would talk over a person, or into the group's quiet hours."""
        group = self._groups.get(message.chat.id)
        if group is not None and is_quiet(group, self._now()):
            return True
        replied, sender = message.reply_to_message, message.from_user
        to_a_person = replied is not None and not _opens_topic(message, replied)
        if to_a_person or sender is None or message.sender_chat is not None:
            return True
        held = self._talk.is_held(message.chat.id, _thread(message), sender.id, time.monotonic())
        return held or self._replied_later(message.chat.id, message.message_id)

    # The same answer again

    def earlier(self, message: Message, html: str) -> str | None:
        """A link to the same answer, given in the same place not long ago."""
        if message.chat.type == PRIVATE:
            return None
        found = self._messages.earlier(
            message.chat.id, _thread(message), _digest(html), SAME_WITHIN
        )
        return message_link(message, found) if found else None

    def may_link(self, message: Message, link: str) -> bool:
        number = int(link.rpartition("/")[2])
        return self._links.take(number, message.chat.id, time.monotonic()) == "go"

    def answered(self, message: Message, message_id: int, html: str) -> None:
        if message.chat.type != PRIVATE:
            self._messages.answer(message.chat.id, message_id, _thread(message), _digest(html))

    def changed(self, chat_id: int, message_id: int) -> None:
        """A button made another answer of it."""
        if chat_id < 0:
            self._messages.forget(chat_id, [message_id])


def message_link(message: Message, message_id: int) -> str | None:
    """The address of another message of the same place; a basic group's messages have none."""
    chat = message.chat
    if chat.type != "supergroup":
        return None
    place = chat.username or f"c/{str(chat.id).removeprefix('-100')}"
    thread = _thread(message)
    return f"https://t.me/{place}/{f'{thread}/' if thread else ''}{message_id}"


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _opens_topic(message: Message, replied: Message) -> bool:
    """In a forum each message that is no reply replies to the one that opened its topic, and each
    comment under a channel's post to that post."""
    opener = bool(message.is_topic_message) and replied.message_id == message.message_thread_id
    return opener or replied.forum_topic_created is not None or bool(replied.is_automatic_forward)


def _replied_to(message: Message) -> int | None:
    """The person whose message this one answers."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or _opens_topic(message, replied):
        return None
    return replied.from_user.id


def _digest(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:20]
