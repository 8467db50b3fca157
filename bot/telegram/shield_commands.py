"""/shield, /badlink and /report: how people steer the scam shield and feed it."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.desk.roles import Task
from bot.i18n import Translator
from bot.shield.links import as_entry
from bot.shield.names import name_hash
from bot.shield.reports import ReportBook, Suspect
from bot.shield.rules import Evidence, Kind, Mode
from bot.shield.store import ShieldStore
from bot.telegram import shield_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.official import may_ask
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, PRIVATE, Services, place_of
from bot.telegram.shield import writer_of
from bot.telegram.shield_acts import GroupOfficials
from bot.telegram.shield_desk import ShieldDesk

Ctx = ContextTypes.DEFAULT_TYPE
REPORTS_AN_HOUR = 5
"""What one member may report: more is either a raid, which the shield sees, or mischief."""


class ShieldCommands:
    def __init__(
        self, services: Services, store: ShieldStore, book: ReportBook, desk: ShieldDesk,
        officials: GroupOfficials,
    ) -> None:  # fmt: skip
        self._s = services
        self._store = store
        self._book = book
        self._desk = desk
        self._officials = officials

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [
            CommandHandler("shield", self.shield),
            CommandHandler("badlink", self.badlink),
            CommandHandler("report", self.report),
        ]

    def _words(self, update: Update) -> Translator:
        return self._s.translator(self._s.asker(update))

    # /shield

    async def shield(self, update: Update, context: Ctx) -> None:
        """In a group its setting; in private and in the desk the reports that wait."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._words(update)
        here = message.chat.id
        if message.chat.type == PRIVATE or here == self._s.desk_place.chat_id():
            found = await self._desk.waiting_view(t, user.id if user else 0)
            if found is None:
                await self._say(message, t("Only the team's moderators can do that."))
                return
            view = found
        elif await self._s.group_staff.is_staff(update, Task.GROUP):
            self._s.groups.join(here, message.chat.title or "")
            view = await self._desk.setting_view(t, here)
        else:
            await self._say(message, t("Only this group's administrators can change that."))
            return
        await self._s.sender.send(place_of(message), view.html, view.keyboard)

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        """The setting's buttons are this room's; all others belong to reports."""
        if action.verb != "mode":
            return await self._desk.pressed(press, action)
        if len(action.args) != 1 or action.args[0] not in set(Mode) or press.private:
            return False
        chat_id, mode = press.chat_id or 0, Mode(action.args[0])
        if not await self._s.group_staff.may(chat_id, press.user_id, Task.GROUP):
            text = press.t("Only this group's administrators can change that.")
            await self._s.sender.toast(press.query.id, text, alert=True)
            return None
        self._store.set_mode(chat_id, mode)
        self._s.audit.note(press.user_id, "shield.mode", chat_id, mode=mode.value)
        await self._s.sender.toast(press.query.id, press.t("Saved."))
        view = await self._desk.setting_view(press.t, chat_id)
        if press.message:
            await self._s.sender.edit(chat_id, press.message.message_id, view.html, view.keyboard)
        return None

    # /badlink

    async def badlink(self, update: Update, context: Ctx) -> None:
        """/badlink, /badlink add evil.example, /badlink remove evil.example: one list for all groups."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._words(update)
        person = user.id if user and message.sender_chat is None else None
        if not self._s.roles.may(person, Task.DESK):
            await self._say(
                message, t("Only moderators of all groups can change the list of bad links.")
            )
            return
        verb, _, written = " ".join(context.args or []).partition(" ")
        if not verb:
            view = views.links_page(t, sorted(self._store.links))
            await self._s.sender.send(place_of(message), view.html)
            return
        await self._say(message, self._change_links(t, verb, written, person or 0))

    def _change_links(self, t: Translator, verb: str, written: str, by: int) -> str:
        address = as_entry(written)
        if verb not in ("add", "remove") or address is None:
            return t("Write /badlink add evil.example, or /badlink remove evil.example. For a Telegram group: t.me/itsname.")  # fmt: skip
        changed = (
            self._store.add_link(address, by) if verb == "add" else self._store.remove_link(address)
        )
        if not changed and verb == "add":
            return t("It is on the list already.")
        if not changed:
            return t("It is not on the list.")
        self._s.audit.note(by, f"shield.link.{verb}", address)
        return t("Saved.")

    # /report

    async def report(self, update: Update, context: Ctx) -> None:
        """As a reply to a message: to the moderators. Who reported is shown to nobody."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._words(update)
        target = message.reply_to_message
        if message.chat.type == PRIVATE or target is None or target.forum_topic_created:
            await self._say(
                message, t("To report a scam, answer the message in the group with /report.")
            )
            return
        if user is None or user.id in NOT_PEOPLE or message.sender_chat is not None:
            return
        if not await may_ask(self._s, t, message, user.id):
            return
        await self._answer(message, user.id, await self._take(t, message, target, user.id))

    async def _take(self, t: Translator, message: Message, target: Message, by: int) -> str:
        """Files the report; what to say to who made it."""
        person = writer_of(target)
        if person is None or person.user_id == by:
            return t("That message cannot be reported.")
        officials = await self._officials.of(message.chat.id)
        if any(one.person.user_id == person.user_id for one in officials):
            return t("That person is staff of this group: /official tells who is.")
        if self._book.reports_of(by, timedelta(hours=1)) >= REPORTS_AN_HOUR:
            return t("You have reported a lot in the last hour. Please wait a little, or write to an administrator.")  # fmt: skip
        self._s.groups.join(message.chat.id, message.chat.title or "")
        suspect = Suspect(message.chat.id, person.user_id, person.name, person.username,
                          name_hash(person.name, person.username))  # fmt: skip
        text = target.text or target.caption or ""
        raid = self._book.raids.of(message.chat.id)
        report, new = self._book.add(
            suspect, [Evidence(Kind.MEMBER)], text, target.message_id, raid
        )
        self._book.reported_by(report.id, by)
        if new and raid is None:
            await self._desk.show(self._book.get(report.id) or report)
        return t("Thank you. The moderators will look at it, and nobody sees that it was you.")

    async def _answer(self, message: Message, user_id: int, text: str) -> None:
        """Privately if that can be; then the command goes too, as it names who reported."""
        told = await self._s.sender.send_privately(place_of(message), user_id, text)
        if not told and self._s.members.get(user_id).started:
            told = await self._s.sender.send(Place(user_id), text) is not None
        if not told:
            await self._say(message, text)
            return
        try:
            await self._s.sender.bot.delete_message(message.chat.id, message.message_id)
        except TelegramError:
            return  # the bot may not, or it is gone already: the report stands

    async def _say(self, message: Message, text: str) -> None:
        await self._s.sender.send(place_of(message), text)
