"""The inbox: what the bot could not answer a person does, in the desk's group or in private."""

from __future__ import annotations

from markupsafe import escape
from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.desk.case_store import CaseStore
from bot.desk.cases import Case, may_handle
from bot.desk.roles import Task
from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.knowledge.model import COUNTRIES
from bot.telegram import inbox_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.inbox_answers import TeachCase
from bot.telegram.inbox_cards import Cards
from bot.telegram.inbox_views import refusal
from bot.telegram.keyboards import keyboard
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
ROOM = views.ROOM


class Inbox:
    def __init__(
        self, services: Services, cases: CaseStore, cards: Cards, teach_case: TeachCase
    ) -> None:
        self._s = services
        self._cases = cases
        self._cards = cards
        self._teach_case = teach_case

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("inbox", self.inbox)]

    # The list

    async def inbox(self, update: Update, context: Ctx) -> None:
        """/inbox: what waits, for who may answer it; never in front of a members' group."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        user_id = user.id if user and message.sender_chat is None else None
        if not self._s.roles.may(user_id, Task.DESK, anywhere=True):
            view = View(str(escape(refusal(t))))
        elif message.chat.type != PRIVATE and message.chat.id != self._s.desk_place.chat_id():
            view = View(t("Members' questions are not for everybody's eyes: write /inbox to me in private, or in the desk's group."))  # fmt: skip
        else:
            view = self._list(t, user_id, 0)
        await self._s.sender.send(place_of(message), view.html, view.keyboard)

    def _list(self, t: Translator, user_id: int | None, page: int) -> View:
        mine = [c for c in self._cases.waiting() if may_handle(self._s.roles, user_id, c)]
        return views.list_page(t, mine, page, self._s.clock.now())

    # Buttons

    async def react(self, press: Press, action: RoomAction) -> bool:
        """False for what no button of ours says."""
        match action.verb, action.args:
            case "ls", (page,) if _is_number(page):
                await self._turn(press, int(page))
                return True
            case (("op" | "cl" | "re" | "an" | "at" | "di" | "po" | "te"), (number,)) if _is_number(
                number
            ):
                return await self._on_case(press, action.verb, int(number))
            case "pc", (number, country) if _is_number(number) and country in ("", *COUNTRIES):
                return await self._on_case(press, "pc", int(number), country or None)
        return False

    async def _turn(self, press: Press, page: int) -> None:
        in_desk = press.chat_id == self._s.desk_place.chat_id()
        may = self._s.roles.may(press.user_id, Task.DESK, anywhere=True)
        if not may or not (press.private or in_desk):
            await self._toast(press, refusal(press.t), alert=True)
            return
        await self._toast(press)
        await self._show(press, self._list(press.t, press.user_id, page))

    async def _on_case(
        self, press: Press, verb: str, case_id: int, country: str | None = None
    ) -> bool:
        """The right is asked anew at every press."""
        case = self._cases.get(case_id)
        if case is None:
            await self._toast(press, views.taken(press.t, None, self._s.clock.now()), alert=True)
            return True
        if not may_handle(self._s.roles, press.user_id, case):
            await self._toast(press, refusal(press.t), alert=True)
            return True
        match verb:
            case "op":
                await self._toast(press)
                await self._refresh(press, case_id)
            case "cl" | "re" | "di":
                await self._change(press, verb, case)
            case "an" | "at":
                await self._ask(press, case, teach=verb == "at")
            case "po":
                await self._pass_page(press, case)
            case "pc":
                await self._pass_on(press, case, country)
            case "te":
                await self._teach(press, case)
        return True

    async def _change(self, press: Press, verb: str, case: Case) -> None:
        user, name = press.user_id, press.query.from_user.full_name
        done = {
            "cl": lambda: self._cases.claim(case.id, user, name),
            "re": lambda: self._cases.release(case.id, user),
            "di": lambda: self._cases.dismiss(case.id, user, name),
        }[verb]()
        if done and verb == "di":
            self._s.audit.note(user, "desk.dismiss", case.id)
        await self._toast(press, None if done else self._taken(press.t, case.id), alert=not done)
        await self._refresh(press, case.id)

    def _taken(self, t: Translator, case_id: int) -> str:
        return views.taken(t, self._cases.get(case_id), self._s.clock.now())

    async def _ask(self, press: Press, case: Case, *, teach: bool) -> None:
        """Claims it and asks for the answer; the next message (in a group: the reply) is it."""
        if not self._cases.claim(case.id, press.user_id, press.query.from_user.full_name):
            await self._toast(press, self._taken(press.t, case.id), alert=True)
            await self._refresh(press, case.id)
            return
        await self._toast(press)
        await self._refresh(press, case.id)
        view = views.prompt_page(press.t, case, not press.private)
        asked = await self._s.sender.send(_beside(press), view.html)
        self._s.dialogues.put(
            Dialogue(
                press.user_id, press.chat_id or 0, ROOM, "answer",
                {"case": case.id, "teach": teach}, asked,
            )
        )  # fmt: skip

    async def _pass_page(self, press: Press, case: Case) -> None:
        if case.state != "waiting":
            await self._toast(press, self._taken(press.t, case.id), alert=True)
            await self._refresh(press, case.id)
            return
        await self._toast(press)
        await self._show(press, views.pass_on_page(press.t, case))

    async def _pass_on(self, press: Press, case: Case, country: str | None) -> None:
        if not self._cases.pass_on(case.id, press.user_id, country):
            await self._toast(press, self._taken(press.t, case.id), alert=True)
            await self._refresh(press, case.id)
            return
        self._s.audit.note(press.user_id, "desk.pass", case.id, country=country)
        await self._toast(press)
        await self._show(press, views.passed_page(press.t, case, country))

    async def _teach(self, press: Press, case: Case) -> None:
        if case.state != "answered" or case.faq_id is not None:
            await self._toast(press, press.t("It is taught already."), alert=True)
            await self._refresh(press, case.id)
            return
        await self._toast(press)
        await self._teach_case(_beside(press), press.query.from_user, press.t, case)

    async def _refresh(self, press: Press, case_id: int) -> None:
        """The pressed message as the case is now; if that is not its card, the card follows."""
        case = self._cases.get(case_id)
        if case is None:
            return
        message_id = press.message.message_id if press.message else None
        is_card = (case.card_chat, case.card_message) == (press.chat_id, message_id)
        if is_card:
            self._cases.shown(case_id)
        t = self._cards.desk_translator(press.chat_id or 0) if is_card else press.t
        await self._show(press, self._cards.page(t, case, in_list=not is_card))

    async def _show(self, press: Press, view: View) -> None:
        message = press.message
        keys = view.keyboard or keyboard([])
        if message and await self._s.sender.edit(
            message.chat.id, message.message_id, view.html, keys
        ):
            return
        await self._s.sender.send(_beside(press), view.html, view.keyboard)

    async def _toast(self, press: Press, text: str | None = None, *, alert: bool = False) -> None:
        await self._s.sender.toast(press.query.id, text, alert=alert)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _beside(press: Press) -> Place:
    """A new message that belongs to the pressed one."""
    return place_of(press.message) if press.message else Place(press.chat_id or 0)
