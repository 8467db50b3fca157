"""Tokenized stocks: the law on them, how the platforms differ, the risks."""

from __future__ import annotations

from bot.answers.draft import Draft, held_lead
from bot.answers.labels import STOCK_RISK, stock_details
from bot.answers.model import Answer, Line, Section
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic


def stocks(draft: Draft) -> Answer:
    t = draft.t
    decision = draft.gate.decide(GateKind.STOCKS, draft.country)
    rule = draft.knowledge.rule(draft.country, Activity.TOKENIZED_STOCKS) if draft.country else None
    if draft.country and not decision.allowed and decision.verdict.value == "hold":
        headline = t("Tokenized stocks in {country}", country=draft.place)
        return draft.finish(
            draft.title(headline),
            held_lead(draft, decision),
            [local_stock_facts(draft, decision.rule)],
        )
    if draft.platform is not None:
        return stock_platform(draft, draft.platform, rule)
    headline = (
        t("Tokenized stocks in {country}", country=draft.place)
        if draft.country
        else t("Tokenized stocks")
    )
    lead = draft.rule_line(rule) if rule else Line(t(
        "A stock token follows a share's price. It is rarely the share itself, and whether you may hold one depends on your country."
    ))  # fmt: skip
    platforms = [
        p for p in draft.knowledge.platforms.values() if p.stock and p.stock.model != "broker"
    ]
    table = tuple(stock_row(draft, p) for p in platforms[:10])
    risks = draft.knowledge.facts(None, Topic.STOCKS, Kind.RISK, Kind.NOTE)[:4]
    return draft.finish(
        draft.title(headline), lead,
        [local_stock_facts(draft, rule), Section(table, t("How they differ")),
         Section(tuple(draft.line(f) for f in risks), t("Risks"))],
    )  # fmt: skip


def local_stock_facts(draft: Draft, shown: Fact | None) -> Section:
    facts = [f for f in draft.facts(Topic.STOCKS) if f is not shown] if draft.country else []
    return Section(tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in facts[:4]))


def stock_row(draft: Draft, platform: Platform) -> Line:
    """One platform of the comparison: values only, so that every language has it."""
    assert platform.stock is not None
    details = stock_details(draft.t, platform.stock)
    cites = draft.cite.platform(platform).cites
    return Line(" · ".join(details), label=platform.name, cites=cites)


def stock_platform(draft: Draft, platform: Platform, rule: Fact | None) -> Answer:
    t = draft.t
    details = stock_details(t, platform.stock) if platform.stock else ()
    lead = draft.cite.platform(platform, details)
    facts = list(draft.knowledge.about_platform(None, platform.id))
    facts.sort(key=lambda f: (f.topic is not Topic.STOCKS, f.kind is not Kind.RISK, f.id))
    here = list(draft.knowledge.about_platform(draft.country, platform.id)) if draft.country else []
    risks = platform.stock.risks if platform.stock else ()
    who = platform.stock.who if platform.stock else None
    who_line: tuple[Line, ...] = ()
    if who:
        text, translated = t.prose(who)
        who_line = (
            Line(text, label=t("Who may use it"), untranslated=not translated, cites=lead.cites),
        )
    sections = [
        Section(
            tuple([draft.rule_line(rule)] if rule else []) + tuple(draft.line(f) for f in here[:4])
        ),
        Section((*who_line, *(draft.line(f) for f in facts[:6])), t("About it")),
        Section((Line(t.listing([t(STOCK_RISK[r]) for r in risks])),) if risks else (), t("Risks")),
    ]
    headline = t("{platform}: tokenized stocks", platform=platform.name)
    return draft.finish(draft.title(headline), lead, sections, warn=draft.country is not None)
