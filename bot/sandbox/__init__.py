"""A local Bot API server and a chat page: a stand-in for Telegram that needs no token and no
network. The bot does not know that it is there; only its base URL differs."""

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.limits import Limits
from bot.sandbox.people import populate
from bot.sandbox.server import create_app, start
from bot.sandbox.world import DEFAULT_TOKEN, World, default_bot

__all__ = [
    "DEFAULT_TOKEN",
    "Clock",
    "Fault",
    "Faults",
    "Limits",
    "World",
    "create_app",
    "default_bot",
    "populate",
    "start",
]
