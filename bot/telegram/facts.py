"""Facts kept up in the chat: /fact, /verify, /stale, /undo, /history, and the editing dialogue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import escape
from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.desk.reports import ReportStore
from bot.desk.roles import Roles, Task
from bot.i18n import Translator
from bot.knowledge import editing
from bot.knowledge.base import FactState, Knowledge
from bot.knowledge.drafts import DraftStore
from bot.knowledge.editing import Changes, Draft, Wrong
from bot.knowledge.model import COUNTRIES, Fact
from bot.knowledge.store import KnowledgeStore, NotUndoable, Revision
from bot.telegram import fact_views as views
from bot.telegram.buttons import Press, Reaction
from bot.telegram.callbacks import (
    ChooseStatus,
    EditFact,
    LeaveFact,
    ListStale,
    OpenFact,
    SaveFact,
    UndoFact,
    VerifyFact,
)
from bot.telegram.fact_views import Known
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.views import View
from bot.understanding.names import NameKind

Ctx = ContextTypes.DEFAULT_TYPE
LATEST = 30


@dataclass(frozen=True)
class Heard:
    """A command or message: what was written, by whom, and the words to answer in."""

    message: Message
    user_id: int
    words: str
    t: Translator


class Facts:
    def __init__(
        self, services: Services, store: KnowledgeStore, drafts: DraftStore,
        reports: ReportStore, roles: Roles,
    ) -> None:  # fmt: skip
        self._s = services
        self._store = store
        self._drafts = drafts
        self._reports = reports
        self._roles = roles

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        in_dialogue = InDialogue(self._drafts)
        return [
            CommandHandler("fact", self.fact),
            CommandHandler("verify", self.verify),
            CommandHandler("stale", self.stale),
            CommandHandler("undo", self.undo),
            CommandHandler("history", self.history),
            CommandHandler("cancel", self.cancel, HasDraft(self._drafts)),
            MessageHandler(
                filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & in_dialogue,
                self.written,
            ),
        ]

    def reactions(self) -> Mapping[type, Reaction]:
        return {
            OpenFact: self._on_fact(self.open),
            EditFact: self._on_fact(self.edit),
            ChooseStatus: self._on_fact(self.choose_status),
            VerifyFact: self._on_fact(self.verify_pressed),
            SaveFact: self._on_fact(self.save),
            LeaveFact: self._on_fact(self.leave),
            UndoFact: self._on_fact(self.undo_pressed),
            ListStale: self.turn,
        }

    @property
    def _knowledge(self) -> Knowledge:
        return self._store.current

    # Commands

    async def fact(self, update: Update, context: Ctx) -> None:
        """/fact <id> shows it; /fact <words> finds it."""
        heard = self._hear(update, context)
        state = self._knowledge.state(heard.words)
        if not await self._allowed(heard, self._country_of(heard.words), anywhere=state is None):
            return
        if state is not None:
            await self._say(heard, self._page(heard.t, state, heard.user_id))
        elif not heard.words:
            await self._say(heard, _plain(heard.t("Write a fact's id or some words behind the command: /fact Philippines marketing")))  # fmt: skip
        else:
            found = self._search(heard.words)
            await self._say(heard, views.found_page(heard.t, self._own(heard.user_id, found)))

    async def verify(self, update: Update, context: Ctx) -> None:
        """/verify <id> [address where it was checked]: previewed, saved by its button."""
        heard = self._hear(update, context)
        fact_id, _, url = heard.words.partition(" ")
        state = await self._named(heard, fact_id)
        if state is None:
            return
        known = self._known(state)
        try:
            changes = editing.propose_verified(
                state, self._s.today(), self._knowledge, url.strip() or None
            )
            after = editing.apply(state, changes)
        except Wrong as wrong:
            await self._say(heard, _plain(views.fault(heard.t, wrong)))
            return
        draft = Draft(heard.user_id, heard.message.chat.id, state.fact.id, "verify", None, changes)
        self._drafts.put(draft)
        await self._say(heard, views.preview_page(heard.t, known, after, changes, verify=True))

    async def stale(self, update: Update, context: Ctx) -> None:
        """/stale [country]: what is past its review date, and what members reported."""
        heard = self._hear(update, context)
        country = self._country_named(heard.words)
        if not await self._allowed(heard, country, anywhere=country is None):
            return
        if heard.words and country is None:
            await self._say(heard, _plain(heard.t("I don't know that country. Write /stale alone, or with one: /stale Japan")))  # fmt: skip
            return
        await self._say(heard, self._stale_page(heard.t, heard.user_id, country, 0))

    async def undo(self, update: Update, context: Ctx) -> None:
        """/undo <id>: shows what would be taken back; the button does it."""
        heard = self._hear(update, context)
        state = await self._named(heard, heard.words)
        if state is None:
            return
        await self._say(heard, self._undo_page(heard.t, state))

    async def history(self, update: Update, context: Ctx) -> None:
        """/history [id]: the latest edits of one fact, or of all."""
        heard = self._hear(update, context)
        if heard.words:
            state = await self._named(heard, heard.words)
            if state is None:
                return
        elif not await self._allowed(heard, None, anywhere=True):
            return
        latest = self._store.history(heard.words or None, LATEST)
        mine = [r for r in latest if self._roles.may_edit(heard.user_id, r.country)]
        await self._say(heard, views.history_page(heard.t, mine, heard.user_id))

    async def cancel(self, update: Update, context: Ctx) -> None:
        heard = self._hear(update, context)
        self._drafts.drop(heard.user_id, heard.message.chat.id)
        await self._say(heard, _plain(heard.t("Left. The fact stays as it was.")))

    def _hear(self, update: Update, context: Ctx) -> Heard:
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        words = " ".join(context.args or [])
        return Heard(message, user.id if user else 0, words, t)

    async def _allowed(self, heard: Heard, country: str | None, *, anywhere: bool = False) -> bool:
        """`anywhere`: for a list, which is then narrowed to the countries that are theirs."""
        if self._roles.may(heard.user_id, Task.FACTS, country=country, anywhere=anywhere):
            return True
        await self._say(heard, _plain(_refusal(heard.t)))
        return False

    async def _named(self, heard: Heard, fact_id: str) -> FactState | None:
        """The fact that a command names, if the person may; else they are told."""
        state = self._knowledge.state(fact_id)
        if not await self._allowed(heard, self._country_of(fact_id), anywhere=state is None):
            return None
        if state is None and not fact_id:
            await self._say(heard, _plain(heard.t("Write the fact's id behind the command; /fact finds it by its words.")))  # fmt: skip
        elif state is None:
            await self._say(
                heard,
                views.unknown_page(
                    heard.t, fact_id, self._own(heard.user_id, self._search(fact_id))
                ),
            )
        return state

    async def _say(self, heard: Heard, view: View) -> int | None:
        return await self._s.sender.send(place_of(heard.message), view.html, view.keyboard)

    # Looking up

    def _country_of(self, fact_id: str) -> str | None:
        return self._knowledge.country_of(fact_id)

    def _search(self, words: str) -> list[Fact]:
        """Countries and platforms as members name them; the other words as they stand."""
        reading = self._s.answers.understanding.read(words)
        named = [m for m in reading.mentions if m.kind in (NameKind.COUNTRY, NameKind.PLATFORM)]
        rest = reading.folded
        for mention in sorted(named, key=lambda m: -m.start):
            rest = f"{rest[: mention.start]} {rest[mention.end :]}"
        countries = {m.country for m in named if m.kind is NameKind.COUNTRY and m.country}
        platforms = {m.id for m in named if m.kind is NameKind.PLATFORM}
        return self._knowledge.search(rest.split(), countries, platforms, views.PAGE)

    def _own(self, user_id: int, facts: Iterable[Fact]) -> list[Fact]:
        """Those that a person may change."""
        return [f for f in facts if self._roles.may_edit(user_id, self._country_of(f.id))]

    def _country_named(self, words: str) -> str | None:
        if words.upper() in COUNTRIES:
            return words.upper()
        mentions = self._s.answers.understanding.read(words).mentions if words else []
        return next((m.country for m in mentions if m.country), None)

    def _known(self, state: FactState) -> Known:
        fact_id = state.fact.id
        past = self._store.history(fact_id, LATEST)
        return Known(
            state, self._country_of(fact_id), self._knowledge.is_edited(fact_id), past,
            undoable=_newest_edit(past) is not None,
        )  # fmt: skip

    def _page(self, t: Translator, state: FactState, viewer: int) -> View:
        return views.fact_page(t, self._known(state), self._s.today(), viewer)

    def _stale_page(self, t: Translator, user_id: int, country: str | None, page: int) -> View:
        late = editing.overdue_by_country(self._knowledge, self._s.today(), country)
        mine = self._own(user_id, late)
        reports = [
            r for r in self._reports.outdated(country) if self._roles.may_edit(user_id, r.country)
        ]
        return views.stale_page(t, self._knowledge, mine, reports, country, page)

    def _undo_page(self, t: Translator, state: FactState) -> View:
        known = self._known(state)
        newest = _newest_edit(known.history)
        return views.undo_page(t, known, newest) if newest else _plain(_nothing_to_undo(t))

    # Buttons

    def _on_fact(self, react: Callable[[Press, FactState, Any], Awaitable[None]]) -> Reaction:
        """Every press is checked anew: the person's right, and that the fact is still there."""

        async def checked(press: Press, action: Any) -> None:
            state = self._knowledge.by_key(action.key)
            country = self._country_of(state.fact.id) if state else None
            if not self._roles.may_edit(press.user_id, country):
                await self._toast(press, _refusal(press.t), alert=True)
            elif state is None:
                await self._toast(press, _gone(press.t), alert=True)
            else:
                await react(press, state, action)

        return checked

    async def open(self, press: Press, state: FactState, action: OpenFact) -> None:
        await self._toast(press)
        await self._show(press, self._page(press.t, state, press.user_id))

    async def edit(self, press: Press, state: FactState, action: EditFact) -> None:
        """Asks for the new value; what this draft already changes is kept."""
        if action.field == "status" and not editing.choices(state.fact):
            await self._toast(press, press.t("This fact has no status."))
            return
        await self._toast(press)
        draft = self._draft_of(press, state)
        page = views.ask_page(press.t, self._known(state), action.field, not press.private)
        asked = await self._show(press, page)
        self._drafts.put(draft.asks(action.field, asked))

    async def choose_status(self, press: Press, state: FactState, action: ChooseStatus) -> None:
        await self._toast(press)
        draft = self._draft_of(press, state)
        try:
            proposed = editing.propose_status(state.fact, action.status)
            view = self._preview(press.t, state, draft, proposed)
        except Wrong as wrong:
            view = views.wrong_page(
                press.t, self._known(state), draft.asks("status", None), wrong, not press.private
            )
        await self._show(press, view)

    async def verify_pressed(self, press: Press, state: FactState, action: VerifyFact) -> None:
        draft = Draft(press.user_id, press.chat_id or 0, state.fact.id, "verify")
        try:
            proposed = editing.propose_verified(state, self._s.today(), self._knowledge)
            view = self._preview(press.t, state, draft, proposed)
        except Wrong:
            await self._toast(press, press.t("It was verified today already."))
            return
        await self._toast(press)
        await self._show(press, view)

    async def save(self, press: Press, state: FactState, action: SaveFact) -> None:
        """Only what the person saw is saved: a preview that is out of date is shown anew."""
        draft = self._drafts.get(press.user_id, press.chat_id or 0)
        if draft is None or draft.fact_id != state.fact.id or not draft.changes.fact:
            await self._toast(press, press.t("There is nothing to save here any more."))
            return
        try:
            after = editing.apply(state, draft.changes)
        except Wrong as wrong:
            await self._toast(press, views.fault(press.t, wrong), alert=True)
            return
        if editing.seal(state, draft.changes) != action.seal:
            await self._toast(press, press.t("It has changed meanwhile: look again."), alert=True)
            await self._show(press, self._preview(press.t, state, draft, Changes()))
            return
        self._store.revise(after, press.user_id, draft.action)
        self._drafts.drop(press.user_id, press.chat_id or 0)
        await self._toast(press, press.t("Saved: the next answer says it."))
        await self._show(press, self._page(press.t, after, press.user_id))

    async def leave(self, press: Press, state: FactState, action: LeaveFact) -> None:
        draft = self._drafts.get(press.user_id, press.chat_id or 0)
        if draft and draft.fact_id == state.fact.id:
            self._drafts.drop(press.user_id, press.chat_id or 0)
        await self._toast(press, press.t("Left. The fact stays as it was."))
        await self._show(press, self._page(press.t, state, press.user_id))

    async def undo_pressed(self, press: Press, state: FactState, action: UndoFact) -> None:
        """The second press takes back the very edit that the first one showed."""
        newest = _newest_edit(self._store.history(state.fact.id, LATEST))
        if action.revision == 0 and newest:
            await self._toast(press)
            await self._show(press, self._undo_page(press.t, state))
            return
        try:
            if newest is None or newest.id != action.revision:
                raise NotUndoable(state.fact.id)
            self._store.undo(state.fact.id, press.user_id)
        except NotUndoable:
            await self._toast(press, _nothing_to_undo(press.t), alert=True)
        else:
            await self._toast(press, press.t("Taken back."))
        now = self._knowledge.state(state.fact.id) or state
        await self._show(press, self._page(press.t, now, press.user_id))

    async def turn(self, press: Press, action: ListStale) -> None:
        if not self._roles.may(
            press.user_id, Task.FACTS, country=action.country, anywhere=action.country is None
        ):
            await self._toast(press, _refusal(press.t), alert=True)
            return
        await self._toast(press)
        await self._show(
            press, self._stale_page(press.t, press.user_id, action.country, action.page)
        )

    async def _toast(self, press: Press, text: str | None = None, *, alert: bool = False) -> None:
        await self._s.sender.toast(press.query.id, text, alert=alert)

    async def _show(self, press: Press, view: View) -> int | None:
        """Changes the pressed message, or follows one that is too old; the id of what is shown."""
        message = press.message
        if message and await self._s.sender.edit(
            message.chat.id, message.message_id, view.html, view.keyboard
        ):
            return message.message_id
        place = (
            place_of(message, reply=False) if isinstance(message, Message)
            else Place(press.chat_id or 0)
        )  # fmt: skip
        return await self._s.sender.send(place, view.html, view.keyboard)

    # The dialogue

    def _draft_of(self, press: Press, state: FactState) -> Draft:
        """The person's draft of this fact here, else a new one."""
        draft = self._drafts.get(press.user_id, press.chat_id or 0)
        if draft and draft.fact_id == state.fact.id and draft.action == "edit":
            return draft
        return Draft(press.user_id, press.chat_id or 0, state.fact.id)

    def _preview(self, t: Translator, state: FactState, draft: Draft, more: Changes) -> View:
        """Before and after; the draft then waits for its button. Raises Wrong."""
        changes = draft.changes | more
        after = editing.apply(state, changes)
        self._drafts.put(replace(draft, changes=changes, asking=None))
        verify = draft.action == "verify"
        return views.preview_page(t, self._known(state), after, changes, verify)

    async def written(self, update: Update, context: Ctx) -> None:
        """The next message of a person whom the dialogue has asked something."""
        heard = self._hear(update, context)
        draft = self._drafts.get(heard.user_id, heard.message.chat.id)
        assert draft is not None and draft.asking is not None
        state = self._knowledge.state(draft.fact_id)
        if state is None or not self._roles.may_edit(
            heard.user_id, self._country_of(draft.fact_id)
        ):
            self._drafts.drop(heard.user_id, heard.message.chat.id)
            await self._say(heard, _plain(_gone(heard.t) if state is None else _refusal(heard.t)))
            return
        text = heard.message.text or ""
        try:
            given = _status_of(heard.t, state.fact, text) if draft.asking == "status" else text
            proposed = editing.propose(state, draft.asking, given, self._s.today(), self._knowledge)
            view = self._preview(heard.t, state, draft, proposed)
        except Wrong as wrong:
            in_group = heard.message.chat.type != PRIVATE
            page = views.wrong_page(heard.t, self._known(state), draft, wrong, in_group)
            self._drafts.put(draft.asks(draft.asking, await self._say(heard, page)))
            return
        await self._say(heard, view)


