"""/staff and /audit: owners and admins keep the list of who works here."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from telegram import Message, MessageOriginUser, Update, User
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.desk.appointing import GIVEN, Appointments, group_of
from bot.desk.roles import EVERYWHERE, Grant, Role, Task
from bot.dialogues import Dialogue
from bot.i18n import N_, Translator
from bot.knowledge.model import COUNTRIES
from bot.telegram import staff_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.markup import paragraphs
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, PRIVATE, Services, place_of
from bot.telegram.staff_views import ROOM
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
AUDIT_SHOWN = 15
MAX_NAMES = 500
MAX_GROUPS = 40
"""Groups that are offered as a scope: a keyboard has at most 100 buttons."""

ONLY_KEEPERS = N_("Only owners and admins keep the staff list.")
WHO = N_(
    "Who is it? Forward me a message of theirs, or send me their Telegram number (their id). In a group, reply to them with /staff add."
)
HIDDEN = N_(
    "Their forwarded messages don't say who they are. In a group that I am in, reply to them with /staff add, or send me their Telegram number."
)


@dataclass(frozen=True)
class Person:
    user_id: int
    name: str = ""


class Staffing:
    def __init__(self, services: Services, appointments: Appointments) -> None:
        self._s = services
        self._a = appointments
        self._names: OrderedDict[int, str] = OrderedDict()

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("staff", self.staff), CommandHandler("audit", self.audit)]

    # Commands

    async def staff(self, update: Update, context: Ctx) -> None:
        """/staff, /staff add, /staff remove: the person by a reply, a forwarded message or an id."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if user is None or message.sender_chat is not None or not self._a.is_keeper(user.id):
            await self._say(message, View(t(ONLY_KEEPERS)))
            return
        verb, *words = [word.lower() for word in context.args or ["list"]]
        match verb:
            case "add" | "remove":
                await self._named(update, message, t, verb, words)
            case "list" if message.chat.type == PRIVATE:
                await self._say(message, self._list(t, user.id, 0))
            case "list":
                await self._say(message, View(t("Write /staff to me in private.")))
            case _:
                await self._say(message, View(t("Write /staff, or /staff add or /staff remove in a reply to the person.")))  # fmt: skip

    async def _named(
        self, update: Update, message: Message, t: Translator, verb: str, words: list[str]
    ) -> None:
        """The person of /staff add and /staff remove, else the question who it is."""
        assert update.effective_user is not None
        actor = update.effective_user.id
        if not words and message.reply_to_message is None:
            await self._ask_who(message.chat.id, place_of(message), actor, verb, t)
            return
        found = named_by_id(words[0]) if words else named_in(message.reply_to_message)
        await self._take(message, actor, verb, found, t)

    async def _ask_who(
        self, chat_id: int, place: Place, actor: int, verb: str, t: Translator
    ) -> None:
        prompt = await self._s.sender.send(place, t(WHO))
        self._s.dialogues.put(Dialogue(actor, chat_id, ROOM, verb, {}, prompt))

    async def _take(
        self, message: Message, actor: int, verb: str, found: Person | str, t: Translator
    ) -> None:
        if isinstance(found, str):
            await self._say(message, View(t(found)))
            return
        self._s.dialogues.drop(actor, message.chat.id)
        if found.user_id in self._s.owners:
            view = View(t("They own this bot, by its settings: no role is needed, and none can be taken."))  # fmt: skip
        elif verb == "add":
            self._remember(found)
            view = views.role_page(t, found.user_id, found.name)
        else:
            held = [g for g in self._a.visible(actor) if g.user_id == found.user_id]
            name = found.name or next((g.name for g in held if g.name), str(found.user_id))
            view = views.held_page(t, name, held, self._titles())
        await self._say(message, view)

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The answer to 'Who is it?': a forwarded message, or an id."""
        t = self._s.translator(self._s.asker(update))
        if not self._a.is_keeper(dialogue.user_id):
            self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
            await self._say(message, View(t(ONLY_KEEPERS)))
            return
        found = named_in(message) if message.forward_origin else named_by_id(message.text or "")
        await self._take(message, dialogue.user_id, dialogue.asking, found, t)

    async def audit(self, update: Update, context: Ctx) -> None:
        """/audit, or /audit staff: the latest changes, or those whose name begins so."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if user is None or not self._s.roles.may(user.id, Task.STAFF):
            await self._say(message, View(t("Only owners and admins of everything read the audit log.")))  # fmt: skip
            return
        if message.chat.type != PRIVATE:
            await self._say(message, View(t("Write /audit to me in private.")))
            return
        what = (context.args or [""])[0][:40].lower()
        names = {g.user_id: g.name for g in self._s.staff.all() if g.name}
        entries = list(self._s.audit.latest(AUDIT_SHOWN, what=what))
        await self._say(message, views.audit_page(t, entries, names))

    async def _say(self, message: Message, view: View) -> None:
        await self._s.notices.send(place_of(message), view.html, view.keyboard)

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool:
        """False for what none of our buttons says."""
        if not self._a.is_keeper(press.user_id):
            await self._toast(press, press.t(ONLY_KEEPERS))
            return True
        match action.verb, action.args:
            case "list", (page,) if page.isascii() and page.isdigit() and len(page) < 6:
                if not press.private:  # the list is nobody else's business
                    return False
                await self._show(press, self._list(press.t, press.user_id, int(page)))
            case "add", () if press.private:
                await self._s.sender.toast(press.query.id)
                await self._ask_who(press.user_id, Place(press.user_id), press.user_id, "add", press.t)  # fmt: skip
            case "role", (user, role) if (grant := as_grant(user, role)) is not None:
                await self._show(press, self._scopes(press, grant))
            case "scope", (user, role, scope) if (grant := as_grant(user, role, scope)) is not None:
                await self._appoint(press, grant)
            case "ask", (user, role, scope) if (grant := as_grant(user, role, scope)) is not None:
                held = [g for g in self._a.visible(press.user_id) if _same(g, grant)]
                gone = View(press.t("They don't have that role any more."))
                titles = self._titles()
                await self._show(
                    press, views.removal_page(press.t, held[0], titles) if held else gone
                )
            case "drop", (user, role, scope) if (grant := as_grant(user, role, scope)) is not None:
                await self._dismiss(press, grant)
            case _:
                return False
        return True

    def _scopes(self, press: Press, grant: Grant) -> View:
        actor = press.user_id
        here = press.chat_id if not press.private else None
        groups = [g for g in self._s.groups.all() if self._a.may(actor, str(g.chat_id))]
        groups.sort(key=lambda g: g.chat_id != here)
        return views.scope_page(
            press.t, grant.user_id, grant.role, everywhere=self._a.may(actor, EVERYWHERE),
            countries=[c for c in COUNTRIES if self._a.may(actor, c)], groups=groups[:MAX_GROUPS],
        )  # fmt: skip

    async def _appoint(self, press: Press, grant: Grant) -> None:
        grant = replace(grant, name=await self._name_of(grant.user_id, press.chat_id))
        outcome = self._a.appoint(press.user_id, grant)
        t = press.t
        if outcome == "refused":
            await self._toast(press, t("That reaches further than your own role."))
            return
        if outcome == "already":
            await self._toast(press, t("They have that role already."))
            return
        told = await self._tell(grant)
        name = grant.name or str(grant.user_id)
        done = t("{name} is on the team now: {role}, {scope}.", name=name, role=t(views.ROLE[grant.role]), scope=views.scope_text(t, grant.scope, self._titles()))  # fmt: skip
        hint = t("They were told in private.") if told else t("I can't write to them yet: they must press Start in my private chat first.")  # fmt: skip
        await self._show(press, View(paragraphs(done, hint)))

    async def _dismiss(self, press: Press, grant: Grant) -> None:
        outcome = self._a.dismiss(press.user_id, grant.user_id, grant.role, grant.scope)
        if outcome == "refused":
            await self._toast(press, press.t("That reaches further than your own role."))
            return
        await self._s.staff_menus.refresh(grant.user_id)
        gone = press.t("They don't have that role any more.")
        page = self._list(press.t, press.user_id, 0) if press.private else View(gone)
        if not self._a.is_keeper(press.user_id):  # one's own role was the last
            page = View(gone)
        await self._show(press, page)

    async def _tell(self, grant: Grant) -> bool:
        """In private and in their language, if they ever opened the chat."""
        member = self._s.members.get(grant.user_id)
        if not member.started:
            return False
        await self._s.staff_menus.refresh(grant.user_id)
        t = self._s.languages[self._s.languages.choose([member.language, member.telegram_language])]
        scope = views.scope_text(t, grant.scope, self._titles())
        text = t("You are on the team now: {role}, {scope}. Your commands are in the menu.", role=t(views.ROLE[grant.role]), scope=scope)  # fmt: skip
        return await self._s.sender.send(Place(grant.user_id), paragraphs(text)) is not None

    def _list(self, t: Translator, actor: int, page: int) -> View:
        return views.list_page(
            t, self._a.visible(actor), len(self._s.owners), self._titles(), page
        )  # fmt: skip

    def _titles(self) -> dict[int, str]:
        return {group.chat_id: group.title for group in self._s.groups.all() if group.title}

    def _remember(self, person: Person) -> None:
        """A forwarded name that Telegram would not tell us again when the button is pressed."""
        if person.name:
            self._names[person.user_id] = person.name
            if len(self._names) > MAX_NAMES:
                self._names.popitem(last=False)

    async def _name_of(self, user_id: int, chat_id: int | None) -> str:
        if user_id in self._names:
            return self._names[user_id]
        try:
            if chat_id is not None and chat_id < 0:
                return (await self._s.sender.bot.get_chat_member(chat_id, user_id)).user.full_name
            chat = await self._s.sender.bot.get_chat(user_id)
        except TelegramError:  # they never met the bot: the number must do
            return ""
        return chat.full_name or ""

    async def _toast(self, press: Press, text: str) -> None:
        await self._s.sender.toast(press.query.id, text, alert=True)

    async def _show(self, press: Press, view: View) -> None:
        await self._s.sender.toast(press.query.id)
        message = press.message
        if message is None:
            return
        chat_id, message_id = message.chat.id, message.message_id
        if await self._s.sender.edit(chat_id, message_id, view.html, view.keyboard):
            self._s.notices.keep(chat_id, message_id)
            return
        thread = message.message_thread_id if message.is_topic_message else None
        await self._s.notices.send(Place(chat_id, None, thread), view.html, view.keyboard)


