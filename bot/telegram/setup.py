"""/setup: a group's administrators set it up by buttons, and are told what the bot lacks there."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from telegram import Message, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, ChatMemberHandler, CommandHandler, ContextTypes

from bot.desk.roles import Task
from bot.i18n import Translator
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.members.group_rules import zones_of
from bot.members.store import ANSWERING, Group
from bot.telegram import setup_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.group_staff import is_anonymous_admin
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.setup_check import faults, look
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
log = logging.getLogger(__name__)

_PAGES = {
    "country": views.country_page,
    "language": views.language_page,
    "zone": views.zone_page,
    "answering": views.answering_page,
    "quiet": views.quiet_page,
    "clean": views.clean_page,
}
_ZONES = frozenset(zone for country in COUNTRIES for zone in zones_of(country))


class Setup:
    def __init__(self, services: Services) -> None:
        self._s = services

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("setup", self.setup)]

    def watchers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        """In a handler group of their own: others want these updates too."""
        return [ChatMemberHandler(self.standing_changed, ChatMemberHandler.CHAT_MEMBER)]

    async def standing_changed(self, update: Update, context: Ctx) -> None:
        """Somebody's rights in a group may be others now: Telegram is asked anew."""
        change = update.chat_member
        assert change is not None
        self._s.group_staff.forget(change.chat.id, change.new_chat_member.user.id)

    async def setup(self, update: Update, context: Ctx) -> None:
        """/setup for the group's administrators; /setup desk for the bot's owners."""
        message = update.effective_message
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if message.chat.type == PRIVATE:
            view = View(t("Write /setup in the group that you want to set up."))
        elif context.args and context.args[0].lower() == "desk":
            view = self._desk_view(update, message, t)
        elif not await self._s.group_staff.is_staff(update, Task.GROUP):
            view = View(t("Only this group's administrators can change that."))
        else:
            self._s.groups.join(message.chat.id, message.chat.title or "")
            view = await self._main(t, message.chat.id)
        await self._s.notices.send(place_of(message), view.html, view.keyboard)

    def _desk_view(self, update: Update, message: Message, t: Translator) -> View:
        """An anonymous administrator may be an owner: who presses the button is known."""
        user = update.effective_user
        if not is_anonymous_admin(message) and (user is None or user.id not in self._s.owners):
            return View(t("Only the bot's owners can say where the desk is."))
        self._s.groups.join(message.chat.id, message.chat.title or "")
        return views.desk_page(t, message.chat.title or "")

    async def _main(self, t: Translator, chat_id: int) -> View:
        group = self._s.groups.get(chat_id) or Group(chat_id, "")
        desk = self._s.desk_place.chat_id()
        try:
            rights = await look(self._s.sender.bot, chat_id)
            found = faults(rights, group, desk=desk == chat_id)
        except TelegramError as error:
            log.warning("the rights in chat %s could not be asked: %s", chat_id, error)
            found = None
        if desk is None:
            where = t("The team has no desk yet: an owner sets it with /setup desk in the desk's group.")  # fmt: skip
        elif desk == chat_id:
            where = t("This group is the team's desk.")
        else:
            where = t("Questions that I can't answer go to the team's desk.")
        return views.main_page(t, group, self._s.clock.now(), found, where)

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool:
        """False for what none of our buttons says."""
        if press.private or press.message is None:
            return False
        chat_id = press.message.chat.id
        if (action.verb, action.args) == ("desk", ()):
            await self._make_desk(press, chat_id)
            return True
        if not await self._s.group_staff.may(chat_id, press.user_id, Task.GROUP):
            await self._toast(press, press.t("Only this group's administrators can change that."))
            return True
        group = self._s.groups.get(chat_id)
        return group is not None and await self._react(press, group, action)

    async def _react(self, press: Press, group: Group, action: RoomAction) -> bool:
        match action.verb, action.args:
            case "open", ("main",):
                await self._s.sender.toast(press.query.id)
                await self._show(press, await self._main(press.t, group.chat_id))
            case "open", (page,) if page in _PAGES:
                await self._s.sender.toast(press.query.id)
                await self._show(press, _PAGES[page](press.t, group))
            case "until", (start,) if _hour(start) is not None:
                await self._s.sender.toast(press.query.id)
                await self._show(press, views.until_page(press.t, int(start)))
            case "done", ():
                await self._s.sender.toast(press.query.id, press.t("Saved."))
                await self._s.notices.delete(group.chat_id, [_message(press).message_id])
            case verb, args:
                changes = wanted(group, verb, args)
                if changes is None:
                    return False
                self._save(press, group, changes)
                await self._s.sender.toast(press.query.id, press.t("Saved."))
                await self._show(press, await self._after(press.t, group.chat_id, verb))
        return True

    async def _after(self, t: Translator, chat_id: int, verb: str) -> View:
        """The first page again; languages are chosen one by one, so theirs stays open."""
        group = self._s.groups.get(chat_id)
        if verb == "language" and group is not None:
            return views.language_page(t, group)
        return await self._main(t, chat_id)

    def _save(self, press: Press, group: Group, changes: Mapping[str, object]) -> None:
        before = {name: getattr(group, name) for name in changes}
        if before != changes:
            self._s.groups.configure(group.chat_id, **changes)
            self._s.audit.note(
                press.user_id, "group.setup", group.chat_id, before=before, after=dict(changes)
            )

    async def _make_desk(self, press: Press, chat_id: int) -> None:
        if press.user_id not in self._s.owners:
            await self._toast(press, press.t("Only the bot's owners can say where the desk is."))
            return
        before = self._s.desk_place.chat_id()
        if before != chat_id:
            self._s.desk_place.set(chat_id)
            self._s.audit.note(press.user_id, "desk.place", chat_id, before=before)
        await self._s.sender.toast(press.query.id, press.t("Saved."))
        await self._show(press, await self._main(press.t, chat_id))

    async def _toast(self, press: Press, text: str) -> None:
        await self._s.sender.toast(press.query.id, text, alert=True)

    async def _show(self, press: Press, view: View) -> None:
        """In the pressed message; a new one where it can't be changed any more."""
        message = _message(press)
        chat_id, message_id = message.chat.id, message.message_id
        if await self._s.sender.edit(chat_id, message_id, view.html, view.keyboard):
            self._s.notices.keep(chat_id, message_id)
            return
        thread = message.message_thread_id if message.is_topic_message else None
        await self._s.notices.send(Place(chat_id, None, thread), view.html, view.keyboard)


