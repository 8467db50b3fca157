"""What the bot may do and see in a group, and in plain words what an administrator can change."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, ChatMemberAdministrator

from bot.i18n import N_
from bot.members.store import Group

NOT_ADMIN = N_(
    "I am not an administrator here, so I can't see who joins and can't delete a scam. Open the group's profile, choose Edit, Administrators, Add Administrator, and pick me."
)
BLIND = N_(
    "I can't see messages that are not addressed to me, so I can't answer unasked. Make me an administrator. Or send /setprivacy to @BotFather and choose Disable, then remove me from this group and add me again."
)
NO_DELETE = N_(
    "I may not delete messages. For protection against scams, switch on Delete Messages in my administrator rights."
)
NO_RESTRICT = N_(
    "I may not restrict members. For protection against scams, switch on Ban Users in my administrator rights."
)
NO_INVITE = N_(
    "I may not make invite links. For personal invite links, switch on Invite Users via Link in my administrator rights."
)
NO_TOPICS = N_(
    "I may not manage topics. For a topic for each country in the desk, switch on Manage Topics in my administrator rights."
)


@dataclass(frozen=True)
class Rights:
    administrator: bool = False
    reads_all: bool = False
    """Privacy mode is off (getMe, can_read_all_group_messages)."""
    delete: bool = False
    restrict: bool = False
    invite: bool = False
    topics: bool = False


def faults(rights: Rights, group: Group, *, desk: bool = False) -> list[str]:
    """What does not work here and how to change it, the most important first; N_ texts."""
    if not rights.administrator:
        blind = group.answering == "confident" and not rights.reads_all
        return [NOT_ADMIN, *([BLIND] if blind else [])]
    checks = (
        (rights.delete, NO_DELETE),
        (rights.restrict, NO_RESTRICT),
        (rights.invite, NO_INVITE),
        (rights.topics or not desk, NO_TOPICS),
    )
    return [text for fine, text in checks if not fine]


async def look(bot: Bot, chat_id: int) -> Rights:
    """Asks Telegram. Raises TelegramError when it can't be asked."""
    me = await bot.get_me()
    member = await bot.get_chat_member(chat_id, me.id)
    reads_all = bool(me.can_read_all_group_messages)
    if not isinstance(member, ChatMemberAdministrator):
        return Rights(reads_all=reads_all)
    return Rights(
        administrator=True, reads_all=reads_all, delete=bool(member.can_delete_messages),
        restrict=bool(member.can_restrict_members), invite=bool(member.can_invite_users),
        topics=bool(member.can_manage_topics),
    )  # fmt: skip
