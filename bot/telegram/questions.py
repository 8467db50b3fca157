"""Questions: free text, /ask, and the commands that name a topic."""

from __future__ import annotations

import time
from dataclasses import replace

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.answers.model import Answer, ShowTopic
from bot.answers.render import Rendered
from bot.answers.service import Reply
from bot.answers.store import Asked
from bot.desk.cases import worth_asking
from bot.knowledge.model import Topic
from bot.telegram.cooldown import Verdict
from bot.telegram.keyboards import Url, answer_keyboard, keyboard
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, PRIVATE, Services, place_of
from bot.understanding.question import AUTO_ANSWER, Asker, Question, tell_country

Ctx = ContextTypes.DEFAULT_TYPE

COMMANDS = {
    "onramp": Topic.ONRAMP, "p2p": Topic.P2P, "promos": Topic.PROMO, "legal": Topic.REGULATION,
    "tax": Topic.TAX, "stocks": Topic.STOCKS, "platform": Topic.PLATFORM,
    "safety": Topic.SAFETY,
}  # fmt: skip
_LINK = filters.Regex(r"^/start(?:@\w+)?\s+a-")


class Questions:
    def __init__(self, services: Services, username: str) -> None:
        self._s = services
        self._mention = f"@{username}".lower()

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [
            CommandHandler("start", self.in_private, filters.ChatType.PRIVATE & _LINK),
            CommandHandler("ask", self.ask),
            *(CommandHandler(name, self.topic) for name in COMMANDS),
            MessageHandler(
                filters.UpdateType.MESSAGE & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND,
                self.text,
            ),
            MessageHandler(
                filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & filters.ATTACHMENT,
                self.attachment,
            ),
        ]

    async def ask(self, update: Update, context: Ctx) -> None:
        """/ask <question>, or as a reply to the message that holds it."""
        message = update.effective_message
        assert message is not None
        quoted = message.reply_to_message
        text = _after_command(message) or ((quoted.text or quoted.caption or "") if quoted else "")
        if not text.strip():
            t = self._s.translator(self._s.asker(update))
            await self._s.sender.send(
                place_of(message),
                t("Write your question behind the command: /ask can I pay with GCash?"),
            )
            return
        await self._answer(update, message, text)

    async def topic(self, update: Update, context: Ctx) -> None:
        """/legal Binance Philippines: the topic is given, country and platform may follow."""
        message = update.effective_message
        assert message is not None and message.text is not None
        name = message.text[1:].split(maxsplit=1)[0].split("@")[0].lower()
        if not await self._may_ask(update, message):
            return
        asker = self._s.asker(update)
        reading = self._s.answers.understanding.understand(_after_command(message), asker)
        question = replace(reading, topic=COMMANDS[name], confidence=1.0, close_topics=())
        if _says_nothing(question):  # "/legal xyz": better asked back than passed over
            question = replace(question, country=None, country_source="none")
        t = self._s.translator(asker)
        language = asker.chosen_language or (
            reading.language if _after_command(message) else t.language
        )
        reply = self._s.answers.reply(
            replace(question, language=language),
            asker,
            self._s.today(),
            folded=message.chat.type != PRIVATE,
        )
        await self._send(update, message, reply)

    async def text(self, update: Update, context: Ctx) -> None:
        """Anything written: always answered in private, in groups only when it is for the bot."""
        message = update.effective_message
        if message is None or message.via_bot is not None or message.is_automatic_forward:
            return
        text = message.text or message.caption or ""
        if message.chat.type == PRIVATE:
            await self._answer(update, message, self._without_mention(text))
            return
        wants = self._s.etiquette.answering(message)
        if self._addressed(message, text):
            if wants != "off":
                await self._answer(update, message, self._without_mention(text))
        elif wants == "confident":
            await self._s.etiquette.overheard(update, message)
            await self._answer_unasked(update, message, text)

    async def attachment(self, update: Update, context: Ctx) -> None:
        """A photo, a voice, a sticker alone: said to be unread rather than left without a word."""
        message = update.effective_message
        assert message is not None
        if await self._may_ask(update, message):
            t = self._s.translator(self._s.asker(update))
            await self._s.sender.send(
                place_of(message), t("I can read text only: write your question in words, please.")
            )

    async def in_private(self, update: Update, context: Ctx) -> None:
        """The button under an answer in a group: the same answer here, about the same country."""
        message, user = update.effective_message, update.effective_user
        assert message is not None and user is not None and message.text is not None
        self._s.members.start(user.id, user.language_code)
        await self._s.staff_menus.refresh(user.id)
        if not await self._may_ask(update, message):
            return
        t = self._s.translator(self._s.asker(update))
        answer_id = self._s.private_links.read(_after_command(message).strip())
        asked = self._s.answer_store.get(answer_id) if answer_id is not None else None
        if asked is None:
            too_old = t("That answer is too old. Write your question again, please.")
            await self._s.sender.send(place_of(message), too_old)
            return
        await self._send(update, message, self._again(update, asked))

    def _again(self, update: Update, asked: Asked) -> Reply:
        """The answer to a question of a group, as that group got it."""
        known = self._s.asker(update)
        asker = replace(known, country=None, group_country=asked.country, group_languages=())
        reply = self._s.answers.ask(asked.text, asker, self._s.today())
        if (reply.answer.topic.value, reply.question.country) == (asked.topic, asked.country):
            return reply
        known_platform = self._s.answers.platform(asked.entity) is not None
        # The topic was a command's or a button's: the words alone don't say it.
        question = replace(
            reply.question, topic=Topic(asked.topic), country=asked.country, confidence=1.0,
            close_topics=(), language=asked.language,
            platforms=(asked.entity,) if asked.entity and known_platform else (),
        )  # fmt: skip
        return self._s.answers.reply(question, asker, self._s.today())

    def _addressed(self, message: Message, text: str) -> bool:
        replied = message.reply_to_message
        to_me = (
            replied is not None
            and replied.from_user is not None
            and replied.from_user.id == self._s.sender.bot.id
        )
        return to_me or self._mention in text.lower()

    def _without_mention(self, text: str) -> str:
        place = text.lower().find(self._mention)
        return (
            text if place < 0 else (text[:place] + " " + text[place + len(self._mention) :]).strip()
        )

    async def _answer(self, update: Update, message: Message, text: str) -> None:
        if not await self._may_ask(update, message):
            return
        key = self._conversation(update, message)
        asker = self._s.asker(update, self._s.conversations.last(key))
        reply = self._s.answers.ask(
            text, asker, self._s.today(), folded=message.chat.type != PRIVATE
        )
        self._remember(key, reply.question)
        answer_id = await self._send(update, message, reply)
        if reply.answer.outcome == "declined" and worth_asking(text):
            await self._s.busy.written(lambda: self._to_desk(answer_id, reply.question))

    def _to_desk(self, answer_id: int, question: Question) -> None:
        """What a person asked the bot in vain. What is written in the desk's own group is none."""
        asked = self._s.answer_store.get(answer_id)
        if asked and asked.user_id is not None and asked.chat_id != self._s.desk_place.chat_id():
            guess = replace(asked, topic=question.topic.value)
            self._s.desk.hand_over(answer_id, guess, asked.user_id, "declined")

    async def _answer_unasked(self, update: Update, message: Message, text: str) -> None:
        """Auto-answer: only a question that is clear, and that no person deals with."""
        if not text or self._s.etiquette.stays_out(message):
            return
        asker = self._s.asker(update)
        question = self._s.answers.understanding.understand(text, asker)
        if question.topic is Topic.NONE or question.confidence < AUTO_ANSWER:
            return
        reply = self._s.answers.reply(question, asker, self._s.today(), folded=True)
        if reply.answer.outcome == "answered" and await self._may_ask(update, message, quiet=True):
            await self._send(update, message, reply, quiet=True)

    async def _may_ask(self, update: Update, message: Message, *, quiet: bool = False) -> bool:
        user = update.effective_user
        verdict = self._s.cooldown.take(user.id if user else 0, message.chat.id, time.monotonic())
        return await self._passes(update, message, verdict, quiet)

    async def _passes(
        self, update: Update, message: Message, verdict: Verdict, quiet: bool
    ) -> bool:
        if verdict == "warn" and not quiet:
            t = self._s.translator(self._s.asker(update))
            await self._s.notices.send(
                place_of(message), t("That was a lot at once. Give me a minute, then ask again.")
            )
        return verdict == "go"

    @staticmethod
    def _conversation(update: Update, message: Message) -> tuple[int, int | None]:
        user = update.effective_user
        return message.chat.id, user.id if user else None

    def _remember(self, key: tuple[int, int | None], question: Question) -> None:
        if question.topic is not Topic.NONE:
            self._s.conversations.remember(key, question)

    async def _send(
        self, update: Update, message: Message, reply: Reply, *, quiet: bool = False
    ) -> int:
        answer_id = await self._s.journal.noted(lambda: self._note(update, message, reply))
        if not await self._answered_before(message, reply) and await self._passes(
            update, message, self._s.etiquette.pace(message), quiet
        ):
            sent = await self.deliver(place_of(message), reply.answer, reply.rendered, answer_id)
            if sent is not None and reply.answer.outcome == "answered":
                self._s.etiquette.answered(message, sent, reply.rendered.html)
        return answer_id

    async def _answered_before(self, message: Message, reply: Reply) -> bool:
        """The next asker in a group gets a link to the answer that stands there already."""
        manners = self._s.etiquette
        link = manners.earlier(message, reply.rendered.html)
        if link is None or reply.answer.outcome != "answered":
            return False
        if manners.may_link(message, link):  # in a flood, a few links are enough
            t = self._s.languages[reply.answer.language]
            await self._s.notices.send(
                place_of(message), t("That was answered here a moment ago."),
                keyboard([[(t("⬆️ See the answer"), Url(link))]]),
            )  # fmt: skip
        return True

    async def deliver(
        self, place: Place, answer: Answer, rendered: Rendered, answer_id: int | None
    ) -> int | None:
        t = self._s.languages[answer.language]
        private = self._s.private_links.url(answer_id) if answer_id and place.chat_id < 0 else None
        buttons = answer_keyboard(t, answer, answer_id, private)
        return await self._s.sender.send(place, rendered.html, buttons)

    def _note(self, update: Update, message: Message, reply: Reply) -> int:
        user, question, answer = update.effective_user, reply.question, reply.answer
        person = user.id if user and user.id not in NOT_PEOPLE else None
        return self._s.answer_store.add(
            Asked(
                user_id=person, chat_id=message.chat.id, message_id=message.message_id,
                thread_id=message.message_thread_id if message.is_topic_message else None,
                text=question.text, language=answer.language, topic=answer.topic.value,
                country=question.country, entity=question.platform, outcome=answer.outcome,
                confidence=question.confidence,
            ),
            reply.taught,
        )  # fmt: skip


def _says_nothing(question: Question) -> bool:
    """Whether there are words, and none of them is known."""
    seen = question.reading
    return bool(question.text.strip() and seen and not seen.mentions and not seen.concepts)


def _after_command(message: Message) -> str:
    parts = (message.text or "").split(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


def shown_question(wanted: ShowTopic, asker: Asker) -> ShowTopic:
    """A topic from a menu, with the country that the member or group has set."""
    country, _, _ = tell_country(None, asker)
    return replace(wanted, country=wanted.country or country)
