"""How local money becomes crypto, and back, through a company."""

from __future__ import annotations

from dataclasses import replace

from bot.answers.draft import MAX_PROVIDERS, Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.answers.topics.platform import (
    FEES,
    asked_facts,
    asked_section,
    has_fee,
    platform_standing,
    short_standing,
)
from bot.compliance.gate import PERMITTED_STANDINGS, Decision
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic, ValueKey, Verdict

_IN = frozenset({"buy", "deposit"})
_OUT = frozenset({"sell", "withdraw"})


def onramp(draft: Draft) -> Answer:
    decision = draft.gate.decide(GateKind.ONRAMP, draft.country)
    if decision.rule is not None and decision.verdict is Verdict.HOLD:
        return onramp_held(draft, decision)
    if draft.platform is None:
        return onramp_country(draft)
    facts = provider_facts(draft, draft.platform)
    if not facts:
        return platform_standing(draft, draft.platform)
    return onramp_platform(draft, draft.platform, facts)


def onramp_platform(draft: Draft, platform: Platform, facts: list[Fact]) -> Answer:
    t = draft.t
    currency = t.currency(draft.knowledge.file(draft.country or "").currency)
    headline = t("{platform}: paying in {currency}", platform=platform.name, currency=currency)
    asked = asked_facts(draft, platform)
    facts = [f for f in facts if f not in asked]
    standing = draft.knowledge.standing(draft.country, platform.id)
    told = asked_section(draft, platform, asked).lines
    lines = (*told, *(draft.line(f) for f in facts))
    behind = Section((short_standing(draft, platform, standing),) if standing else ())
    return draft.finish(
        draft.title(headline), lines[0], [behind, Section(lines[1:]), rail_section(draft)]
    )


def onramp_country(draft: Draft) -> Answer:
    t = draft.t
    currency = t.currency(draft.knowledge.file(draft.country or "").currency)
    asked, providers = asked_here(draft), onramp_facts(draft)
    told = {f.id for f in asked}
    taking = {f.platform for f in takers(draft, providers)}
    firsts = [f for f in one_each(providers) if f.id not in told]
    if taking:
        firsts = [f for f in firsts if f.platform in taking]
    notes = [f for f in onramp_notes(draft) if f.id not in told]
    lines = Section(tuple(named_line(draft, f) for f in firsts[:MAX_PROVIDERS]))
    after = Section(tuple(draft.line(f) for f in notes[:3]))
    rest = [lines, rail_section(draft), after] if providers else [after, rail_section(draft)]
    return draft.finish(
        draft.title(t("Buying and selling crypto with {currency}", currency=currency)),
        country_lead(draft, providers),
        [Section(tuple(replace(named_line(draft, f), weight=2) for f in asked)), *rest],
    )  # fmt: skip


def named_line(draft: Draft, fact: Fact) -> Line:
    return draft.line(fact, provider_name(draft, fact))


def country_lead(draft: Draft, providers: list[Fact]) -> Line:
    """Who takes the money; of an asked payment system, who takes that, or that nobody does."""
    t, country = draft.t, draft.country or ""
    if not providers:
        return Line(
            t("No provider that I may show is on record in {country}.", country=draft.place)
        )
    if draft.focus.has("fee") and any(map(has_fee, money_facts(draft))):
        return Line(t(
            "I don't rank platforms. The fees on record are below; each platform's own page has them all."
        ))  # fmt: skip
    rails = t.listing([draft.knowledge.rails[r].name for r in draft.rails])
    taking = takers(draft, providers)
    if rails and not taking:
        return Line(t(
            "No provider on record in {country} takes {rail}.", country=draft.place, rail=rails
        ))  # fmt: skip
    names = t.listing(names_of(draft, taking or providers)[:MAX_PROVIDERS])
    if rails:
        return Line(names, label=rails)
    currency = t.currency(draft.knowledge.file(country).currency)
    return Line(t("Providers on record that take {currency} in {country}: {names}.",
                  currency=currency, country=draft.place, names=names))  # fmt: skip


def takers(draft: Draft, providers: list[Fact]) -> list[Fact]:
    """Those who take an asked payment system."""
    return [f for f in providers if set(f.rails) & set(draft.rails)]


def names_of(draft: Draft, facts: list[Fact]) -> list[str]:
    return list(dict.fromkeys(name for f in facts if (name := provider_name(draft, f))))


def provider_name(draft: Draft, fact: Fact) -> str | None:
    platform = draft.knowledge.platforms.get(fact.platform or "")
    return platform.name if platform else None


def asked_here(draft: Draft) -> list[Fact]:
    """What is known of what a question asks for beside buying: foreigners, fees, the way out."""
    focus, money = draft.focus, money_facts(draft)
    found: list[Fact] = []
    if focus.has("foreigner"):
        notes = draft.knowledge.of_kind(draft.country, Kind.NOTE, Kind.RISK)
        found += focus.matching([*money, *(f for f in notes if f not in money)], "foreigner")
    if focus.has("fee"):
        fees = [f for f in money if has_fee(f)] + focus.matching(money, "fee")
        found += sorted(fees, key=lambda f: unasked(draft, f))
    if focus.has(*_OUT):
        out = focus.matching(money, *_OUT)
        found += sorted(out, key=lambda f: (not has_out_fee(f), unasked(draft, f)))
    shown = {f.id: f for f in found if may_show(draft, f)}
    return list(shown.values())[:MAX_PROVIDERS]


