"""/broadcast: the way in. Every press and every written answer is checked anew: the person's right,
that the broadcast is there, and that its audience is theirs to address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.broadcasts.model import Audience, Draft, Kind, Schedule, State, When
from bot.broadcasts.store import NotEditable
from bot.desk.roles import Task
from bot.dialogues import Dialogue
from bot.promotions.model import Promotion
from bot.telegram.broadcasts import pages
from bot.telegram.broadcasts.approval import Approval
from bot.telegram.broadcasts.parts import (
    ROOM,
    Case,
    Handler,
    Listener,
    Part,
    Tools,
    act,
    may_address,
)
from bot.telegram.broadcasts.preview import Preview
from bot.telegram.broadcasts.progress import ProgressPart
from bot.telegram.broadcasts.reach import AudienceChoice
from bot.telegram.broadcasts.report import Reports
from bot.telegram.broadcasts.texts import Texts
from bot.telegram.broadcasts.when import WhenChoice
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.keyboards import keyboard
from bot.telegram.marketing import Person, number
from bot.telegram.promotions.views import paragraphs
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
OVER = (State.FINISHED, State.CANCELLED)
OPEN = tuple(state for state in State if state not in OVER)
MAX_TITLE = 80
LISTED = 400
WATCHED = (State.SCHEDULED, State.RUNNING, State.PAUSED, State.OVERDUE)


class BroadcastRoom(Part):
    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, self.page)
        self.live = ProgressPart(tools, self.page)
        reports = self.live.reports = Reports(tools, self.page)
        texts, when = Texts(tools, self.page), WhenChoice(tools, self.page)
        self._verbs: dict[str, Handler] = {
            "op": self.open, "dp": self.duplicate, "dl": self.delete, "pf": self.ask_platform,
            "np": self.no_platform, "pd": self.toggle_paid,
            **texts.verbs(), **AudienceChoice(tools, self.page).verbs(), **when.verbs(),
            **Preview(tools, self.page).verbs(), **Approval(tools, self.page).verbs(),
            **self.live.verbs(), **reports.verbs(),
        }  # fmt: skip
        self._prompts: dict[str, Listener] = {
            "platform": self.platform_written, **texts.prompts(), **when.prompts(),
        }  # fmt: skip

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("broadcast", self.broadcast)]

    # The way in

    async def broadcast(self, update: Update, context: Ctx) -> None:
        person = await self.command(update)
        if person:
            await self._list(person, history=False, page=0)

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        verb, args = action.verb, list(action.args)
        handler = self._verbs.get(verb)
        first = number(args[0]) if args else None
        if verb not in ("new", "mk", "ls", "hs") and (handler is None or first is None):
            return False
        person = await self.presser(press)
        if person is None:
            return None
        self._leave_prompt(person)
        if handler is None:
            return await self._general(person, verb, args)
        broadcast = self.tools.store.get(first or 0)
        if broadcast is None:
            return False
        if not may_address(self.scope(person.user_id), broadcast.draft.audience):
            await self.toast(press, self.refusal(press.t), alert=True)
            return None
        await handler(Case(person, broadcast, args[1:]))
        return None

    async def _general(self, person: Person, verb: str, args: list[str]) -> bool | None:
        match verb, args:
            case "new", []:
                await self.answer(person, pages.kinds_page(person.t))
            case "mk", [kind] if kind in set(Kind):
                text = person.t("What shall it be called? Only your team sees this name. At most {limit} characters.", limit=person.t.number(MAX_TITLE))  # fmt: skip
                view = View(paragraphs(text, person.t("/cancel leaves it as it is.")))
                await self.ask(person, view, "title", {"kind": kind})
            case (("ls" | "hs"), [page]) if number(page) is not None:
                await self._list(person, history=verb == "hs", page=number(page) or 0)
            case _:
                return False
        return None

    def _leave_prompt(self, person: Person) -> None:
        """Who presses another button no longer answers the old prompt."""
        dialogue = self._s.dialogues.get(person.user_id, person.chat_id)
        if dialogue and dialogue.room == ROOM:
            self._s.dialogues.drop(person.user_id, person.chat_id)

    async def listen(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The answer to a prompt. What is wrong with it is told, and the prompt stays open."""
        person = self.heard(update, message)
        if person is None:
            return
        if dialogue.asking == "title":
            wrong = await self._titled(person, message, dialogue)
        else:
            broadcast = self.tools.store.get(int(dialogue.data["id"]))
            listener = self._prompts.get(dialogue.asking)
            scope = self.scope(person.user_id)
            if broadcast is None or listener is None or not may_address(scope, broadcast.draft.audience):  # fmt: skip
                self._s.dialogues.drop(person.user_id, person.chat_id)
                return
            wrong = await listener(Case(person, broadcast), message, dialogue.data)
        if wrong is not None:
            await self.answer(person, View(paragraphs(wrong)))

    async def _list(self, person: Person, *, history: bool, page: int) -> None:
        scope = self.scope(person.user_id)
        found = self.tools.store.find(OVER if history else OPEN, limit=LISTED)
        mine = [b for b in found if may_address(scope, b.draft.audience)]
        await self.answer(person, pages.list_page(person.t, mine, history, page))

    # Beginning one

    async def _titled(self, person: Person, message: Message, dialogue: Dialogue) -> str | None:
        title = " ".join((message.text or "").split())
        if not 1 <= len(title) <= MAX_TITLE:
            return person.t("I need a name of at most {limit} characters.", limit=person.t.number(MAX_TITLE))  # fmt: skip
        self._s.dialogues.drop(person.user_id, person.chat_id)
        draft = Draft(title, Kind(str(dialogue.data["kind"])), audience=self._own(person))
        await self._begin(person, replace(draft, language=person.t.language))
        return None

    def _own(self, person: Person) -> Audience:
        """Everybody, or those whom a person with a scope may address."""
        scope = self.scope(person.user_id)
        if scope.everywhere:
            return Audience()
        if scope.own_countries():
            return Audience(countries=scope.own_countries())
        return Audience(members=False, chats=scope.groups())

    async def _begin(self, person: Person, draft: Draft) -> None:
        made = self.tools.store.create(person.user_id, draft)
        case = Case(person, made)
        self.noted(case, "broadcast.create", kind=draft.kind.value)
        await self.page(case, None)

    async def announce(self, person: Person, promotion: Promotion) -> None:
        """A draft about a promotion: its platform, countries and festival are taken over."""
        schedule = Schedule(When.NOW)
        if promotion.festival:
            schedule = Schedule(When.FESTIVAL, festival=promotion.festival, days_before=3)
        audience = Audience(countries=frozenset(promotion.countries))
        draft = Draft(
            promotion.title[:MAX_TITLE], Kind.PROMOTION, promotion.platform, promotion.id,
            promotion.language, audience, schedule,
        )  # fmt: skip
        await self._begin(person, draft)

    # One broadcast

    async def page(self, case: Case, toast: str | None) -> None:
        t, b = case.t, case.broadcast
        festival = self.tools.writer.festival_name(b.draft.schedule.festival, t.language)
        when = pages.when_line(t, b.draft.schedule, festival)
        view = pages.broadcast_page(t, b, self.tools.core.store.current, await self.reach(b), when)
        if self._s.roles.may(case.person.user_id, Task.PAID) and b.state is State.DRAFT:
            view = self._with_paid(case, view)
        shown = await self.answer(case.person, view, toast)
        if shown and b.state in WATCHED:
            self.tools.watches.put(b.id, case.person.chat_id, shown)

    @staticmethod
    def _with_paid(case: Case, view: View) -> View:
        t, b = case.t, case.broadcast
        text = t("💫 Paid, 1,000 a second: on") if b.draft.paid else t("💫 Paid, 1,000 a second: off")  # fmt: skip
        row = keyboard([[act(text, "pd", b.id)]])["inline_keyboard"]
        rows = view.keyboard["inline_keyboard"] if view.keyboard else []
        return View(view.html, {"inline_keyboard": [*rows[:-1], *row, *rows[-1:]]})

    async def open(self, case: Case) -> None:
        await self.page(case, None)

    async def duplicate(self, case: Case) -> None:
        """A festival's or a repeat's schedule is kept; a moment that is over is not."""
        made = self.tools.store.duplicate(case.broadcast.id, case.person.user_id)
        at = made.draft.schedule.at
        if made.draft.schedule.when is When.ONCE and at and at < self.now.replace(tzinfo=None) + timedelta(days=1):  # fmt: skip
            made = self.tools.store.update(made.id, replace(made.draft, schedule=Schedule()))
        copy = Case(case.person, made)
        self.noted(copy, "broadcast.duplicate", source=case.broadcast.id)
        await self.page(copy, case.t("A new draft with the same content."))

    async def delete(self, case: Case) -> None:
        t = case.t
        if case.args != ["1"]:
            question = t("Delete this draft?")
            view = pages.confirm_page(t, question, t("🗑 Delete"), "dl", case.broadcast)
            await self.answer(case.person, view)
            return
        try:
            self.tools.store.delete(case.broadcast.id)
        except NotEditable:
            await self.too_late(case)
            return
        self.noted(case, "broadcast.delete")
        await self._list(case.person, history=False, page=0)

    async def ask_platform(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        text = t("Which platform is it for? Write its name. It is promoted only where it may be.")
        rows = [[act(t("It names no platform"), "np", b.id)], pages.back_row(t, b)]
        view = View(paragraphs(text, t("/cancel leaves it as it is.")), keyboard(rows))
        await self.ask(case.person, view, "platform", {"id": b.id})

    async def platform_written(self, case: Case, message: Message, data: Any) -> str | None:
        found = self.platforms_in((message.text or "")[:200])
        if len(found) != 1:
            return case.t("I don't know that platform. Write one name, as its own site does.")
        self._s.dialogues.drop(case.person.user_id, case.person.chat_id)
        saved = await self.save(case, replace(case.draft, platform=found.pop()))
        if saved:
            await self.page(saved, None)
        return None

    async def no_platform(self, case: Case) -> None:
        saved = await self.save(case, replace(case.draft, platform=None))
        if saved:
            await self.page(saved, case.t("Saved."))

    async def toggle_paid(self, case: Case) -> None:
        """What costs money is the owner's alone."""
        if not self._s.roles.may(case.person.user_id, Task.PAID):
            if case.person.press:
                await self.toast(case.person.press, self.refusal(case.t), alert=True)
            return
        saved = await self.save(case, replace(case.draft, paid=not case.draft.paid))
        if saved:
            await self.page(saved, case.t("Saved."))
