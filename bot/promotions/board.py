"""What members of a country may see of the promotions now, and what marketing should plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.answers.model import Line
from bot.compliance import Ruling, SendingGate, SendKind
from bot.i18n import Translator
from bot.knowledge.festivals import Festivals, Occurrence
from bot.knowledge.store import KnowledgeStore
from bot.promotions.model import COMING_DAYS, Phase, Promotion
from bot.promotions.store import PromotionStore


@dataclass(frozen=True)
class Shown:
    """Promotions of one country on its own today."""

    running: tuple[Promotion, ...]
    coming: tuple[Promotion, ...]


class PromotionBoard:
    def __init__(
        self, store: PromotionStore, knowledge: KnowledgeStore, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._now = now

    def today(self, country: str) -> date:
        """The day in a country's own time zone."""
        zone = ZoneInfo(self._knowledge.current.file(country).time_zone)
        return self._now().astimezone(zone).date()

    def ruling(self, promotion: Promotion, country: str | None) -> Ruling:
        return SendingGate(self._knowledge.current).rule(
            SendKind.PROMOTION, country, promotion.platform, proof=bool(promotion.proof)
        )

    def shown(self, country: str | None) -> Shown:
        """An unknown country sees none."""
        if country not in self._knowledge.current.countries or country is None:
            return Shown((), ())
        today = self.today(country)
        mine = [
            p
            for p in self._store.published()
            if country in p.countries and not self.ruling(p, country).held
        ]
        soon = today + timedelta(days=COMING_DAYS)
        return Shown(
            tuple(p for p in mine if p.phase(today) is Phase.RUNNING),
            tuple(
                p
                for p in mine
                if p.phase(today) is Phase.COMING and p.starts_on and p.starts_on <= soon
            ),
        )

    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        """The running and the coming ones, as /promos shows them."""
        shown = self.shown(country)
        running = [self._line(t, p, self._until(t, p)) for p in shown.running]
        coming = [self._line(t, p, self._from(t, p)) for p in shown.coming]
        return tuple(running), tuple(coming)

    @staticmethod
    def _until(t: Translator, promotion: Promotion) -> str:
        assert promotion.ends_on is not None
        return t("until {date}", date=t.date(promotion.ends_on, weekday=True))

    @staticmethod
    def _from(t: Translator, promotion: Promotion) -> str:
        assert promotion.starts_on is not None
        return t("from {date}", date=t.date(promotion.starts_on, weekday=True))

    @staticmethod
    def _line(t: Translator, promotion: Promotion, when: str) -> Line:
        terms = (t("Terms: {url}", url=promotion.terms_url),) if promotion.terms_url else ()
        return Line(promotion.text(t.language), label=promotion.title, date=when, details=terms)

    def fingerprint(self) -> object:
        """Changes when what any country is shown changes, such as at its midnight."""
        return tuple(
            (len(shown.running), *(p.id for p in (*shown.running, *shown.coming)))
            for shown in map(self.shown, self._knowledge.current.countries)
        )


def unplanned(
    festivals: Festivals, store: PromotionStore, today: date, days: int
) -> list[Occurrence]:
    """Joyful festivals of the next days for which no promotion is planned, the nearest first."""
    return [
        o
        for o in festivals.upcoming(None, today, days)
        if o.festival.tone == "joyful"
        and not store.for_festival(o.festival.id, o.day - timedelta(days=30), o.end or o.day)
    ]
