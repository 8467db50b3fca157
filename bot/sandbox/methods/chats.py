"""Bot API, "getChat", "getChatMember" and the methods that manage a group."""

from __future__ import annotations

from bot.sandbox.errors import bad
from bot.sandbox.membership import change_member, remove_from
from bot.sandbox.methods.call import (
    Call,
    Methods,
    found_chat,
    needs_group,
    needs_right,
    readable_chat,
    user_of,
    writable_chat,
)
from bot.sandbox.model import Chat, Json, Member, User

NO_RESTRICT = "not enough rights to restrict/unrestrict chat member"


def get_chat(call: Call) -> Json:
    """Bot API, "getChat"."""
    chat = readable_chat(call)
    shown = chat.public() | {"accent_color_id": 3, "max_reaction_count": 11}
    shown["accepted_gift_types"] = {
        "unlimited_gifts": False,
        "limited_gifts": False,
        "unique_gifts": False,
        "premium_subscription": False,
        "gifts_from_channels": False,
    }
    if chat.is_group:
        shown["permissions"] = {"can_send_messages": True} | chat.permissions
    if chat.linked_chat_id:
        shown["linked_chat_id"] = chat.linked_chat_id
    if chat.pinned and chat.pinned[-1] in chat.messages:
        shown["pinned_message"] = chat.messages[chat.pinned[-1]].body
    primary = next((link for link in chat.links.values() if link.is_primary), None)
    return shown | ({"invite_link": primary.url} if primary else {})


def get_chat_member(call: Call) -> Json:
    """Bot API, "getChatMember": sure only for people whom the bot has met."""
    chat = readable_chat(call)
    user = user_of(call)
    member = chat.member(user.id)
    if chat.user is not None:
        return Member(user).public()
    return (member or Member(user, "left")).public()


def get_chat_administrators(call: Call) -> list[Json]:
    """Bot API, "getChatAdministrators": other bots are left out."""
    chat = readable_chat(call)
    if chat.user is not None:
        raise bad("there are no administrators in the private chat")
    mine = call.me.id
    admins = [one for one in chat.members.values() if one.is_admin]
    return [one.public() for one in admins if not one.user.is_bot or one.user.id == mine]


def get_chat_member_count(call: Call) -> int:
    """Bot API, "getChatMemberCount"."""
    chat = readable_chat(call)
    if chat.user is not None:
        return 2
    return sum(one.present for one in chat.members.values())


def _target(call: Call) -> tuple[Chat, User, Member | None]:
    """The person whom the bot is about to restrict, if it may."""
    chat = writable_chat(call)
    needs_group(chat)
    user = user_of(call)
    needs_right(call, chat, "can_restrict_members", NO_RESTRICT)
    member = chat.member(user.id)
    if user.id == call.me.id:
        raise bad("can't restrict self")
    if member is not None and member.status == "creator":
        raise bad("can't remove chat owner")
    if member is not None and member.is_admin:
        raise bad("user is an administrator of the chat")
    return chat, user, member


def ban_chat_member(call: Call) -> bool:
    """Bot API, "banChatMember"."""
    chat, user, _ = _target(call)
    until = call.params.number("until_date")
    remove_from(call.world, chat, user, actor=call.me, status="kicked", until=until)
    return True


def unban_chat_member(call: Call) -> bool:
    """Bot API, "unbanChatMember": a member who is in the chat is removed from it."""
    chat, user, member = _target(call)
    if call.params.flag("only_if_banned") and (member is None or member.status != "kicked"):
        return True
    if member is not None and member.status != "left":
        remove_from(call.world, chat, user, actor=call.me, status="left")
    return True


def restrict_chat_member(call: Call) -> bool:
    """Bot API, "restrictChatMember"."""
    chat, user, _ = _target(call)
    if chat.type != "supergroup":
        raise bad("method is available only for supergroups")
    rights = call.params.object("permissions", "can't parse permissions JSON object")
    if rights is None:
        raise bad("can't parse permissions JSON object")
    free = all(rights.get(name) for name in ("can_send_messages", "can_send_other_messages"))
    until = call.params.number("until_date")
    fields = {"rights": {} if free else {"is_member": True} | rights, "until": until}
    status = "member" if free else "restricted"
    change_member(call.world, chat, user, status, actor=call.me, **fields)
    return True


def leave_chat(call: Call) -> bool:
    """Bot API, "leaveChat"."""
    chat = found_chat(call)
    if chat.user is not None:
        raise bad("chat member status can't be changed in private chats")
    remove_from(call.world, chat, call.me, actor=call.me, status="left")
    return True


METHODS: Methods = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "banChatMember": ban_chat_member,
    "unbanChatMember": unban_chat_member,
    "restrictChatMember": restrict_chat_member,
    "leaveChat": leave_chat,
}
