"""Rewards for inviting friends."""

from __future__ import annotations

from bot.answers.draft import Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.knowledge.model import GateKind, Topic


def referral(draft: Draft) -> Answer:
    t = draft.t
    decision = draft.gate.decide(GateKind.REFERRAL, draft.country)
    if draft.country and not decision.allowed:
        return draft.finish(
            draft.title(t("Referral rewards in {country}: not offered", country=draft.place)),
            held_lead(draft, decision),
        )
    lead = Line(
        t(
            "Inviting friends: no referral campaign is running in this community now. When one starts, your own link and your numbers are under /refer."
        )
    )
    rules = [decision.rule] if decision.rule else []
    general = draft.knowledge.facts(None, Topic.REFERRAL)[:3]
    headline = t("Referrals in {country}", country=draft.place) if draft.country else t("Referrals")
    return draft.finish(
        draft.title(headline), lead,
        [Section(tuple(draft.rule_line(f) for f in rules)), Section(tuple(draft.line(f) for f in general))],
        warn=False,
    )  # fmt: skip
