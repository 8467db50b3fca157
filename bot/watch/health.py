"""Whether the bot works: a heartbeat that writes, and when Telegram last answered."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from bot.meta import MetaStore

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
MISSED_SECONDS = 60.0
"""A beat this old means that the scheduler stands still, or the database refuses."""
JUMP = timedelta(hours=1)
"""A clock that moved this much more than time did was set; work by date waits a while."""
JUMP_HOLDS_SECONDS = 3600.0


class Health:
    """Monotonic seconds throughout; `now` is the clock that the bot works by."""

    def __init__(
        self, meta: MetaStore, now: Callable[[], datetime], *, silence_seconds: float,
        time: Callable[[], float] = monotonic,
    ) -> None:  # fmt: skip
        self._meta = meta
        self._now = now
        self._time = time
        self._silence = silence_seconds
        self._born = time()
        self._beat_at = time()
        self._telegram_at: float | None = None
        self._trouble: dict[str, str] = {}
        self._last = (now(), time())
        self._jumped_at: float | None = None
        self.lag = 0.0
        """Seconds by which the event loop was late at the last beat."""

    async def beat(self) -> None:
        """Writes, so that a database that only reads is noticed; measures the loop's lateness."""
        begun = self._time()
        await asyncio.sleep(0)
        self.lag = self._time() - begun
        self._look_at_clock()
        try:
            self._meta.set("beat", self._now().isoformat(timespec="seconds"))
        except sqlite3.Error as error:
            self.trouble("database", f"the database cannot be written: {error}")
        else:
            self.trouble("database", None)
        self._beat_at = self._time()

    def _look_at_clock(self) -> None:
        (then, at), self._last = self._last, (self._now(), self._time())
        moved = (self._last[0] - then) - timedelta(seconds=self._last[1] - at)
        if abs(moved) >= JUMP:
            self._jumped_at = self._last[1]
            log.warning("the clock jumped by %s: nothing is deleted by age for an hour", moved)

    @property
    def clock_is_steady(self) -> bool:
        self._look_at_clock()
        return self._jumped_at is None or self._time() - self._jumped_at > JUMP_HOLDS_SECONDS

    def telegram_answered(self) -> None:
        self._telegram_at = self._time()

    def trouble(self, part: str, what: str | None) -> None:
        """Notes (or takes back) what keeps a part from working; each change is logged once."""
        if what is None:
            if self._trouble.pop(part, None):
                log.info("the %s works again", part)
        elif self._trouble.get(part) != what:
            self._trouble[part] = what
            log.error("%s", what)

    def problems(self) -> list[str]:
        """Why the bot is not ready, a line each; empty when it is."""
        found = list(self._trouble.values())
        now = self._time()
        if now - self._beat_at > MISSED_SECONDS:
            found.append(f"the scheduler has not run for {now - self._beat_at:.0f} s")
        if self._telegram_at is None:
            found.append("Telegram has not answered yet")
        elif now - self._telegram_at > self._silence:
            found.append(f"Telegram has not answered for {now - self._telegram_at:.0f} s")
        return found

    @property
    def uptime(self) -> float:
        return self._time() - self._born
