"""A text and who asks it -> a `Question`. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from numpy import int64
from numpy.typing import NDArray

from bot.knowledge.model import Topic
from bot.understanding.country import CountrySource, country_of_people, told_country, turned_down
from bot.understanding.language import LATIN, by_script, chinese_form, has_vietnamese_marks
from bot.understanding.local_names import LocalNames, read_local_names
from bot.understanding.model import Prediction
from bot.understanding.names import Mention, NameKind, beside_names
from bot.understanding.reader import Reader

ASK_BACK_MARGIN = 0.15
"""Two topics whose probabilities are nearer than this are both offered."""
ASK_BACK_LEAST = 0.35
"""Below this probability two near topics are no question back but a guess."""
CONFIDENT = 0.55
"""Below this probability of its best topic a question is asked back or declined."""
GUESS = 0.5
"""Below this a topic is a guess: with no name in the message to hold it, the bot declines."""
AUTO_ANSWER = 0.85
"""Only a question this clear is answered in a group without being asked."""

LIKELY_LANGUAGE = 0.4
"""From this probability on a word is read as one of that language."""

SURE_LANGUAGE = 0.9
FEW_LETTERS = 12
"""A message with no more letters beside its names tells its language only where the model is sure."""

_LATIN_PRIOR = 16.0
"""How many times likelier a Latin language is when the member's own app is set to it."""
_COUNTRY_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "VN": ("vi",), "TH": ("th",), "PH": ("fil",), "ID": ("id",), "MY": ("ms",),
    "SG": (), "IN": ("hi",), "PK": ("ur",), "BD": ("bn",),
}  # fmt: skip
_SPOKEN_PRIOR = 5.0
"""How many times likelier a language of the country, or one that the group has set, is."""


class Predictor(Protocol):
    def predict(self, rows: NDArray[int64], /) -> Prediction: ...


@dataclass(frozen=True)
class Question:
    text: str
    language: str
    topic: Topic
    confidence: float
    country: str | None = None
    country_source: CountrySource = "none"
    platforms: tuple[str, ...] = ()
    rails: tuple[str, ...] = ()
    festivals: tuple[str, ...] = ()
    other_countries: tuple[str, ...] = ()
    close_topics: tuple[Topic, ...] = ()
    """Set when two topics are too near to choose: both are offered."""
    reading: Reading | None = field(default=None, compare=False, repr=False)
    """What was seen in the text, so that nobody reads it twice."""

    @property
    def platform(self) -> str | None:
        return self.platforms[0] if self.platforms else None


@dataclass(frozen=True)
class Asker:
    """What is known of who asks and where, before reading the text."""

    telegram_language: str | None = None
    chosen_language: str | None = None
    country: str | None = None
    group_country: str | None = None
    group_languages: tuple[str, ...] = ()
    """Those spoken in the group, the first one first."""
    previous: Question | None = None
    """What this conversation was about, for 'and in Thailand?'."""


@dataclass(frozen=True)
class Reading:
    """The text after one pass: what both language and topic are told from."""

    normal: str
    folded: str
    mentions: list[Mention]
    concepts: list[str]
    prediction: Prediction


@dataclass(frozen=True)
class Understanding:
    reader: Reader
    model: Predictor
    local_names: LocalNames = field(default_factory=read_local_names)

    def read(self, text: str) -> Reading:
        seen = self.reader.see(text)
        prediction = self.model.predict(seen.rows)
        likely = [name for name, p in prediction.languages.items() if p >= LIKELY_LANGUAGE]
        mentions = self.local_names.without_words(seen.mentions, seen.folded, likely)
        return Reading(seen.normal, seen.folded, mentions, seen.concepts, prediction)

    def understand(self, text: str, asker: Asker = Asker()) -> Question:
        """What a text asks. Never raises, whatever the text."""
        reading = self.read(text)
        topic, confidence, close = settle(reading)
        country, source, others = tell_country(reading, asker, topic)
        language = tell_language(reading, asker, country)
        if source not in ("named", "implied"):
            office = self.local_names.country_of_office(reading.folded, language)
            country, source = (office, "implied") if office else (country, source)
        mentions = self.local_names.with_platforms(reading.mentions, reading.folded, topic, country)
        question = Question(
            text=text,
            language=language,
            topic=topic,
            confidence=confidence,
            country=country,
            country_source=source,
            other_countries=others,
            platforms=_wanted_platforms(mentions, reading.folded),
            rails=_ids(reading.mentions, NameKind.RAIL),
            festivals=_ids(reading.mentions, NameKind.FESTIVAL),
            close_topics=close,
            reading=reading,
        )
        if asker.previous is not None and leans_on_previous(reading):
            return follow_up(question, asker.previous)
        return question


FOLLOW_UP_LETTERS = 14
"""A message whose words beside the names have at most this many letters adds only the names."""


def leans_on_previous(reading: Reading) -> bool:
    """'and in Thailand?', 'còn Bybit?': a country or a platform, and hardly anything else."""
    named = [m for m in reading.mentions if m.kind in (NameKind.COUNTRY, NameKind.PLATFORM)]
    rest = beside_names(reading.folded, reading.mentions)
    return bool(named) and sum(c.isalnum() for c in rest) <= FOLLOW_UP_LETTERS


def follow_up(question: Question, previous: Question) -> Question:
    """Keeps the topic, and the platform or country that the new message does not replace."""
    if question.topic is Topic.SAFETY and question.confidence >= CONFIDENT:
        return question
    named_country = question.country_source in ("named", "implied")
    return replace(
        question,
        topic=previous.topic,
        confidence=max(question.confidence, CONFIDENT),
        close_topics=(),
        platforms=question.platforms or previous.platforms,
        country=question.country if named_country else previous.country or question.country,
    )


