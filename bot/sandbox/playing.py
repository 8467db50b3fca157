"""Control routes by which people act: write, press, join, leave, ask inline."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib

from bot.sandbox import acts, membership
from bot.sandbox.acts import Impossible
from bot.sandbox.asking import Ask
from bot.sandbox.images import image_size
from bot.sandbox.methods.media import file_content
from bot.sandbox.model import Chat, File, Json, User
from bot.sandbox.render import shown
from bot.sandbox.world import Callback, Query

MAX_WAIT = 60.0


async def _await(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), min(seconds, MAX_WAIT))


async def say(ask: Ask) -> Json:
    """POST /sandbox/say {user, chat="bot", text, reply_to?, topic?, as?}: a person writes. `as` is
    "anonymous" (an administrator writes as the group) or a channel to write as."""
    content = acts.text_content(ask.text("text"))
    return _say(ask, content)


def _say(ask: Ask, content: Json) -> Json:
    chat = ask.chat()
    role = ask.text("as")
    message = acts.say(
        ask.world,
        ask.user(),
        chat,
        content,
        reply_to=ask.message_or_none("reply_to", chat),
        topic=ask.topic(chat),
        anonymous=role == "anonymous",
        channel=ask.chat("as") if role not in ("", "anonymous") else None,
    )
    return {"message": shown(ask.world, message)}


async def start(ask: Ask) -> Json:
    """POST /sandbox/start {user, payload?}: a person opens the bot's link and presses Start."""
    message = acts.start(ask.world, ask.user(), ask.text("payload"))
    return {"message": shown(ask.world, message)}


async def photo(ask: Ask) -> Json:
    """POST /sandbox/photo {user, chat, data (base64), name?, caption?}: a picture or a file."""
    try:
        data = base64.b64decode(ask.text("data"), validate=True)
    except binascii.Error:
        raise Impossible("data must be base64") from None
    digest = hashlib.sha256(data).hexdigest()[:20]
    name = ask.text("name", "file.bin")
    file = File(f"person-{digest}", digest, name, "application/octet-stream", data)
    file.width, file.height = image_size(data)
    ask.world.files[file.file_id] = file
    what = "photo" if file.width else "document"
    content = file_content(file, what)
    if ask.text("caption"):
        names = {"text": "caption", "entities": "caption_entities"}
        caption = acts.text_content(ask.text("caption"))
        content |= {names[key]: value for key, value in caption.items()}
    return _say(ask, content)


async def edit(ask: Ask) -> Json:
    """POST /sandbox/edit {user, chat, message_id, text}: a person changes their message."""
    message = acts.edit(ask.world, ask.user(), ask.message(), ask.text("text"))
    return {"message": shown(ask.world, message)}


async def delete(ask: Ask) -> Json:
    """POST /sandbox/delete {user, chat, message_id}: a person deletes their own message."""
    message = ask.message()
    if message.sender_id != ask.user().id:
        raise Impossible("only one's own message can be deleted")
    ask.world.delete(message)
    return {"deleted": True}


async def press(ask: Ask) -> Json:
    """POST /sandbox/press {user, chat, message_id | ephemeral_id, data | text, forged?, wait?}:
    a person presses the button with that data or label. With `wait` seconds, the bot's answer
    comes along; `forged` sends data that no button has."""
    message = ask.message()
    data = ask.text("data") or _data_of(message.body, ask.text("text"))
    callback = acts.press(ask.world, ask.user(), message, data, forged=ask.flag("forged"))
    if ask.seconds("wait"):
        await _await(callback.answered, ask.seconds("wait"))
    return _pressed(callback)


def _data_of(body: Json, label: str) -> str:
    for row in body.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            if button["text"] == label:
                return str(button.get("callback_data", ""))
    raise Impossible(f"the message has no button {label!r}")


def _pressed(callback: Callback) -> Json:
    return {"callback_query_id": callback.id, "answer": callback.answer}


async def callback(ask: Ask) -> Json:
    """GET /sandbox/callbacks/{id}?wait=: what the bot answered to a press, null until then."""
    found = ask.world.callbacks.get(ask.text("id"))
    if found is None:
        raise Impossible("there is no such press")
    if ask.seconds("wait"):
        await _await(found.answered, ask.seconds("wait"))
    return _pressed(found)


async def react(ask: Ask) -> Json:
    """POST /sandbox/react {user, chat, message_id, emoji}: a reaction; empty takes it back."""
    acts.react(ask.world, ask.user(), ask.message(), ask.text("emoji"))
    return {"reacted": True}


async def forward(ask: Ask) -> Json:
    """POST /sandbox/forward {user, from_chat, message_id, chat}: forward a message."""
    source = ask.message(chat=ask.chat("from_chat"))
    message = acts.forward(ask.world, ask.user(), source, ask.chat())
    return {"message": shown(ask.world, message)}


async def channel_post(ask: Ask) -> Json:
    """POST /sandbox/channel-post {chat, text}: a post, copied to the discussion group."""
    chat = ask.chat()
    if chat.type != "channel":
        raise Impossible(f"{chat.title} is no channel")
    message = acts.channel_post(ask.world, chat, ask.text("text"))
    return {"message": shown(ask.world, message)}


async def rename(ask: Ask) -> Json:
    """POST /sandbox/rename {user, first_name, last_name?, username?}: a new name. Telegram tells
    bots nothing of it: they see it with the person's next message or change of standing."""
    user = ask.user()
    if not ask.text("first_name"):
        raise Impossible("a person needs a first_name")
    user.first_name, user.last_name = ask.text("first_name"), ask.text("last_name")
    user.username = ask.text("username", user.username)
    ask.world.events.tell("people")
    return {"user": user.public()}


