"""The taught answers and the baseline's, found by what a member asks and made into an `Answer`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.answers.cite import age_note
from bot.answers.faq_store import FaqStore, TaughtFaq
from bot.answers.labels import TOPIC
from bot.answers.model import Answer, Line
from bot.i18n import Translator
from bot.knowledge.faq import Faq, LoadedFaqs
from bot.knowledge.model import Topic
from bot.understanding.concepts import ConceptIndex, fold_words
from bot.understanding.faq import (
    MAX_CHARS,
    FaqEntry,
    FaqIndex,
    Glance,
    read_ordinary,
    read_words,
)
from bot.understanding.normalise import fold, normalise
from bot.understanding.question import CONFIDENT, Question
from bot.understanding.reader import Reader

BASELINE_THRESHOLD = 0.85
"""The baseline takes a question from the facts only when it is surer than a taught answer."""


@dataclass(frozen=True)
class FaqFound:
    faq: Faq | TaughtFaq
    question: Question
    """As it was understood, now with the topic of what answers it."""

    @property
    def key(self) -> object:
        """Changes whenever the answer does."""
        return self.faq if isinstance(self.faq, TaughtFaq) else ("faq", self.faq.id)


class FaqBook:
    """Keeps the index up to date with the store; a look-up reads no database."""

    def __init__(self, reader: Reader, baseline: LoadedFaqs, store: FaqStore | None = None) -> None:
        self._reader = reader
        self._sources = baseline
        self._words, self._ordinary = ConceptIndex(fold_words(read_words())), read_ordinary()
        self._index = self.new_index()
        self._faqs: dict[str, Faq | TaughtFaq] = {}
        self._taught_keys: set[str] = set()
        for faq in baseline.faqs:
            self._keep(f"faq:{faq.id}", faq, faq.texts, faq.topic)
        self._store = store
        if store is not None:
            store.changed.append(self.refresh)
            for taught in store.list():
                self._keep_taught(taught)

    def new_index(self) -> FaqIndex:
        """An empty one that weighs words as this book's own does."""
        return FaqIndex(self._reader.concepts, self._words, ordinary=self._ordinary)

    def _keep(self, key: str, faq: Faq | TaughtFaq, texts: Iterable[str], topic: Topic) -> None:
        texts = tuple(dict.fromkeys(texts))
        entry = FaqEntry(key, texts, topic, faq.country, isinstance(faq, TaughtFaq))
        self._index.add(entry, [self.glance(text) for text in texts])
        self._faqs[key] = faq
        if entry.taught:
            self._taught_keys.add(key)

    def _keep_taught(self, faq: TaughtFaq) -> None:
        self._keep(f"taught:{faq.id}", faq, (t.question for t in faq.texts), _topic(faq))

    def refresh(self, faq_id: int) -> None:
        """Takes over an entry that was taught, translated or retired."""
        faq = self._store.get(faq_id) if self._store else None
        if faq is None or faq.retired_at:
            self._index.remove(f"taught:{faq_id}")
            self._faqs.pop(f"taught:{faq_id}", None)
            self._taught_keys.discard(f"taught:{faq_id}")
        else:
            self._keep_taught(faq)

    def glance(self, text: str) -> Glance:
        """What a look-up needs of a text."""
        folded = fold(normalise(text))
        return Glance(folded, self._reader.names.find(folded))

    def _glance_of(self, question: Question) -> Glance:
        if question.reading is None:
            return self.glance(question.text)
        return Glance(question.reading.folded, question.reading.mentions)

    def find(self, question: Question, today: date) -> FaqFound | None:
        """What answers this question, when the facts do not answer it better."""
        if question.topic is Topic.SAFETY or len(question.text) > MAX_CHARS:
            return None
        if not self._taught_keys and _names_something(question):
            return None  # the facts answer it better
        hit = self._index.find(self._glance_of(question), question)
        faq = self._faqs[hit.id] if hit else None
        if hit is None or faq is None:
            return None
        if isinstance(faq, Faq) and (hit.score < BASELINE_THRESHOLD or _names_something(question)):
            return None
        if isinstance(faq, TaughtFaq) and faq.until and faq.until[:10] < today.isoformat():
            return None
        return FaqFound(faq, replace(
            question, topic=_topic(faq), confidence=max(hit.score, CONFIDENT), close_topics=(),
        ))  # fmt: skip

    def answer(self, faq: Faq | TaughtFaq, t: Translator, today: date) -> Answer:
        return self._taught(faq, t) if isinstance(faq, TaughtFaq) else self._baseline(faq, t, today)

    def _baseline(self, faq: Faq, t: Translator, today: date) -> Answer:
        headline, _ = t.prose(faq.about)
        text, translated = t.prose(faq.answer)
        sources = self._sources.sources_of(faq)[:2]
        return Answer(
            outcome="answered", language=t.language, topic=faq.topic, headline=headline,
            lead=Line(text, cites=tuple(range(1, len(sources) + 1)), untranslated=not translated),
            sources=sources, notes=(age_note(t, faq.as_of, today),) if faq.as_of else (),
        )  # fmt: skip

    def _taught(self, faq: TaughtFaq, t: Translator) -> Answer:
        text, topic = faq.text(t.language), _topic(faq)
        shown = text.question if text.language == t.language else ""
        label = t(TOPIC[topic]) if topic in TOPIC else text.question
        return Answer(
            outcome="answered", language=t.language, topic=topic, headline=shown or label,
            lead=Line(text.answer, untranslated=text.language != t.language),
            country=faq.country,
        )  # fmt: skip


def _topic(faq: Faq | TaughtFaq) -> Topic:
    return faq.topic if isinstance(faq, Faq) else Topic(faq.topic)


def _names_something(question: Question) -> bool:
    """A platform, a rail or a country: then its facts answer better than a general text."""
    return bool(
        question.platforms or question.rails or question.country_source in ("named", "implied")
    )
