"""Question -> Answer: which topic's function composes it, and the buttons under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from bot.answers.asking import ask_country, ask_topic, decline, greet, greets
from bot.answers.draft import Asked, Draft
from bot.answers.focus import FactConcepts, Focus, ReadConcepts, focus_of
from bot.answers.labels import TOPIC, TOPIC_ICON
from bot.answers.model import Answer, Button, ChooseCountry, ShowTopic
from bot.answers.topics.beside import beside, beside_buttons
from bot.answers.topics.onramp import onramp
from bot.answers.topics.p2p import p2p
from bot.answers.topics.platform import platform_card
from bot.answers.topics.promo import CampaignLines, NoCampaigns, promo
from bot.answers.topics.referral import referral
from bot.answers.topics.regulation import regulation
from bot.answers.topics.safety import safety
from bot.answers.topics.stocks import stocks
from bot.answers.topics.tax import tax
from bot.compliance.gate import Gate
from bot.i18n import Languages, Translator
from bot.knowledge.base import Knowledge
from bot.knowledge.festivals import Festivals
from bot.knowledge.model import GateKind, Platform, Topic, Verdict
from bot.understanding.names import NameKind
from bot.understanding.question import Question

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
_OFFERS = frozenset({Topic.ONRAMP, Topic.P2P, Topic.PROMO, Topic.REFERRAL})
"""Topics whose answer is a way in."""
_HOME_DECIDES = _OFFERS | {Topic.PLATFORM, Topic.REGULATION, Topic.STOCKS}
"""Topics that a way in is read from: the rules where somebody is answer, wherever it leads."""
NEEDS_COUNTRY = frozenset({Topic.ONRAMP, Topic.P2P, Topic.REGULATION, Topic.TAX})
"""Topics that cannot be answered before the country is known."""


class Composer:
    """Builds answers from one snapshot of the knowledge. Pure: the day is passed in."""

    def __init__(
        self, knowledge: Knowledge, languages: Languages, festivals: Festivals,
        campaigns: CampaignLines | None = None, *, read_concepts: ReadConcepts,
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self._concepts = FactConcepts(read_concepts)
        self._held: dict[str | None, bool] = {}
        self.gate = Gate(knowledge)
        self._languages = languages
        self._topics: dict[Topic, Callable[[Draft], Answer]] = {
            Topic.REGULATION: regulation,
            Topic.PLATFORM: platform_card,
            Topic.ONRAMP: onramp,
            Topic.P2P: p2p,
            Topic.TAX: tax,
            Topic.STOCKS: stocks,
            Topic.SAFETY: safety,
            Topic.REFERRAL: referral,
            Topic.PROMO: partial(promo, festivals=festivals, campaigns=campaigns or NoCampaigns()),
        }

    def answer(
        self, question: Question, language: str, today: date, home: str | None = None
    ) -> Answer:
        """`home`: the country of who asks, of their own or their group's setting."""
        t = self._languages[language]
        if question.close_topics:
            return self.with_buttons(t, ask_topic(t, question))
        wanted, strict, abroad = self._at_home(
            ShowTopic(question.topic, question.country, question.platform), home
        )
        concepts = question.reading.concepts if question.reading else ()
        asked = Asked(
            Focus(self._concepts, focus_of(concepts)), question.rails, question.festivals,
            compared_countries(question), question.platforms[1:], strict, abroad,
        )  # fmt: skip
        return self._compose(t, wanted, today, asked)

    def _at_home(
        self, wanted: ShowTopic, home: str | None
    ) -> tuple[ShowTopic, str | None, str | None]:
        """What is shown to somebody who is at `home`; that country, and the one asked for, where
        the rules there decide."""
        strict = self.strict_home(wanted.country, home)
        if strict and wanted.topic in _HOME_DECIDES:
            return replace(wanted, country=strict), strict, wanted.country
        return wanted, strict, None

    def strict_home(self, country: str | None, home: str | None) -> str | None:
        """The asker's own country where it holds what the question asks of another one.

        China's notice (Yinfa [2026] No. 42) bars services from abroad for whoever is in the mainland,
        so naming Hong Kong opens no way in.
        """
        if home is None or home == country or home not in self.knowledge.countries:
            return None
        return home if self.holds(home) else None

    def holds(self, country: str | None) -> bool:
        """Whether the law there leaves no way to buy or sell that may be shown."""
        if country not in self._held:
            decision = self.gate.decide(GateKind.ONRAMP, country)
            self._held[country] = decision.verdict is Verdict.HOLD
        return self._held[country]

    def show(
        self, language: str, wanted: ShowTopic, today: date, home: str | None = None
    ) -> Answer:
        """The answer behind a button; `home`: the country of who pressed it."""
        wanted, strict, abroad = self._at_home(wanted, home)
        asked = Asked(Focus(self._concepts), home=strict, abroad=abroad)
        return self._compose(self._languages[language], wanted, today, asked)

    def _compose(self, t: Translator, wanted: ShowTopic, today: date, asked: Asked) -> Answer:
        if wanted.topic is Topic.NONE:
            greeted = greets(asked.focus.concepts)
            held = self.holds(wanted.country)
            said = greet(t, wanted.country) if greeted else decline(t, wanted.country, held=held)
            return self.with_buttons(t, said)
        platform = self.knowledge.platforms.get(wanted.platform or "")
        country = wanted.country if wanted.country in self.knowledge.countries else None
        if country is None and self._needs_country(wanted.topic, platform):
            return ask_country(t, wanted.topic, platform, self.knowledge.countries)
        draft = Draft(self.knowledge, self.gate, t, today, wanted.topic, country, platform, asked)
        draft.beside = beside(draft)
        answer = self._topics[wanted.topic](draft)
        return self.with_buttons(t, answer, beside_buttons(draft), asked.home)

    @staticmethod
    def _needs_country(topic: Topic, platform: Platform | None) -> bool:
        return topic in NEEDS_COUNTRY and not (topic is Topic.REGULATION and platform is not None)

    def with_buttons(
        self, t: Translator, answer: Answer, beside: tuple[Button, ...] = (),
        home: str | None = None,
    ) -> Answer:  # fmt: skip
        """`home`: where the asker is, if the rules there decide what they may be shown."""
        if answer.buttons:
            return answer
        row = [
            Button(
                f"{TOPIC_ICON[topic]} {t(TOPIC[topic])}",
                ShowTopic(
                    topic, home if home and topic in _HOME_DECIDES else answer.country,
                    _kept(answer, topic),
                ),
            )
            for topic in _NEIGHBOURS[answer.topic]
        ]  # fmt: skip
        rows = [tuple(row[i : i + 3]) for i in range(0, len(row), 3)]
        if beside:
            rows.insert(0, beside)
        if answer.topic is not Topic.NONE and not self._closed(answer):
            rows.append(
                (Button(t("🌏 Other country"), ChooseCountry(answer.topic, answer.platform)),)
            )
        return replace(answer, buttons=tuple(rows))

    def _closed(self, answer: Answer) -> bool:
        """Whether another country's answer would be a way round the rules of this one."""
        decision = self.gate.decide(GateKind.ONRAMP, answer.country)
        return answer.topic in _OFFERS and decision.verdict is Verdict.HOLD


def compared_countries(question: Question) -> tuple[str, ...]:
    """Further countries that the question names itself, not only by a rail or a platform."""
    mentions = question.reading.mentions if question.reading else ()
    named = {m.country for m in mentions if m.kind is NameKind.COUNTRY}
    return tuple(c for c in question.other_countries if c in named)


def _kept(answer: Answer, topic: Topic) -> str | None:
    """A platform stays in question where the other topic can speak of it."""
    return (
        answer.platform
        if topic in (Topic.REGULATION, Topic.ONRAMP, Topic.STOCKS, Topic.PLATFORM)
        else None
    )
