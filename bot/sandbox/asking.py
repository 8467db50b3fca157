"""A request to the control API: its JSON, and the people, chats and messages that it names."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.acts import Impossible
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.limits import Limits
from bot.sandbox.model import Chat, Json, Message, Topic, User
from bot.sandbox.world import World


@dataclass(slots=True)
class Ask:
    """What a route works with: `given` is the body of a POST, or the query of a GET."""

    world: World
    limits: Limits
    faults: Faults
    given: Json
    request: web.Request

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self.given.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number."""
        try:
            return int(self.given.get(name) or default)
        except (TypeError, ValueError):
            raise Impossible(f"{name} must be a number") from None

    def seconds(self, name: str, default: float = 0.0) -> float:
        """A time span, at most a minute for waits."""
        try:
            return float(self.given.get(name) or default)
        except (TypeError, ValueError):
            raise Impossible(f"{name} must be a number of seconds") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no."""
        value = self.given.get(name)
        return default if value is None else str(value).lower() in ("true", "1", "yes")

    def user(self, name: str = "user") -> User:
        """The person named."""
        person = self.user_or_none(name)
        if person is None:
            raise Impossible(f"there is nobody called {self.text(name)!r}")
        return person

    def user_or_none(self, name: str = "user") -> User | None:
        """The person named, if there is one; "bot" is the bot."""
        wanted = self.text(name).lstrip("@").lower()
        if wanted == "bot":
            return self.world.bot.user
        for user in self.world.users.values():
            if wanted and wanted in (
                str(user.id),
                user.username.lower(),
                user.first_name.lower(),
            ):
                return user
        return None

    def chat(self, name: str = "chat") -> Chat:
        """The chat named."""
        wanted = self.text(name, "bot")
        if wanted == "bot":
            return self.world.private(self.user())
        for chat in self.world.chats.values():
            if wanted in (str(chat.id), f"@{chat.username}", chat.title):
                return chat
        person = self.world.users.get(int(wanted)) if wanted.lstrip("-").isdigit() else None
        if person is None:
            raise Impossible(f"there is no chat {wanted!r}")
        return self.world.private(person)

    def message(self, name: str = "message_id", chat: Chat | None = None) -> Message:
        """The message named, by message_id, or by ephemeral_id."""
        chat = chat or self.chat()
        private = chat.ephemeral.get(self.number("ephemeral_id"))
        found = private or chat.messages.get(self.number(name))
        if found is None:
            raise Impossible(f"there is no such message in {chat.title or 'the private chat'}")
        return found

    def message_or_none(self, name: str, chat: Chat) -> Message | None:
        """The message named, if one is."""
        return self.message(name, chat) if self.number(name) else None

    def topic(self, chat: Chat) -> Topic | None:
        """The forum topic named, by id or name."""
        wanted = self.text("topic")
        if not wanted:
            return None
        for topic in chat.topics.values():
            if wanted in (str(topic.thread_id), topic.name):
                return topic
        raise Impossible(f"there is no topic {wanted!r} in {chat.title}")


Route = Callable[[Ask], Awaitable[Json | web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def read(world: World, limits: Limits, faults: Faults, request: web.Request) -> Ask:
    """Parse a request; a POST must be JSON, so that no other site's form can play people."""
    given: Json = dict(request.query)
    if request.method != "GET":
        if request.content_type != "application/json":
            raise Impossible("send JSON, with Content-Type: application/json")
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Impossible("the body must be a JSON object")
        given |= body
    return Ask(world, limits, faults, given | dict(request.match_info), request)


def refused(error: Exception) -> web.Response:
    """What can't be done, as JSON."""
    reason = error.description if isinstance(error, ApiError) else str(error)
    return web.json_response({"error": reason}, status=400)
