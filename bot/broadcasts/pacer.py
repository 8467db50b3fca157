"""How fast messages may leave (Telegram's Bots FAQ, "My bot is hitting limits").

One deadline overall and one a chat, on a monotonic clock; nothing sleeps here. Replies to members
never wait: they are noted, and what they took is missing from the broadcast's share.

A 429 does not say whether it means the chat or the whole bot. It is taken as the chat's own,
unless several chats get one within a second: then everything waits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FREE_RATE = 30.0
"""Messages a second to all chats together."""
PAID_RATE = 1000.0
"""The same with allow_paid_broadcast."""
PRIVATE_GAP = 1.0
"""Seconds between two messages to one person."""
GROUP_MOST, GROUP_SECONDS = 20, 60.0
CATCH_UP = 0.25
"""Seconds that a late broadcast may catch up at once; more would be a burst."""
MANY_CHATS = 3
"""So many chats with a 429 within a second: it is the whole bot's."""
FLOOD_SECONDS = 1.0
YIELD_SECONDS = 0.1
"""A broadcast gives way to answers for no longer, so that a busy group cannot stop it."""
PRUNE_AT = 8192


class Pacer:
    def __init__(
        self, mono: Callable[[], float] = time.monotonic, *, rate: float = FREE_RATE,
        paid_rate: float = PAID_RATE, private_gap: float = PRIVATE_GAP, group_most: int = GROUP_MOST,
    ) -> None:  # fmt: skip
        """A rate of 0 is no limit (benches)."""
        self.mono = mono
        self._gap = {False: 1 / rate if rate else 0.0, True: 1 / paid_rate if paid_rate else 0.0}
        self._next = {False: mono(), True: mono()}
        self._private_gap = private_gap
        self._group_most = group_most
        self._privates: dict[int, float] = {}
        self._groups: dict[int, deque[float]] = {}
        """The last `group_most` messages of each group: older ones decide nothing."""
        self._held_until = 0.0
        self._answering = 0
        self._went = 0.0
        self._floods: deque[tuple[float, int]] = deque()

    def slots(self, paid: bool = False) -> int:
        """How many messages may leave now, whatever their chats."""
        now, gap = self.mono(), self._gap[paid]
        if now < self._held_until or (self._answering and now - self._went < YIELD_SECONDS):
            return 0
        if not gap:
            return 1 << 30
        start = max(self._next[paid], now - CATCH_UP)
        return int((now - start) / gap) + 1 if now >= start else 0

    def paces(self, paid: bool) -> bool:
        return self._gap[paid] > 0

    @property
    def held(self) -> bool:
        return self.mono() < self._held_until

    def wait(self, paid: bool = False) -> float:
        """Seconds until it is worth asking `slots` again."""
        at = max(self._held_until, self._next[paid] if self._gap[paid] else 0.0)
        return max(at - self.mono(), 0.005 if self._answering else 0.0)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While a member's message is dealt with, a broadcast starts nothing, for a moment."""
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1

    def chat_wait(self, chat_id: int) -> float:
        """Seconds until this chat may get its next message; not above 0 when it may now."""
        now = self.mono()
        if chat_id > 0:
            return self._privates.get(chat_id, 0.0) - now
        times = self._groups.get(chat_id)
        if not times:
            return self._privates.get(chat_id, 0.0) - now
        while times and times[0] <= now - GROUP_SECONDS:
            times.popleft()
        full = times[0] + GROUP_SECONDS if len(times) >= self._group_most else 0.0
        return max(full, self._privates.get(chat_id, 0.0)) - now

    def took(self, chat_id: int, paid: bool = False) -> None:
        """One message of a broadcast leaves now."""
        self._went = self.mono()
        self._take(chat_id, paid)

    def replied(self, chat_id: int) -> None:
        """A reply leaves now, without asking: the broadcast makes room for it."""
        self._take(chat_id, False)

    def flood(self, chat_id: int, seconds: float) -> bool:
        """A 429 of a chat. True when it was taken as the whole bot's."""
        now = self.mono()
        until = now + seconds
        self._privates[chat_id] = max(self._privates.get(chat_id, 0.0), until)
        self._floods.append((now, chat_id))
        while self._floods and self._floods[0][0] < now - FLOOD_SECONDS:
            self._floods.popleft()
        whole = len({chat for _, chat in self._floods}) >= MANY_CHATS
        if whole:
            self.hold(seconds)
        return whole

    def hold(self, seconds: float) -> None:
        """Nothing of a broadcast leaves for so long."""
        self._held_until = max(self._held_until, self.mono() + seconds)

    def _take(self, chat_id: int, paid: bool) -> None:
        now = self.mono()
        if self._gap[paid]:
            self._next[paid] = max(self._next[paid], now - CATCH_UP) + self._gap[paid]
        if len(self._privates) >= PRUNE_AT:
            self._prune(now)
        self._privates[chat_id] = max(self._privates.get(chat_id, 0.0), now + self._private_gap)
        if chat_id < 0:
            last = self._groups.setdefault(chat_id, deque(maxlen=self._group_most))
            last.append(now)

    def _prune(self, now: float) -> None:
        """Chats that may be written to again need no entry."""
        self._privates = {chat: at for chat, at in self._privates.items() if at > now}
        self._groups = {
            chat: times
            for chat, times in self._groups.items()
            if times and times[-1] > now - GROUP_SECONDS
        }
