"""Bot API, "createChatInviteLink" and its kin, and the answers to join requests."""

from __future__ import annotations

from typing import Any

from bot.sandbox.errors import bad
from bot.sandbox.membership import answer_request
from bot.sandbox.methods.call import Call, Methods, needs_right, user_of, writable_chat
from bot.sandbox.model import Chat, InviteLink, Json

NO_RIGHT = "not enough rights to manage chat invite link"


def _chat(call: Call) -> Chat:
    chat = writable_chat(call)
    if chat.user is not None:
        raise bad("can't manage invite links in the private chat")
    needs_right(call, chat, "can_invite_users", NO_RIGHT)
    return chat


def _fields(call: Call) -> dict[str, Any]:
    """Name up to 32, 1-99999 members, which does not go with join requests."""
    params = call.params
    limit, asks = params.number("member_limit"), params.flag("creates_join_request")
    if len(params.text("name")) > 32:
        raise bad("INVITE_TITLE_TOO_LONG")
    if not 0 <= limit <= 99_999:
        raise bad("USAGE_LIMIT_INVALID")
    if limit and asks:
        raise bad("member limit can't be specified for links requiring administrator approval")
    return {
        "name": params.text("name"),
        "expire_date": params.number("expire_date"),
        "member_limit": limit,
        "creates_join_request": asks,
    }


def create(call: Call) -> Json:
    """Bot API, "createChatInviteLink"."""
    fields = _fields(call)
    return call.world.new_link(_chat(call), call.me, **fields).public()


def _link(call: Call, chat: Chat) -> InviteLink:
    link = chat.links.get(call.params.text("invite_link"))
    if link is None:
        raise bad("INVITE_HASH_EXPIRED")
    return link


def edit(call: Call) -> Json:
    """Bot API, "editChatInviteLink": only the bot's own, and not the primary one."""
    fields = _fields(call)
    link = _link(call, _chat(call))
    if link.creator.id != call.me.id or link.is_primary or link.is_revoked:
        raise bad("CHAT_INVITE_PERMANENT" if link.is_primary else "INVITE_REVOKED_MISSING")
    for name, value in fields.items():
        setattr(link, name, value)
    return link.public()


def revoke(call: Call) -> Json:
    """Bot API, "revokeChatInviteLink"."""
    link = _link(call, _chat(call))
    link.is_revoked = True
    return link.public()


def export(call: Call) -> str:
    """Bot API, "exportChatInviteLink": a new primary link, the former is revoked."""
    chat = _chat(call)
    for link in chat.links.values():
        link.is_revoked |= link.is_primary
        link.is_primary = False
    return call.world.new_link(chat, call.me, is_primary=True).url


def _answer(call: Call, *, approve: bool) -> bool:
    chat, user = _chat(call), user_of(call)
    if chat.has(user.id):
        raise bad("USER_ALREADY_PARTICIPANT")
    if not answer_request(call.world, chat, user, actor=call.me, approve=approve):
        raise bad("HIDE_REQUESTER_MISSING")
    return True


def approve(call: Call) -> bool:
    """Bot API, "approveChatJoinRequest"."""
    return _answer(call, approve=True)


def decline(call: Call) -> bool:
    """Bot API, "declineChatJoinRequest"."""
    return _answer(call, approve=False)


METHODS: Methods = {
    "createChatInviteLink": create,
    "editChatInviteLink": edit,
    "revokeChatInviteLink": revoke,
    "exportChatInviteLink": export,
    "approveChatJoinRequest": approve,
    "declineChatJoinRequest": decline,
}
