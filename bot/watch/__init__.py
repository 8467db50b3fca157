"""Watching the bot from outside: counters, health, and the small server that shows them."""

from bot.watch.health import Health
from bot.watch.metrics import Metrics, WatchedAnswers

__all__ = ["Health", "Metrics", "WatchedAnswers"]
