"""Tokenized stocks: the law on them, how the platforms differ, the risks."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.answers.draft import Draft, held_lead
from bot.answers.labels import STANDING, STOCK_RISK, stock_details
from bot.answers.model import Answer, Line, Section
from bot.answers.topics.platform import platform_standing, standing_text
from bot.compliance.gate import REFUSED_STANDINGS, Decision
from bot.knowledge.base import first_day
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Standing, Topic, Verdict

MAX_ROWS = 8
_RANK = (Kind.RISK, Kind.NOTE)
_ABOUT = (
    (("hack_news", "profit_loss"), re.compile("issuer-failure|custodian")),
    (("market_hours",), re.compile("closed-market|settlement-delay")),
    (("dividend", "compare"), re.compile("not-shares|model-")),
)
"""What a question asks for, and the general facts, by their ids, on it."""
_OF_ONE = ("dividend", "market_hours", "fee", "limit", "kyc", "foreigner")
"""What is asked of one platform's tokens beside what they are."""


def stocks(draft: Draft) -> Answer:
    decision = draft.gate.decide(GateKind.STOCKS, draft.country)
    if draft.country and decision.verdict is Verdict.HOLD:
        return stocks_held(draft, decision)
    rule = draft.knowledge.rule(draft.country, Activity.TOKENIZED_STOCKS) if draft.country else None
    if draft.platform is not None:
        if is_refused(draft.platform, refused_names(draft)):
            return platform_standing(draft, draft.platform)
        return stock_platform(draft, draft.platform, rule)
    licensed_only = decision.verdict is Verdict.LICENSED_ONLY
    return stocks_compared(draft, rule, mark=draft.country is not None and licensed_only)


def stocks_held(draft: Draft, decision: Decision) -> Answer:
    """The rule that stops them, and of the platform that was asked for where it stands."""
    headline = draft.t("Tokenized stocks in {country}", country=draft.place)
    asked = draft.platform and draft.knowledge.standing(draft.country, draft.platform.id)
    sections = [
        Section((draft.line(asked, standing_text(draft.t, asked)),) if asked else ()),
        local_stock_facts(draft, decision.rule),
    ]
    return draft.finish(draft.title(headline), held_lead(draft, decision), sections)


def stocks_compared(draft: Draft, rule: Fact | None, *, mark: bool) -> Answer:
    """The risks come before the platforms: a list of names is the lesser half of an answer."""
    t = draft.t
    headline = (
        t("Tokenized stocks in {country}", country=draft.place)
        if draft.country
        else t("Tokenized stocks")
    )
    lead = draft.rule_line(rule) if rule else Line(t(
        "A stock token follows a share's price. It is rarely the share itself, and whether you may hold one depends on your country."
    ))  # fmt: skip
    sections = [
        local_stock_facts(draft, rule),
        Section(tuple(draft.line(f) for f in general_risks(draft)), t("Risks")),
        Section(tuple(stock_row(draft, p, mark=mark) for p in offered(draft)[:MAX_ROWS]),
                t("How they differ")),
    ]  # fmt: skip
    return draft.finish(draft.title(headline), lead, sections)


def general_risks(draft: Draft) -> list[Fact]:
    """What holds for all of them, first what was asked for; never a word on one platform."""
    facts = draft.knowledge.as_written(draft.knowledge.facts(None, Topic.STOCKS, *_RANK))
    general = [f for f in facts if not (f.platform or f.platforms)]
    general.sort(key=lambda f: _RANK.index(f.kind))
    for concepts, about in _ABOUT:
        if draft.focus.has(*concepts):
            general.sort(key=lambda f: not about.search(f.id))
            break
    return general[:4]


def offered(draft: Draft) -> list[Platform]:
    """Those still at work that the country has not blocked, warned of or seen leave."""
    refused = refused_names(draft)
    return [
        p
        for p in draft.knowledge.platforms.values()
        if p.stock and p.stock.model != "broker" and "discontinued" not in p.stock.risks
        and not is_refused(p, refused)
    ]  # fmt: skip


def is_refused(platform: Platform, refused: set[str]) -> bool:
    """Also of 'Binance Wallet', where it is Binance that is blocked."""
    return any(f"{platform.name} ".startswith(f"{name} ") for name in refused)


