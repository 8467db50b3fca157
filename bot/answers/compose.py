"""Question -> Answer: which facts are shown, in which order, for each topic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Protocol

from bot.answers.cite import Citations
from bot.answers.labels import (
    ACTIVITY,
    STANDING,
    STATUS,
    STATUS_ICON,
    STOCK_RISK,
    TOPIC,
    TOPIC_ICON,
    stock_details,
)
from bot.answers.model import (
    Answer,
    Button,
    ChooseCountry,
    Line,
    Section,
    ShowTopic,
)
from bot.compliance.gate import PERMITTED_STANDINGS, REFUSED_STANDINGS, Decision, Gate
from bot.i18n import Languages, Translator, flag, home_country
from bot.knowledge.base import Knowledge
from bot.knowledge.festivals import Festivals, Occurrence
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic
from bot.understanding.question import Question

MAX_EVENTS = 6
MAX_PROVIDERS = 6
MAX_FACTS = 9
FESTIVAL_DAYS = 120
"""How far ahead /promos looks."""

_NEIGHBOURS = {
    Topic.ONRAMP: (Topic.P2P, Topic.REGULATION, Topic.TAX),
    Topic.P2P: (Topic.ONRAMP, Topic.SAFETY, Topic.REGULATION),
    Topic.PROMO: (Topic.ONRAMP, Topic.REGULATION, Topic.SAFETY),
    Topic.REGULATION: (Topic.ONRAMP, Topic.P2P, Topic.TAX),
    Topic.TAX: (Topic.REGULATION, Topic.ONRAMP, Topic.P2P),
    Topic.PLATFORM: (Topic.ONRAMP, Topic.REGULATION, Topic.STOCKS),
    Topic.STOCKS: (Topic.REGULATION, Topic.TAX, Topic.ONRAMP),
    Topic.REFERRAL: (Topic.PROMO, Topic.REGULATION, Topic.SAFETY),
    Topic.SAFETY: (Topic.P2P, Topic.REGULATION, Topic.ONRAMP),
    Topic.NONE: (Topic.ONRAMP, Topic.P2P, Topic.REGULATION, Topic.TAX, Topic.STOCKS, Topic.SAFETY),
}
NEEDS_COUNTRY = frozenset({Topic.ONRAMP, Topic.P2P, Topic.REGULATION, Topic.TAX})
"""Topics that cannot be answered before the country is known."""
PRIVATE_TOPICS = frozenset({Topic.TAX, Topic.REFERRAL})


class CampaignLines(Protocol):
    """What the promotions feature adds to /promos; declared here by its user."""

    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        """The running and the coming ones that may be shown there."""
        ...


class NoCampaigns:
    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        return (), ()


class Draft:
    """One answer in the making: what every topic needs at hand."""

    def __init__(
        self, knowledge: Knowledge, gate: Gate, t: Translator, today: date,
        topic: Topic, country: str | None, platform: Platform | None, rails: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.gate = gate
        self.t = t
        self.today = today
        self.topic = topic
        self.country = country
        self.platform = platform
        self.rails = rails
        self.cite = Citations(knowledge, t, today, country)

    @property
    def place(self) -> str:
        """The country's name; only asked for where the country is known."""
        return self.t.place(self.country or "")

    def title(self, text: str) -> str:
        return f"{flag(self.country)} {text}" if self.country else text

    def facts(self, topic: Topic, *kinds: Kind) -> list[Fact]:
        return self.knowledge.facts(self.country, topic, *kinds)

    def line(self, fact: Fact, label: str | None = None, *, dated: bool = False) -> Line:
        return self.cite.fact(fact, label, dated=dated)

    def rule_line(self, fact: Fact) -> Line:
        """'Trading: licensed companies only' and the sentence behind it."""
        t = self.t
        if fact.activity is None or fact.status is None:
            return self.line(fact)
        label = t("{icon} {activity}: {status}", icon=STATUS_ICON[fact.status],
                  activity=t(ACTIVITY[fact.activity]), status=t(STATUS[fact.status]))  # fmt: skip
        return replace(self.line(fact, label), separator=" — ")

    def warning(self) -> Line | None:
        card = self.knowledge.card(self.country) if self.country else None
        if card is None or self.country is None:
            return None
        return self.cite.card(self.country, card, card.warning)

    def card_lead(self) -> Line:
        assert self.country is not None
        card = self.knowledge.card(self.country)
        assert card is not None
        return self.cite.card(self.country, card, card.sentence)

    def finish(
        self, headline: str, lead: Line, sections: Iterable[Section] = (), *, warn: bool = True,
    ) -> Answer:  # fmt: skip
        warning = self.warning() if warn else None
        return Answer(
            outcome="answered", language=self.t.language, topic=self.topic, headline=headline,
            lead=lead, country=self.country, platform=self.platform.id if self.platform else None,
            sections=tuple(s for s in sections if s.lines), warning=warning,
            sources=self.cite.sources, notes=self.cite.freshness(),
            private=self.topic in PRIVATE_TOPICS, fact_ids=tuple(self.cite.fact_ids),
        )  # fmt: skip