class HasDraft(filters.MessageFilter):
    """A person who is in the middle of a change in this chat."""

    def __init__(self, drafts: DraftStore) -> None:
        super().__init__()
        self._drafts = drafts

    def filter(self, message: Message) -> bool:
        return self.draft(message) is not None

    def draft(self, message: Message) -> Draft | None:
        person = message.from_user
        return self._drafts.get(person.id, message.chat.id) if person else None


class InDialogue(HasDraft):
    """Their next message in private; in a group, where they also talk, a reply to what was asked."""

    def filter(self, message: Message) -> bool:
        draft = self.draft(message)
        if draft is None or draft.asking is None:
            return False
        replied = message.reply_to_message
        return message.chat.type == PRIVATE or (
            replied is not None and replied.message_id == draft.message_id
        )


def _newest_edit(history: Iterable[Revision]) -> Revision | None:
    """What `KnowledgeStore.undo` would take back."""
    standing = (r for r in history if not r.undone and r.action in ("edit", "verify"))
    return next(standing, None)


def _status_of(t: Translator, fact: Fact, text: str) -> str:
    """A status that was written as its button says it."""
    wanted = editing.clean(text).casefold()
    for value in editing.choices(fact):
        if views.shown(t, value).casefold() == wanted:
            return value.value
    return text


def _plain(text: str) -> View:
    return View(str(escape(text)))


def _refusal(t: Translator) -> str:
    return t("Only the people who keep the facts can do that.")


def _gone(t: Translator) -> str:
    return t("This fact is no longer there. Find another with /fact.")


def _nothing_to_undo(t: Translator) -> str:
    return t("There is no edit to take back: the fact stands as in the files.")
