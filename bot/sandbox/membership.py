"""Bot API, "ChatMemberUpdated" and "ChatJoinRequest": people come, go and change standing."""

from __future__ import annotations

from typing import Any

from bot.sandbox.model import Chat, InviteLink, Json, Member, User
from bot.sandbox.world import World

WRITE_AFTER_REQUEST = 300.0


def change_member(
    world: World, chat: Chat, user: User, status: str, *, actor: User, **fields: Any
) -> Member:
    """Set a person's standing, and tell the bot what changed."""
    link: InviteLink | None = fields.pop("link", None)
    via_request: bool = fields.pop("via_request", False)
    before = chat.member(user.id) or Member(user, "left")
    old = before.public()
    after = Member(user, status, was_here=before.was_here or before.present)
    for name, value in fields.items():
        setattr(after, name, value)
    chat.members[user.id] = after
    update: Json = {
        "chat": chat.public(),
        "from": actor.public(),
        "date": int(world.clock.now()),
    }
    update |= {"old_chat_member": old, "new_chat_member": after.public()}
    if link is not None:
        update["invite_link"] = link.public()
    if via_request:
        update["via_join_request"] = True
    _tell(world, chat, user, update)
    world.events.tell("members", chat_id=chat.id)
    return after


def _tell(world: World, chat: Chat, user: User, update: Json) -> None:
    """my_chat_member for the bot itself; chat_member only where the bot is an administrator."""
    if user.id == world.bot.user.id:
        world.updates.push("my_chat_member", update)
        return
    me = world.bot_member(chat)
    if me is not None and me.is_admin:
        world.updates.push("chat_member", update)


def enter(
    world: World,
    chat: Chat,
    user: User,
    *,
    link: InviteLink | None = None,
    actor: User | None = None,
    via_request: bool = False,
) -> Member:
    """A person comes in. `invite_link` is told only for a first joining of a private group by
    the link (PEERS, "invite_link attribution")."""
    before = chat.member(user.id)
    rejoins = before is not None and before.status in ("left", "kicked")
    told = link if link is not None and not chat.username and not rejoins else None
    if link is not None:
        link.joined += 1
    doer = actor or user
    member = change_member(
        world, chat, user, "member", actor=doer, link=told, via_request=via_request
    )
    if not chat.hides_joins and chat.type != "channel":
        newcomers: Json = {"new_chat_members": [user.public()]}
        world.tell_bot(world.post(chat, doer, newcomers))
    return member


def remove_from(
    world: World, chat: Chat, user: User, *, actor: User, status: str, until: int = 0
) -> None:
    """A person leaves (`left`) or is banned (`kicked`)."""
    was_present = chat.has(user.id)
    change_member(world, chat, user, status, actor=actor, until=until)
    if was_present and not chat.hides_joins and chat.is_group:
        world.tell_bot(world.post(chat, actor, {"left_chat_member": user.public()}))


def request_to_join(world: World, chat: Chat, user: User, link: InviteLink | None) -> None:
    """Bot API, "ChatJoinRequest": the bot may write to the person for five minutes."""
    chat.requests[user.id] = link
    if link is not None:
        link.pending += 1
    user.may_write_until = world.clock.mono() + WRITE_AFTER_REQUEST
    update: Json = {
        "chat": chat.public(),
        "from": user.public(),
        "user_chat_id": user.id,
    }
    update["date"] = int(world.clock.now())
    if link is not None and not chat.username:
        update["invite_link"] = link.public()
    me = world.bot_member(chat)
    if me is not None and me.can("can_invite_users"):
        world.updates.push("chat_join_request", update)
    world.events.tell("members", chat_id=chat.id)


def answer_request(world: World, chat: Chat, user: User, *, actor: User, approve: bool) -> bool:
    """An administrator lets somebody in, or turns them away: Telegram tells bots nothing of the
    latter. False when nobody waits by that name."""
    if user.id not in chat.requests:
        return False
    link = chat.requests.pop(user.id)
    if link is not None:
        link.pending -= 1
    if approve:
        enter(world, chat, user, link=link, actor=actor, via_request=True)
    else:
        world.events.tell("members", chat_id=chat.id)
    return True


def set_blocked(world: World, user: User, blocked: bool) -> None:
    """A person blocks or unblocks the bot: my_chat_member in their private chat."""
    if user.blocked == blocked:
        return
    user.blocked = blocked
    was, now = ("member", "kicked") if blocked else ("kicked", "member")
    bot = world.bot.user
    world.updates.push(
        "my_chat_member",
        {
            "chat": world.private(user).public(),
            "from": user.public(),
            "date": int(world.clock.now()),
            "old_chat_member": Member(bot, was).public(),
            "new_chat_member": Member(bot, now).public(),
        },
    )
    world.events.tell("people")
