"""The compliance gate's rulings in words, as marketing sees them before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from bot.compliance import Condition, Reason, Ruling
from bot.i18n import N_, Translator, flag
from bot.knowledge.base import Knowledge

CONDITION = {
    Condition.WARNING: N_("the country's risk warning stands below the text"),
    Condition.LICENSED: N_("the platform is licensed or registered there"),
    Condition.NO_PLATFORM: N_("no platform is named"),
    Condition.OWN_CHANNEL: N_("only in the platform's own channel, as your proof says"),
}
REASON = {
    Reason.UNKNOWN_COUNTRY: N_("the country is not known, so it counts as restricted"),
    Reason.RULE: N_("the law there forbids it"),
    Reason.PLATFORM: N_("the platform may not be promoted there"),
    Reason.PROOF: N_("it needs your proof that the chats are the platform's own official channel"),
}


def ruling_lines(
    t: Translator, knowledge: Knowledge, rulings: Iterable[Ruling], *, brief: bool = False
) -> Markup:
    """A paragraph a country: what goes out, on which conditions; what is held, by which rule.
    `brief`: a line each, the rules by their ids alone."""
    return Markup("\n").join(_line(t, knowledge, ruling, brief) for ruling in rulings)


def _line(t: Translator, knowledge: Knowledge, ruling: Ruling, brief: bool) -> Markup:
    place = place_name(t, ruling.country)
    if ruling.reason is not None:
        lead = t("⛔ {country}: held, {reason}", country=place, reason=t(REASON[ruling.reason]))
        held = Markup("<b>{}</b>").format(lead)
        if brief and ruling.decided_by:
            return Markup("{} (/fact {})").format(held, ruling.decided_by.id)
        return _with_rule(t, held, ruling)
    if not ruling.conditions:
        return escape(t("✅ {country}: goes out", country=place))
    conditions = t.listing([t(CONDITION[c]) for c in ruling.conditions])
    lead = t("⚠️ {country}: goes out, if {conditions}", country=place, conditions=conditions)
    warning = [] if brief else _warning(t, knowledge, ruling)
    return Markup("\n").join([escape(lead), *warning])


def _with_rule(t: Translator, lead: Markup, ruling: Ruling) -> Markup:
    if ruling.decided_by is None:
        return lead
    text, _ = t.prose(ruling.decided_by.text)
    named = [
        Markup('<a href="{}">{}</a>').format(s.url, s.name) if s.url else escape(s.name)
        for s in ruling.sources[:2]
    ]
    source = Markup(" · ").join(named)
    rule = Markup("<i>{}</i> ({}, /fact {})").format(text, source, ruling.decided_by.id)
    return Markup("\n").join([lead, rule])


def _warning(t: Translator, knowledge: Knowledge, ruling: Ruling) -> list[Markup]:
    card = knowledge.card(ruling.country or "")
    if not ruling.warn or card is None:
        return []
    text, _ = t.prose(card.warning)
    return [Markup("<i>⚠️ {}</i>").format(text)]


def place_name(t: Translator, country: str | None) -> str:
    return f"{flag(country)} {t.country(country)}" if country else t("No country set")