def named_in(message: Message | None) -> Person | str:
    """Who wrote a message, or what it was forwarded from; else why that can't be told (N_)."""
    if message is None:
        return WHO
    origin = message.forward_origin
    if origin is not None and not isinstance(origin, MessageOriginUser):
        return HIDDEN
    user = origin.sender_user if isinstance(origin, MessageOriginUser) else message.from_user
    return _person(user) if message.sender_chat is None else HIDDEN


def _person(user: User | None) -> Person | str:
    if user is None or user.id in NOT_PEOPLE:
        return HIDDEN
    if user.is_bot:
        return N_("That is a bot. Only people can have a role.")
    return Person(user.id, user.full_name[:100])


def named_by_id(text: str) -> Person | str:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and 1 <= len(digits) <= 16 and int(digits)):
        return WHO
    return Person(int(digits)) if int(digits) not in NOT_PEOPLE else HIDDEN


def as_grant(user: str, role: str, scope: str = EVERYWHERE) -> Grant | None:
    """From a button's data; None when it is none of ours."""
    person = named_by_id(user)
    if isinstance(person, str) or role not in {r.value for r in GIVEN}:
        return None
    if scope != EVERYWHERE and scope not in COUNTRIES and group_of(scope) is None:
        return None
    return Grant(person.user_id, Role(role), scope)


def _same(a: Grant, b: Grant) -> bool:
    return (a.user_id, a.role, a.scope) == (b.user_id, b.role, b.scope)
