"""How often one person may ask: a token bucket each, forgotten when it is full again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

MAX_PEOPLE = 20_000
"""Buckets held; the least recently used goes first."""

Verdict = Literal["go", "warn", "silent"]


@dataclass
class _Bucket:
    tokens: float
    at: float
    warned: bool = False


class Cooldown:
    """`per_minute` in the long run, with bursts of half of it."""

    def __init__(self, per_minute: int) -> None:
        self._rate = per_minute / 60
        self._burst = max(3.0, per_minute / 2)
        self._buckets: OrderedDict[tuple[int, int], _Bucket] = OrderedDict()

    def take(self, person: int, chat: int, now: float) -> Verdict:
        """`now` is in monotonic seconds. Warns once, then is silent until the bucket fills."""
        key = (person, chat)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self._burst, now)
            if len(self._buckets) > MAX_PEOPLE:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.warned = False
            return "go"
        if bucket.warned:
            return "silent"
        bucket.warned = True
        return "warn"
