"""What stands beside an answer: of further countries and platforms that the question names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.answers.draft import Draft
from bot.answers.labels import STATUS, stock_details
from bot.answers.model import Button, Line, Section, ShowTopic
from bot.answers.topics.onramp import provider_facts
from bot.answers.topics.platform import asked_facts, asked_section, standing_text
from bot.answers.topics.regulation import asked_rule
from bot.i18n import flag
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic

MAX_BESIDE = 2
"""Further countries, and further platforms, that one answer speaks of."""
_ACTIVITY = {
    Topic.TAX: Activity.TAX, Topic.P2P: Activity.P2P, Topic.STOCKS: Activity.TOKENIZED_STOCKS,
}  # fmt: skip


def beside(draft: Draft) -> tuple[Section, ...]:
    if draft.asked.abroad is not None:
        return (Section(tuple(_services_from(draft, draft.asked.abroad))),)
    lines = (*_countries(draft), *_platforms(draft))
    return (Section(tuple(replace(line, weight=2) for line in lines)),)


def beside_buttons(draft: Draft) -> tuple[Button, ...]:
    """The same question of each further country and platform, save where a rule closed them."""
    if draft.asked.home is not None or draft.topic is Topic.NONE:
        return ()
    t, topic = draft.t, draft.topic
    platform = draft.platform.id if draft.platform else None
    countries = [
        Button(f"{flag(code)} {t.country(code)}", ShowTopic(topic, code, platform))
        for code in draft.asked.other_countries[:MAX_BESIDE]
    ]
    platforms = [
        Button(p.name, ShowTopic(topic, draft.country, p.id)) for p in _other_platforms(draft)
    ]
    return (*countries, *platforms)


def _services_from(draft: Draft, abroad: str) -> Iterator[Line]:
    """What the home's rules say of services from there."""
    platforms = draft.knowledge.platforms
    for fact in draft.knowledge.of_kind(draft.country, Kind.NOTE, Kind.RULE):
        names = (p for p in (fact.platform, *fact.platforms) if p)
        if any(platforms[p].home == abroad for p in names):
            yield replace(draft.line(fact), weight=2)


def _countries(draft: Draft) -> Iterator[Line]:
    for code in draft.asked.other_countries[:MAX_BESIDE]:
        name = f"{flag(code)} {draft.t.country(code)}"
        if draft.topic in (Topic.REGULATION, Topic.PLATFORM) and draft.platform:
            yield _standing(draft, draft.platform, code, name)
        elif draft.topic is Topic.REGULATION or draft.topic in _ACTIVITY:
            yield _law(draft, code, name)


def _standing(draft: Draft, platform: Platform, code: str, name: str) -> Line:
    standing = draft.knowledge.standing(code, platform.id)
    if standing:
        label = draft.t("{label}: {value}", label=name, value=standing_text(draft.t, standing))
        return replace(draft.line(standing, label), separator=" — ")
    return Line(draft.t(
        "{platform} in {country}: nothing on record",
        platform=platform.name, country=draft.t.place(code),
    ), label=name)  # fmt: skip


def _law(draft: Draft, code: str, name: str) -> Line:
    """The rule of what was asked, or the country in one glance."""
    activity = _ACTIVITY.get(draft.topic)
    rule = draft.knowledge.rule(code, activity) if activity else asked_rule(draft, code)
    card = draft.knowledge.card(code)
    assert card is not None
    status = rule.status if rule else card.status
    value = draft.t(STATUS[status or card.status])
    line = draft.line(rule) if rule else draft.cite.card(code, card, card.sentence)
    label = draft.t("{label}: {value}", label=name, value=value)
    return replace(line, label=label, separator=" — ")


def _other_platforms(draft: Draft) -> list[Platform]:
    known = draft.knowledge.platforms
    if draft.platform is None:
        return []
    return [known[p] for p in draft.asked.other_platforms if p in known][:MAX_BESIDE]


def _platforms(draft: Draft) -> Iterator[Line]:
    for platform in _other_platforms(draft):
        standing = draft.knowledge.standing(draft.country, platform.id)
        if draft.topic is Topic.ONRAMP and (fact := _way_in(draft, platform)):
            yield draft.line(fact, platform.name)
        elif standing:
            label = draft.t(
                "{label}: {value}", label=platform.name, value=standing_text(draft.t, standing)
            )
            yield replace(draft.line(standing, label), separator=" — ")
            asked = asked_section(draft, platform, asked_facts(draft, platform)[:2])
            yield from (replace(line, label=platform.name) for line in asked.lines)
        elif draft.closed_by() is None and _may_show(draft, platform):
            details = stock_details(draft.t, platform.stock) if platform.stock else ()
            yield replace(draft.cite.platform(platform, details), label=platform.name)


def _way_in(draft: Draft, platform: Platform) -> Fact | None:
    return next(iter(provider_facts(draft, platform)), None)


def _may_show(draft: Draft, platform: Platform) -> bool:
    if draft.country is None or draft.topic is not Topic.STOCKS:
        return True
    return draft.gate.decide(GateKind.STOCKS, draft.country, platform.id).allowed
