"""The sandbox's server with a stop-watch: when an update is handed out, when its reply comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.bench.posting import Poster
from bot.sandbox import DEFAULT_TOKEN, Limits, World, create_app, default_bot, start
from bot.sandbox.model import Chat, Json, Message, User
from bot.sandbox.updates import Pending, UpdateQueue

PEOPLE = 500
FIRST_ID = 7_100_000_000

QUESTIONS = (
    ("en", "is Binance allowed in the Philippines"),
    ("vi", "mua usdt bang chuyen khoan ngan hang o viet nam nhu nao"),
    ("th", "ขายเหรียญในไทยต้องเสียภาษียังไง"),
    ("fil", "paano mag cash in sa coins.ph gamit maya"),
    ("en", "what is the crypto tax in Japan"),
    ("ko", "빗썸 원화입금 어느 은행으로 해야됨?"),
    ("en", "will btc hit 200k"),
    ("id", "pajak kripto sekarang brp persen di indonesia"),
)


APOLOGY = "Something went wrong"


@dataclass
class Watch:
    """Monotonic seconds by chat; a chat has at most one question open."""

    handed: dict[int, float] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    replied: asyncio.Event = field(default_factory=asyncio.Event)
    replies: int = 0
    apologies: int = 0
    """Replies that say that the bot failed: they are no answers, and quicker."""

    def reply(self, chat_id: int) -> None:
        begun = self.handed.pop(chat_id, None)
        if begun is not None:
            self.latencies.append(time.monotonic() - begun)
        self.replies += 1
        self.replied.set()


class TimedQueue(UpdateQueue):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        # A bot remembers the ids of updates it has seen: each run begins above the last one's.
        self._next_id = int(time.time() * 10_000)
        self._watch = watch
        self.chat_of: dict[bytes, int] = {}

    def push_timed(self, message: Json) -> Pending:
        """A message whose answer is timed from when it is handed out."""
        self.push("message", message)
        pending = self._pending[-1]
        self.chat_of[pending.data] = message["chat"]["id"]
        return pending

    async def poll(self, offset: int, limit: int, seconds: float) -> list[bytes]:
        handed = await super().poll(offset, limit, seconds)
        now = time.monotonic()
        for data in handed:
            chat_id = self.chat_of.pop(data, None)
            if chat_id is not None:
                self._watch.handed.setdefault(chat_id, now)
        return handed


class TimedWorld(World):
    def __init__(self, watch: Watch) -> None:
        super().__init__(default_bot(), record=False)
        self.watch = watch
        self.updates: TimedQueue = TimedQueue(watch)

    def post(self, chat: Chat, sender: User, content: Json, **more: Any) -> Message:
        message = super().post(chat, sender, content, **more)
        if sender.is_bot:
            self.watch.apologies += str(content.get("text", "")).startswith(APOLOGY)
            self.watch.reply(chat.id)
        return message


class Bench:
    """One server; each bot under test talks to it in turn. `hook`: where it takes posts."""

    def __init__(self, hook: str | None = None) -> None:
        self._hook = hook
        self.watch = Watch()
        self.world = TimedWorld(self.watch)
        self.chats = [self._person(n) for n in range(PEOPLE)]
        self._sent = 0
        self.address = ""

    def _person(self, n: int) -> tuple[User, Chat]:
        language = QUESTIONS[n % len(QUESTIONS)][0]
        user = self.world.add_user(
            User(FIRST_ID + n, f"P{n}", language_code=language, started=True)
        )
        chat = self.world.private(user)
        return user, chat

    async def __aenter__(self) -> Bench:
        limits = Limits(self.world.clock.mono, enabled=False)
        self._runner, self.address = await start(create_app(self.world, limits=limits))
        self._poster = Poster(self._hook, self.watch.handed) if self._hook else None
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._poster:
            await self._poster.close()
        await self._runner.cleanup()

    def ask(self, n: int) -> None:
        """The n-th person asks their question."""
        user, chat = self.chats[n % PEOPLE]
        text = QUESTIONS[n % len(QUESTIONS)][1]
        self._sent += 1
        body = {
            "message_id": self._sent + 10, "from": user.public(), "chat": chat.public(),
            "date": int(time.time()), "text": text,
        }  # fmt: skip
        if self._poster:
            self._poster.put(body)
        else:
            self.world.updates.push_timed(body)

    def send(self, message: Json) -> None:
        """Any message; when it was handed out is the caller's to note."""
        if self._poster:
            self._poster.put(message)
        else:
            self.world.updates.push("message", message)

    @property
    def waiting(self) -> int:
        """Updates that the bot has not taken yet."""
        return self._poster.waiting if self._poster else len(self.world.updates)

    async def wait_for_replies(self, wanted: int, seconds: float) -> bool:
        """Until so many replies in all came. False when the time ran out first.

        Raises RuntimeError when the bot apologised instead of answering.
        """
        end = time.monotonic() + seconds
        while self.watch.replies < wanted:
            self.watch.replied.clear()
            left = end - time.monotonic()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(self.watch.replied.wait(), left)
            except TimeoutError:
                return False
        if self.watch.apologies:
            raise RuntimeError(f"{self.watch.apologies} replies were apologies: see the bot's log")
        return True


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


__all__ = ["DEFAULT_TOKEN", "Bench", "percentile"]
