"""Fetches updates, stores them before Telegram is told, and deals with them in order per chat.

python-telegram-bot's own updater confirms what still lies in memory, so a kill would lose it
(PEERS: ext/_updater.py); this one asks for the next updates only after the last are stored.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import warnings
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import islice
from time import monotonic
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.warnings import PTBUserWarning

from bot.busy import Busy
from bot.journal import Journal, current_update
from bot.telegram.budgets import Budgets
from bot.telegram.reading import read_update
from bot.watch import Health, Metrics

log = logging.getLogger(__name__)

# We want the raw JSON, to store it as it came; get_updates() would parse it first.
warnings.filterwarnings("ignore", message=".*Bot.getUpdates.*", category=PTBUserWarning)

ALLOWED_UPDATES = (
    "message", "edited_message", "callback_query", "inline_query", "my_chat_member",
    "chat_member", "chat_join_request", "guest_message",
)  # fmt: skip
MAX_CONFLICTS = 3
"""Conflicts in a row after which this copy gives way to the other one."""
BACK_OFF_SECONDS = 10.0
"""Between two tries at most: how long members may wait after Telegram, or the disk, is back."""
MAX_WAITING = 5_000
"""Updates stored and not yet dealt with, from which on no more are fetched."""


class AnotherCopyPolls(Exception):
    """Telegram ended our getUpdates because another copy called it."""


class Postponed(Exception):
    """The database could not be written, and nothing of an answer is out: it is begun anew."""


LOOK_AHEAD = 200
"""Waiting updates of a chat that are looked through for a person's reply."""


