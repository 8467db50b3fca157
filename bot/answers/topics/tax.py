"""What the tax office wants."""

from __future__ import annotations

from bot.answers.draft import MAX_FACTS, Draft
from bot.answers.labels import STATUS
from bot.answers.model import Answer, Line, Section
from bot.knowledge.model import Activity, Kind, Topic


def tax(draft: Draft) -> Answer:
    t = draft.t
    rule = draft.knowledge.rule(draft.country or "", Activity.TAX)
    facts = draft.knowledge.as_written(f for f in draft.facts(Topic.TAX) if f is not rule)
    facts.sort(key=lambda f: (f.kind is not Kind.TAX, f.kind is Kind.EVENT))
    facts = draft.focus.first(facts)
    if rule is None and not facts:
        lead = Line(
            t(
                "I have no source on crypto tax in {country}. Ask the tax office or a licensed adviser.",
                country=draft.place,
            )
        )
        return draft.finish(
            draft.title(t("Crypto tax in {country}", country=draft.place)), lead, warn=False
        )
    first = rule or facts.pop(0)
    headline = (
        t("Crypto tax in {country}: {status}", country=draft.place, status=t(STATUS[rule.status]))
        if rule and rule.status
        else t("Crypto tax in {country}", country=draft.place)
    )
    lines = tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in facts[:MAX_FACTS])
    lead = draft.line(first)
    closing = Line(t("Your own case can differ: ask the tax office or a licensed adviser."))
    return draft.finish(
        draft.title(headline), lead, [Section(lines), Section((closing,))], warn=False
    )
