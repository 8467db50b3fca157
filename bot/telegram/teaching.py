"""Teaching: /teach and /taught, the dialogue that writes an answer, and the upkeep of all taught."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from markupsafe import escape
from telegram import Message, Update, User
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.answers.faq_store import FaqStore, TaughtFaq
from bot.desk.case_store import CaseStore
from bot.desk.cases import MAX_ANSWER, Case
from bot.desk.roles import EVERYWHERE, Task
from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.telegram import teaching_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.inbox_views import refusal
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.teaching_views import Lesson
from bot.telegram.views import View
from bot.understanding.faq import MAX_CHARS

Ctx = ContextTypes.DEFAULT_TYPE
ROOM = views.ROOM


@dataclass(frozen=True)
class Teacher:
    """Who teaches, where, and the words to talk to them in."""

    user_id: int
    place: Place
    t: Translator
    in_group: bool


class Teaching:
    def __init__(
        self, services: Services, faqs: FaqStore, cases: CaseStore, retention_days: int
    ) -> None:
        self._s = services
        self._faqs = faqs
        self._cases = cases
        self._retention_days = retention_days

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("teach", self.teach), CommandHandler("taught", self.taught)]

    def _may(self, user_id: int, country: str | None) -> bool:
        return self._s.roles.may(user_id, Task.DESK, country=country)

    # Commands

    async def teach(self, update: Update, context: Ctx) -> None:
        """/teach [question], or as a reply to the message that asks it."""
        message = update.effective_message
        assert message is not None
        teacher = await self._teacher(update, message)
        if teacher is None:
            return
        quoted = message.reply_to_message
        words = (message.text or "").partition(" ")[2].strip()
        if not words and quoted is not None and not quoted.forum_topic_created:
            words = (quoted.text or quoted.caption or "").strip()
        await self._ask(teacher, self._lesson(teacher, words[:MAX_CHARS]))

    async def taught(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        teacher = await self._teacher(update, message)
        if teacher is not None:
            await self._say(teacher, self._list(teacher.t, teacher.user_id, 0))

    async def _teacher(self, update: Update, message: Message) -> Teacher | None:
        user = update.effective_user
        t = self._s.translator(self._s.asker(update))
        named = user is not None and message.sender_chat is None
        if not named or not self._s.roles.may(user.id if user else None, Task.DESK, anywhere=True):
            await self._s.sender.send(place_of(message), str(escape(refusal(t))))
            return None
        assert user is not None
        return Teacher(user.id, place_of(message), t, message.chat.type != PRIVATE)

    def _lesson(self, teacher: Teacher, question: str) -> Lesson:
        group = self._s.groups.get(teacher.place.chat_id)
        country = group.country if group else None
        if country is None or not self._may(teacher.user_id, country):
            country = self._own_country(teacher.user_id)
        return self._asking(Lesson(country=country), question)

    def _own_country(self, user_id: int) -> str | None:
        """All countries, for who may; else the first of theirs."""
        scopes = self._s.roles.scopes(user_id, Task.DESK)
        own = [c for c in COUNTRIES if c in scopes]
        return None if EVERYWHERE in scopes or not own else own[0]

    def _asking(self, lesson: Lesson, question: str) -> Lesson:
        reading = self._s.answers.understanding.understand(question)
        return replace(lesson, question=question, topic=reading.topic.value)

    async def teach_case(self, place: Place, user: User, t: Translator, case: Case) -> None:
        """What was answered in the desk, as the lesson that it could be."""
        lesson = Lesson(
            question=case.text[:MAX_CHARS], answer=case.answer or "",
            language=case.answer_language or case.language, topic=case.topic,
            country=case.country, case=case.id,
        )  # fmt: skip
        await self._preview(Teacher(user.id, place, t, place.chat_id < 0), lesson)

    # The dialogue

    async def _ask(self, teacher: Teacher, lesson: Lesson, what: str = "") -> None:
        what = what or ("answer" if lesson.question else "question")
        view = views.ask_page(teacher.t, what, teacher.in_group, lesson)
        asked = await self._say(teacher, view)
        self._put(teacher, what, lesson, asked)

    def _put(self, teacher: Teacher, asking: str, lesson: Lesson, message_id: int | None) -> None:
        chat = teacher.place.chat_id
        self._s.dialogues.put(
            Dialogue(teacher.user_id, chat, ROOM, asking, lesson.data(), message_id)
        )

    async def _preview(self, teacher: Teacher, lesson: Lesson) -> None:
        shown = await self._say(teacher, self._preview_page(teacher.t, lesson))
        self._put(teacher, "preview", lesson, shown)

    def _preview_page(self, t: Translator, lesson: Lesson) -> View:
        return views.preview_page(t, lesson, self._until(lesson))

    def _until(self, lesson: Lesson) -> date | None:
        return self._s.today() + timedelta(days=lesson.days) if lesson.days else None

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The question, the answer, or the text of one language."""
        teacher = await self._teacher(update, message)
        if teacher is None:
            self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
            return
        text = (message.text or "").strip()
        most = MAX_CHARS if dialogue.asking == "question" else MAX_ANSWER
        if not text or len(text) > most:
            await self._tell(teacher, teacher.t("Write it as text of at most {n} characters.", n=teacher.t.number(most)))  # fmt: skip
            return
        match dialogue.asking:
            case "question":
                lesson = self._asking(views.lesson_of(dialogue.data), text)
                if lesson.answer:
                    await self._preview(teacher, lesson)
                else:
                    await self._ask(teacher, lesson)
            case "answer":
                language = self._s.answers.understanding.understand(text).language
                lesson = views.lesson_of(dialogue.data)
                await self._preview(teacher, replace(lesson, answer=text, language=language))
            case "text":
                await self._retext(teacher, dialogue, text)
            case _:
                await self._tell(teacher, teacher.t("Press one of the buttons above, or /cancel."))

    async def _retext(self, teacher: Teacher, dialogue: Dialogue, text: str) -> None:
        """A language of a taught answer: the question in the first line, the answer below."""
        question, _, answer = (part.strip() for part in text.partition("\n"))
        faq = self._faqs.get(int(dialogue.data["faq"]))
        language = str(dialogue.data["language"])
        if not answer or len(question) > MAX_CHARS:
            await self._tell(teacher, teacher.t("I need two lines or more: the question in the first, the answer below it."))  # fmt: skip
            return
        self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
        if faq is None or not self._may(teacher.user_id, faq.country):
            await self._tell(teacher, refusal(teacher.t))
        elif not self._faqs.add_translation(faq.id, language, question, answer):
            await self._tell(teacher, _gone(teacher.t))
        else:
            self._s.audit.note(teacher.user_id, "teach.edit", faq.id, language=language)
            await self._say(teacher, self._page(teacher.t, faq.id))

    # Buttons

    async def react(self, press: Press, action: RoomAction) -> bool:
        """False for what no button of ours says."""
        match action.verb, action.args:
            case (("sv" | "no" | "eq" | "ea" | "cg" | "un"), ()):
                await self._on_lesson(press, action.verb)
            case "co", (country,) if country in ("", *COUNTRIES):
                await self._on_lesson(press, "co", country or None)
            case "ls", (page,) if _is_number(page):
                await self._turn(press, int(page))
            case (("op" | "la" | "rt" | "ry"), (number,)) if _is_number(number):
                await self._on_faq(press, action.verb, int(number))
            case "ed", (number, language) if _is_number(number) and language in LANGUAGES:
                await self._on_faq(press, "ed", int(number), language)
            case _:
                return False
        return True

    async def _on_lesson(self, press: Press, verb: str, country: str | None = None) -> None:
        """The draft is the presser's own, and the message the one that shows it."""
        held = self._s.dialogues.get(press.user_id, press.chat_id or 0)
        message_id = press.message.message_id if press.message else None
        stale = held is None or held.room != ROOM or held.asking == "text"
        if held is None or stale or held.message_id != message_id:
            await self._toast(press, press.t("There is nothing to save here any more."))
            return
        lesson, teacher = views.lesson_of(held.data), self._presser(press)
        if not self._s.roles.may(press.user_id, Task.DESK, anywhere=True):
            await self._toast(press, refusal(press.t), alert=True)
            return
        if verb == "sv":
            await self._save(press, lesson)
            return
        await self._toast(press)
        match verb:
            case "no":
                self._s.dialogues.drop(press.user_id, press.chat_id or 0)
                await self._show(press, View(str(escape(press.t("Left as it was.")))))
            case "eq" | "ea":
                await self._ask(teacher, lesson, "question" if verb == "eq" else "answer")
            case "cg":
                await self._show(press, views.country_page(press.t, lesson))
            case "un":
                following = (views.DAYS.index(lesson.days) + 1) % len(views.DAYS)
                await self._change(press, teacher, replace(lesson, days=views.DAYS[following]))
            case "co":
                await self._change(press, teacher, replace(lesson, country=country))

    async def _change(self, press: Press, teacher: Teacher, lesson: Lesson) -> None:
        shown = await self._show(press, self._preview_page(press.t, lesson))
        self._put(teacher, "preview", lesson, shown)

    async def _save(self, press: Press, lesson: Lesson) -> None:
        if not self._may(press.user_id, lesson.country):
            await self._toast(press, press.t("You may teach for your own countries only: choose one of them."), alert=True)  # fmt: skip
            return
        if not lesson.question or not lesson.answer:
            await self._toast(press, press.t("There is nothing to save here any more."))
            return
        self._s.dialogues.drop(press.user_id, press.chat_id or 0)
        until = self._s.clock.now() + timedelta(days=lesson.days) if lesson.days else None
        faq_id = self._faqs.teach(
            lesson.question, lesson.answer, language=lesson.language, topic=lesson.topic,
            country=lesson.country, author=press.user_id, until=until,
        )  # fmt: skip
        if lesson.case:
            self._cases.taught(lesson.case, faq_id)
        self._s.audit.note(press.user_id, "teach.add", faq_id, country=lesson.country)
        await self._toast(press, press.t("Saved: the next answer says it."))
        await self._show(press, self._page(press.t, faq_id))

    async def _on_faq(self, press: Press, verb: str, faq_id: int, language: str = "") -> None:
        faq = self._faqs.get(faq_id)
        if not self._may(press.user_id, faq.country if faq else None):
            await self._toast(press, refusal(press.t), alert=True)
            return
        if faq is None or (faq.retired_at and verb != "op"):
            await self._toast(press, _gone(press.t), alert=True)
            return
        await self._toast(press)
        match verb:
            case "ry":
                self._faqs.retire(faq_id)
                self._s.audit.note(press.user_id, "teach.retire", faq_id)
                await self._show(press, self._page(press.t, faq_id))
            case "rt":
                await self._show(press, views.retire_page(press.t, faq))
            case "la":
                use = self._s.answer_store.taught_use(faq_id)
                await self._show(press, views.languages_page(press.t, faq, use))
            case "ed":
                await self._ask_text(self._presser(press), faq, language)
            case _:
                await self._show(press, self._page(press.t, faq_id))

    async def _ask_text(self, teacher: Teacher, faq: TaughtFaq, language: str) -> None:
        view = views.text_prompt(teacher.t, faq, language, teacher.in_group)
        asked = await self._say(teacher, view)
        data = {"faq": faq.id, "language": language}
        self._s.dialogues.put(
            Dialogue(teacher.user_id, teacher.place.chat_id, ROOM, "text", data, asked)
        )

    async def _turn(self, press: Press, page: int) -> None:
        if not self._s.roles.may(press.user_id, Task.DESK, anywhere=True):
            await self._toast(press, refusal(press.t), alert=True)
            return
        await self._toast(press)
        await self._show(press, self._list(press.t, press.user_id, page))

    # Pages

    def _list(self, t: Translator, user_id: int, page: int) -> View:
        mine = [f for f in self._faqs.list() if self._may(user_id, f.country)]
        return views.list_page(t, mine[::-1], page)

    def _page(self, t: Translator, faq_id: int) -> View:
        faq = self._faqs.get(faq_id)
        assert faq is not None
        use = self._s.answer_store.taught_use(faq_id)
        groups = {chat: self._s.groups.get(chat) for chat, _ in use.places if chat < 0}
        titles = {chat: group.title if group else str(chat) for chat, group in groups.items()}
        return views.faq_page(t, faq, use, titles, self._retention_days)

    def _presser(self, press: Press) -> Teacher:
        place = place_of(press.message) if press.message else Place(press.chat_id or 0)
        return Teacher(press.user_id, place, press.t, not press.private)

    async def _say(self, teacher: Teacher, view: View) -> int | None:
        return await self._s.sender.send(teacher.place, view.html, view.keyboard)

    async def _tell(self, teacher: Teacher, text: str) -> None:
        await self._s.sender.send(teacher.place, str(escape(text)))

    async def _show(self, press: Press, view: View) -> int | None:
        message = press.message
        if message and await self._s.sender.edit(
            message.chat.id, message.message_id, view.html, view.keyboard
        ):
            return message.message_id
        return await self._s.sender.send(self._presser(press).place, view.html, view.keyboard)

    async def _toast(self, press: Press, text: str | None = None, *, alert: bool = False) -> None:
        await self._s.sender.toast(press.query.id, text, alert=alert)


def _gone(t: Translator) -> str:
    return t("This answer is retired or no longer there.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