def _wanted_platforms(mentions: list[Mention], folded: str) -> tuple[str, ...]:
    """The platforms that are asked about: "not Binance, OKX" asks about OKX."""
    named = _ids(mentions, NameKind.PLATFORM)
    if len(named) < 2:
        return named
    return _ids([m for m in mentions if not turned_down(folded, m)], NameKind.PLATFORM) or named


def _ids(mentions: list[Mention], kind: NameKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m.id for m in mentions if m.kind is kind))


def settle(reading: Reading) -> tuple[Topic, float, tuple[Topic, ...]]:
    """The model's topic, save where one word decides what n-grams cannot: safety first."""
    topic, confidence, close = tell_topic(reading.prediction.topics)
    concepts = set(reading.concepts)
    if Topic.SAFETY in close and "scam" in concepts:  # "is X a scam?" is not asked back
        return Topic.SAFETY, confidence, ()
    if asks_for_secret(concepts) and topic is not Topic.SAFETY:
        return Topic.SAFETY, max(confidence, CONFIDENT), ()
    if topic is Topic.P2P and "not_p2p" in concepts:
        return Topic.ONRAMP, max(confidence, CONFIDENT), ()
    if confidence < GUESS and not close and not reading.mentions:
        return Topic.NONE, confidence, ()
    return topic, confidence, close


_SECRET_SEEKERS = frozenset({"counterparty", "impostor", "stranger", "remote_app"})


def asks_for_secret(concepts: set[str]) -> bool:
    """Somebody else wants a code, a key or the screen: a scam, whatever else is asked."""
    return "remote_app" in concepts or ("secret" in concepts and bool(concepts & _SECRET_SEEKERS))


def tell_topic(topics: Mapping[str, float]) -> tuple[Topic, float, tuple[Topic, ...]]:
    ranked = sorted(topics, key=lambda t: -topics[t])
    best, second = ranked[0], ranked[1]
    close: tuple[Topic, ...] = ()
    if (
        ASK_BACK_LEAST <= topics[best] < CONFIDENT
        and topics[best] - topics[second] < ASK_BACK_MARGIN
        and Topic.NONE not in (Topic(best), Topic(second))
    ):
        close = (Topic(best), Topic(second))
    return Topic(best), topics[best], close


def tell_country(
    reading: Reading | None, asker: Asker, topic: Topic | None = None
) -> tuple[str | None, CountrySource, tuple[str, ...]]:
    """What the message tells beats the conversation, the member's setting, the group's.

    Where a scam names a platform of elsewhere, help is where its victim is.
    """
    mentions = reading.mentions if reading else []
    if reading:
        known = asker.country or asker.group_country
        if known and topic is Topic.SAFETY:
            mentions = [m for m in mentions if m.kind is not NameKind.PLATFORM]
        told = told_country(mentions, reading.folded, known)
        if told[0]:
            return told
    if asker.previous and asker.previous.country:
        return asker.previous.country, "follow_up", ()
    if asker.country:
        return asker.country, "member", ()
    if asker.group_country:
        return asker.group_country, "group", ()
    people = country_of_people(mentions)
    return (people, "implied", ()) if people else (None, "none", ())


def tell_language(reading: Reading, asker: Asker, country: str | None) -> str:
    """The language that the message is written in, with the asker's own as a hint."""
    script = by_script(reading.normal)
    hints = (asker.telegram_language, *asker.group_languages)
    if script == "han":
        return _chinese(reading.normal, hints, asker.group_country or asker.country)
    if script:
        return script
    if has_vietnamese_marks(reading.normal):
        return "vi"
    scores = {name: reading.prediction.languages.get(name, 0.0) for name in LATIN}
    letters = sum(c.isalpha() for c in beside_names(reading.folded, reading.mentions))
    theirs = asker.telegram_language or next(iter(asker.group_languages), None)
    if letters == 0:
        scores = dict.fromkeys(LATIN, 0.0)  # "/legal Japan": names are written alike
    unsure = letters <= FEW_LETTERS and max(scores.values()) < SURE_LANGUAGE
    if unsure and theirs and theirs not in scores:
        return theirs  # "Binance fee", "KYC?": such words are everybody's
    if asker.telegram_language in scores and asker.telegram_language != "en":
        # Many keep their app in English and write otherwise; who set another language writes it.
        scores[asker.telegram_language] *= _LATIN_PRIOR
    at_home = asker.country or asker.group_country or country or ""
    spoken = (*_COUNTRY_LANGUAGES.get(at_home, ()), *asker.group_languages)
    for name in dict.fromkeys(spoken):
        if name in scores:
            scores[name] *= _SPOKEN_PRIOR
    if max(scores.values()) <= 0.0:
        return theirs or "en"
    best = max(scores, key=lambda name: scores[name])
    partner = _TWINS.get(best)
    own = (asker.telegram_language, *spoken)
    # Romanised Hindi and Urdu, Malay and Indonesian in a few words: who writes decides.
    return partner if partner and partner in own and best not in own else best


_TWINS = {"hi": "ur", "ur": "hi", "id": "ms", "ms": "id"}


def _chinese(text: str, hints: tuple[str | None, ...], country: str | None) -> str:
    form = chinese_form(text)
    if form:
        return "zh-Hant" if form > 0 else "zh-Hans"
    for hint in hints:
        if hint in ("zh-Hans", "zh-Hant", "ja"):
            return hint
    return "zh-Hant" if country in ("TW", "HK") else "zh-Hans"