class Composer:
    """Builds answers from one snapshot of the knowledge. Pure: the day is passed in."""

    def __init__(
        self, knowledge: Knowledge, languages: Languages, festivals: Festivals,
        campaigns: CampaignLines | None = None,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.gate = Gate(knowledge)
        self._languages = languages
        self._festivals = festivals
        self._campaigns = campaigns or NoCampaigns()
        self._topics: dict[Topic, Callable[[Draft], Answer]] = {
            Topic.REGULATION: regulation,
            Topic.PLATFORM: platform_card,
            Topic.ONRAMP: onramp,
            Topic.P2P: p2p,
            Topic.TAX: tax,
            Topic.STOCKS: stocks,
            Topic.SAFETY: safety,
            Topic.REFERRAL: referral,
            Topic.PROMO: self._promo,
        }

    def answer(self, question: Question, language: str, today: date) -> Answer:
        t = self._languages[language]
        if question.close_topics:
            return self.with_buttons(t, ask_topic(t, question))
        return self.show(
            t.language, ShowTopic(question.topic, question.country, question.platform),
            today, question.rails,
        )  # fmt: skip

    def show(
        self, language: str, wanted: ShowTopic, today: date, rails: tuple[str, ...] = ()
    ) -> Answer:
        """The answer behind a command or a button."""
        t = self._languages[language]
        if wanted.topic is Topic.NONE:
            return self.with_buttons(t, decline(t, wanted.country))
        platform = self.knowledge.platforms.get(wanted.platform or "")
        country = wanted.country if wanted.country in self.knowledge.countries else None
        if country is None and self._needs_country(wanted.topic, platform):
            return ask_country(t, wanted.topic, platform, self.knowledge.countries)
        draft = Draft(self.knowledge, self.gate, t, today, wanted.topic, country, platform, rails)
        return self.with_buttons(t, self._topics[wanted.topic](draft))

    @staticmethod
    def _needs_country(topic: Topic, platform: Platform | None) -> bool:
        return topic in NEEDS_COUNTRY and not (topic is Topic.REGULATION and platform is not None)

    def _promo(self, draft: Draft) -> Answer:
        t, country = draft.t, draft.country
        decision = draft.gate.decide(GateKind.PROMOTION, country)
        coming = [
            *self._festivals.running(country, draft.today),
            *self._festivals.upcoming(country, draft.today, FESTIVAL_DAYS),
        ]
        calendar = Section(
            tuple(festival_line(t, o, draft.today) for o in coming[:MAX_FACTS]),
            t("Coming festivals"),
        )
        campaigns, ahead = self._campaigns.lines(t, country)
        if country and not decision.allowed and not (campaigns or ahead):
            return draft.finish(
                draft.title(t("No promotions for {country}", country=draft.place)),
                held_lead(draft, decision), [calendar],
            )  # fmt: skip
        lead = (
            t.plural("{n} promotion of this community is running.", "{n} promotions of this community are running.", len(campaigns))
            if campaigns
            else t("No promotion of this community is running now. Festivals ahead are below; campaigns are announced here first.")
        )  # fmt: skip
        headline = (
            t("Promotions in {country}", country=draft.place)
            if country
            else t("Promotions and festivals")
        )
        return draft.finish(
            draft.title(headline),
            Line(lead),
            [Section(campaigns, t("Running")), Section(ahead, t("Coming")), calendar],
            warn=bool(campaigns or ahead),
        )

    def with_buttons(self, t: Translator, answer: Answer) -> Answer:
        if answer.buttons:
            return answer
        row = [
            Button(
                f"{TOPIC_ICON[topic]} {t(TOPIC[topic])}",
                ShowTopic(topic, answer.country, _kept(answer, topic)),
            )
            for topic in _NEIGHBOURS[answer.topic]
        ]
        rows = [tuple(row[i : i + 3]) for i in range(0, len(row), 3)]
        if answer.topic is not Topic.NONE:
            rows.append(
                (Button(t("🌏 Other country"), ChooseCountry(answer.topic, answer.platform)),)
            )
        return _replace_buttons(answer, tuple(rows))


def _kept(answer: Answer, topic: Topic) -> str | None:
    """A platform stays in question where the other topic can speak of it."""
    return (
        answer.platform
        if topic in (Topic.REGULATION, Topic.ONRAMP, Topic.STOCKS, Topic.PLATFORM)
        else None
    )


def _replace_buttons(answer: Answer, buttons: tuple[tuple[Button, ...], ...]) -> Answer:
    return replace(answer, buttons=buttons)


# Asking back and declining


def decline(t: Translator, country: str | None) -> Answer:
    return Answer(
        outcome="declined", language=t.language, topic=Topic.NONE,
        headline=t("I can't help with that one"),
        lead=Line(t(
            "I don't give prices, forecasts or tips on what to buy, and I don't help around rules. "
            "Ask me how to buy or sell with local money, about P2P, the law, tax, platforms, "
            "tokenized stocks or scams - or ask a person."
        )),
        country=country,
    )  # fmt: skip


def ask_country(
    t: Translator, topic: Topic, platform: Platform | None, countries: Iterable[str]
) -> Answer:
    platform_id = platform.id if platform else None
    likely = home_country(t.language)
    ordered = sorted(countries, key=lambda c: (c != likely, t.country(c)))
    buttons = [
        Button(f"{flag(c)} {t.country(c)}", ShowTopic(topic, c, platform_id)) for c in ordered
    ]
    return Answer(
        outcome="asked_back", language=t.language, topic=topic, platform=platform_id, needs="country",
        headline=t("Which country is this about?"),
        lead=Line(t("Rules and payment systems differ from country to country. Choose one and I'll answer.")),
        buttons=tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)),
    )  # fmt: skip


