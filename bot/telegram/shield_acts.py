"""What the shield asks of Telegram: who administers a group; deleting, muting, banning, lifting."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner, ChatPermissions
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.desk.staff import StaffStore
from bot.members.store import GroupStore
from bot.shield.names import Person, full_name

KEPT_SECONDS = 300.0
"""How long a group's list of administrators is believed."""
MAX_GROUPS = 2_000
_GONE = ("message to delete not found", "message_id_invalid")


@dataclass(frozen=True)
class Official:
    """One of a group's staff."""

    person: Person
    role: str
    """'owner', 'administrator', or the staff list's 'admin', 'moderator', 'marketing'."""
    hidden: bool = False
    """An anonymous administrator: protected, and never named to members."""


class GroupOfficials:
    def __init__(
        self, bot: Bot, staff: StaffStore, groups: GroupStore,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._bot = bot
        self._staff = staff
        self._groups = groups
        self._seconds = seconds
        self._known: OrderedDict[int, tuple[float, list[Official]]] = OrderedDict()
        self._linked: OrderedDict[int, int] = OrderedDict()

    async def of(self, chat_id: int) -> list[Official]:
        """Telegram's administrators of the group, then those of the staff list whose scope it is."""
        found = await self._administrators(chat_id)
        group = self._groups.get(chat_id)
        wanted = {"*", str(chat_id), group.country if group else None}
        there = {one.person.user_id for one in found}
        listed = {
            grant.user_id: Official(Person(grant.user_id, grant.name), grant.role.value)
            for grant in self._staff.all()
            if grant.scope in wanted and grant.user_id not in there
        }
        return [*found, *listed.values()]

    async def _administrators(self, chat_id: int) -> list[Official]:
        known = self._known.get(chat_id)
        if known and self._seconds() - known[0] < KEPT_SECONDS:
            return known[1]
        try:
            members = await self._bot.get_chat_administrators(chat_id)
        except TelegramError:
            return known[1] if known else []
        found = [
            Official(
                Person(m.user.id, full_name(m.user.first_name, m.user.last_name), m.user.username or ""),
                "owner" if isinstance(m, ChatMemberOwner) else "administrator",
                hidden=isinstance(m, ChatMemberOwner | ChatMemberAdministrator) and m.is_anonymous,
            )
            for m in members if not m.user.is_bot
        ]  # fmt: skip
        self._known[chat_id] = (self._seconds(), found)
        if len(self._known) > MAX_GROUPS:
            self._known.popitem(last=False)
        return found

    async def speaks_for(self, chat_id: int, writer_id: int) -> bool:
        """Whether a channel is the group's own: its administrators write in its name."""
        if writer_id > 0:
            return False
        if chat_id not in self._linked:
            try:
                chat = await self._bot.get_chat(chat_id)
            except TelegramError:
                return False
            self._linked[chat_id] = chat.linked_chat_id or 0
        linked = self._linked[chat_id]
        if len(self._linked) > MAX_GROUPS:
            self._linked.popitem(last=False)
        return linked == writer_id

    def forget(self, chat_id: int) -> None:
        """Somebody's standing there has changed."""
        self._known.pop(chat_id, None)


class Acts:
    """Each act answers why it could not be done: '' when it was, else a word for the card."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def delete(self, chat_id: int, messages: Iterable[int]) -> str:
        problem = ""
        for number in messages:
            try:
                await self._bot.delete_message(chat_id, number)
            except BadRequest as error:
                if not any(gone in error.message.lower() for gone in _GONE):
                    problem = "delete"
            except TelegramError:
                problem = "delete"
        return problem

    async def mute(self, chat_id: int, user_id: int) -> str:
        return await self._done(
            self._bot.restrict_chat_member(chat_id, user_id, ChatPermissions.no_permissions())
        )

    async def ban(self, chat_id: int, user_id: int) -> str:
        return await self._done(self._bot.ban_chat_member(chat_id, user_id))

    async def unmute(self, chat_id: int, user_id: int) -> str:
        """All permissions: Telegram then holds them to what the group allows everybody."""
        return await self._done(
            self._bot.restrict_chat_member(chat_id, user_id, ChatPermissions.all_permissions())
        )

    async def unban(self, chat_id: int, user_id: int) -> str:
        return await self._done(self._bot.unban_chat_member(chat_id, user_id, only_if_banned=True))

    async def _done(self, call: Awaitable[bool]) -> str:
        try:
            await call
        except BadRequest as error:
            return "basic" if "supergroup" in error.message.lower() else "restrict"
        except Forbidden:
            return "restrict"
        except TelegramError:
            return "failed"
        return ""

    async def missing(self, chat_id: int) -> list[str]:
        """What the bot may not do in a group: 'delete', 'restrict', 'joins'."""
        try:
            me = await self._bot.get_chat_member(chat_id, self._bot.id)
        except TelegramError:
            return ["delete", "restrict", "joins"]
        if not isinstance(me, ChatMemberAdministrator):
            return ["delete", "restrict", "joins"]
        lacking = []
        if not me.can_delete_messages:
            lacking.append("delete")
        if not me.can_restrict_members:
            lacking.append("restrict")
        return lacking
