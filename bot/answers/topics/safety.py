"""A scam in progress, one that is over, and how to keep one's coins."""

from __future__ import annotations

import re

from bot.answers.draft import Draft, of_platforms
from bot.answers.model import Answer, Line, Section
from bot.answers.topics.platform import standing_text
from bot.knowledge.model import Fact, Kind, Topic

_REPORT = re.compile(r"helpline|(?<!bank-)report|fraud-line|scamshield|call-997|recovery-who")
"""Facts, by their ids, that say where to turn to."""
_LEAKED = "x.safety.leaked-phrase"
_ROBBER = ("scam", "impostor", "stranger", "stolen", "double_money", "remote_app")
"""Concepts of a question that speaks of somebody who is after the money."""
_ABOUT = (
    ("recovery", re.compile("recover")),
    ("link_click", re.compile("approval|drainer|fake-app")),
    ("scam", re.compile("fake-platform|withdrawal-fee|pig-butchering|guaranteed|fake-support")),
)
"""What a concept asks for, where more facts share its words than are about it; the first counts."""


def safety(draft: Draft) -> Answer:
    general = _general_facts(draft)
    if was_robbed(draft) or draft.focus.has("gave_away"):
        return _after(draft, general)
    if _asks_to_keep(draft) and general:
        return _keep_safe(draft, general)
    t = draft.t
    lead = Line(t(
        "Stop and don't send anything yet. Nobody from this team or any exchange asks for your seed phrase, "
        "private key, password or a code, and staff never write to you first."
    ))  # fmt: skip
    reports = report_facts(draft)
    sections = [
        _platform(draft),
        Section(_lines(draft, reports[:2] if draft.focus.has("scam") else [])),
        Section(_lines(draft, general[:6]), t("How to tell")),
        _local(draft, reports, told=draft.focus.has("scam")),
    ]
    headline = t("🛡 This looks like a scam: keep your keys and money")
    return draft.finish(headline, lead, sections, warn=False)


def was_robbed(draft: Draft) -> bool:
    """Whether the money is gone already, or somebody asks where to report."""
    focus = draft.focus
    scammed = focus.has("scam") and focus.has("q_where", "support_word", "recovery")
    return focus.has("stolen") or scammed or (focus.has("regulator") and focus.has("support_word"))


def report_facts(draft: Draft) -> list[Fact]:
    """Where to report a fraud in the country."""
    facts = draft.facts(Topic.SAFETY, Kind.RISK, Kind.NOTE) if draft.country else []
    reports = draft.knowledge.as_written(f for f in facts if _REPORT.search(f.id))
    return draft.focus.first(reports)


def _asks_to_keep(draft: Draft) -> bool:
    """Whether this asks how to keep coins, and nobody is after them yet."""
    if draft.focus.has(*_ROBBER) or (draft.focus.has("recovery") and not draft.focus.has("secret")):
        return False
    return draft.focus.has("q_how", "q_where", "q_which")


def _after(draft: Draft, general: list[Fact]) -> Answer:
    """Where to report comes before how to tell."""
    t = draft.t
    reports = report_facts(draft)
    first = reports or [f for f in general if _REPORT.search(f.id)]
    if draft.focus.has("gave_away") and draft.focus.has("secret"):
        first = [*(f for f in general if f.id == _LEAKED), *first]
    more = [f for f in general if f not in first]
    more.sort(key=lambda f: "recover" not in f.id)
    sections = [
        Section(_lines(draft, first[1:3])),
        _platform(draft),
        Section(_lines(draft, more[:5]), t("How to tell")),
        _local(draft, reports, told=True),
    ]
    headline = t("🛡 After a scam: report it at once and keep every record")
    return draft.finish(headline, draft.line(first[0]), sections, warn=False)


def _keep_safe(draft: Draft, general: list[Fact]) -> Answer:
    lead = draft.line(general[0])
    more = Section(_lines(draft, general[1:6]))
    return draft.finish(draft.t("🛡 Keeping your crypto safe"), lead, [more], warn=False)


def _general_facts(draft: Draft) -> list[Fact]:
    """What holds everywhere, first what was asked for."""
    facts = draft.general_facts(Topic.SAFETY, Kind.RISK, Kind.NOTE)
    facts.sort(key=lambda f: (f.kind is not Kind.RISK, of_platforms(f)))
    facts = draft.focus.first(facts)
    known = draft.focus.concepts & {"secret", "stranger", "impostor", "double_money", "remote_app"}
    for concept, about in _ABOUT:
        if draft.focus.has(concept) and not known:
            return sorted(facts, key=lambda f: not about.search(f.id))
    return facts


def _local(draft: Draft, reports: list[Fact], *, told: bool) -> Section:
    """The country's own risks, after where to report unless that is `told` already."""
    risks = draft.facts(Topic.SAFETY, Kind.RISK) if draft.country else []
    others = draft.focus.first(draft.knowledge.as_written(f for f in risks if f not in reports))
    shown = others[:3] if told else [*reports[:2], *others[:3]]
    return Section(_lines(draft, shown), draft.place if draft.country else None)


def _platform(draft: Draft) -> Section:
    """What is on record of the platform that the question names."""
    if draft.platform is None or draft.country is None:
        return Section(())
    standing = draft.knowledge.standing(draft.country, draft.platform.id)
    about = draft.knowledge.about_platform(draft.country, draft.platform.id)
    facts = [f for f in about if f is not standing and f.topic is Topic.SAFETY][:3]
    lines = [draft.line(f, dated=f.kind is Kind.EVENT) for f in facts]
    if standing:
        lines.insert(0, draft.line(standing, standing_text(draft.t, standing)))
    return Section(tuple(lines), draft.platform.name)


def _lines(draft: Draft, facts: list[Fact]) -> tuple[Line, ...]:
    return tuple(draft.line(f) for f in facts)
