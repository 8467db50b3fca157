"""What a platform is, where it stands in a country, and who is licensed there."""

from __future__ import annotations

from dataclasses import replace

from bot.answers.asking import ask_country
from bot.answers.draft import MAX_FACTS, MAX_PROVIDERS, Draft
from bot.answers.labels import STANDING, stock_details
from bot.answers.model import Answer, Line, Section
from bot.compliance.gate import PERMITTED_STANDINGS, REFUSED_STANDINGS
from bot.i18n import Translator, flag
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Standing, Topic, ValueKey

MAX_LISTED = 20
MAX_REFUSED = 12
_MARKETS = frozenset({"exchange", "broker", "stock_broker"})
FEES = frozenset({ValueKey.TRADING_FEE, ValueKey.DEPOSIT_FEE, ValueKey.WITHDRAWAL_FEE})
_NO_SERVICE = frozenset({"chain", "infrastructure", "protocol", "stablecoin", "wallet"})
"""Kinds whose description is no way in."""
_NO_PROVIDERS = frozenset({"stablecoin", "infrastructure", "chain"})
"""Kinds that are licensed too and where nobody buys."""


def platform_standing(draft: Draft, platform: Platform) -> Answer:
    """'Is X allowed in Y?'"""
    t = draft.t
    if draft.country is None:
        return platform_card(draft)
    if closed := draft.closed_by():
        return platform_held(draft, platform, closed)
    standing = draft.knowledge.standing(draft.country, platform.id)
    about = [f for f in shown_about(draft, platform) if f is not standing]
    events = sorted((f for f in about if f.kind is Kind.EVENT), key=lambda f: f.date or "")
    rest = [f for f in about if f.kind in (Kind.NOTE, Kind.RISK, Kind.FIGURE, Kind.RULE)]
    asked = asked_facts(draft, platform)
    rest = draft.focus.first(f for f in rest if f not in asked)
    lines = [draft.line(f, dated=True) for f in events] + [draft.line(f) for f in rest[:4]]
    if standing is None:
        headline = t(
            "{platform} in {country}: nothing on record",
            platform=platform.name,
            country=draft.place,
        )
        if lines:
            lead = lines.pop(0)
        else:
            lead = Line(t(
                "I have no source on {platform} in {country}. That is not a permission: check the regulator's own list first.",
                platform=platform.name, country=draft.place,
            ))  # fmt: skip
        rule = draft.knowledge.rule(draft.country, Activity.LICENSING) or draft.knowledge.rule(
            draft.country, Activity.TRADING
        )
        if rule:
            lines.append(draft.rule_line(rule))
    else:
        headline = t("{platform} in {country}: {standing}", platform=platform.name,
                     country=draft.place, standing=standing_text(t, standing))  # fmt: skip
        lead = draft.line(standing)
    sections = [asked_section(draft, platform, asked), Section(tuple(lines[:MAX_FACTS]))]
    if standing is None or standing.standing not in PERMITTED_STANDINGS:
        sections.append(licensed_instead(draft, platform.id))
    return draft.finish(draft.title(headline), lead, sections)


def standing_text(t: Translator, fact: Fact) -> str:
    return t(STANDING[fact.standing]) if fact.standing else ""


def permitted_platforms(draft: Draft, kind: GateKind) -> list[Fact]:
    """Standings of those that may serve the country, as far as they may be shown there."""
    found = [
        fact
        for fact in draft.knowledge.of_kind(draft.country, Kind.STANDING)
        if fact.standing in PERMITTED_STANDINGS
        and fact.platform
        and draft.gate.decide(kind, draft.country, fact.platform).allowed
    ]
    platforms = draft.knowledge.platforms
    takes_money = {f.platform for f in draft.facts(Topic.ONRAMP, Kind.ONRAMP)}

    def order(fact: Fact) -> tuple[bool, bool]:
        kind = platforms[fact.platform or ""].kind
        return fact.platform not in takes_money, kind not in _MARKETS

    found = [f for f in found if platforms[f.platform or ""].kind not in _NO_PROVIDERS]
    return sorted(draft.knowledge.as_written(found), key=order)


def licensed_instead(draft: Draft, other_than: str) -> Section:
    facts = [f for f in permitted_platforms(draft, GateKind.ONRAMP) if f.platform != other_than]
    lines = (
        short_standing(draft, draft.knowledge.platforms[f.platform or ""], f)
        for f in facts[:MAX_PROVIDERS]
    )
    return Section(tuple(lines), draft.t("Licensed or registered there"))


def short_standing(draft: Draft, platform: Platform, fact: Fact) -> Line:
    """Only the name and the standing, with its source: no prose to translate."""
    return replace(
        draft.line(fact, platform.name), text=standing_text(draft.t, fact), details=(),
        untranslated=False,
    )  # fmt: skip


def asked_facts(draft: Draft, platform: Platform) -> list[Fact]:
    """What is known of foreigners or of fees at a platform, where the question asks for them."""
    about = [f for f in shown_about(draft, platform) if f.kind is not Kind.STANDING]
    found = draft.focus.matching(about, "foreigner") if draft.focus.has("foreigner") else []
    if draft.focus.has("fee"):
        found += [f for f in about if has_fee(f) and f not in found]
    return found[:4]


