"""Promotions of the community, and the festivals ahead."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from bot.answers.draft import MAX_FACTS, Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.i18n import Translator
from bot.knowledge.festivals import Festivals, Occurrence
from bot.knowledge.model import GateKind

FESTIVAL_DAYS = 120
"""How far ahead /promos looks."""


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
    coming = [
        *festivals.running(country, draft.today),
        *festivals.upcoming(country, draft.today, FESTIVAL_DAYS),
    ]
    calendar = Section(
        tuple(festival_line(t, o, draft.today) for o in coming[:MAX_FACTS]),
        t("Coming festivals"),
    )
    running, ahead = campaigns.lines(t, country)
    if country and not decision.allowed and not (running or ahead):
        return draft.finish(
            draft.title(t("No promotions for {country}", country=draft.place)),
            held_lead(draft, decision), [calendar],
        )  # fmt: skip
    lead = (
        t.plural("{n} promotion of this community is running.", "{n} promotions of this community are running.", len(running))
        if running
        else t("No promotion of this community is running now. Festivals ahead are below; campaigns are announced here first.")
    )  # fmt: skip
    headline = (
        t("Promotions in {country}", country=draft.place)
        if country
        else t("Promotions and festivals")
    )
    return draft.finish(
        draft.title(headline),
        Line(lead),
        [Section(running, t("Running")), Section(ahead, t("Coming")), calendar],
        warn=bool(running or ahead),
    )


def festival_line(t: Translator, occurrence: Occurrence, today: date) -> Line:
    days = (occurrence.day - today).days
    when = t("today") if days <= 0 else t.days_ahead(days)
    shown = t("{date} ({when})", date=t.date(occurrence.day, weekday=True), when=when)
    if occurrence.end and occurrence.end > occurrence.day:
        first = t.date(occurrence.day, weekday=True)
        shown = t("{first} to {last} ({when})", first=first, last=t.date(occurrence.end), when=when)
    details = (t("estimated: the day may move by one"),) if occurrence.estimated else ()
    return Line(shown, label=occurrence.festival.name(t.language), details=details)
