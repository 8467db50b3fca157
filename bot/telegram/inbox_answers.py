"""Answers of the desk: a reply to a card, or what is written after its button was pressed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from markupsafe import escape
from telegram import Message, Update, User
from telegram.ext import BaseHandler, ContextTypes, MessageHandler, filters

from bot.desk.case_store import CaseStore
from bot.desk.cases import MAX_ANSWER, Case, may_handle
from bot.desk.place import DeskPlace
from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.telegram import inbox_views as views
from bot.telegram.inbox_cards import Cards
from bot.telegram.inbox_views import refusal
from bot.telegram.keyboards import keyboard
from bot.telegram.sender import Place
from bot.telegram.services import Services, place_of

Ctx = ContextTypes.DEFAULT_TYPE
_NUMBERED = re.compile(r"#(\d{1,12}) ")
TeachCase = Callable[[Place, User, Translator, Case], Awaitable[None]]


@dataclass(frozen=True)
class Author:
    """Who answers, where, and the words to talk to them in."""

    user: User
    place: Place
    t: Translator


class InboxAnswers:
    def __init__(
        self, services: Services, cases: CaseStore, cards: Cards, teach_case: TeachCase
    ) -> None:
        self._s = services
        self._cases = cases
        self._cards = cards
        self._teach_case = teach_case

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        to_card = ToCase(self._cases, self._s.desk_place)
        return [
            MessageHandler(
                filters.UpdateType.MESSAGE & ~filters.COMMAND & filters.REPLY & to_card,
                self.replied,
            )
        ]

    async def replied(self, update: Update, context: Ctx) -> None:
        """A reply to a card is the answer to its question."""
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None
        t = self._s.translator(self._s.asker(update))
        case_id = case_shown(message, self._cases)
        if message.sender_chat is not None:
            await self._s.sender.send(place_of(message), str(escape(t("I can't tell who you are: answer in your own name, not the group's."))))  # fmt: skip
        elif case_id is not None:
            await self._answer(Author(user, place_of(message), t), message, case_id, teach=False)

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The answer that a button asked for."""
        user = update.effective_user
        case_id = dialogue.data.get("case")
        assert user is not None and isinstance(case_id, int)
        author = Author(user, place_of(message), self._s.translator(self._s.asker(update)))
        teach = bool(dialogue.data.get("teach"))
        if await self._answer(author, message, case_id, teach=teach):
            held = self._s.dialogues.get(user.id, message.chat.id)
            if held and held.room == views.ROOM:
                self._s.dialogues.drop(user.id, message.chat.id)

    async def _answer(self, author: Author, message: Message, case_id: int, *, teach: bool) -> bool:
        """False when the dialogue goes on: what was written is no answer yet."""
        t, user, case = author.t, author.user, self._cases.get(case_id)
        text = (message.text or "").strip()
        if case is None or not may_handle(self._s.roles, user.id, case):
            await self._tell(
                author,
                refusal(t)
                if case
                else views.taken(t, self._cases.get(case_id), self._s.clock.now()),
            )
            return True
        if not text or len(text) > MAX_ANSWER:
            await self._tell(author, t("Write the answer as text of at most {n} characters.", n=t.number(MAX_ANSWER)))  # fmt: skip
            return False
        language = self._s.answers.understanding.understand(text).language
        with self._s.journal.answering():  # after a kill it is on its way, and not heard again
            done = self._cases.answer(case_id, user.id, user.full_name, text, language)
            if done:
                self._s.audit.note(user.id, "desk.answer", case_id)
        if not done:
            await self._tell(author, views.taken(t, self._cases.get(case_id), self._s.clock.now()))
            return True
        await self._cards.deliver()
        answered = self._cases.get(case_id)
        if teach and answered:
            await self._teach_case(author.place, user, t, answered)
            return True
        sent = t.plural(
            "Thank you. {n} person gets your answer.", "Thank you. {n} people get your answer.",
            case.askers,
        )  # fmt: skip
        button = keyboard([[(t("🎓 Teach this answer"), views.act("te", case_id))]])
        await self._s.sender.send(author.place, str(escape(sent)), button)
        return True

    async def _tell(self, author: Author, text: str) -> None:
        await self._s.sender.send(author.place, str(escape(text)))


class ToCase(filters.MessageFilter):
    """A reply, in the desk's group, to a message of the bot that shows a case."""

    def __init__(self, cases: CaseStore, desk: DeskPlace) -> None:
        super().__init__()
        self._cases = cases
        self._desk = desk

    def filter(self, message: Message) -> bool:
        return (
            message.chat.id == self._desk.chat_id() and case_shown(message, self._cases) is not None
        )


def case_shown(message: Message, cases: CaseStore) -> int | None:
    """The case of the card that a message replies to; a prompt names its case in its first word."""
    replied = message.reply_to_message
    bot = message.get_bot()
    if replied is None or replied.from_user is None or replied.from_user.id != bot.id:
        return None
    carded = cases.of_card(message.chat.id, replied.message_id)
    named = _NUMBERED.match(replied.text or "")
    return carded if carded is not None or named is None else int(named[1])