class Dispatcher:
    """Deals with updates of different chats side by side, with those of one chat in order."""

    def __init__(
        self,
        process: Callable[[Update], Awaitable[None]],
        bot: Bot,
        journal: Journal,
        concurrency: int,
        busy: Busy,
        *,
        metrics: Metrics | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._budgets = budgets or Budgets()
        self._process = process
        self._bot = bot
        self._journal = journal
        self._slots = asyncio.Semaphore(concurrency)
        self._busy = busy
        self._queues: dict[object, deque[tuple[float, dict[str, Any]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.waiting = 0
        self._below = asyncio.Event()
        self._below.set()

    def submit(self, raw: dict[str, Any]) -> None:
        self._metrics.update(kind_of(raw))
        key = _chat_of(raw)
        queued = self._queues.get(key, ())
        refusal = self._budgets.refuse(raw, len(queued), monotonic())
        if refusal:
            self._metrics.dropped(refusal)
            self._journal.done(int(raw["update_id"]))
            return
        self.waiting += 1
        if self.waiting >= MAX_WAITING:
            self._below.clear()
        if key in self._queues:
            self._queues[key].append((monotonic(), raw))
            return
        self._queues[key] = deque([(monotonic(), raw)])
        task = asyncio.create_task(self._drain(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def has_reply(self, chat_id: int, message_id: int) -> bool:
        """Whether somebody's reply to that message waits its turn (after a restart, say)."""
        waiting = islice(self._queues.get(chat_id, ()), LOOK_AHEAD)
        messages = (raw.get("message") for _, raw in waiting)
        replied = (m.get("reply_to_message") for m in messages if isinstance(m, dict))
        return any(isinstance(r, dict) and r.get("message_id") == message_id for r in replied)

    async def _drain(self, key: object) -> None:
        queue = self._queues[key]
        while queue:
            taken_in, raw = queue[0]
            async with self._slots:
                await self._deal_with(raw)
            self._metrics.dealt_with(monotonic() - taken_in)
            queue.popleft()
            self.waiting -= 1
            if self.waiting < MAX_WAITING:
                self._below.set()
        del self._queues[key]

    async def _deal_with(self, raw: dict[str, Any]) -> None:
        update_id = int(raw["update_id"])
        token = current_update.set(update_id)
        try:
            await self._until_through(read_update(raw, self._bot))
        except Exception:
            # An update of a shape that nobody foresaw must not end the bot.
            self._metrics.failed()
            log.exception("update %s could not be dealt with", update_id)
        finally:
            current_update.reset(token)
        self._journal.done(update_id)  # not when cancelled: the next run takes it up

    async def _until_through(self, update: Update) -> None:
        while True:
            await self._busy.over()
            with suppress(Postponed):
                return await self._process(update)

    async def room(self) -> None:
        await self._below.wait()

    @property
    def full(self) -> bool:
        return self.waiting >= MAX_WAITING

    def resume(self) -> None:
        """Takes up what a previous run received and did not begin to answer."""
        for raw in self._journal.pending():
            self.submit(raw)

    async def drain(self, seconds: float) -> None:
        """Waits for what is in flight, at most this long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


def kind_of(raw: dict[str, Any]) -> str:
    """Of the kinds that we ask for, or `other`: what a stranger writes is no label."""
    return next((kind for kind in ALLOWED_UPDATES if kind in raw), "other")


def _chat_of(raw: dict[str, Any]) -> object:
    """What orders an update: its chat, else the person, else nothing but itself."""
    for content in raw.values():
        if not isinstance(content, dict):
            continue
        message = content.get("message")
        chat = content.get("chat") or (message.get("chat") if isinstance(message, dict) else None)
        if isinstance(chat, dict) and "id" in chat:
            return chat["id"]
        person = content.get("from")
        if isinstance(person, dict) and "id" in person:
            return ("person", person["id"])
    return ("update", raw.get("update_id"))


class Poller:
    def __init__(
        self,
        bot: Bot,
        journal: Journal,
        dispatcher: Dispatcher,
        timeout: int,
        busy: Busy,
        health: Health | None = None,
    ) -> None:
        self._health = health
        self._busy = busy
        self._bot = bot
        self._journal = journal
        self._dispatcher = dispatcher
        self._timeout = timeout
        self._offset = 0
        self._conflicts = 0
        self._failures = 0
        self.polled = asyncio.Event()
        """Set once Telegram has answered a getUpdates."""

    async def run(self) -> None:
        """Polls until cancelled. Raises AnotherCopyPolls or InvalidToken."""
        await self._leave_webhook()
        self._dispatcher.resume()
        while True:
            await self._dispatcher.room()
            await self._busy.over()
            try:
                updates = await self._fetch()
            except InvalidToken:
                raise
            except Conflict as error:
                await self._conflict(error)
            except RetryAfter as error:
                await asyncio.sleep(float(error.retry_after))  # type: ignore[arg-type]
            except TimedOut:
                continue
            except (NetworkError, TelegramError) as error:
                await self._back_off(error)
            else:
                self._conflicts = 0
                self.polled.set()
                if self._health:
                    self._health.telegram_answered()
                await self._take_or_wait(updates)

    async def _leave_webhook(self) -> None:
        """Telegram refuses to be polled while a webhook is set. What waits there stays waiting."""
        try:
            info = await self._bot.get_webhook_info()
            if info.url:
                log.info("leaving the webhook: this bot polls from now on")
                await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log.warning("whether a webhook is set could not be asked (%s)", error)

    async def _fetch(self) -> list[dict[str, Any]]:
        result = await self._bot.do_api_request(
            "getUpdates",
            api_kwargs={
                "offset": self._offset, "timeout": self._timeout, "limit": 100,
                "allowed_updates": list(ALLOWED_UPDATES),
            },
            read_timeout=self._timeout + 10,
        )  # fmt: skip
        return [u for u in result if isinstance(u, dict) and isinstance(u.get("update_id"), int)]

    async def _take_or_wait(self, updates: list[dict[str, Any]]) -> None:
        """A database that refuses leaves the updates with Telegram."""
        try:
            self._take(updates)
        except sqlite3.Error as error:
            if self._busy.noticed(error):
                return  # they wait at Telegram
            self._failures += 1
            log.error("updates cannot be stored (%s): they wait at Telegram", error)
            await asyncio.sleep(self._pause())
        else:
            self._failures = 0

    def _take(self, updates: list[dict[str, Any]]) -> None:
        if not updates:
            return
        for raw in self._journal.store(updates):
            self._dispatcher.submit(raw)
        self._offset = max(u["update_id"] for u in updates) + 1

    async def _conflict(self, error: Conflict) -> None:
        """A copy that has not polled yet gives way at once; a running one only when it lasts."""
        self._conflicts += 1
        if not self.polled.is_set() or self._conflicts >= MAX_CONFLICTS:
            raise AnotherCopyPolls(error.message)
        await asyncio.sleep(1.0 + random.random())

    def _pause(self) -> float:
        """Seconds until the next try: longer with each failure in a row."""
        return min(BACK_OFF_SECONDS, 0.5 * 2.0 ** min(self._failures, 6))

    async def _back_off(self, error: TelegramError) -> None:
        self._failures += 1
        seconds = self._pause() * (0.75 + random.random() / 2)
        log.warning("Telegram cannot be reached (%s); trying again in %.0f s", error, seconds)
        await asyncio.sleep(seconds)
