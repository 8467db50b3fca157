"""What a platform is, where it stands in a country, and who is licensed there."""

from __future__ import annotations

from bot.answers.asking import ask_country
from bot.answers.draft import MAX_FACTS, MAX_PROVIDERS, Draft
from bot.answers.labels import STANDING, stock_details
from bot.answers.model import Answer, Line, Section
from bot.compliance.gate import PERMITTED_STANDINGS, REFUSED_STANDINGS
from bot.i18n import Translator, flag
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic


def platform_standing(draft: Draft, platform: Platform) -> Answer:
    """'Is X allowed in Y?'"""
    t = draft.t
    if draft.country is None:
        return platform_card(draft)
    standing = draft.knowledge.standing(draft.country, platform.id)
    about = [
        f for f in draft.knowledge.about_platform(draft.country, platform.id) if f is not standing
    ]
    events = sorted((f for f in about if f.kind is Kind.EVENT), key=lambda f: f.date or "")
    rest = [f for f in about if f.kind in (Kind.NOTE, Kind.RISK, Kind.FIGURE, Kind.RULE)]
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
    sections = [Section(tuple(lines[:MAX_FACTS]))]
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
    return sorted(found, key=lambda f: f.id)


def licensed_instead(draft: Draft, other_than: str) -> Section:
    lines = []
    for fact in permitted_platforms(draft, GateKind.ONRAMP)[:MAX_PROVIDERS]:
        platform = draft.knowledge.platforms[fact.platform or ""]
        if platform.id != other_than:
            lines.append(short_standing(draft, platform, fact))
    return Section(tuple(lines), draft.t("Licensed or registered there"))


def short_standing(draft: Draft, platform: Platform, fact: Fact) -> Line:
    """Only the name and the standing, with its source: no prose to translate."""
    cited = draft.cite.fact(fact)
    return Line(standing_text(draft.t, fact), label=platform.name, cites=cited.cites)


def platform_card(draft: Draft) -> Answer:
    """'What is X?' - and without a name, the platforms of the country."""
    t, platform = draft.t, draft.platform
    if platform is None:
        return platform_list(draft)
    details = stock_details(t, platform.stock) if platform.stock else ()
    lead = draft.cite.platform(platform, details)
    headline = platform.name
    sections: list[Section] = []
    local = draft.knowledge.about_platform(draft.country, platform.id) if draft.country else []
    standing = draft.knowledge.standing(draft.country, platform.id)
    if standing:
        headline = t("{platform} in {country}: {standing}", platform=platform.name,
                     country=draft.place, standing=standing_text(t, standing))  # fmt: skip
        sections.append(Section((draft.line(standing),)))
    others = [f for f in local if f is not standing]
    others.sort(key=lambda f: (f.kind is not Kind.ONRAMP, f.kind is not Kind.RULE, f.date or ""))
    sections.append(Section(tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in others[:6])))
    general = draft.knowledge.about_platform(None, platform.id)
    sections.append(Section(tuple(draft.line(f, dated=True) for f in general[:6]), t("About it")))
    if draft.country is None:
        sections.insert(0, standings_elsewhere(draft, platform))
    return draft.finish(draft.title(headline), lead, sections, warn=draft.country is not None)


def standings_elsewhere(draft: Draft, platform: Platform) -> Section:
    lines = []
    for code, fact in draft.knowledge.standings_of(platform.id).items():
        cited = draft.cite.fact(fact)
        lines.append(
            Line(
                standing_text(draft.t, fact),
                label=f"{flag(code)} {draft.t.country(code)}",
                cites=cited.cites,
            )
        )
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
        Section(
            tuple(
                short_standing(draft, draft.knowledge.platforms[f.platform or ""], f)
                for f in group[:12]
            ),
            title,
        )
        for group, title in (
            (permitted, t("Licensed or registered there")),
            (refused, t("Warned, blocked or gone")),
        )
    ]
    headline = t("Platforms in {country}", country=draft.place)
    return draft.finish(draft.title(headline), draft.card_lead(), sections)
