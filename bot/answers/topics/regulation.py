"""What the law of a country says."""

from __future__ import annotations

from dataclasses import replace

from bot.answers.draft import MAX_EVENTS, Draft
from bot.answers.labels import STATUS
from bot.answers.model import Answer, Section
from bot.answers.topics.platform import platform_list, platform_standing
from bot.i18n import flag
from bot.knowledge.model import Activity, Fact, Kind, Topic, ValueKey

_ACTIVITY_OF = {
    "invite": Activity.REFERRAL, "invite_link": Activity.REFERRAL,
    "promo_word": Activity.MARKETING,
    "pay_with": Activity.PAYMENTS,
    "p2p_word": Activity.P2P, "counterparty": Activity.P2P,
    "tech": Activity.MINING,
    "tokenized": Activity.TOKENIZED_STOCKS, "stock_word": Activity.TOKENIZED_STOCKS,
    "usdt": Activity.STABLECOINS,
    "card": Activity.PAYMENTS,
    "tax": Activity.TAX,
    "licence": Activity.LICENSING,
}  # fmt: skip
"""A concept of a question -> the activity whose rule it asks for; the first decides."""
_SAYS_NOTHING = frozenset({
    "legal", "law", "licence", "buy", "sell", "exchange_word", "signup", "compare", "platform_what",
    "tech", "tax",
})  # fmt: skip
"""Concepts of most questions about the law: no note is looked for by them."""
_OF_ADVERTISING = frozenset({Topic.REGULATION, Topic.PROMO, Topic.REFERRAL})
_EVENT_TOPICS = frozenset({Topic.REGULATION, Topic.TAX, Topic.PLATFORM})
_OF_PERSONS = (Activity.HOLDING, Activity.TRADING)
_SELDOM_ASKED = frozenset({Activity.MINING, Activity.PAYMENTS, Activity.REFERRAL})
_PENALTIES = frozenset({ValueKey.MAX_FINE, ValueKey.MAX_PRISON})
MAX_NOTES = 4


def regulation(draft: Draft) -> Answer:
    if draft.platform is not None:
        return platform_standing(draft, draft.platform)
    if draft.asked.abroad is not None:
        return law_from_home(draft, draft.asked.abroad)
    if draft.focus.has("licence") and draft.focus.has("exchange_word"):
        return platform_list(draft)
    asked_in = draft.country or ""
    asked = asked_rule(draft, asked_in)
    if asked:
        lead = draft.rule_line(asked)
        headline = f"{draft.t.country(asked_in)}: {lead.label}"
        lead = replace(lead, label=None)
    else:
        headline, lead = status_of(draft), draft.card_lead()
    notes = tuple(replace(draft.line(f), weight=2) for f in asked_notes(draft))
    return draft.finish(
        draft.title(headline), lead, [Section(notes), other_rules(draft, asked), timeline(draft)]
    )


def status_of(draft: Draft) -> str:
    card = draft.knowledge.card(draft.country or "")
    assert card is not None
    return draft.t(
        "Crypto in {country}: {status}", country=draft.place, status=draft.t(STATUS[card.status])
    )


def asked_rule(draft: Draft, country: str) -> Fact | None:
    """The rule of the activity that the question names."""
    for concept, activity in _ACTIVITY_OF.items():
        if draft.focus.has(concept) and (rule := draft.knowledge.rule(country, activity)):
            return rule
    return None


def asked_notes(draft: Draft) -> list[Fact]:
    """What else is known of what was asked; of a penalty, what is fined or punished."""
    focus = draft.focus
    activities = [c for c in _ACTIVITY_OF if focus.has(c) and c != "licence"]
    wanted = set(activities or focus.concepts) - _SAYS_NOTHING
    advertising = focus.has("promo_word", "invite", "invite_link")
    topics = _OF_ADVERTISING if advertising else set(Topic) - {Topic.ONRAMP}
    known = draft.knowledge.of_kind(draft.country, Kind.NOTE, Kind.RISK)
    pool = [f for f in draft.knowledge.as_written(known) if f.topic in topics]
    found = focus.first(focus.matching(pool, *wanted))
    if focus.has("illegal"):
        fined = [f for f in pool if not _PENALTIES.isdisjoint(v.key for v in f.values)]
        fined.sort(key=lambda f: (f not in found, f.topic is not Topic.REGULATION))
        found = [*fined, *(f for f in found if f not in fined)]
    return found[:MAX_NOTES]


def other_rules(draft: Draft, asked: Fact | None) -> Section:
    return Section(
        tuple(
            replace(draft.rule_line(f), weight=_weight(f))
            for f in draft.knowledge.rules(draft.country or "")
            if f is not asked and f.activity is not Activity.OVERALL
        )
    )


def _weight(rule: Fact) -> int:
    if rule.activity is Activity.TAX:
        return 2
    return 0 if rule.activity in _SELDOM_ASKED else 1


def timeline(draft: Draft) -> Section:
    events = sorted(
        (f for f in draft.knowledge.of_kind(draft.country, Kind.EVENT) if f.topic in _EVENT_TOPICS),
        key=lambda f: f.date or "",
        reverse=True,
    )
    lines = [draft.line(f, dated=True) for f in events[:MAX_EVENTS]]
    return Section(
        tuple(replace(line, weight=2 if i == 0 else 1) for i, line in enumerate(lines)),
        draft.t("Latest"),
    )


def law_from_home(draft: Draft, abroad: str) -> Answer:
    """The law of another country, to somebody whom their own keeps from its services."""
    closed = draft.closed_by()
    lead = draft.rule_line(closed) if closed else draft.card_lead()
    there = {
        f.id: f
        for f in (asked_rule(draft, abroad), draft.knowledge.rule(abroad, Activity.LICENSING))
        if f
    }
    here = [draft.knowledge.rule(draft.country or "", a) for a in _OF_PERSONS]
    at_home = [draft.rule_line(f) for f in here if f and f is not closed]
    lines = tuple(draft.rule_line(f) for f in there.values())
    return draft.finish(
        draft.title(status_of(draft)), lead,
        [Section(tuple(at_home)), Section(lines, f"{flag(abroad)} {draft.t.country(abroad)}")],
    )  # fmt: skip
