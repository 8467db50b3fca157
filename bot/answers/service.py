"""Asks and answers: from a text and who asks it to a composed, cached answer."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from bot.answers.compose import Composer, compared_countries
from bot.answers.faq_store import TaughtFaq
from bot.answers.faqs import FaqBook, FaqFound
from bot.answers.focus import focus_of
from bot.answers.model import Answer, ShowTopic
from bot.answers.render import Rendered, render
from bot.answers.topics.promo import CampaignLines
from bot.i18n import Languages
from bot.knowledge.festivals import Festivals
from bot.knowledge.model import Platform
from bot.knowledge.store import KnowledgeStore
from bot.understanding.question import Asker, Question, Understanding

CACHE_SIZE = 4096
"""Rendered answers kept: some 9 topics x 14 countries x 13 languages, and platforms."""


@dataclass(frozen=True)
class Reply:
    question: Question
    answer: Answer
    rendered: Rendered
    taught: int | None = None
    """The number of the taught answer that it is."""


class Answers:
    """The one way to an answer. Answers are cached until the knowledge or the day changes."""

    def __init__(
        self, understanding: Understanding, store: KnowledgeStore, languages: Languages,
        festivals: Festivals, campaigns: CampaignLines | None = None,
        faqs: FaqBook | None = None,
    ) -> None:  # fmt: skip
        self.faqs = faqs
        self.understanding = understanding
        self.languages = languages
        self._store = store
        self._festivals = festivals
        self._campaigns = campaigns
        self._composer = self._compose()
        self._cache: OrderedDict[object, tuple[Answer, Rendered]] = OrderedDict()
        self._day: date | None = None

    def _compose(self) -> Composer:
        return Composer(
            self._store.current, self.languages, self._festivals, self._campaigns,
            read_concepts=self.understanding.reader.concepts_of,
        )  # fmt: skip

    def _fresh(self, today: date) -> Composer:
        if self._composer.knowledge is not self._store.current or self._day != today:
            self._composer = self._compose()
            self._cache.clear()
            self._day = today
        return self._composer

    def platform(self, platform_id: str | None) -> Platform | None:
        return self._store.current.platforms.get(platform_id or "")

    @property
    def countries(self) -> tuple[str, ...]:
        return self._store.current.countries

    def invalidate(self) -> None:
        """Forgets cached answers: something outside the knowledge changed (a campaign)."""
        self._cache.clear()

    def ask(self, text: str, asker: Asker, today: date, *, folded: bool = False) -> Reply:
        question = self.understanding.understand(text, asker)
        if self.faqs and (found := self.faqs.find(question, today)):
            return self._taught(self.faqs, found, asker, today, folded)
        return self.reply(question, asker, today, folded=folded)

    def reply(
        self, question: Question, asker: Asker, today: date, *, folded: bool = False
    ) -> Reply:
        """Answers in the member's own language, else the one that they wrote in."""
        language = asker.chosen_language or question.language
        composer = self._fresh(today)
        home = asker.country or asker.group_country
        concepts = question.reading.concepts if question.reading else ()
        key = (
            language, question.topic, question.country, question.platforms, question.rails,
            question.festivals, compared_countries(question), question.close_topics, folded,
            composer.strict_home(question.country, home), focus_of(concepts),
        )  # fmt: skip
        if (found := self._cached(key)) is None:
            answer = composer.answer(question, language, today, home)
            found = self._keep(key, answer, folded)
        return Reply(question, *found)

    def _taught(
        self, book: FaqBook, found: FaqFound, asker: Asker, today: date, folded: bool
    ) -> Reply:
        """What a person has taught, or the baseline's answer to a general question."""
        language = asker.chosen_language or found.question.language
        composer = self._fresh(today)
        key = (language, found.key, folded)
        if (kept := self._cached(key)) is None:
            t = self.languages[language]
            answer = composer.with_buttons(t, book.answer(found.faq, t, today))
            kept = self._keep(key, answer, folded)
        taught = found.faq.id if isinstance(found.faq, TaughtFaq) else None
        return Reply(found.question, *kept, taught)

    def show(
        self, wanted: ShowTopic, language: str, today: date, *, home: str | None = None,
        folded: bool = False,
    ) -> tuple[Answer, Rendered]:  # fmt: skip
        """What a button shows to somebody of the country `home` (their own setting or the group's)."""
        composer = self._fresh(today)
        key = (language, wanted, folded, composer.strict_home(wanted.country, home))
        found = self._cached(key)
        return found or self._keep(key, composer.show(language, wanted, today, home), folded)

    def _cached(self, key: object) -> tuple[Answer, Rendered] | None:
        found = self._cache.get(key)
        if found is not None:
            self._cache.move_to_end(key)
        return found

    def _keep(self, key: object, answer: Answer, folded: bool) -> tuple[Answer, Rendered]:
        kept = (answer, render(answer, self.languages[answer.language], folded=folded))
        self._cache[key] = kept
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)
        return kept
