"""Control routes that look: the world, a chat's transcript, files, and a stream of events."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import web

from bot.sandbox.acts import Impossible
from bot.sandbox.asking import Ask
from bot.sandbox.menus import commands_for
from bot.sandbox.model import Json, User
from bot.sandbox.render import chat_card, transcript

MAX_WAIT = 60.0
KEEP_ALIVE = 15.0


async def world(ask: Ask) -> Json:
    """GET /sandbox/world?viewer=: people, the viewer's chats with their last message, the clock."""
    viewer = ask.user_or_none("viewer")
    chats = [] if viewer is None else chats_of(ask, viewer)
    return {
        "bot": ask.world.bot.me(),
        "people": [_person(user) for user in ask.world.people()],
        "chats": chats,
        "clock": {"now": ask.world.clock.now(), "shift": ask.world.clock.shift},
    }


def _person(user: User) -> Json:
    return user.public() | {
        "name": user.name,
        "country": user.country,
        "role": user.role,
        "blocked": user.blocked,
        "started": user.started,
    }


def chats_of(ask: Ask, viewer: User) -> list[Json]:
    """The person's private chat with the bot, and the groups they are in."""
    private = ask.world.private(viewer)
    groups = [it for it in ask.world.chats.values() if it.user is None and it.has(viewer.id)]
    groups = [it for it in groups if not it.migrated_to]
    return [chat_card(ask.world, chat, viewer) for chat in [private, *groups]]


async def messages(ask: Ask) -> Json:
    """GET /sandbox/chats/{chat}/messages?viewer=&after=&limit=&wait=&from_bot=: the transcript.
    `after` is a version: messages written or changed since; `wait` waits for the first of them,
    and with `from_bot=1` for one by the bot. Without viewer, ephemeral messages are all shown."""
    found = _found(ask)
    deadline = asyncio.get_running_loop().time() + min(ask.seconds("wait"), MAX_WAIT)
    while not found:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ask.world.events.changed(), left)
        found = _found(ask)
    return {"messages": found, "version": ask.world.seq}


def _found(ask: Ask) -> list[Json]:
    viewer = ask.user("viewer") if ask.text("viewer") else None
    limit = max(1, ask.number("limit", 200))
    found = transcript(ask.world, ask.chat(), viewer, after=ask.number("after"), limit=limit)
    return [it for it in found if it["from"]["bot"]] if ask.flag("from_bot") else found


async def members(ask: Ask) -> Json:
    """GET /sandbox/chats/{chat}/members: everybody with their standing, invite links, requests."""
    chat = ask.chat()
    return {
        "members": [it.public() for it in chat.members.values()],
        "links": [it.public() for it in chat.links.values()],
        "requests": list(chat.requests),
    }


async def commands(ask: Ask) -> Json:
    """GET /sandbox/commands?user=&chat=: the command menu as that person sees it there."""
    return {"commands": commands_for(ask.world, ask.chat(), ask.user())}


async def stats(ask: Ask) -> Json:
    """GET /sandbox/stats: calls by method, updates waiting, calls refused with 429."""
    return {
        "calls": ask.world.calls,
        "pending_updates": len(ask.world.updates),
        "refused": ask.limits.refused,
        "version": ask.world.seq,
    }


async def file(ask: Ask) -> web.StreamResponse:
    """GET /sandbox/files/{id}: a picture to show, or a file to save."""
    found = ask.world.files.get(ask.text("id"))
    if found is None:
        raise Impossible("there is no such file")
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    kind = _picture_type(found.data)
    if not kind:
        headers["Content-Disposition"] = "attachment"
    return web.Response(
        body=found.data,
        content_type=kind or "application/octet-stream",
        headers=headers,
    )


def _picture_type(data: bytes) -> str:
    starts = {b"\x89PNG": "image/png", b"\xff\xd8": "image/jpeg", b"GIF8": "image/gif"}
    starts[b"RIFF"] = "image/webp"
    return next((kind for start, kind in starts.items() if data.startswith(start)), "")


async def events(ask: Ask) -> web.StreamResponse:
    """GET /sandbox/events: server-sent events, one JSON object each: message, edited, deleted,
    callback, action, members, people, chats, commands, clock, inline, reload."""
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "text/event-stream"
    await response.prepare(ask.request)
    with ask.world.events.listen() as queue, contextlib.suppress(ConnectionResetError):
        await response.write(b": hello\n\n")
        while True:
            data = b": still here\n\n"
            with contextlib.suppress(TimeoutError):
                event = await asyncio.wait_for(queue.get(), KEEP_ALIVE)
                if event["event"] == "stop":
                    break
                data = f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
            await response.write(data)
    return response
