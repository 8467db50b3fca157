"""Telegram's flood limits (Bots FAQ, "My bot is hitting limits"), on a clock handed in.

30 messages a second overall (1,000 with paid broadcast), about one a second in a private chat
with a short burst, 20 a minute in a group, edits included.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

PRUNE_AT = 100_000


class Bucket:
    """A token bucket: `rate` a second, at most `burst` saved up."""

    __slots__ = ("burst", "rate", "seen", "tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self.tokens = burst
        self.seen = now

    def wait(self, now: float) -> float:
        """Seconds until one more may pass; 0 when it may now."""
        self.tokens = min(self.burst, self.tokens + (now - self.seen) * self.rate)
        self.seen = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate

    def take(self) -> None:
        """Count one that passed."""
        self.tokens -= 1


class Window:
    """At most `most` in any `seconds`."""

    __slots__ = ("most", "seconds", "times")

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more may pass; 0 when it may now."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return 0.0 if len(self.times) < self.most else self.times[0] + self.seconds - now

    def take(self, now: float) -> None:
        """Count one that passed."""
        self.times.append(now)


class Limits:
    """All limits of one bot. `scale` multiplies every allowance; `enabled=False` lets all pass."""

    def __init__(
        self,
        mono: Callable[[], float],
        *,
        enabled: bool = True,
        scale: float = 1.0,
        overall: float = 30,
        paid: float = 1000,
        private_rate: float = 1.0,
        private_burst: int = 5,
        group_a_minute: int = 20,
    ) -> None:
        self.enabled = enabled
        self._mono = mono
        self._private = (private_rate * scale, max(1.0, private_burst * scale))
        self._group = max(1, round(group_a_minute * scale))
        now = mono()
        self._overall = Bucket(overall * scale, max(1.0, overall * scale), now)
        self._paid = Bucket(paid * scale, max(1.0, paid * scale), now)
        self._privates: dict[int, Bucket] = {}
        self._groups: dict[int, Window] = {}
        self.refused = 0

    def check(self, chat_id: int, *, group: bool, paid: bool = False) -> int:
        """Count one message to the chat; 0, or the seconds of `retry_after` if it must wait."""
        if not self.enabled:
            return 0
        now = self._mono()
        whole = self._paid if paid else self._overall
        wait = max(whole.wait(now), self._chat_wait(chat_id, group, now))
        if wait > 0:
            self.refused += 1
            return max(1, math.ceil(wait))
        whole.take()
        self._take(chat_id, group, now)
        return 0

    def _chat_wait(self, chat_id: int, group: bool, now: float) -> float:
        if group:
            window = self._groups.get(chat_id)
            return window.wait(now) if window else 0.0
        bucket = self._privates.get(chat_id)
        return bucket.wait(now) if bucket else 0.0

    def _take(self, chat_id: int, group: bool, now: float) -> None:
        if group:
            self._groups.setdefault(chat_id, Window(self._group, 60.0)).take(now)
            return
        bucket = self._privates.get(chat_id)
        if bucket is None:
            self._prune(now)
            bucket = self._privates[chat_id] = Bucket(*self._private, now)
        bucket.take()

    def _prune(self, now: float) -> None:
        """Forget chats that have been quiet, so that a long bench keeps its memory."""
        if len(self._privates) < PRUNE_AT:
            return
        quiet = now - self._private[1] / self._private[0]
        self._privates = {key: it for key, it in self._privates.items() if it.seen > quiet}
