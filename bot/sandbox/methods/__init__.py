"""The Bot API's methods, one module a subject; METHODS is the table of all, by lower-case name
(Bot API, "Making requests": method names are case-insensitive)."""

from bot.sandbox.methods import (
    chats,
    edits,
    ephemeral,
    invites,
    media,
    polling,
    profile,
    queries,
    sending,
    topics,
)
from bot.sandbox.methods.call import Call, Handler, Raw

METHODS: dict[str, Handler] = {
    name.lower(): handler
    for module in (
        polling,
        sending,
        media,
        edits,
        queries,
        profile,
        chats,
        invites,
        topics,
        ephemeral,
    )
    for name, handler in module.METHODS.items()
}

__all__ = ["METHODS", "Call", "Handler", "Raw"]
