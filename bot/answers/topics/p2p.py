"""Trades with another person, and the payment systems for them."""

from __future__ import annotations

from bot.answers.draft import Draft, held_lead
from bot.answers.labels import STATUS
from bot.answers.model import Answer, Section
from bot.answers.topics.onramp import rail_line
from bot.knowledge.model import Activity, GateKind, Kind, Topic


def p2p(draft: Draft) -> Answer:
    t = draft.t
    decision = draft.gate.decide(GateKind.P2P, draft.country)
    rule = draft.knowledge.rule(draft.country or "", Activity.P2P)
    risks = draft.facts(Topic.P2P, Kind.RISK)
    if not decision.allowed:
        return draft.finish(
            draft.title(t("P2P in {country}: not something I may guide", country=draft.place)),
            held_lead(draft, decision), [Section(tuple(draft.line(f) for f in risks[:5]))],
        )  # fmt: skip
    lead = draft.line(rule) if rule else draft.card_lead()
    status = t(STATUS[rule.status]) if rule and rule.status else t(STATUS[_card_status(draft)])
    rails = draft.knowledge.of_kind(draft.country, Kind.RAIL)
    rails.sort(key=lambda f: (f.rail not in draft.rails, f.id))
    shown = [f for f in rails if f.rail in draft.rails] or rails[:5]
    notes = draft.facts(Topic.P2P, Kind.NOTE)
    general = draft.knowledge.facts(None, Topic.P2P)[:3]
    return draft.finish(
        draft.title(t("P2P in {country}: {status}", country=draft.place, status=status)), lead,
        [
            Section(tuple(rail_line(draft, f) for f in shown), t("Payment systems")),
            Section(tuple(draft.line(f) for f in risks[:4]), t("What goes wrong")),
            Section(tuple(draft.line(f) for f in [*notes[:2], *general]), t("Stay safe")),
        ],
    )  # fmt: skip


def _card_status(draft: Draft):  # type: ignore[no-untyped-def]
    card = draft.knowledge.card(draft.country or "")
    assert card is not None
    return card.status
