"""Who may moderate a group: its own administrators as Telegram knows them, and our staff."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from telegram import Bot, Message, Update
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError

from bot.desk.roles import Roles, Task
from bot.members.store import GroupStore
from bot.telegram.identities import NOT_PEOPLE, PRIVATE

KEPT_SECONDS = 60.0
"""How long Telegram's word on who is an administrator is believed."""
MAX_KEPT = 5_000
_ADMIN = (ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
_OWN_GROUP = frozenset({Task.GROUP, Task.DESK})
"""What a group's administrators may do in their own group without a role of ours."""


def is_anonymous_admin(message: Message | None) -> bool:
    """Written in the group's own name (a linked channel's posts bear the channel's)."""
    return (
        message is not None
        and message.sender_chat is not None
        and message.sender_chat.id == message.chat.id
        and message.chat.type != PRIVATE
    )


class GroupStaff:
    def __init__(
        self, bot: Bot, roles: Roles, groups: GroupStore,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._bot = bot
        self._roles = roles
        self._groups = groups
        self._seconds = seconds
        self._known: OrderedDict[tuple[int, int], tuple[bool, float]] = OrderedDict()

    async def is_staff(self, update: Update, task: Task = Task.GROUP) -> bool:
        """Whether who wrote or pressed may do `task` in the group where they did.

        Anonymous administrators write in the group's own name; their presses bear their own.
        """
        chat, user, message = update.effective_chat, update.effective_user, update.message
        if chat is None or chat.type == PRIVATE:
            return False
        sender = message.sender_chat if message and not update.callback_query else None
        if sender is not None:
            return task in _OWN_GROUP and is_anonymous_admin(message)
        return await self.may(chat.id, user.id if user else None, task)

    async def may(self, chat_id: int, user_id: int | None, task: Task = Task.GROUP) -> bool:
        if user_id is None or user_id in NOT_PEOPLE:
            return False
        group = self._groups.get(chat_id)
        country = group.country if group else None
        if self._roles.may(user_id, task, country=country, group=chat_id):
            return True
        return task in _OWN_GROUP and await self.is_admin(chat_id, user_id)

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        """Whether Telegram calls them an administrator there; asked at most once a minute each."""
        key = (chat_id, user_id)
        known = self._known.get(key)
        if known and self._seconds() - known[1] < KEPT_SECONDS:
            return known[0]
        try:
            member = await self._bot.get_chat_member(chat_id, user_id)
        except TelegramError:
            return False
        self._known[key] = (member.status in _ADMIN, self._seconds())
        self._known.move_to_end(key)
        if len(self._known) > MAX_KEPT:
            self._known.popitem(last=False)
        return self._known[key][0]

    def forget(self, chat_id: int, user_id: int) -> None:
        """Their standing there has changed."""
        self._known.pop((chat_id, user_id), None)
