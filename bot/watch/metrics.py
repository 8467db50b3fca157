"""What is counted, for Prometheus. Labels have few values: never a person, a chat or a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from sqlite_utils import Database

from bot.answers.store import AnswerStore, Asked

_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds."""


class Metrics:
    """Counters of one running bot, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._updates = Counter("sampan_updates", "Updates taken in", ["kind"], registry=registry)
        self._dropped = Counter(
            "sampan_updates_dropped", "Updates left unread", ["why"], registry=registry
        )
        self._failed = Counter(
            "sampan_updates_failed", "Updates that ended in an error", registry=registry
        )
        self._waited = Histogram(
            "sampan_update_seconds", "From taken in to dealt with", buckets=_BUCKETS,
            registry=registry,
        )  # fmt: skip
        self._answers = Counter(
            "sampan_answers", "Answers given", ["topic", "language", "outcome"], registry=registry
        )
        self._calls = Counter(
            "sampan_telegram_calls", "Calls of the Bot API; status 0: no answer came",
            ["method", "status"], registry=registry,
        )  # fmt: skip
        self._call_seconds = Histogram(
            "sampan_telegram_call_seconds", "How long Telegram took", ["method"], buckets=_BUCKETS,
            registry=registry,
        )  # fmt: skip
        self._webhook = Counter(
            "sampan_webhook_requests", "Posts to the webhook", ["status"], registry=registry
        )
        self._gauges: dict[str, Gauge] = {}
        # Looking a child up by its labels costs ten times what counting does.
        self._update = cache(self._updates.labels)
        self._answer = cache(self._answers.labels)
        self._call = cache(self._calls.labels)
        self._took = cache(self._call_seconds.labels)

    def update(self, kind: str) -> None:
        self._update(kind).inc()

    def dropped(self, why: str) -> None:
        self._dropped.labels(why).inc()

    def failed(self) -> None:
        self._failed.inc()

    def dealt_with(self, seconds: float) -> None:
        self._waited.observe(seconds)

    def answered(self, topic: str, language: str, outcome: str) -> None:
        self._answer(topic, language, outcome).inc()

    def called(self, method: str, status: int, seconds: float) -> None:
        """A call of the Bot API. A long poll waits on purpose, so it is not timed."""
        self._call(method, str(status)).inc()
        if method != "getUpdates":
            self._took(method).observe(seconds)

    def posted(self, status: int) -> None:
        self._webhook.labels(str(status)).inc()

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        """A value that is read when somebody looks."""
        gauge = self._gauges[name] = Gauge(f"sampan_{name}", about, registry=self.registry)
        gauge.set_function(read)

    def set_states(self, name: str, about: str, values: dict[str, float]) -> None:
        """A group of values by state; a state that is gone shows no more."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(
                f"sampan_{name}", about, ["state"], registry=self.registry
            )
        gauge.clear()
        for state, value in values.items():
            gauge.labels(state).set(value)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


class WatchedAnswers(AnswerStore):
    """The store of answers, counted: every answer passes through it."""

    def __init__(self, db: Database, now: Callable[[], datetime], metrics: Metrics) -> None:
        super().__init__(db, now)
        self._metrics = metrics

    def add(self, asked: Asked, taught: int | None = None) -> int:
        self._metrics.answered(asked.topic, asked.language, asked.outcome)
        return super().add(asked, taught)
