"""How local money becomes crypto, and back, through a company."""

from __future__ import annotations

from bot.answers.draft import MAX_PROVIDERS, Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.answers.topics.platform import platform_standing, short_standing
from bot.compliance.gate import PERMITTED_STANDINGS, Decision
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Topic


def onramp(draft: Draft) -> Answer:
    """How local money becomes crypto, and back, through a company."""
    t = draft.t
    decision = draft.gate.decide(GateKind.ONRAMP, draft.country)
    if not decision.allowed and decision.rule is not None and decision.verdict.value == "hold":
        return onramp_held(draft, decision)
    if draft.platform is not None:
        named = draft.gate.decide(GateKind.ONRAMP, draft.country, draft.platform.id)
        if not named.allowed:
            return platform_standing(draft, draft.platform)
    providers = onramp_facts(draft)
    named_facts = [f for f in providers if draft.platform and f.about(draft.platform.id)]
    if draft.platform is not None and not named_facts:
        return platform_standing(draft, draft.platform)
    currency = t.currency(draft.knowledge.file(draft.country or "").currency)
    if draft.platform is not None:
        headline = t(
            "{platform}: paying in {currency}", platform=draft.platform.name, currency=currency
        )
        lead = draft.line(named_facts[0])
        more = list(named_facts[1:])
        sections = [Section(tuple(draft.line(f) for f in more)), rail_section(draft)]
        standing = draft.knowledge.standing(draft.country, draft.platform.id)
        if standing:
            sections.insert(0, Section((short_standing(draft, draft.platform, standing),)))
        return draft.finish(draft.title(headline), lead, sections)
    headline = t("Buying crypto with {currency}", currency=currency)
    names = list(
        dict.fromkeys(draft.knowledge.platforms[f.platform or ""].name for f in providers)
    )[:MAX_PROVIDERS]
    lead = (
        Line(t("Providers on record that take {currency} in {country}: {names}.",
               currency=currency, country=draft.place, names=t.listing(names)))
        if names else draft.card_lead()
    )  # fmt: skip
    lines = tuple(
        draft.line(f, draft.knowledge.platforms[f.platform or ""].name)
        for f in one_each(providers)[:MAX_PROVIDERS]
    )
    notes = draft.facts(Topic.ONRAMP, Kind.NOTE, Kind.RULE, Kind.RISK)[:3]
    return draft.finish(
        draft.title(headline), lead,
        [Section(lines), rail_section(draft), Section(tuple(draft.line(f) for f in notes))],
    )  # fmt: skip


def one_each(facts: list[Fact]) -> list[Fact]:
    """The first fact of each platform."""
    seen: dict[str, Fact] = {}
    for fact in facts:
        seen.setdefault(fact.platform or fact.id, fact)
    return list(seen.values())


def onramp_facts(draft: Draft) -> list[Fact]:
    """Providers that may be shown there; those of the asked rail first, then the licensed."""
    allowed = [
        fact
        for fact in draft.facts(Topic.ONRAMP, Kind.ONRAMP)
        if draft.gate.decide(GateKind.ONRAMP, draft.country, fact.platform).allowed
    ]

    def order(fact: Fact) -> tuple[bool, bool, str]:
        standing = draft.knowledge.standing(draft.country, fact.platform or "")
        return (
            not set(fact.rails) & set(draft.rails),
            not (standing and standing.standing in PERMITTED_STANDINGS),
            fact.id,
        )

    return sorted(allowed, key=order)


def onramp_held(draft: Draft, decision: Decision) -> Answer:
    t = draft.t
    headline = t("No way to buy crypto that I may show in {country}", country=draft.place)
    trading = draft.knowledge.rule(draft.country or "", Activity.TRADING)
    payments = draft.knowledge.rule(draft.country or "", Activity.PAYMENTS)
    lead = held_lead(draft, decision)
    more = [f for f in (trading, payments) if f and decision.rule and f.id != decision.rule.id]
    risks = draft.facts(Topic.P2P, Kind.RISK)[:3]
    return draft.finish(
        draft.title(headline), lead,
        [Section(tuple(draft.rule_line(f) for f in more)), Section(tuple(draft.line(f) for f in risks))],
    )  # fmt: skip


def rail_section(draft: Draft) -> Section:
    """What is known of the rails that the question names."""
    facts = [f for f in draft.knowledge.of_kind(draft.country, Kind.RAIL) if f.rail in draft.rails]
    return Section(tuple(rail_line(draft, f) for f in facts[:4]))


def rail_line(draft: Draft, fact: Fact) -> Line:
    return draft.line(fact, draft.knowledge.rails[fact.rail or ""].name)
