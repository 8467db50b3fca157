"""/desk: the desk's numbers on one card, with a picture of the week."""

from __future__ import annotations

import logging
from datetime import datetime

from markupsafe import Markup, escape
from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.charts import Chart, ChartFailed, Series, draw
from bot.desk.figures import Figures, FigureStore, Unanswered
from bot.desk.roles import EVERYWHERE, Task
from bot.i18n import LANGUAGE_NAMES, Translator
from bot.knowledge import editing
from bot.knowledge.model import Duration
from bot.knowledge.store import KnowledgeStore
from bot.telegram.inbox_views import place_name, refusal, topic_name
from bot.telegram.services import PRIVATE, Services, place_of

Ctx = ContextTypes.DEFAULT_TYPE
log = logging.getLogger(__name__)


class DeskCard:
    def __init__(self, services: Services, figures: FigureStore, store: KnowledgeStore) -> None:
        self._s = services
        self._figures = figures
        self._store = store

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("desk", self.desk)]

    async def desk(self, update: Update, context: Ctx) -> None:
        """/desk in private or in the desk's group, for the countries that are the asker's."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        named = user is not None and message.sender_chat is None
        scopes = self._s.roles.scopes(user.id, Task.DESK) if user and named else frozenset[str]()
        place = place_of(message)
        if not scopes:
            await self._s.sender.send(place, str(escape(refusal(t))))
            return
        if message.chat.type != PRIVATE and message.chat.id != self._s.desk_place.chat_id():
            await self._s.sender.send(place, str(escape(t("Write /desk to me in private, or in the desk's group."))))  # fmt: skip
            return
        figures = self._figures.read(scopes)
        html = desk_text(t, figures, self._s.clock.now(), self._stale(scopes))
        try:
            picture = await draw(week_chart(t, figures))
        except (ChartFailed, OSError) as error:
            log.warning("no picture of the week: %s", error)
            await self._s.sender.send(place, html)
            return
        await self._s.sender.send_photo(place, picture, html)

    def _stale(self, scopes: frozenset[str]) -> int:
        """Facts past their review date in these countries."""
        knowledge = self._store.current
        late = editing.overdue_by_country(knowledge, self._s.today(), None)
        return sum(EVERYWHERE in scopes or knowledge.country_of(f.id) in scopes for f in late)


def desk_text(t: Translator, figures: Figures, now: datetime, stale: int) -> str:
    lines = [
        t.plural("{n} question waits", "{n} questions wait", figures.waiting)
        if figures.waiting
        else t("No question is waiting. 🎉")
    ]
    if figures.oldest:
        lines.append(t("The oldest waits for {time}", time=_span(t, (now - figures.oldest).total_seconds())))  # fmt: skip
    lines.append(t("Answered today: {n}", n=t.number(figures.answered_today)))
    if figures.median_seconds is not None:
        lines.append(t("Half are answered within {time} (last 7 days)", time=_span(t, figures.median_seconds)))  # fmt: skip
    lines.append(t("Facts past their review date: {n} (/stale)", n=t.number(stale)))
    parts = [Markup("<b>{}</b>").format(t("The desk today")), *map(escape, lines)]
    if figures.unanswered:
        parts += [Markup(""), Markup("<b>{}</b>").format(t("Waiting most"))]
        parts += [_unanswered(t, u) for u in figures.unanswered]
    return str(Markup("\n").join(parts))


def _unanswered(t: Translator, entry: Unanswered) -> Markup:
    return Markup("• {} · {} · {}: {}").format(
        topic_name(t, entry.topic), LANGUAGE_NAMES.get(entry.language, entry.language),
        place_name(t, entry.country), t.number(entry.askers),
    )  # fmt: skip


def _span(t: Translator, seconds: float) -> str:
    """In the largest unit that says it: 5 minutes, 3 hours, 2 days."""
    minutes = max(1, round(seconds / 60))
    if minutes < 120:
        return t.duration(Duration(amount=minutes, unit="minute"))
    if minutes < 48 * 60:
        return t.duration(Duration(amount=round(minutes / 60), unit="hour"))
    return t.duration(Duration(amount=round(minutes / 1440), unit="day"))


def week_chart(t: Translator, figures: Figures) -> Chart:
    return Chart(
        "columns", t("Questions at the desk"), [t.day(d.day) for d in figures.days],
        [Series(t("Asked"), [d.opened for d in figures.days]),
         Series(t("Answered"), [d.answered for d in figures.days])],
    )  # fmt: skip