def has_out_fee(fact: Fact) -> bool:
    return any(value.key is ValueKey.WITHDRAWAL_FEE for value in fact.values)


def tells_out(fact: Fact) -> bool:
    """Of its fees only that of taking money out is told."""
    fees = {value.key for value in fact.values} & FEES
    return fees == {ValueKey.WITHDRAWAL_FEE}


def money_facts(draft: Draft) -> list[Fact]:
    """What is known of ways in and out, of those who may be shown."""
    found = draft.knowledge.as_written(draft.facts(Topic.ONRAMP, Kind.ONRAMP, Kind.NOTE))
    return [f for f in found if may_show(draft, f)]


def may_show(draft: Draft, fact: Fact) -> bool:
    return draft.gate.decide(GateKind.ONRAMP, draft.country, fact.platform).allowed


def onramp_notes(draft: Draft) -> list[Fact]:
    found = draft.facts(Topic.ONRAMP, Kind.NOTE, Kind.RULE, Kind.RISK)
    found = draft.knowledge.as_written(found)
    found = draft.focus.first(f for f in found if may_show(draft, f))
    return sorted(found, key=lambda f: unasked(draft, f))


def one_each(facts: list[Fact]) -> list[Fact]:
    """The first fact of each platform."""
    seen: dict[str, Fact] = {}
    for fact in facts:
        seen.setdefault(fact.platform or fact.id, fact)
    return list(seen.values())


def unasked(draft: Draft, fact: Fact) -> bool:
    """Speaks of foreigners only, or of the other direction only, and that was not asked."""
    concepts, focus = draft.focus.facts[fact], draft.focus
    if "foreigner" in concepts and not focus.has("foreigner"):
        return True
    sells = focus.has(*_OUT)
    if not sells and tells_out(fact):
        return True
    wanted, other = (_OUT, _IN) if sells else (_IN, _OUT)
    return bool(concepts & other) and not concepts & wanted


def by_direction(draft: Draft, fact: Fact) -> bool:
    """Sort key: what tells how to sell or withdraw comes first, where that was asked."""
    return draft.focus.has(*_OUT) and not draft.focus.facts[fact] & _OUT


def onramp_facts(draft: Draft) -> list[Fact]:
    """Providers that may be shown there; those of the asked rail first, then the licensed."""
    allowed = [f for f in money_facts(draft) if f.kind is Kind.ONRAMP]

    def order(fact: Fact) -> tuple[bool, bool, bool, bool]:
        standing = draft.knowledge.standing(draft.country, fact.platform or "")
        return (
            by_direction(draft, fact),
            not set(fact.rails) & set(draft.rails),
            unasked(draft, fact),
            not (standing and standing.standing in PERMITTED_STANDINGS),
        )

    return sorted(draft.focus.first(allowed), key=order)


def provider_facts(draft: Draft, platform: Platform) -> list[Fact]:
    """How money goes to and from one provider that may be shown; what was asked first."""
    facts = [f for f in money_facts(draft) if f.about(platform.id)]
    allowed = draft.gate.decide(GateKind.ONRAMP, draft.country, platform.id).allowed
    if not allowed or not any(f.kind is Kind.ONRAMP for f in facts):
        return []
    facts.sort(key=lambda f: (f.kind is not Kind.ONRAMP, f.platform != platform.id))

    def order(fact: Fact) -> tuple[bool, bool, bool, bool]:
        other_rail = not set(fact.rails) & set(draft.rails)
        late = by_direction(draft, fact), unasked(draft, fact)
        return other_rail, *late, fact.platform != platform.id

    return sorted(draft.focus.first(facts), key=order)


def onramp_held(draft: Draft, decision: Decision) -> Answer:
    t = draft.t
    headline = t("No way to buy or sell crypto that I may show in {country}", country=draft.place)
    closed = draft.closed_by() if draft.asked.abroad else None
    lead = draft.rule_line(closed) if closed else held_lead(draft, decision)
    rules = [
        draft.knowledge.rule(draft.country or "", activity)
        for activity in (Activity.LICENSING, Activity.TRADING, Activity.PAYMENTS)
    ]
    more = [f for f in rules if f and f.id != lead.fact]
    standing = draft.platform and draft.knowledge.standing(draft.country, draft.platform.id)
    risks = draft.facts(Topic.P2P, Kind.RISK)[:3]
    return draft.finish(
        draft.title(headline), lead,
        [Section((draft.line(standing),) if standing else ()),
         Section(tuple(draft.rule_line(f) for f in more)),
         Section(tuple(draft.line(f) for f in risks))],
    )  # fmt: skip


def rail_section(draft: Draft) -> Section:
    """What is known of the rails that the question names."""
    facts = [f for f in draft.knowledge.of_kind(draft.country, Kind.RAIL) if f.rail in draft.rails]
    return Section(tuple(rail_line(draft, f) for f in facts[:4]))


def rail_line(draft: Draft, fact: Fact) -> Line:
    return draft.line(fact, draft.knowledge.rails[fact.rail or ""].name)
