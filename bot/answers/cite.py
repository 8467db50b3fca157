"""Turns facts into lines with their numbered sources, and tells how old lines are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.answers.labels import value_text
from bot.answers.model import Line
from bot.i18n import Translator
from bot.knowledge.base import Knowledge, first_day
from bot.knowledge.model import Card, Fact, Kind, Platform, Source

FRESH_DAYS = 45
"""Facts dated within this many days are called fresh; of older ones the date is told."""
SHOWN_SOURCES = 2


def age_note(t: Translator, as_of: str, today: date) -> str:
    """How old the oldest fact of an answer is; `as_of`: a year, a month or a day (ISO 8601)."""
    if (today - first_day(as_of)).days <= FRESH_DAYS:
        age = t("Everything here is as of the last {days} days", days=t.number(FRESH_DAYS))
    else:
        age = t("Oldest fact: as of {date}", date=t.partial_date(as_of))
    return t("{age} · not advice", age=age)


class Citations:
    """Collects the sources of one answer: each is numbered at its first use."""

    def __init__(
        self, knowledge: Knowledge, t: Translator, today: date, country: str | None
    ) -> None:
        self._knowledge = knowledge
        self._t = t
        self._today = today
        self._country = country
        self._numbers: dict[tuple[str, str], int] = {}
        self._cited: list[Source] = []

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(self._cited)

    def _cite(self, sources: tuple[Source, ...]) -> tuple[int, ...]:
        """Numbers the first two sources: two that agree are enough in a chat; /fact shows all."""
        numbers = []
        for source in sources[:SHOWN_SOURCES]:
            key = (source.name, source.url or "")
            if key not in self._numbers:
                self._cited.append(source)
                self._numbers[key] = len(self._cited)
            numbers.append(self._numbers[key])
        return tuple(sorted(set(numbers)))

    def fact(self, fact: Fact, label: str | None = None, *, dated: bool = False) -> Line:
        ages = fact.kind is not Kind.EVENT  # what happened stays so, however long ago
        text, translated = self._t.prose(fact.text)
        details = [value_text(self._t, v, self._country) for v in fact.values]
        if fact.identity_check:
            check, check_translated = self._t.prose(fact.identity_check)
            details.append(self._t("Identity check: {check}", check=check))
            translated = translated and check_translated
        shown_date = fact.date or fact.as_of if dated else None
        return Line(
            text,
            label=label,
            date=self._t.partial_date(shown_date) if shown_date else None,
            cites=self._cite(self._knowledge.sources(fact)),
            details=tuple(details),
            untranslated=not translated,
            fact=fact.id,
            as_of=fact.as_of if ages else None,
            late=ages and first_day(fact.review_by) < self._today,
        )

    def card(self, country: str, card: Card, text: str) -> Line:
        shown, translated = self._t.prose(text)
        cites = self._cite(self._knowledge.card_sources(country))
        return Line(shown, cites=cites, untranslated=not translated, as_of=card.as_of)

    def platform(self, platform: Platform, details: tuple[str, ...] = ()) -> Line:
        text, translated = self._t.prose(platform.text)
        cites = self._cite(self._knowledge.platform_sources(platform.id))
        return Line(
            text, cites=cites, details=details, untranslated=not translated, as_of=platform.as_of
        )

    def freshness(self, lines: Iterable[Line]) -> tuple[str, ...]:
        """How old the oldest of these lines is, and whether one is past its review date."""
        dated = [(line.as_of, line.late) for line in lines if line.as_of]
        if not dated:
            return ()
        oldest = min((as_of for as_of, _ in dated), key=first_day)
        notes = [age_note(self._t, oldest, self._today)]
        if any(late for _, late in dated):
            notes.append(
                self._t("⏰ Part of this is due for a re-check: look at the source before you act.")
            )
        return tuple(notes)
