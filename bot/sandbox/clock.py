"""The sandbox's time: the machine's, moved on by as much as a tester asks for."""

from __future__ import annotations

import time
from collections.abc import Callable

Source = Callable[[], float]


class Clock:
    """Wall and monotonic seconds with a common shift, so that hours can pass in a moment."""

    def __init__(self, wall: Source = time.time, mono: Source = time.monotonic) -> None:
        self._wall = wall
        self._mono = mono
        self.shift = 0.0

    def now(self) -> float:
        """Unix time, shifted."""
        return self._wall() + self.shift

    def mono(self) -> float:
        """Seconds that never run backwards, shifted alike."""
        return self._mono() + self.shift

    def forward(self, seconds: float) -> None:
        """Let `seconds` pass at once; time never goes back."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self.shift += seconds
