"""What the law of a country says."""

from __future__ import annotations

from bot.answers.draft import MAX_EVENTS, Draft
from bot.answers.labels import STATUS
from bot.answers.model import Answer, Section
from bot.answers.topics.platform import platform_standing
from bot.knowledge.model import Activity, Kind


def regulation(draft: Draft) -> Answer:
    if draft.platform is not None:
        return platform_standing(draft, draft.platform)
    t = draft.t
    card = draft.knowledge.card(draft.country or "")
    assert card is not None and draft.country is not None
    headline = t(
        "Crypto in {country}: {status}", country=draft.place, status=t(STATUS[card.status])
    )
    rules = [
        draft.rule_line(f)
        for f in draft.knowledge.rules(draft.country)
        if f.activity is not Activity.OVERALL
    ]
    return draft.finish(
        draft.title(headline), draft.card_lead(), [Section(tuple(rules)), timeline(draft)]
    )


def timeline(draft: Draft) -> Section:
    events = sorted(
        draft.knowledge.of_kind(draft.country, Kind.EVENT), key=lambda f: f.date or "", reverse=True
    )
    return Section(tuple(draft.line(f, dated=True) for f in events[:MAX_EVENTS]), draft.t("Latest"))
