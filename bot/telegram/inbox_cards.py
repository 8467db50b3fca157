"""What the desk's jobs send: cards to the desk's group, answers to those who asked. Both paced."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial

from markupsafe import Markup
from telegram.error import RetryAfter, TelegramError

from bot.desk.case_store import CaseStore
from bot.desk.cases import Case, Pace
from bot.desk.deliveries import Delivery, DeliveryStore, Fate
from bot.i18n import Translator, flag
from bot.telegram import inbox_views as views
from bot.telegram.sender import Attempt, Place
from bot.telegram.services import Services
from bot.telegram.views import View

log = logging.getLogger(__name__)

BURST, SECONDS_EACH = 4, 6.0
"""Cards posted and edited: 14 in any minute at most, of the 20 that Telegram lets into a group."""
DELIVERIES = 20
"""Answers sent in one run, which comes every two seconds: 10 a second."""
PAUSE = 60.0
"""Seconds of quiet after the desk's group could not be written to."""
TOPIC_PAUSE = 3600.0
"""Seconds until the bot tries anew to open a topic where it was not allowed to."""


class Cards:
    def __init__(
        self, services: Services, cases: CaseStore, deliveries: DeliveryStore,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._s = services
        self._cases = cases
        self._deliveries = deliveries
        self._seconds = seconds
        self._pace = Pace(BURST, SECONDS_EACH)
        self._lock = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._quiet_until = 0.0
        self._no_topics_until = 0.0
        self._chat_waits: dict[int, float] = {}

    def desk_translator(self, desk: int) -> Translator:
        group = self._s.groups.get(desk)
        languages = self._s.languages
        return languages[languages.choose([group.language if group else None])]

    def titles(self, case: Case) -> dict[int, str]:
        """Of the groups where it was asked."""
        groups = {chat: self._s.groups.get(chat) for chat, _ in case.asked_in if chat < 0}
        return {chat: group.title if group else str(chat) for chat, group in groups.items()}

    def page(self, t: Translator, case: Case, *, in_list: bool = False) -> View:
        reached = self._deliveries.counts(case.id) if case.state == "answered" else {}
        now = self._s.clock.now()
        return views.case_page(t, case, now, self.titles(case), reached, in_list=in_list)

    # Cards

    async def tick(self) -> None:
        """New cases first, then cards that no longer say how things stand."""
        desk = self._s.desk_place.chat_id()
        if desk is None:
            return
        async with self._lock:
            self._cases.expire_claims()
            while self._seconds() >= self._quiet_until:
                new = self._cases.without_card(desk)
                old = None if new else self._cases.outdated_card(desk)
                if not (new or old) or not self._pace.take(self._seconds()):
                    return
                if new:
                    await self._post(desk, new)
                elif old:
                    await self._redraw(desk, old)

    async def _post(self, desk: int, case: Case) -> None:
        t = self.desk_translator(desk)
        view = self.page(t, case)
        thread = await self._thread(desk, case.country, t)
        tried = await self._s.sender.attempt(Place(desk, None, thread), view.html, view.keyboard)
        if not tried.in_thread:
            self._cases.set_topic(desk, case.country, None)
        if tried.message_id is not None:
            self._cases.carded(case, self._s.desk_place.chat_id() or desk, tried.message_id)
        else:
            self._quiet_until = self._seconds() + max(PAUSE, tried.wait)
            log.warning("no card in the desk's group %s: %s", desk, tried.fate)

    async def _thread(self, desk: int, country: str | None, t: Translator) -> int | None:
        """The topic of a country, opened when it is first needed; None is General."""
        if country is None:
            return None
        known = self._cases.topic(desk, country)
        if known is not None or self._seconds() < self._no_topics_until:
            return known
        try:
            topic = await self._s.sender.bot.create_forum_topic(
                desk, f"{flag(country)} {t.country(country)}"
            )
        except RetryAfter:
            return None
        except TelegramError as error:
            log.info("the desk's questions go to General: %s", error)
            self._no_topics_until = self._seconds() + TOPIC_PAUSE
            return None
        self._cases.set_topic(desk, country, topic.message_thread_id)
        return topic.message_thread_id

    async def _redraw(self, desk: int, case: Case) -> None:
        """A card that was deleted by somebody stays away: the case is still in /inbox."""
        self._cases.shown(case.id)
        view = self.page(self.desk_translator(desk), case)
        assert case.card_message is not None
        await self._s.sender.edit(desk, case.card_message, view.html, view.keyboard)

    # Answers

    async def deliver(self) -> None:
        """Sends what is queued. A kill leaves the one under way `uncertain`: never sent twice."""
        async with self._sending:
            for delivery in self._deliveries.due(DELIVERIES):
                if self._seconds() < self._chat_waits.get(delivery.chat_id, 0.0):
                    continue
                if self._deliveries.begin(delivery):
                    await self._send(delivery)
            for case_id in self._deliveries.untold():
                await self._tell(case_id)
                self._deliveries.told(case_id)

    def _wait(self, chat_id: int, seconds: float) -> None:
        """Chats whose wait is over are forgotten."""
        now = self._seconds()
        waits = {chat: until for chat, until in self._chat_waits.items() if until > now}
        self._chat_waits = {**waits, chat_id: now + seconds}

    async def _send(self, delivery: Delivery) -> None:
        t = self._s.languages[delivery.language]
        fate: Fate = "sent"
        tried = Attempt("no_reply")
        if delivery.message_id > 0:  # else its group has moved: no message there has its number
            place = Place(delivery.chat_id, delivery.message_id, delivery.thread_id)
            tried = await self._s.sender.attempt(place, views.answer_message(t, delivery))
        if tried.fate == "no_reply":
            fate = "unquoted"
            private = delivery.chat_id > 0
            mention = None if private else await self._mention(delivery)
            html = views.answer_message(t, delivery, quote=private, mention=mention)
            tried = await self._s.sender.attempt(
                Place(delivery.chat_id, None, delivery.thread_id), html
            )
        end = partial(self._deliveries.end, delivery)
        match tried.fate:
            case "later":
                self._wait(delivery.chat_id, tried.wait)
                end = partial(self._deliveries.later, delivery)
            case "sent":
                end = partial(end, fate)
            case "no_reply":
                end = partial(end, "failed")
            case other:
                end = partial(end, other)
        await self._s.busy.written(end)

    async def _mention(self, delivery: Delivery) -> Markup | None:
        """The asker's name, if they are still in the group: a message of its own must call them."""
        if delivery.user_id is None:
            return None
        try:
            member = await self._s.sender.bot.get_chat_member(delivery.chat_id, delivery.user_id)
        except TelegramError:
            return None
        name = member.user.first_name
        return Markup('<a href="tg://user?id={}">{}</a>').format(delivery.user_id, name)

    async def _tell(self, case_id: int) -> None:
        """When all is sent: who was not reached, asker by asker."""
        case, missed = self._cases.get(case_id), self._deliveries.missed(case_id)
        desk = self._s.desk_place.chat_id()
        if not case or not missed or desk is None:
            return
        chats = {m.chat_id for m in missed if m.chat_id < 0}
        groups = {chat: self._s.groups.get(chat) for chat in chats}
        titles = {chat: group.title if group else str(chat) for chat, group in groups.items()}
        view = views.missed_page(self.desk_translator(desk), case, missed, titles)
        reply = case.card_message if case.card_chat == desk else None
        await self._s.sender.send(
            Place(desk, reply, self._cases.topic(desk, case.country)), view.html
        )
