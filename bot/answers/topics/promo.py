"""Promotions of the community, and the festivals ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Protocol

from bot.answers.draft import MAX_FACTS, Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.i18n import Translator
from bot.knowledge.festivals import Festival, Festivals, Occurrence
from bot.knowledge.model import GateKind

FESTIVAL_DAYS = 120
"""How far ahead /promos looks."""
JUST_PAST_DAYS = 60
"""Of a festival asked for that was within so many days, that day is told too."""


class CampaignLines(Protocol):
    """What the promotions feature adds to /promos; declared here by its user."""

    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        """The running and the coming ones that may be shown there."""
        ...


class NoCampaigns:
    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        return (), ()


def promo(draft: Draft, festivals: Festivals, campaigns: CampaignLines) -> Answer:
    t, country = draft.t, draft.country
    decision = draft.gate.decide(GateKind.PROMOTION, country)
    asked = asked_festivals(draft, festivals)
    running, ahead = campaigns.lines(t, country)
    if country and not decision.allowed and not (running or ahead):
        headline = t("No promotions for {country}", country=draft.place)
        told = held_lead(draft, decision)
        sections = [calendar(draft, festivals)]
    else:
        headline = (
            t("Promotions in {country}", country=draft.place)
            if country
            else t("Promotions and festivals")
        )
        told = Line(
            t.plural("{n} promotion of this community is running.", "{n} promotions of this community are running.", len(running))
            if running
            else t("No promotion of this community is running now. Festivals ahead are below; campaigns are announced here first.")
        )  # fmt: skip
        sections = [
            Section(running, t("Running")), Section(ahead, t("Coming")), calendar(draft, festivals)
        ]  # fmt: skip
    warn = bool(running or ahead or (country and not decision.allowed))
    if asked and not draft.focus.has("promo_word"):  # "when is Sinulog?"
        return draft.finish(
            draft.title(headline), asked[0], [Section((*asked[1:], told)), *sections], warn=warn
        )
    # whoever asks when a prize comes would take a festival's day for the answer
    return draft.finish(draft.title(headline), told, [Section(tuple(asked)), *sections], warn=warn)


def calendar(draft: Draft, festivals: Festivals) -> Section:
    coming = [
        *festivals.running(draft.country, draft.today),
        *festivals.upcoming(draft.country, draft.today, FESTIVAL_DAYS),
    ]
    others = [o for o in coming if o.festival.id not in draft.asked.festivals]
    lines = [festival_line(draft.t, o, draft.today) for o in others[:MAX_FACTS]]
    return Section(tuple(lines), draft.t("Coming festivals"))


def asked_festivals(draft: Draft, festivals: Festivals) -> list[Line]:
    """The next days of the festivals that the question names, however far off they are."""
    lines = []
    for festival in festivals.all:
        if festival.id in draft.asked.festivals:
            days = _days_of(festival, festivals, draft)
            coming = [o for o in days if (o.end or o.day) >= draft.today]
            lines += [_asked_line(draft, coming[0], days)] if coming else []
    return lines


def _days_of(festival: Festival, festivals: Festivals, draft: Draft) -> list[Occurrence]:
    """The days of last year to next year, as the country keeps them if it does."""
    country = draft.country if draft.country in festival.countries else None
    years = range(draft.today.year - 1, draft.today.year + 2)
    return [o for year in years for o in festivals.of_year(festival, year, country)]


def _asked_line(draft: Draft, coming: Occurrence, days: list[Occurrence]) -> Line:
    """When it is next, and of one that has just been, when that was."""
    line = festival_line(draft.t, coming, draft.today)
    past = [o.day for o in days if (o.end or o.day) < draft.today]
    if past and (draft.today - past[-1]).days <= JUST_PAST_DAYS:
        last = draft.t("the last was on {date}", date=draft.t.date(past[-1]))
        return replace(line, details=(*line.details, last))
    return line


def festival_line(t: Translator, occurrence: Occurrence, today: date) -> Line:
    days = (occurrence.day - today).days
    when = t("today") if days <= 0 else t.days_ahead(days)
    shown = t("{date} ({when})", date=t.date(occurrence.day, weekday=True), when=when)
    if occurrence.end and occurrence.end > occurrence.day:
        first = t.date(occurrence.day, weekday=True)
        shown = t("{first} to {last} ({when})", first=first, last=t.date(occurrence.end), when=when)
    details = (t("estimated: the day may move by one"),) if occurrence.estimated else ()
    return Line(shown, label=occurrence.festival.name(t.language), details=details)
