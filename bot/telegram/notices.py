"""What the bot says in a group about itself: tidied away after a while, where the group wants it."""

from __future__ import annotations

import logging

from telegram.error import RetryAfter, TelegramError

from bot.members.group_messages import GroupMessages
from bot.members.store import GroupStore
from bot.telegram.keyboards import Keyboard
from bot.telegram.sender import Place, Sender

log = logging.getLogger(__name__)

BATCH = 100
"""Messages that one deleteMessages takes (Bot API)."""
CLEAN_SECONDS = 30.0


class Notices:
    def __init__(self, sender: Sender, groups: GroupStore, messages: GroupMessages) -> None:
        self._sender = sender
        self._groups = groups
        self._messages = messages

    async def send(self, place: Place, html: str, keyboard: Keyboard | None = None) -> int | None:
        """Sends a notice. In private it is an ordinary message."""
        message_id = await self._sender.send(place, html, keyboard)
        if message_id is not None:
            self.keep(place.chat_id, message_id)
        return message_id

    def keep(self, chat_id: int, message_id: int) -> None:
        """Notes a message of the bot's as one to tidy away; pressed again, it stays longer."""
        group = self._groups.get(chat_id) if chat_id < 0 else None
        if group is not None and group.clean_minutes is not None:
            self._messages.notice(chat_id, message_id)

    async def clean(self) -> None:
        """The job: deletes what is due. What Telegram refuses is not tried again."""
        for chat_id, message_ids in self._messages.due().items():
            for start in range(0, len(message_ids), BATCH):
                if not await self.delete(chat_id, message_ids[start : start + BATCH]):
                    break
        self._messages.purge()

    async def delete(self, chat_id: int, message_ids: list[int]) -> bool:
        """False when Telegram asks to wait: they are still noted."""
        try:
            await self._sender.bot.delete_messages(chat_id, message_ids)
        except RetryAfter as error:
            log.info("tidying in chat %s goes on later: %s", chat_id, error)
            return False
        except TelegramError as error:
            log.info("notices in chat %s could not be deleted: %s", chat_id, error)
        self._messages.forget(chat_id, message_ids)
        return True