def ask_topic(t: Translator, question: Question) -> Answer:
    buttons = tuple(
        (
            Button(
                f"{TOPIC_ICON[topic]} {t(TOPIC[topic])}",
                ShowTopic(topic, question.country, question.platform),
            ),
        )
        for topic in question.close_topics
    )
    return Answer(
        outcome="asked_back", language=t.language, topic=question.topic, needs="topic",
        country=question.country, platform=question.platform,
        headline=t("What would you like to know?"),
        lead=Line(t("I can read your question in two ways. Choose one.")), buttons=buttons,
    )  # fmt: skip


def held_lead(draft: Draft, decision: Decision) -> Line:
    """The rule that stops something, in the law's own words where a fact has them."""
    if decision.rule is not None:
        return draft.rule_line(decision.rule)
    if decision.standing is not None:
        return draft.line(decision.standing)
    return Line(draft.t("The rules of this country do not let me show this."))


# One function a topic


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


def platform_standing(draft: Draft, platform: Platform) -> Answer:
    """'Is X allowed in Y?'"""
    t = draft.t
    if draft.country is None:
        return platform_card(draft)
    standing = draft.knowledge.standing(draft.country, platform.id)
    about = [
        f for f in draft.knowledge.about_platform(draft.country, platform.id) if f is not standing
    ]
    events = sorted((f for f in about if f.kind is Kind.EVENT), key=lambda f: f.date or "")
    rest = [f for f in about if f.kind in (Kind.NOTE, Kind.RISK, Kind.FIGURE, Kind.RULE)]
    lines = [draft.line(f, dated=True) for f in events] + [draft.line(f) for f in rest[:4]]
    if standing is None:
        headline = t(
            "{platform} in {country}: nothing on record",
            platform=platform.name,
            country=draft.place,
        )
        if lines:
            lead = lines.pop(0)
        else:
            lead = Line(t(
                "I have no source on {platform} in {country}. That is not a permission: check the regulator's own list first.",
                platform=platform.name, country=draft.place,
            ))  # fmt: skip
        rule = draft.knowledge.rule(draft.country, Activity.LICENSING) or draft.knowledge.rule(
            draft.country, Activity.TRADING
        )
        if rule:
            lines.append(draft.rule_line(rule))
    else:
        headline = t("{platform} in {country}: {standing}", platform=platform.name,
                     country=draft.place, standing=standing_text(t, standing))  # fmt: skip
        lead = draft.line(standing)
    sections = [Section(tuple(lines[:MAX_FACTS]))]
    if standing is None or standing.standing not in PERMITTED_STANDINGS:
        sections.append(licensed_instead(draft, platform.id))
    return draft.finish(draft.title(headline), lead, sections)


