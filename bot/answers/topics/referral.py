"""Rewards for inviting friends."""

from __future__ import annotations

from bot.answers.draft import Draft, held_lead
from bot.answers.model import Answer, Line, Section
from bot.knowledge.model import Activity, GateKind, Topic

MAX_LOCAL = 4
MAX_GENERAL = 3


def referral(draft: Draft) -> Answer:
    t = draft.t
    decision = draft.gate.decide(GateKind.REFERRAL, draft.country)
    if draft.country and not decision.allowed:
        headline = t("Referral rewards in {country}: not offered", country=draft.place)
        shown = {decision.rule.id} if decision.rule else set()
        return draft.finish(
            draft.title(headline), held_lead(draft, decision), [_local(draft, shown)]
        )
    lead = Line(
        t(
            "Inviting friends: no referral campaign is running in this community now. When one starts, your own link and your numbers are under /refer."
        )
    )
    rules = [decision.rule] if decision.rule else []
    local = _local(draft, {f.id for f in rules})
    headline = t("Referrals in {country}", country=draft.place) if draft.country else t("Referrals")
    sections = [
        Section(tuple(draft.rule_line(f) for f in rules)), local, _general(draft, bool(local.lines))
    ]  # fmt: skip
    return draft.finish(draft.title(headline), lead, sections, warn=False)


def _local(draft: Draft, shown: set[str]) -> Section:
    """What the country's law says of rewards, and what they have brought people there."""
    if draft.country is None:
        return Section(())
    rule = draft.knowledge.rule(draft.country, Activity.REFERRAL)
    found = [*([rule] if rule else []), *draft.knowledge.as_written(draft.facts(Topic.REFERRAL))]
    facts = {f.id: f for f in found if f.id not in shown}
    return Section(tuple(draft.rule_line(f) for f in [*facts.values()][:MAX_LOCAL]))


def _general(draft: Draft, has_local: bool) -> Section:
    """Of what other countries' regulators say, one line at most where the own country's is known."""
    facts = draft.knowledge.facts(None, Topic.REFERRAL)
    own = [f for f in draft.knowledge.as_written(facts) if f.id.startswith("x.referral.")]
    limit = 1 if has_local or draft.country else MAX_GENERAL
    return Section(tuple(draft.line(f) for f in own[:limit]))
