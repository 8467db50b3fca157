"""/festivals: the next 90 days as a picture and a list, for all or for one country; and what
marketing has not planned for."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, timedelta

from markupsafe import Markup
from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.charts import Calendar, ChartFailed, Span, draw
from bot.desk.roles import EVERYWHERE, Role, Task
from bot.i18n import Translator, flag
from bot.knowledge.festivals import Occurrence
from bot.knowledge.model import COUNTRIES
from bot.promotions.board import unplanned
from bot.telegram.buttons import Press
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import act, bold, grid, paragraphs
from bot.telegram.sender import Place
from bot.telegram.services import Services, place_of
from bot.telegram.views import View
from bot.wiring import Core

Ctx = ContextTypes.DEFAULT_TYPE
DAYS = 90
LISTED = 20
KEPT = 60
"""Pictures kept: one costs a second of a processor to draw."""
REMIND_HOURS = range(1, 12)
"""UTC: working hours somewhere between Karachi and Tokyo."""


class FestivalCalendar:
    def __init__(self, services: Services, core: Core, reminder_days: int) -> None:
        self._s = services
        self._core = core
        self._reminder_days = reminder_days
        self._pictures: OrderedDict[tuple[str, str | None, date], bytes] = OrderedDict()

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("festivals", self.festivals)]

    async def festivals(self, update: Update, context: Ctx) -> None:
        """/festivals [country]. For everybody: it promotes nothing."""
        message = update.effective_message
        assert message is not None
        asker = self._s.asker(update)
        t = self._s.translator(asker)
        words = " ".join(context.args or [])[:100]
        country = self._country(words) if words else asker.country or asker.group_country
        await self.send(place_of(message), t, country)

    def _country(self, words: str) -> str | None:
        if words.upper() in COUNTRIES:
            return words.upper()
        mentions = self._s.answers.understanding.read(words).mentions
        return next((m.country for m in mentions if m.country), None)

    async def pressed(self, press: Press, country: str | None) -> None:
        await self._s.sender.toast(press.query.id)
        await self.send(Place(press.chat_id or 0), press.t, country)

    async def send(self, place: Place, t: Translator, country: str | None) -> None:
        today = self._s.today()
        coming = [
            *self._core.festivals.running(country, today),
            *self._core.festivals.upcoming(country, today, DAYS),
        ][:LISTED]
        view = self._page(t, country, coming)
        picture = await self._picture(t, country, today, coming)
        if picture is None or not await self._s.sender.send_photo(
            place, picture, view.html, view.keyboard
        ):
            await self._s.sender.send(place, view.html, view.keyboard)

    @staticmethod
    def _title(t: Translator, country: str | None) -> str:
        if country is None:
            return t("Festivals of the next {days} days", days=t.number(DAYS))
        return t("Festivals in {country}, next {days} days", country=t.place(country), days=t.number(DAYS))  # fmt: skip

    def _page(self, t: Translator, country: str | None, coming: list[Occurrence]) -> View:
        lines = [
            Markup("{} <b>{}</b> · {}").format(
                "≈" if o.estimated else "•", t.date(o.day, weekday=True), _name(t, o, country)
            )
            for o in coming
        ]
        note = t("≈ depends on the sighting of the moon.") if any(o.estimated for o in coming) else ""  # fmt: skip
        text: list[str | Markup] = [bold(self._title(t, country)), note]
        while lines and len(paragraphs(*text, Markup("\n").join(lines))) > 900:
            lines.pop()
        buttons = [act(flag(c), "cal", c) for c in COUNTRIES if c != country]
        rows: list[Row] = grid(buttons, 7)
        return View(paragraphs(text[0], Markup("\n").join(lines), text[1]), keyboard(rows))

    async def _picture(
        self, t: Translator, country: str | None, today: date, coming: list[Occurrence]
    ) -> bytes | None:
        key = (t.language, country, today)
        if key not in self._pictures:
            ticks = [(float(d), t.date(today + timedelta(days=d))) for d in range(0, DAYS, 15)]
            spans = [
                Span(
                    _name(t, o, country), max(0, (o.day - today).days),
                    min(DAYS, ((o.end or o.day) - today).days + 1), t.date(o.day),
                )
                for o in coming
            ]  # fmt: skip
            try:
                drawn = await draw(Calendar(self._title(t, country), ticks, DAYS, spans))
            except ChartFailed:
                return None
            self._pictures[key] = drawn
            if len(self._pictures) > KEPT:
                self._pictures.popitem(last=False)
        return self._pictures[key]

    # Jobs

    async def remind(self) -> None:
        """Tells marketing once of each coming festival that has no promotion yet."""
        now = self._core.clock.now()
        if now.hour not in REMIND_HOURS:
            return
        store = self._core.promotions
        fresh = [
            o
            for o in unplanned(self._core.festivals, store, now.date(), self._reminder_days)
            if store.remind(o.festival.id, o.day)
        ]
        if not fresh:
            return
        for user_id, countries in self._marketers().items():
            mine = [o for o in fresh if countries is None or countries & set(o.countries)]
            if mine:
                await self._tell(user_id, mine[:LISTED])

    def _marketers(self) -> dict[int, frozenset[str] | None]:
        """Each with their countries (None: all); the owners where nobody does marketing."""
        people = {g.user_id for g in self._s.staff.all() if g.role is Role.MARKETING}
        found: dict[int, frozenset[str] | None] = {}
        for user_id in people or self._s.owners:
            scopes = self._s.roles.scopes(user_id, Task.MARKETING)
            found[user_id] = None if EVERYWHERE in scopes else scopes
        return found

    async def _tell(self, user_id: int, coming: list[Occurrence]) -> None:
        member = self._s.members.get(user_id)
        t = self._s.languages[self._s.languages.choose([member.language, member.telegram_language])]
        today = self._s.today()
        lines = [
            t("{festival} {ahead} ({date}): no campaign yet", festival=_name(t, o, None),
              ahead=t.days_ahead((o.day - today).days), date=t.date(o.day))
            for o in coming
        ]  # fmt: skip
        text = paragraphs(bold(t("Festivals ahead")), "\n".join(lines))
        buttons = keyboard([[act(t("➕ New promotion"), "new"), act(t("📅 Festivals"), "cal", "")]])
        await self._s.sender.send(Place(user_id), text, buttons)


def _name(t: Translator, o: Occurrence, country: str | None) -> str:
    name = o.festival.name(t.language)
    return name if country else f"{name} {' '.join(map(flag, o.countries))}"


class PromotionWatch:
    """Answers are kept for a day; a promotion begins and ends at each country's own midnight."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._seen = core.board.fingerprint()

    async def tick(self) -> None:
        now = self._core.board.fingerprint()
        if now != self._seen:
            self._seen = now
            self._core.answers.invalidate()