def standing_text(t: Translator, fact: Fact) -> str:
    return t(STANDING[fact.standing]) if fact.standing else ""


def permitted_platforms(draft: Draft, kind: GateKind) -> list[Fact]:
    """Standings of those that may serve the country, as far as they may be shown there."""
    found = [
        fact
        for fact in draft.knowledge.of_kind(draft.country, Kind.STANDING)
        if fact.standing in PERMITTED_STANDINGS
        and fact.platform
        and draft.gate.decide(kind, draft.country, fact.platform).allowed
    ]
    return sorted(found, key=lambda f: f.id)


def licensed_instead(draft: Draft, other_than: str) -> Section:
    lines = []
    for fact in permitted_platforms(draft, GateKind.ONRAMP)[:MAX_PROVIDERS]:
        platform = draft.knowledge.platforms[fact.platform or ""]
        if platform.id != other_than:
            lines.append(short_standing(draft, platform, fact))
    return Section(tuple(lines), draft.t("Licensed or registered there"))


def short_standing(draft: Draft, platform: Platform, fact: Fact) -> Line:
    """Only the name and the standing, with its source: no prose to translate."""
    cited = draft.cite.fact(fact)
    return Line(standing_text(draft.t, fact), label=platform.name, cites=cited.cites)


def platform_card(draft: Draft) -> Answer:
    """'What is X?' - and without a name, the platforms of the country."""
    t, platform = draft.t, draft.platform
    if platform is None:
        return platform_list(draft)
    details = stock_details(t, platform.stock) if platform.stock else ()
    lead = draft.cite.platform(platform, details)
    headline = platform.name
    sections: list[Section] = []
    local = draft.knowledge.about_platform(draft.country, platform.id) if draft.country else []
    standing = draft.knowledge.standing(draft.country, platform.id)
    if standing:
        headline = t("{platform} in {country}: {standing}", platform=platform.name,
                     country=draft.place, standing=standing_text(t, standing))  # fmt: skip
        sections.append(Section((draft.line(standing),)))
    others = [f for f in local if f is not standing]
    others.sort(key=lambda f: (f.kind is not Kind.ONRAMP, f.kind is not Kind.RULE, f.date or ""))
    sections.append(Section(tuple(draft.line(f, dated=f.kind is Kind.EVENT) for f in others[:6])))
    general = draft.knowledge.about_platform(None, platform.id)
    sections.append(Section(tuple(draft.line(f, dated=True) for f in general[:6]), t("About it")))
    if draft.country is None:
        sections.insert(0, standings_elsewhere(draft, platform))
    return draft.finish(draft.title(headline), lead, sections, warn=draft.country is not None)


