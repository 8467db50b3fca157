"""Bot API, "setWebhook": updates are posted to the bot's URL, one by one, until they arrive."""

from __future__ import annotations

import asyncio
import ipaddress
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.clock import Clock
from bot.sandbox.errors import bad
from bot.sandbox.model import Json
from bot.sandbox.updates import Pending, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


def checked_loopback(url: str) -> str:
    """The URL if it stays on this machine; the sandbox contacts no other address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad("invalid webhook URL specified")
    if parts.hostname == "localhost":
        return url
    try:
        local = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        local = False
    if not local:
        raise bad("bad webhook: the sandbox posts to loopback addresses only")
    return url


class Webhook:
    """The one webhook of the bot, and the task that feeds it."""

    def __init__(self, updates: UpdateQueue, clock: Clock, *, retry_after: float = 1.0) -> None:
        self.url = ""
        self._secret = ""
        self._max_connections = 0
        self._updates = updates
        self._clock = clock
        self._retry_after = retry_after
        self._task: asyncio.Task[None] | None = None
        self._error = ""
        self._error_at = 0

    def set(self, url: str, secret: str, max_connections: int) -> None:
        """Start to post to `url`, or stop when it is empty."""
        self.stop()
        self.url = checked_loopback(url) if url else ""
        self._secret, self._max_connections = secret, max_connections
        self._error, self._error_at = "", 0
        if self.url:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """End the task."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def info(self) -> Json:
        """Bot API, "WebhookInfo"."""
        shown: Json = {"url": self.url, "has_custom_certificate": False}
        if self.url:
            shown["max_connections"] = self._max_connections
        if self._error:
            shown |= {
                "last_error_date": self._error_at,
                "last_error_message": self._error,
            }
        return shown

    async def _run(self) -> None:
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers[SECRET_HEADER] = self._secret
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                await self._updates.wait_fresh()
                for update in self._updates.peek(1):
                    await self._post_until_taken(session, update)
                    self._updates.confirm(update.id + 1)

    async def _post_until_taken(self, session: aiohttp.ClientSession, update: Pending) -> None:
        wait = self._retry_after
        while not await self._post(session, update):
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)

    async def _post(self, session: aiohttp.ClientSession, update: Pending) -> bool:
        try:
            async with session.post(self.url, data=update.data) as answer:
                if 200 <= answer.status < 300:
                    return True
                self._error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            self._error = f"Connection failed: {type(error).__name__}"
        self._error_at = int(self._clock.now())
        return False
