"""The control API under /sandbox (never under /bot): how the page and the tests play people.

JSON in, JSON out. `user` is an id, a @username or a first name; `chat` is an id, a @username, a
title, or "bot" for the person's private chat with the bot (the default). What can't be done
answers 400 with {"error": reason}.
"""

from __future__ import annotations

from aiohttp import web

from bot.sandbox import arranging, asking, page_files, playing, watching
from bot.sandbox.acts import Impossible
from bot.sandbox.asking import Route
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.limits import Limits
from bot.sandbox.world import World

ROUTES: tuple[tuple[str, str, Route], ...] = (
    # looking
    ("GET", "/sandbox/world", watching.world),
    ("GET", "/sandbox/chats/{chat}/messages", watching.messages),
    ("GET", "/sandbox/chats/{chat}/members", watching.members),
    ("GET", "/sandbox/commands", watching.commands),
    ("GET", "/sandbox/files/{id}", watching.file),
    ("GET", "/sandbox/events", watching.events),
    ("GET", "/sandbox/stats", watching.stats),
    ("GET", "/sandbox/callbacks/{id}", playing.callback),
    # people act
    ("POST", "/sandbox/say", playing.say),
    ("POST", "/sandbox/start", playing.start),
    ("POST", "/sandbox/photo", playing.photo),
    ("POST", "/sandbox/edit", playing.edit),
    ("POST", "/sandbox/delete", playing.delete),
    ("POST", "/sandbox/press", playing.press),
    ("POST", "/sandbox/react", playing.react),
    ("POST", "/sandbox/forward", playing.forward),
    ("POST", "/sandbox/channel-post", playing.channel_post),
    ("POST", "/sandbox/rename", playing.rename),
    ("POST", "/sandbox/block", playing.block),
    ("POST", "/sandbox/unblock", playing.unblock),
    ("POST", "/sandbox/join", playing.join),
    ("POST", "/sandbox/answer-request", playing.answer_request),
    ("POST", "/sandbox/leave", playing.leave),
    ("POST", "/sandbox/member", playing.member),
    ("POST", "/sandbox/inline", playing.inline),
    ("POST", "/sandbox/inline/choose", playing.choose),
    ("POST", "/sandbox/guest", playing.guest),
    # the world is arranged
    ("POST", "/sandbox/people", arranging.add_person),
    ("POST", "/sandbox/groups", arranging.add_group),
    ("POST", "/sandbox/topics", arranging.add_topic),
    ("POST", "/sandbox/links", arranging.add_link),
    ("POST", "/sandbox/forum", arranging.switch_topics),
    ("POST", "/sandbox/migrate", arranging.migrate),
    ("GET", "/sandbox/clock", arranging.clock),
    ("POST", "/sandbox/clock", arranging.clock),
    ("POST", "/sandbox/update", arranging.raw_update),
    ("POST", "/sandbox/faults", arranging.fault),
    ("POST", "/sandbox/bot", arranging.bot),
)


def add_routes(app: web.Application, world: World, limits: Limits, faults: Faults) -> None:
    """Put the control API and the page on the application."""

    def served(route: Route) -> asking.Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                ask = await asking.read(world, limits, faults, request)
                result = await route(ask)
            except (Impossible, ApiError, ValueError) as error:
                return asking.refused(error)
            return web.json_response(result) if isinstance(result, dict) else result

        return handle

    for method, path, route in ROUTES:
        app.router.add_route(method, path, served(route))
    page_files.add_routes(app)

    async def stop_streams(_: web.Application) -> None:
        world.events.tell("stop")

    app.on_shutdown.append(stop_streams)
