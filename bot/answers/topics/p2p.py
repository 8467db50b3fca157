"""Trades with another person, the payment systems for them, and accounts frozen over them."""

from __future__ import annotations

import re

from bot.answers.draft import Draft, held_lead
from bot.answers.labels import STATUS
from bot.answers.model import Answer, Section
from bot.answers.topics.onramp import rail_line
from bot.answers.topics.safety import report_facts, was_robbed
from bot.compliance.gate import Decision
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Status, Topic

_FROZEN = re.compile(
    r"froz|freez|lien|block(?!ed-access)|traced|dormant|warned-account|suspicious|restriction"
    r"|account-watch|not-997"
)
"""Facts, by their ids, on accounts that a bank or the police hold."""
_MULE = re.compile(r"\b(?:mule|lend|rent)")
"""Facts, by their ids, on lending one's account to others."""
_IN_A_TRADE = (("name_match", "x.p2p.third-party"), ("escrow", "x.p2p.escrow"))
"""What whoever stands in the middle of a trade asks, and the fact that helps, what matters most first."""
_ASKS_LAW = ("legal", "law", "licence", "illegal", "regulator")
_STEPS = re.compile(r"steps|help|complaint|leave|traced|not-997|dormant")
"""Those of them that say what to do."""


def p2p(draft: Draft) -> Answer:
    decision = draft.gate.decide(GateKind.P2P, draft.country)
    general = _frozen(draft.knowledge.facts(None, Topic.P2P))
    if general and tells_of_frozen(draft):
        return frozen_account(draft, decision, general)
    if not decision.allowed:
        return held(draft, decision)
    return guide(draft)


def tells_of_frozen(draft: Draft) -> bool:
    """Whether somebody's account is held; 'is P2P restricted there?' asks for the law."""
    focus = draft.focus
    if focus.has("fake_id") or (focus.has("escrow") and not focus.has("bank")):
        return False  # an account lent, or coins that the other side does not release
    of_somebody = focus.concepts - {"frozen", "p2p_word", "q_how", "q_where", "q_which"}
    asks_law = focus.has("legal", "law")
    return focus.has("frozen") and not asks_law and bool(of_somebody or draft.rails)


def frozen_account(draft: Draft, decision: Decision, general: list[Fact]) -> Answer:
    """What to do now; how money moves is no help to whoever can't move it."""
    local = _frozen(_local(draft))
    steps = [f for f in local if _STEPS.search(f.id)]
    more = [f for f in local if f not in steps][:4]
    more += [] if steps else report_facts(draft)
    rule = [decision.rule] if decision.rule and not decision.allowed else []
    sections = [
        Section(tuple(draft.line(f) for f in [*general[1:], *steps])),
        Section(tuple(draft.line(f) for f in more)),
        Section(tuple(draft.rule_line(f) for f in rule)),
    ]
    if decision.allowed:
        tips = draft.general_facts(Topic.P2P)[:2]
        sections.append(Section(tuple(draft.line(f) for f in tips), draft.t("Stay safe")))
    headline = draft.t("Frozen account in {country}: what to do", country=draft.place)
    return draft.finish(draft.title(headline), draft.line(general[0]), sections)


def _frozen(facts: list[Fact]) -> list[Fact]:
    return [f for f in facts if _FROZEN.search(f.id)]


def held(draft: Draft, decision: Decision) -> Answer:
    headline = draft.t("P2P in {country}: not something I may guide", country=draft.place)
    shown = _asked_first(draft, Kind.RISK)[:5]
    if draft.focus.has("fake_id") and (lending := _of_lending(draft)):
        shown = [lending, *(f for f in shown if f is not lending)]
    sections = [_robbed(draft), Section(tuple(draft.line(f) for f in shown))]
    return draft.finish(draft.title(headline), held_lead(draft, decision), sections)


def _robbed(draft: Draft) -> Section:
    """Where to turn to, for whoever has lost money in a trade."""
    reports = report_facts(draft)[:2] if was_robbed(draft) else []
    return Section(tuple(draft.line(f) for f in reports))


def guide(draft: Draft) -> Answer:
    t = draft.t
    rule = draft.knowledge.rule(draft.country or "", Activity.P2P)
    card = draft.knowledge.card(draft.country or "")
    status = (rule.status if rule else None) or (card.status if card else Status.UNCLEAR)
    general = draft.focus.first(draft.general_facts(Topic.P2P))
    rails = Section(tuple(rail_line(draft, f) for f in _rails(draft)), t("Payment systems"))
    risks = _asked_first(draft, Kind.RISK)[:4]
    notes = _asked_first(draft, Kind.NOTE)[:2]
    sections = [
        Section(tuple(draft.line(f) for f in risks), t("What goes wrong")),
        Section(tuple(draft.line(f) for f in general[:3]), t("Stay safe")),
        Section(tuple(draft.line(f) for f in notes)),
    ]
    # where such trades are restricted, how money moves comes after what they can cost
    sections.insert(1 if status is Status.RESTRICTED and not draft.rails else 0, rails)
    sections.insert(0, _robbed(draft))
    headline = t("P2P in {country}: {status}", country=draft.place, status=t(STATUS[status]))
    lead = draft.line(rule) if rule else draft.card_lead()
    if first := _tip(draft, general):
        sections.insert(0, Section((lead,)))
        lead = draft.line(first)
    return draft.finish(draft.title(headline), lead, sections)


def _tip(draft: Draft, general: list[Fact]) -> Fact | None:
    """What whoever is in a trade, or is asked for an account, needs before the law."""
    focus = draft.focus
    if focus.has("fake_id"):
        return _of_lending(draft)
    if focus.has(*_ASKS_LAW):
        return None
    helps = (fact_id for concept, fact_id in _IN_A_TRADE if focus.has(concept))
    return next((f for wanted in helps for f in general if f.id == wanted), None)


def _of_lending(draft: Draft) -> Fact | None:
    """What the country says of accounts that are lent to others."""
    return next((f for f in _local(draft) if _MULE.search(f.id)), None)


def _local(draft: Draft) -> list[Fact]:
    """The country's risks and notes on trades and on safety."""
    kinds = (Kind.RISK, Kind.NOTE)
    facts = [*draft.facts(Topic.P2P, *kinds), *draft.facts(Topic.SAFETY, *kinds)]
    return draft.knowledge.as_written(facts)


def _asked_first(draft: Draft, kind: Kind) -> list[Fact]:
    return draft.focus.first(draft.knowledge.as_written(draft.facts(Topic.P2P, kind)))


def _rails(draft: Draft) -> list[Fact]:
    """The payment systems that the question names, else the country's first."""
    rails = draft.knowledge.of_kind(draft.country, Kind.RAIL)
    return [f for f in rails if f.rail in draft.rails] or rails[:5]