def standings_elsewhere(draft: Draft, platform: Platform) -> Section:
    lines = []
    for code, fact in draft.knowledge.standings_of(platform.id).items():
        cited = draft.cite.fact(fact)
        lines.append(
            Line(
                standing_text(draft.t, fact),
                label=f"{flag(code)} {draft.t.country(code)}",
                cites=cited.cites,
            )
        )
    return Section(tuple(lines[:14]), draft.t("Where it stands"))


def platform_list(draft: Draft) -> Answer:
    t = draft.t
    if draft.country is None:
        return ask_country(t, Topic.PLATFORM, None, draft.knowledge.countries)
    permitted = permitted_platforms(draft, GateKind.ONRAMP)
    refused = [
        f
        for f in draft.knowledge.of_kind(draft.country, Kind.STANDING)
        if f.standing in REFUSED_STANDINGS
    ]
    sections = [
        Section(
            tuple(
                short_standing(draft, draft.knowledge.platforms[f.platform or ""], f)
                for f in group[:12]
            ),
            title,
        )
        for group, title in (
            (permitted, t("Licensed or registered there")),
            (refused, t("Warned, blocked or gone")),
        )
    ]
    headline = t("Platforms in {country}", country=draft.place)
    return draft.finish(draft.title(headline), draft.card_lead(), sections)


def onramp(draft: Draft) -> Answer:
    """How local money becomes crypto, and back, through a company."""
    t = draft.t
    decision = draft.gate.decide(GateKind.ONRAMP, draft.country)
    if not decision.allowed and decision.rule is not None and decision.verdict.value == "hold":
        return onramp_held(draft, decision)
    if draft.platform is not None:
        named = draft.gate.decide(GateKind.ONRAMP, draft.country, draft.platform.id)
        if not named.allowed:
            return platform_standing(draft, draft.platform)
    providers = onramp_facts(draft)
    named_facts = [f for f in providers if draft.platform and f.about(draft.platform.id)]
    if draft.platform is not None and not named_facts:
        return platform_standing(draft, draft.platform)
    currency = t.currency(draft.knowledge.file(draft.country or "").currency)
    if draft.platform is not None:
        headline = t(
            "{platform}: paying in {currency}", platform=draft.platform.name, currency=currency
        )
        lead = draft.line(named_facts[0])
        more = list(named_facts[1:])
        sections = [Section(tuple(draft.line(f) for f in more)), rail_section(draft)]
        standing = draft.knowledge.standing(draft.country, draft.platform.id)
        if standing:
            sections.insert(0, Section((short_standing(draft, draft.platform, standing),)))
        return draft.finish(draft.title(headline), lead, sections)
    headline = t("Buying crypto with {currency}", currency=currency)
    names = list(
        dict.fromkeys(draft.knowledge.platforms[f.platform or ""].name for f in providers)
    )[:MAX_PROVIDERS]
    lead = (
        Line(t("Providers on record that take {currency} in {country}: {names}.",
               currency=currency, country=draft.place, names=t.listing(names)))
        if names else draft.card_lead()
    )  # fmt: skip
    lines = tuple(
        draft.line(f, draft.knowledge.platforms[f.platform or ""].name)
        for f in one_each(providers)[:MAX_PROVIDERS]
    )
    notes = draft.facts(Topic.ONRAMP, Kind.NOTE, Kind.RULE, Kind.RISK)[:3]
    return draft.finish(
        draft.title(headline), lead,
        [Section(lines), rail_section(draft), Section(tuple(draft.line(f) for f in notes))],
    )  # fmt: skip


def one_each(facts: list[Fact]) -> list[Fact]:
    """The first fact of each platform."""
    seen: dict[str, Fact] = {}
    for fact in facts:
        seen.setdefault(fact.platform or fact.id, fact)
    return list(seen.values())