def asked_section(draft: Draft, platform: Platform, facts: list[Fact]) -> Section:
    """These facts; of what was asked and no source tells, that."""
    t, lines = draft.t, [replace(draft.line(f), weight=2) for f in facts]
    if draft.focus.has("foreigner") and not draft.focus.matching(facts, "foreigner"):
        lines.append(Line(t(
            "I have no source on whether {platform} takes foreigners.", platform=platform.name
        )))  # fmt: skip
    if draft.focus.has("fee") and not any(map(has_fee, facts)):
        lines.append(Line(t(
            "No fee of {platform} is on record here: see its own fee page.", platform=platform.name
        )))  # fmt: skip
    return Section(tuple(lines))


def has_fee(fact: Fact) -> bool:
    return any(value.key in FEES for value in fact.values)


def shown_about(draft: Draft, platform: Platform) -> list[Fact]:
    """The country's facts about a platform, without the way in that the gate stops."""
    about = draft.knowledge.about_platform(draft.country, platform.id) if draft.country else []
    if draft.gate.decide(GateKind.ONRAMP, draft.country, platform.id).allowed:
        return about
    return [f for f in about if f.kind is not Kind.ONRAMP]


def platform_held(draft: Draft, platform: Platform, closed: Fact) -> Answer:
    """A platform where every way in is closed: the rule first, no service described."""
    t = draft.t
    standing = draft.knowledge.standing(draft.country, platform.id)
    seen = {closed.id, *(line.fact for section in draft.beside for line in section.lines)}
    facts = [
        f
        for f in draft.knowledge.about_platform(draft.country, platform.id)
        if f.id not in seen and f is not standing and f.kind is not Kind.ONRAMP
    ]
    facts.sort(key=lambda f: (f.kind is not Kind.EVENT, f.date or ""))
    lines = [draft.line(standing)] if standing else []
    lines += [draft.line(f, dated=f.kind is Kind.EVENT) for f in facts[:MAX_FACTS]]
    place = standing_text(t, standing) if standing else t(STANDING[Standing.NONE])
    if draft.topic is Topic.PLATFORM and platform.kind in _NO_SERVICE:
        lines.append(draft.cite.platform(platform))
    headline = t("{platform} in {country}: {standing}", platform=platform.name,
                 country=draft.place, standing=place)  # fmt: skip
    return draft.finish(draft.title(headline), draft.rule_line(closed), [Section(tuple(lines))])


def platform_card(draft: Draft) -> Answer:
    """'What is X?' - and without a name, the platforms of the country."""
    t, platform = draft.t, draft.platform
    if platform is None:
        return platform_list(draft)
    if closed := draft.closed_by():
        return platform_held(draft, platform, closed)
    details = stock_details(t, platform.stock) if platform.stock else ()
    lead = draft.cite.platform(platform, details)
    headline = platform.name
    sections: list[Section] = []
    local, asked = shown_about(draft, platform), asked_facts(draft, platform)
    standing = draft.knowledge.standing(draft.country, platform.id)
    if standing:
        headline = t("{platform} in {country}: {standing}", platform=platform.name,
                     country=draft.place, standing=standing_text(t, standing))  # fmt: skip
        sections.append(Section((draft.line(standing),)))
    sections.append(asked_section(draft, platform, asked))
    others = [f for f in local if f is not standing and f not in asked]
    others.sort(key=lambda f: (f.kind is not Kind.ONRAMP, f.kind is not Kind.RULE, f.date or ""))
    others = draft.focus.first(others)
    sections.append(Section(tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in others[:6])))
    general = draft.knowledge.about_platform(None, platform.id)
    sections.append(Section(tuple(draft.line(f, dated=True) for f in general[:6]), t("About it")))
    if draft.country is None:
        sections.insert(0, standings_elsewhere(draft, platform))
    return draft.finish(draft.title(headline), lead, sections, warn=draft.country is not None)


def standings_elsewhere(draft: Draft, platform: Platform) -> Section:
    lines = []
    for code, fact in draft.knowledge.standings_of(platform.id).items():
        line = short_standing(draft, platform, fact)
        lines.append(replace(line, label=f"{flag(code)} {draft.t.country(code)}"))
    return Section(tuple(lines[:14]), draft.t("Where it stands"))


def platform_list(draft: Draft) -> Answer:
    t = draft.t
    if draft.country is None:
        return ask_country(t, Topic.PLATFORM, None, draft.knowledge.countries)
    permitted = permitted_platforms(draft, GateKind.ONRAMP)
    refused = [
        f
        for f in draft.knowledge.of_kind(draft.country, Kind.STANDING)
        if f.standing in REFUSED_STANDINGS
    ]
    sections = [
        Section(tuple(listed(draft, f, 2) for f in permitted[:MAX_LISTED]),
                t("Licensed or registered there")),
        Section(tuple(listed(draft, f, 0) for f in refused[:MAX_REFUSED]),
                t("Warned, blocked or gone")),
    ]  # fmt: skip
    headline = t("Platforms in {country}", country=draft.place)
    licensing = draft.knowledge.rule(draft.country, Activity.LICENSING)
    lead = draft.rule_line(licensing) if licensing else draft.card_lead()
    return draft.finish(draft.title(headline), lead, sections)


def listed(draft: Draft, fact: Fact, weight: int) -> Line:
    platform = draft.knowledge.platforms[fact.platform or ""]
    return replace(short_standing(draft, platform, fact), weight=weight)
