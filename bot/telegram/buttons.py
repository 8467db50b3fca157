"""Button presses: each is decoded, checked on this side, and answered."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, ContextTypes

from bot.answers.asking import ask_country
from bot.answers.model import AskPerson, ChooseCountry, ReportOutdated, ShowTopic, Vote
from bot.answers.render import render
from bot.answers.store import Asked
from bot.i18n import Translator
from bot.telegram import views
from bot.telegram.callbacks import (
    Action,
    EraseData,
    ExportData,
    OpenMenu,
    RoomAction,
    SetCountry,
    SetLanguage,
    ToggleNotify,
    decode,
)
from bot.telegram.keyboards import answer_keyboard
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services
from bot.telegram.views import View
from bot.understanding.question import Asker

Ctx = ContextTypes.DEFAULT_TYPE


class Press:
    """One press: who, where, and the words to answer in."""

    def __init__(self, query: CallbackQuery, asker: Asker, t: Translator) -> None:
        self.query = query
        self.asker = asker
        self.t = t
        self.user_id = query.from_user.id
        message = query.message
        self.message = message if isinstance(message, Message) else None
        self.chat_id = message.chat.id if message else None

    @property
    def private(self) -> bool:
        return self.query.message is not None and self.query.message.chat.type == PRIVATE


Reaction = Callable[[Press, Any], Awaitable[bool | None]]


class Buttons:
    def __init__(self, services: Services, retention_days: int) -> None:
        self._s = services
        self._retention_days = retention_days
        self._do: dict[type, Reaction] = {
            ShowTopic: self.show_topic,
            ChooseCountry: self.choose_country,
            Vote: self.vote,
            AskPerson: self.ask_person,
            ReportOutdated: self.outdated,
            OpenMenu: self.menu,
            SetLanguage: self.set_language,
            SetCountry: self.set_country,
            ToggleNotify: self.toggle_notify,
            ExportData: self.export,
            EraseData: self.erase,
            RoomAction: self._in_room,
        }
        self._rooms: dict[str, Reaction] = {}

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CallbackQueryHandler(self.press)]

    def add(self, reactions: Mapping[type, Reaction]) -> None:
        """Another feature's buttons, by the type of their action."""
        self._do.update(reactions)

    def add_room(self, room: str, reaction: Reaction) -> None:
        """All buttons of one feature. It answers False when the action is none of its own."""
        self._rooms[room] = reaction

    async def _in_room(self, press: Press, action: RoomAction) -> None:
        reaction = self._rooms.get(action.room)
        if reaction is None or await reaction(press, action) is False:
            await self._no_longer(press)

    async def _no_longer(self, press: Press) -> None:
        await self._toast(
            press, press.t("This button is no longer in use. Write your question, or /start.")
        )

    async def press(self, update: Update, context: Ctx) -> None:
        query = update.callback_query
        assert query is not None
        asker = self._s.asker(update)
        press = Press(query, asker, self._s.translator(asker))
        action = decode(query.data)
        if action is None or press.chat_id is None:
            await self._no_longer(press)
            return
        try:
            await self._do[type(action)](press, action)
        finally:
            if not self._s.sender.toasted(query.id):
                await self._toast(press)  # no button is left spinning
                self._s.sender.toasted(query.id)

    async def _toast(self, press: Press, text: str | None = None, *, alert: bool = False) -> None:
        await self._s.sender.toast(press.query.id, text, alert=alert)

    # Answers

    async def show_topic(self, press: Press, action: ShowTopic) -> None:
        """In private and on the bot's own question the message changes; in a group a new one comes."""
        await self._toast(press)
        folded = not press.private
        answer, rendered = self._s.answers.show(
            action,
            press.t.language,
            self._s.today(),
            folded=folded,
            home=press.asker.country or press.asker.group_country,
        )
        answer_id = self._s.answer_store.add(
            Asked(
                user_id=press.user_id, chat_id=press.chat_id or 0,
                message_id=press.message.message_id if press.message else 0, thread_id=None,
                text=f"[{action.topic.value}]", language=answer.language, topic=answer.topic.value,
                country=action.country, entity=action.platform, outcome=answer.outcome, confidence=1.0,
            )
        )  # fmt: skip
        private = None if press.private else self._s.private_links.url(answer_id)
        await self._replace(
            press, rendered.html, answer_keyboard(press.t, answer, answer_id, private)
        )

    async def choose_country(self, press: Press, action: ChooseCountry) -> None:
        await self._toast(press)
        platform = self._s.answers.platform(action.platform)
        answer = ask_country(press.t, action.topic, platform, self._s.answers.countries)
        await self._replace(
            press, render(answer, press.t).html, answer_keyboard(press.t, answer, None)
        )

    async def _replace(self, press: Press, html: str, keyboard: Any) -> None:
        """Changes the pressed message; one that is too old to change is followed by a new one."""
        if press.message:
            self._s.etiquette.changed(press.message.chat.id, press.message.message_id)
        if press.message and await self._s.sender.edit(
            press.message.chat.id, press.message.message_id, html, keyboard
        ):
            return
        thread = (
            press.message.message_thread_id
            if press.message and press.message.is_topic_message
            else None
        )
        await self._s.sender.send(Place(press.chat_id or 0, None, thread), html, keyboard)

    async def vote(self, press: Press, action: Vote) -> None:
        if not self._s.answer_store.vote(action.answer_id, press.user_id, action.up):
            await self._toast(press, press.t("That answer is too old to be rated."))
            return
        if action.up:
            await self._toast(press, press.t("Thank you, noted."))
            return
        self._hand_over(press, action.answer_id, "voted_down")
        await self._toast(
            press, press.t("Thank you. A person will look at this answer."), alert=True
        )

    async def ask_person(self, press: Press, action: AskPerson) -> None:
        handed = self._hand_over(press, action.answer_id, "asked")
        if handed == "unknown":
            await self._toast(
                press, press.t("That answer is too old. Write your question again, please.")
            )
        elif handed == "again":
            await self._toast(press, press.t("Your question is already with the team."))
        elif handed == "full":
            await self._toast(
                press, press.t("Many of your questions wait for the team already: they come first.")
            )
        else:
            await self._toast(
                press,
                press.t("Handed to the team. Staff answer here and never write to you first."),
                alert=True,
            )

    async def outdated(self, press: Press, action: ReportOutdated) -> None:
        handed = self._hand_over(press, action.answer_id, "outdated")
        text = (
            press.t("That answer is too old to be reported.")
            if handed == "unknown"
            else press.t("Thank you. The facts of this answer will be checked again.")
        )
        await self._toast(press, text)

    def _hand_over(self, press: Press, answer_id: int, reason: Any) -> str:
        """'unknown', 'full', 'again' or 'new'. Only an answer of the same chat can be handed over."""
        asked = self._s.answer_store.get(answer_id)
        if asked is None or asked.chat_id != press.chat_id:
            return "unknown"
        new = self._s.desk.hand_over(answer_id, asked, press.user_id, reason)
        if new is not None:
            return "new"
        return "full" if reason == "asked" and self._s.desk.is_full(press.user_id) else "again"

    # The member's own menus, in private only

    async def menu(self, press: Press, action: OpenMenu) -> None:
        await self._toast(press)
        if press.private:
            await self._show(press, self._page(press.t, press.user_id, action.menu))

    def _page(self, t: Translator, user_id: int, menu: str) -> View:
        member = self._s.members.get(user_id)
        match menu:
            case "language":
                return views.language_page(t, member)
            case "country":
                return views.country_page(t, member)
            case "notify":
                return views.notify_page(t, member)
            case "privacy":
                return views.privacy_page(t, self._retention_days)
            case "help":
                return views.help_page(t, member.country)
            case "main":
                return views.welcome(t, member)
        return views.settings_page(t, member)

    async def _show(self, press: Press, view: View) -> None:
        await self._replace(press, view.html, view.keyboard)

    async def set_language(self, press: Press, action: SetLanguage) -> None:
        if not press.private:
            await self._toast(press)
            return
        self._s.members.set_language(press.user_id, action.language)
        await self._s.staff_menus.refresh(press.user_id)
        t = self._s.languages[action.language] if action.language else press.t
        await self._toast(press, t("Saved."))
        await self._show(press, self._page(t, press.user_id, "main"))

    async def set_country(self, press: Press, action: SetCountry) -> None:
        if not press.private:
            await self._toast(press)
            return
        self._s.members.set_country(press.user_id, action.country)
        self._s.conversations.forget(press.user_id)
        await self._toast(press, press.t("Saved."))
        await self._show(press, self._page(press.t, press.user_id, "main"))

    async def toggle_notify(self, press: Press, action: ToggleNotify) -> None:
        if not press.private:
            await self._toast(press)
            return
        member = self._s.members.get(press.user_id)
        self._s.members.set_notify(press.user_id, member.notify ^ {action.kind})
        await self._toast(press, press.t("Saved."))
        await self._show(press, self._page(press.t, press.user_id, "notify"))

    async def export(self, press: Press, action: ExportData) -> None:
        await self._toast(press)
        if not press.private:
            return
        data = json.dumps(self._s.members.export(press.user_id), ensure_ascii=False, indent=1)
        await self._s.sender.send_document(
            Place(press.chat_id or 0),
            "sampan-my-data.json",
            data.encode(),
            press.t("Everything that is stored about you."),
        )

    async def erase(self, press: Press, action: EraseData) -> None:
        if not press.private:
            await self._toast(press)
            return
        if not action.confirmed:
            await self._toast(press)
            await self._show(press, views.erase_page(press.t))
            return
        self._s.members.erase(press.user_id)
        self._s.conversations.forget(press.user_id)
        await self._toast(press, press.t("Deleted."))
        await self._show(
            press, View(press.t("Everything about you is deleted. Write /start to begin anew."))
        )


__all__ = ["Action", "Buttons", "Press", "Reaction"]