def onramp_facts(draft: Draft) -> list[Fact]:
    """Providers that may be shown there; those of the asked rail first, then the licensed."""
    allowed = [
        fact
        for fact in draft.facts(Topic.ONRAMP, Kind.ONRAMP)
        if draft.gate.decide(GateKind.ONRAMP, draft.country, fact.platform).allowed
    ]

    def order(fact: Fact) -> tuple[bool, bool, str]:
        standing = draft.knowledge.standing(draft.country, fact.platform or "")
        return (
            not set(fact.rails) & set(draft.rails),
            not (standing and standing.standing in PERMITTED_STANDINGS),
            fact.id,
        )

    return sorted(allowed, key=order)


def onramp_held(draft: Draft, decision: Decision) -> Answer:
    t = draft.t
    headline = t("No way to buy crypto that I may show in {country}", country=draft.place)
    trading = draft.knowledge.rule(draft.country or "", Activity.TRADING)
    payments = draft.knowledge.rule(draft.country or "", Activity.PAYMENTS)
    lead = held_lead(draft, decision)
    more = [f for f in (trading, payments) if f and decision.rule and f.id != decision.rule.id]
    risks = draft.facts(Topic.P2P, Kind.RISK)[:3]
    return draft.finish(
        draft.title(headline), lead,
        [Section(tuple(draft.rule_line(f) for f in more)), Section(tuple(draft.line(f) for f in risks))],
    )  # fmt: skip


def rail_section(draft: Draft) -> Section:
    """What is known of the rails that the question names."""
    facts = [f for f in draft.knowledge.of_kind(draft.country, Kind.RAIL) if f.rail in draft.rails]
    return Section(tuple(rail_line(draft, f) for f in facts[:4]))


def rail_line(draft: Draft, fact: Fact) -> Line:
    return draft.line(fact, draft.knowledge.rails[fact.rail or ""].name)


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


def tax(draft: Draft) -> Answer:
    t = draft.t
    rule = draft.knowledge.rule(draft.country or "", Activity.TAX)
    facts = [f for f in draft.facts(Topic.TAX) if f is not rule]
    facts.sort(key=lambda f: (f.kind is not Kind.TAX, f.kind is Kind.EVENT, f.id))
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


_URGENT = re.compile(r"seed|staff|admin|impost|impersonat|support|approval|drain")
"""Facts, by their ids, that help at once whoever is being robbed now."""


def safety(draft: Draft) -> Answer:
    t = draft.t
    lead = Line(t(
        "Stop and don't send anything yet. Nobody from this team or any exchange asks for your seed phrase, "
        "private key, password or a code, and staff never write to you first."
    ))  # fmt: skip
    general = sorted(
        draft.knowledge.facts(None, Topic.SAFETY), key=lambda f: (not _URGENT.search(f.id), f.id)
    )
    local = draft.facts(Topic.SAFETY, Kind.RISK, Kind.NOTE) if draft.country else []
    sections = [
        Section(tuple(draft.line(f) for f in general[:6]), t("How to tell")),
        Section(tuple(draft.line(f) for f in local[:3]), draft.place if draft.country else None),
    ]
    return draft.finish(
        t("🛡 This looks like a scam: keep your keys and money"), lead, sections, warn=False
    )


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


def festival_line(t: Translator, occurrence: Occurrence, today: date) -> Line:
    days = (occurrence.day - today).days
    when = t("today") if days <= 0 else t.days_ahead(days)
    shown = t("{date} ({when})", date=t.date(occurrence.day, weekday=True), when=when)
    if occurrence.end and occurrence.end > occurrence.day:
        first = t.date(occurrence.day, weekday=True)
        shown = t("{first} to {last} ({when})", first=first, last=t.date(occurrence.end), when=when)
    details = (t("estimated: the day may move by one"),) if occurrence.estimated else ()
    return Line(shown, label=occurrence.festival.name(t.language), details=details)