async def block(ask: Ask) -> Json:
    """POST /sandbox/block {user}: the person blocks the bot."""
    membership.set_blocked(ask.world, ask.user(), True)
    return {"blocked": True}


async def unblock(ask: Ask) -> Json:
    """POST /sandbox/unblock {user}: the person unblocks the bot."""
    membership.set_blocked(ask.world, ask.user(), False)
    return {"blocked": False}


async def join(ask: Ask) -> Json:
    """POST /sandbox/join {user, chat | invite_link, request?, by?}: by an invite link, by the Join
    button of a public group, by a request, or added by somebody (`by`; user may be "bot")."""
    user, url = ask.user(), ask.text("invite_link")
    chat = ask.world.links.get(url) if url else ask.chat()
    if chat is None:
        raise Impossible("the invite link is not valid")
    if chat.has(user.id):
        raise Impossible(f"{user.name} is in {chat.title} already")
    member, link = chat.member(user.id), chat.links.get(url)
    if member is not None and member.status == "kicked" and not ask.text("by"):
        raise Impossible(f"{user.name} is banned from {chat.title}")
    if link is not None and not link.usable(ask.world.clock.now()):
        raise Impossible("the invite link has expired")
    if ask.flag("request") or (link is not None and link.creates_join_request):
        membership.request_to_join(ask.world, chat, user, link)
        return {"chat": chat.id, "status": "requested"}
    actor = ask.user("by") if ask.text("by") else None
    membership.enter(ask.world, chat, user, link=link, actor=actor)
    return {"chat": chat.id, "status": "member"}


async def answer_request(ask: Ask) -> Json:
    """POST /sandbox/answer-request {chat, user, by?, approve=true}: an administrator of the group
    lets somebody in who asked to join, or turns them away."""
    chat, user = _group(ask), ask.user()
    actor = ask.user("by") if ask.text("by") else _owner(chat)
    standing = chat.member(actor.id)
    if standing is None or not standing.can("can_invite_users"):
        raise Impossible(f"{actor.name} may let nobody into {chat.title}")
    approve = ask.flag("approve", True)
    if not membership.answer_request(ask.world, chat, user, actor=actor, approve=approve):
        raise Impossible(f"{user.name} did not ask to join {chat.title}")
    return {"chat": chat.id, "status": "member" if approve else "left"}


async def leave(ask: Ask) -> Json:
    """POST /sandbox/leave {user, chat}: the person leaves the group."""
    user, chat = ask.user(), _group(ask)
    if not chat.has(user.id):
        raise Impossible(f"{user.name} is not in {chat.title}")
    membership.remove_from(ask.world, chat, user, actor=user, status="left")
    return {"chat": chat.id, "status": "left"}


def _group(ask: Ask) -> Chat:
    chat = ask.chat()
    if chat.user is not None:
        raise Impossible("that is a private chat")
    return chat


async def member(ask: Ask) -> Json:
    """POST /sandbox/member {chat, user, status, by?, rights?, anonymous?, title?}: promote, demote,
    restrict or kick; user may be "bot". Status as in Bot API, "ChatMember"."""
    chat, user, status = _group(ask), ask.user(), ask.text("status")
    if status not in (
        "creator",
        "administrator",
        "member",
        "restricted",
        "left",
        "kicked",
    ):
        raise Impossible(f"there is no status {status!r}")
    actor = ask.user("by") if ask.text("by") else _owner(chat)
    if status in ("left", "kicked"):
        membership.remove_from(ask.world, chat, user, actor=actor, status=status)
        return {"chat": chat.id, "status": status}
    fields = {"anonymous": ask.flag("anonymous"), "title": ask.text("title")}
    rights = ask.given.get("rights") or {}
    membership.change_member(ask.world, chat, user, status, actor=actor, rights=rights, **fields)
    return {"chat": chat.id, "status": status}


def _owner(chat: Chat) -> User:
    owners = [it.user for it in chat.members.values() if it.status == "creator"]
    return owners[0] if owners else next(iter(chat.members.values())).user


async def inline(ask: Ask) -> Json:
    """POST /sandbox/inline {user, chat, query, wait=5}: type `@bot query`; the results."""
    query = acts.ask_inline(ask.world, ask.user(), ask.chat(), ask.text("query"))
    await _await(query.answered, ask.seconds("wait", 5.0))
    return _asked(query)


def _asked(query: Query) -> Json:
    return {"id": query.id, "answer": query.answer}


async def choose(ask: Ask) -> Json:
    """POST /sandbox/inline/choose {id, result_id, chat?}: send one of the results."""
    query = ask.world.inline_queries.get(ask.text("id"))
    if query is None:
        raise Impossible("there is no such inline query")
    chat = ask.chat() if ask.text("chat") else query.chat
    assert chat is not None
    message = acts.choose_inline(ask.world, query, ask.text("result_id"), chat)
    return {"message": shown(ask.world, message)}


async def guest(ask: Ask) -> Json:
    """POST /sandbox/guest {user, chat, text, wait?}: mention the bot where it is not a member."""
    message, query = acts.mention_guest(ask.world, ask.user(), ask.chat(), ask.text("text"))
    if ask.seconds("wait"):
        await _await(query.answered, ask.seconds("wait"))
    return {"message": shown(ask.world, message)} | _asked(query)