def wanted(group: Group, verb: str, args: tuple[str, ...]) -> dict[str, object] | None:
    """What a button's press asks to change; None for anything that is no button of ours."""
    match verb, args:
        case "country", (code,) if code in {"", *COUNTRIES}:
            keeps = not code or group.timezone in (None, *zones_of(code))
            return {"country": code or None, **({} if keeps else {"timezone": None})}
        case "language", ("",):
            return {"language": None, "more_languages": ()}
        case "language", (tag,) if tag in LANGUAGES:
            chosen = [t for t in group.languages if t != tag]
            if tag not in group.languages:
                chosen.append(tag)
            return {"language": next(iter(chosen), None), "more_languages": tuple(chosen[1:])}
        case "zone", (zone,) if zone in _ZONES:
            return {"timezone": zone}
        case "answering", (mode,) if mode in ANSWERING:
            return {"answering": mode}
        case "festivals", ("0" | "1" as on,):
            return {"festivals": on == "1"}
        case "quiet", ():
            return {"quiet_from": None, "quiet_to": None}
        case "quiet", (start, end):
            first, last = _hour(start), _hour(end)
            if first is None or last is None or first == last:
                return None
            return {"quiet_from": first, "quiet_to": last}
        case "clean", ("",):
            return {"clean_minutes": None}
        case "clean", (minutes,) if minutes in {str(m) for m in views.CLEAN_CHOICES}:
            return {"clean_minutes": int(minutes)}
    return None


def _hour(text: str) -> int | None:
    return int(text) if text in {str(h) for h in range(24)} else None


def _message(press: Press) -> Message:
    assert press.message is not None
    return press.message
