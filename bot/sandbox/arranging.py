"""Control routes that arrange the world: new people and groups, the clock, faults, raw updates."""

from __future__ import annotations

from bot.sandbox import acts
from bot.sandbox.acts import Impossible
from bot.sandbox.asking import Ask
from bot.sandbox.faults import Fault
from bot.sandbox.methods.topics import open_topic
from bot.sandbox.model import Json, Member, User


async def add_person(ask: Ask) -> Json:
    """POST /sandbox/people {first_name, last_name?, username?, language?, country?, role?, id?,
    started?}: a new person."""
    if not ask.text("first_name"):
        raise Impossible("a person needs a first_name")
    user = User(
        ask.number("id") or ask.world.new_person_id(),
        ask.text("first_name"),
        ask.text("last_name"),
        ask.text("username"),
        ask.text("language"),
        country=ask.text("country"),
        role=ask.text("role", "member"),
        started=ask.flag("started"),
    )
    if user.id in ask.world.users:
        raise Impossible(f"there is somebody with the id {user.id}")
    return {"user": ask.world.add_user(user).public()}


async def add_group(ask: Ask) -> Json:
    """POST /sandbox/groups {title, type="supergroup", members=[...], owner?, forum?, username?,
    country?, with_bot=true, bot_admin?, large?}: a new group, forum or channel."""
    kind = ask.text("type", "supergroup")
    if kind not in ("group", "supergroup", "channel"):
        raise Impossible(f"there is no chat type {kind!r}")
    names = [str(name) for name in ask.given.get("members") or []]
    members = [_person(ask, name) for name in names]
    chat = ask.world.add_chat(
        ask.text("title", "A group"),
        kind,
        members=members,
        with_bot=ask.flag("with_bot", True),
        is_forum=ask.flag("forum"),
        username=ask.text("username"),
        country=ask.text("country"),
        hides_joins=ask.flag("large"),
    )
    owner = _person(ask, ask.text("owner")) if ask.text("owner") else None
    for user in [owner] if owner else members[:1]:
        chat.members.setdefault(user.id, Member(user)).status = "creator"
    me = ask.world.bot_member(chat)
    if me is not None and ask.flag("bot_admin"):
        me.status = "administrator"
    return {"chat": chat.public()}


def _person(ask: Ask, name: str) -> User:
    return Ask(ask.world, ask.limits, ask.faults, {"user": name}, ask.request).user()


async def add_topic(ask: Ask) -> Json:
    """POST /sandbox/topics {chat, name}: a forum topic."""
    chat = ask.chat()
    if not chat.is_forum:
        raise Impossible(f"{chat.title} has no topics")
    topic = open_topic(ask.world, chat, ask.text("name", "Topic"))
    return {"topic": topic.public()}


async def add_link(ask: Ask) -> Json:
    """POST /sandbox/links {user, chat, creates_join_request?, name?}: an invite link by a person."""
    fields = {
        "name": ask.text("name"),
        "creates_join_request": ask.flag("creates_join_request"),
    }
    return {"link": ask.world.new_link(ask.chat(), ask.user(), **fields).public()}


async def switch_topics(ask: Ask) -> Json:
    """POST /sandbox/forum {chat, on}: switch a group's topics on or off; old ids go stale."""
    chat = ask.chat()
    chat.is_forum = ask.flag("on")
    return {"chat": chat.public()}


async def migrate(ask: Ask) -> Json:
    """POST /sandbox/migrate {chat}: a basic group becomes a supergroup; the new chat."""
    return {"chat": acts.migrate(ask.world, ask.chat()).public()}


async def clock(ask: Ask) -> Json:
    """GET or POST /sandbox/clock {forward?: seconds}: the shifted time, moved on."""
    if ask.request.method == "POST":
        ask.world.clock.forward(ask.seconds("forward"))
        ask.world.events.tell("clock")
    return {"now": ask.world.clock.now(), "shift": ask.world.clock.shift}


async def raw_update(ask: Ask) -> Json:
    """POST /sandbox/update {...}: queue this very update, with the next update_id."""
    return {"update_id": ask.world.updates.push_raw(ask.given)}


async def fault(ask: Ask) -> Json:
    """POST /sandbox/faults {method="", kind, times=1, seconds=1}: see faults.Fault;
    {"clear": true} takes all back."""
    if ask.flag("clear"):
        ask.faults.clear()
        return {"cleared": True}
    seconds = ask.seconds("seconds", 1.0)
    ask.faults.add(Fault(ask.text("method"), ask.text("kind"), ask.number("times", 1), seconds))
    return {"added": True}


async def bot(ask: Ask) -> Json:
    """POST /sandbox/bot {privacy?, inline?, guest?, logged_out?, limits?}: as in BotFather; `limits` switches
    the flood limits."""
    me = ask.world.bot
    me.privacy = ask.flag("privacy", me.privacy)
    me.inline = ask.flag("inline", me.inline)
    me.guest = ask.flag("guest", me.guest)
    me.logged_out = ask.flag("logged_out", me.logged_out)
    ask.limits.enabled = ask.flag("limits", ask.limits.enabled)
    return {"bot": me.me(), "limits": ask.limits.enabled}
