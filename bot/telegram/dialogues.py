"""What a person writes in answer to a prompt goes to the feature that asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.dialogues import Dialogue, DialogueStore
from bot.telegram.services import PRIVATE, Services, place_of

Ctx = ContextTypes.DEFAULT_TYPE
Listener = Callable[[Update, Message, Dialogue], Awaitable[None]]


class Dialogues:
    """In private the next message answers the prompt; in a group only a reply to it does."""

    def __init__(self, services: Services, store: DialogueStore) -> None:
        self._s = services
        self._store = store
        self._listeners: dict[str, Listener] = {}

    def add(self, room: str, listener: Listener) -> None:
        """`listener` gets any message (text, photo, document ...) that answers `room`'s prompt."""
        self._listeners[room] = listener

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        waiting = _Waiting(self._store)
        return [
            CommandHandler("cancel", self.cancel, waiting),
            MessageHandler(filters.UpdateType.MESSAGE & ~filters.COMMAND & waiting, self.heard),
        ]

    async def heard(self, update: Update, context: Ctx) -> None:
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None
        dialogue = self._store.get(user.id, message.chat.id)
        listener = self._listeners.get(dialogue.room) if dialogue else None
        if dialogue and listener:
            await listener(update, message, dialogue)

    async def cancel(self, update: Update, context: Ctx) -> None:
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None
        self._store.drop(user.id, message.chat.id)
        t = self._s.translator(self._s.asker(update))
        await self._s.sender.send(place_of(message), t("Left as it was."))


class _Waiting(filters.MessageFilter):
    def __init__(self, store: DialogueStore) -> None:
        super().__init__()
        self._store = store

    def filter(self, message: Message) -> bool:
        if message.from_user is None or message.sender_chat is not None:
            return False
        dialogue = self._store.get(message.from_user.id, message.chat.id)
        if dialogue is None:
            return False
        if message.chat.type == PRIVATE or (message.text or "").startswith("/cancel"):
            return True
        replied = message.reply_to_message
        return replied is not None and replied.message_id == dialogue.message_id
