"""Raids: many joins or hits in a minute, told in one summary instead of one message each."""

from __future__ import annotations

from collections import deque

WINDOW = 60.0
"""Seconds looked back on."""
JOINS = 15
"""Joins within the window from which on it is a raid; a link shared in a channel brings fewer."""
HITS = 5
"""Reports within the window from which on they are gathered."""
QUIET = 180.0
"""Seconds without joins or hits after which a raid is over."""


class Pulse:
    """How often something happens in one group. Times are in seconds, of any one clock."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: deque[float] = deque(maxlen=limit)

    def beat(self, now: float) -> bool:
        """Notes one more; whether that makes `limit` within the window."""
        self._times.append(now)
        return len(self._times) == self._limit and now - self._times[0] <= WINDOW
