"""All commands behind one check: most messages are none, and need not be compared with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Update
from telegram.ext import Application, BaseHandler, CommandHandler, ContextTypes

Ctx = ContextTypes.DEFAULT_TYPE
_Found = tuple["CommandHandler[Ctx, Any]", Any]


class Commands(BaseHandler[Update, Ctx, None]):
    """The first of `handlers` that takes a command deals with it, as python-telegram-bot would."""

    def __init__(self, handlers: Sequence[CommandHandler[Ctx, Any]]) -> None:
        super().__init__(self._never)
        self._handlers = handlers

    @staticmethod
    async def _never(update: Update, context: Ctx) -> None:
        raise AssertionError("handle_update calls the command's own handler")

    def check_update(self, update: object) -> _Found | None:
        message = (update.message or update.edited_message) if isinstance(update, Update) else None
        if message is None or not (message.text or "").startswith("/"):
            return None
        if message.is_automatic_forward:  # a post of the group's channel asks nobody
            return None
        for handler in self._handlers:
            found = handler.check_update(update)
            if found is not None and found is not False:
                return handler, found
        return None

    async def handle_update(  # type: ignore[override]
        self, update: Update, application: Application[Any, Ctx, Any, Any, Any, Any],
        check_result: _Found, context: Ctx,
    ) -> None:  # fmt: skip
        handler, found = check_result
        await handler.handle_update(update, application, found, context)
