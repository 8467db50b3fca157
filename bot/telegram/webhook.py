"""Updates that Telegram posts: stored before they are acknowledged, then dealt with as when polled.

Our own small server rather than python-telegram-bot's: that one acknowledges what only lies in
memory, and prints a wrong secret into the log (PEERS: ext/_utils/webhookhandler.py).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import sqlite3
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot
from telegram.error import TelegramError

from bot.busy import Busy
from bot.errors import CannotRun
from bot.journal import Journal
from bot.settings import Settings
from bot.telegram.polling import ALLOWED_UPDATES, Dispatcher
from bot.watch import Health, Metrics

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
MAX_BODY = 1024 * 1024
"""Bytes; an update is a few kilobytes."""
READ_SECONDS = 10.0
"""How long a sender may take over one body."""
CONNECTIONS = 40
"""Posts that Telegram may have open at once (setWebhook, max_connections)."""
LOOK_SECONDS = 60.0


class Receiver:
    """Listens for Telegram, and looks after the webhook that is set there."""

    def __init__(
        self, bot: Bot, journal: Journal, dispatcher: Dispatcher, settings: Settings,
        health: Health, metrics: Metrics, busy: Busy, more: Sequence[web.RouteDef] = (),
    ) -> None:  # fmt: skip
        self._bot = bot
        self._journal = journal
        self._dispatcher = dispatcher
        self._health = health
        self._metrics = metrics
        self._busy = busy
        self._more = more
        self._url = str(settings.webhook_url)
        self._where = (settings.webhook_host, settings.webhook_port)
        self._secret = settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
        self.listening = asyncio.Event()
        """Set once Telegram knows the address."""
        self.address = ""

    async def run(self) -> None:
        """Listens until cancelled; the webhook stays set, so that what comes later waits."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post(urlsplit(self._url).path or "/", self.post)
        app.router.add_routes(self._more)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        try:
            await self._listen(runner)
            self._dispatcher.resume()
            await self._set()
            self.listening.set()
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                await self._look()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self._where
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotRun(
                f"cannot listen on {host} port {port} for the webhook: {error.strerror}"
            ) from None
        self.address = f"http://{host}:{runner.addresses[0][1]}"
        log.info("listening for Telegram on %s", self.address)

    async def _set(self) -> None:
        try:
            await self._bot.set_webhook(
                self._url, secret_token=self._secret, max_connections=CONNECTIONS,
                allowed_updates=list(ALLOWED_UPDATES), drop_pending_updates=False,
            )  # fmt: skip
        except TelegramError as error:
            raise CannotRun(f"Telegram refuses the webhook: {error.message}") from None
        self._health.telegram_answered()

    async def _look(self) -> None:
        """Whether Telegram still posts here, and what went wrong when it last did."""
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            log.warning("the webhook could not be looked at (%s)", error)
            return
        self._health.telegram_answered()
        taken = info.url != self._url
        self._health.trouble(
            "webhook", "another copy of this bot took the webhook away" if taken else None
        )

    async def post(self, request: web.Request) -> web.Response:
        response = await self._answer(request)
        self._metrics.posted(response.status)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        """200 only for what is safely stored; Telegram posts all else again."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            return _refused(401)
        if self._dispatcher.full or self._busy.now:
            return _refused(503)
        try:
            async with asyncio.timeout(READ_SECONDS):
                update = _update(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return _refused(413)
        except TimeoutError:
            return _refused(408)
        if update is None:
            return _refused(400)
        try:
            fresh = self._journal.store([update])
        except sqlite3.Error as error:
            self._busy.noticed(error)
            log.error("an update cannot be stored (%s): it waits at Telegram", error)
            return _refused(503)
        for raw in fresh:
            self._dispatcher.submit(raw)
        self._health.telegram_answered()
        return web.Response()


def _refused(status: int) -> web.Response:
    """The connection is closed: what is left of the body stays unread."""
    response = web.Response(status=status)
    response.force_close()
    return response


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    known = isinstance(found, dict) and type(found.get("update_id")) is int
    return found if known and 0 <= found["update_id"] < 2**63 else None
