"""/start, /help, /settings, /privacy, and the comings and goings of groups."""

from __future__ import annotations

from telegram import ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus
from telegram.ext import (
    BaseHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.telegram import views
from bot.telegram.buttons import Buttons
from bot.telegram.keyboards import keyboard
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
_IN_GROUP = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED)


class Members:
    def __init__(self, services: Services, buttons: Buttons, retention_days: int) -> None:
        self._s = services
        self._buttons = buttons
        self._retention_days = retention_days

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [
            CommandHandler("start", self.start),
            CommandHandler("help", self.help),
            CommandHandler("settings", self.settings),
            CommandHandler("privacy", self.privacy),
            ChatMemberHandler(self.my_membership, ChatMemberHandler.MY_CHAT_MEMBER),
            MessageHandler(filters.StatusUpdate.MIGRATE, self.migrated),
            MessageHandler(filters.COMMAND & filters.ChatType.PRIVATE, self.unknown),
        ]

    async def start(self, update: Update, context: Ctx) -> None:
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None
        if message.chat.type == PRIVATE:
            self._s.members.start(user.id, user.language_code)
            await self._s.staff_menus.refresh(user.id)
        t = self._s.translator(self._s.asker(update))
        await self._send(message, views.welcome(t, self._s.members.get(user.id)))

    async def help(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        asker = self._s.asker(update)
        await self._send(
            message,
            views.help_page(self._s.translator(asker), asker.country or asker.group_country),
        )

    async def settings(self, update: Update, context: Ctx) -> None:
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None
        t = self._s.translator(self._s.asker(update))
        if message.chat.type != PRIVATE:
            await self._to_private(
                message, t("Your settings are between us: write /settings to me in private.")
            )
            return
        await self._send(message, views.settings_page(t, self._s.members.get(user.id)))

    async def privacy(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if message.chat.type != PRIVATE:
            await self._to_private(
                message, t("Your data are between us: write /privacy to me in private.")
            )
            return
        await self._send(message, views.privacy_page(t, self._retention_days))

    async def _to_private(self, message: Message, text: str) -> None:
        await self._s.notices.send(place_of(message), text)

    async def unknown(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        asker = self._s.asker(update)
        t = self._s.translator(asker)
        page = views.help_page(t, asker.country)
        await self._send(
            message,
            View(t("I don't know that command. Write your question, or choose:"), page.keyboard),
        )

    async def _send(self, message: Message, view: View) -> None:
        await self._s.sender.send(place_of(message), view.html, view.keyboard)

    async def my_membership(self, update: Update, context: Ctx) -> None:
        """Blocked and unblocked in private; added to and removed from groups."""
        change = update.my_chat_member
        assert change is not None
        if change.chat.type == PRIVATE:
            self._s.members.set_blocked(
                change.chat.id, change.new_chat_member.status == ChatMemberStatus.BANNED
            )
            return
        if change.new_chat_member.status in _IN_GROUP:
            await self._joined(update, change)
        else:
            self._s.groups.leave(change.chat.id)

    async def _joined(self, update: Update, change: ChatMemberUpdated) -> None:
        self._s.groups.join(change.chat.id, change.chat.title or "")
        if change.old_chat_member.status in _IN_GROUP or change.chat.type == "channel":
            return
        t = self._s.translator(self._s.asker(update))
        text = t(
            "Hello! I answer questions on buying and selling crypto with local money, P2P, law and tax, with sources. An administrator can choose this group's country and language with /setup."
        )
        await self._s.sender.send(Place(change.chat.id), text, keyboard(views.topic_rows(t, None)))

    async def migrated(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        if message.migrate_to_chat_id:
            self._s.groups.migrate(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            self._s.groups.migrate(message.migrate_from_chat_id, message.chat.id)
