"""One answer in the making: what every topic needs at hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.answers.cite import Citations
from bot.answers.fit import fit
from bot.answers.focus import Focus
from bot.answers.labels import ACTIVITY, STATUS, STATUS_ICON
from bot.answers.model import Answer, Line, Section
from bot.compliance.gate import Decision, Gate
from bot.i18n import Translator, flag
from bot.knowledge.base import Knowledge
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Platform, Topic, Verdict

MAX_EVENTS = 6
MAX_PROVIDERS = 6
MAX_FACTS = 9
PRIVATE_TOPICS = frozenset({Topic.TAX, Topic.REFERRAL})


def of_platforms(fact: Fact) -> bool:
    return bool(fact.platform or fact.platforms)


@dataclass(frozen=True)
class Asked:
    """What a question names beside topic, country and platform."""

    focus: Focus
    rails: tuple[str, ...] = ()
    festivals: tuple[str, ...] = ()
    other_countries: tuple[str, ...] = ()
    other_platforms: tuple[str, ...] = ()
    home: str | None = None
    """Where the asker is, when the rules there stop what is asked of another country."""
    abroad: str | None = None
    """That other country, when the answer is the home's."""


class Draft:
    """One answer in the making: what every topic needs at hand."""

    def __init__(
        self, knowledge: Knowledge, gate: Gate, t: Translator, today: date,
        topic: Topic, country: str | None, platform: Platform | None, asked: Asked,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.gate = gate
        self.t = t
        self.today = today
        self.topic = topic
        self.country = country
        self.platform = platform
        self.rails = asked.rails
        self.focus = asked.focus
        self.asked = asked
        self.cite = Citations(knowledge, t, today, country)
        self.beside: tuple[Section, ...] = ()
        """What stands right behind the lead, whatever the topic."""

    @property
    def place(self) -> str:
        """The country's name; only asked for where the country is known."""
        return self.t.place(self.country or "")

    def title(self, text: str) -> str:
        return f"{flag(self.country)} {text}" if self.country else text

    def facts(self, topic: Topic, *kinds: Kind) -> list[Fact]:
        return self.knowledge.facts(self.country, topic, *kinds)

    def general_facts(self, topic: Topic, *kinds: Kind) -> list[Fact]:
        """What holds everywhere; of single platforms only where the question names one of them."""
        named = self.platform.id if self.platform else None
        facts = self.knowledge.as_written(self.knowledge.facts(None, topic, *kinds))
        return [f for f in facts if not of_platforms(f) or (named and f.about(named))]

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

    def closed_by(self) -> Fact | None:
        """The rule that stops every way in here; that on services from abroad, where it does."""
        decision = self.gate.decide(GateKind.ONRAMP, self.country)
        if self.country is None or decision.verdict is not Verdict.HOLD:
            return None
        licensing = self.knowledge.rule(self.country, Activity.LICENSING)
        return licensing if licensing and GateKind.ONRAMP in licensing.gate else decision.rule

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
        whole = Answer(
            outcome="answered", language=self.t.language, topic=self.topic, headline=headline,
            lead=lead, country=self.country, platform=self.platform.id if self.platform else None,
            sections=tuple(s for s in (*self.beside, *sections) if s.lines), warning=warning,
            sources=self.cite.sources, private=self.topic in PRIVATE_TOPICS,
        )  # fmt: skip
        whole = replace(whole, notes=self.cite.freshness(whole.lines))
        shown = fit(whole, self.t)
        return replace(shown, notes=self.cite.freshness(shown.lines))


def held_lead(draft: Draft, decision: Decision) -> Line:
    """The rule that stops something, in the law's own words where a fact has them."""
    if decision.rule is not None:
        return draft.rule_line(decision.rule)
    if decision.standing is not None:
        return draft.line(decision.standing)
    return Line(draft.t("The rules of this country do not let me show this."))