def refused_names(draft: Draft) -> set[str]:
    """The platforms that the country has blocked, warned of, suspended or seen leave."""
    standings = draft.knowledge.of_kind(draft.country, Kind.STANDING) if draft.country else []
    return {
        draft.knowledge.platforms[f.platform].name
        for f in standings
        if f.platform and f.standing in REFUSED_STANDINGS
    }


def local_stock_facts(draft: Draft, shown: Fact | None) -> Section:
    """What the country says of them; of an event and a note on the same paper, one."""
    facts = draft.facts(Topic.STOCKS) if draft.country else []
    told = {shown.source} if shown else set()
    chosen = []
    for fact in sorted(draft.focus.first(facts), key=lambda f: f.kind is Kind.EVENT):
        if fact is not shown and fact.kind is not Kind.STANDING and fact.source not in told:
            told.add(fact.source)
            chosen.append(fact)
    return Section(tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in chosen[:4]))


def stock_row(draft: Draft, platform: Platform, *, mark: bool) -> Line:
    """One platform of the comparison: values only, so that every language has it.

    `mark`: only licensed ones may serve the country, so the row says where each stands.
    """
    assert platform.stock is not None
    texts = list(stock_details(draft.t, platform.stock))
    line = product_line(draft, platform)
    cites = set(line.cites)
    if mark:
        standing = draft.knowledge.standing(draft.country, platform.id)
        texts.insert(0, standing_text(draft.t, standing) if standing
                     else draft.t(STANDING[Standing.NONE]))  # fmt: skip
        cites.update(draft.line(standing).cites[:1] if standing else ())
    return replace(
        line, text=" · ".join(texts), label=platform.name, details=(), untranslated=False,
        cites=tuple(sorted(cites)),
    )  # fmt: skip


def product_line(draft: Draft, platform: Platform) -> Line:
    """The newest fact on the stock tokens themselves, else the platform's own."""
    about = draft.knowledge.as_written(draft.knowledge.about_platform(None, platform.id))
    told = [f for f in about if f.topic is Topic.STOCKS and f.kind is not Kind.FIGURE]
    own = [f for f in told if f.platform == platform.id] or told
    if not own:
        return draft.cite.platform(platform)
    return draft.line(max(own, key=lambda f: first_day(f.as_of)))


def stock_platform(draft: Draft, platform: Platform, rule: Fact | None) -> Answer:
    t = draft.t
    details = stock_details(t, platform.stock) if platform.stock else ()
    lead = draft.cite.platform(platform, details)
    here = draft.knowledge.about_platform(draft.country, platform.id) if draft.country else []
    risks = platform.stock.risks if platform.stock else ()
    sections = [
        Section(
            (*([draft.rule_line(rule)] if rule else []), *(draft.line(f) for f in here[:4]))
        ),
        Section((*_who_line(draft, platform, lead), *(draft.line(f) for f in _about(draft, platform))),
                t("About it")),
        Section((Line(t.listing([t(STOCK_RISK[r]) for r in risks])),) if risks else (), t("Risks")),
    ]  # fmt: skip
    headline = t("{platform}: tokenized stocks", platform=platform.name)
    return draft.finish(draft.title(headline), lead, sections, warn=draft.country is not None)


def _about(draft: Draft, platform: Platform) -> list[Fact]:
    """What is known of it, without the venues that the country has refused."""
    refused = refused_names(draft)
    facts = draft.knowledge.as_written(draft.knowledge.about_platform(None, platform.id))
    facts = [f for f in facts if not any(name in f.text for name in refused)]
    facts.sort(
        key=lambda f: (
            f.topic is not Topic.STOCKS, f.kind is Kind.FIGURE, f.kind is not Kind.RISK,
        )
    )  # fmt: skip
    return (draft.focus.first(facts) if draft.focus.has(*_OF_ONE) else facts)[:6]


def _who_line(draft: Draft, platform: Platform, lead: Line) -> tuple[Line, ...]:
    who = platform.stock.who if platform.stock else None
    if who is None or any(name in who for name in refused_names(draft)):
        return ()
    text, translated = draft.t.prose(who)
    label = draft.t("Who may use it")
    return (Line(text, label=label, untranslated=not translated, cites=lead.cites),)
