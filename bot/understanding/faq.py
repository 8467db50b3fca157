"""Finds the taught answer that a question asks for in other words, also in another language.

A text becomes terms (words and pieces of words) and concepts (words for the same thing in all
languages); each weighs the more the fewer taught questions have it. The rarest ones that a
message shares with taught questions name a few candidates, and only those are compared.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from bot.knowledge.model import Topic
from bot.understanding.concepts import ConceptError
from bot.understanding.names import Mention, NameKind, beside_names
from bot.understanding.normalise import is_unspaced
from bot.understanding.question import Question
from bot.understanding.unmatched import names_else, numbers_of_laws

_DATA = Path(__file__).resolve().parent.parent.parent / "db" / "understanding"
WORDS_FILE = _DATA / "faq_words.yaml"
ORDINARY_FILE = _DATA / "faq_counts.tsv"

THRESHOLD = 0.65
"""Where precision on tests/eval/paraphrases.jsonl is still above 97 in 100 (docs/faq.md)."""
HALF_COVERED = 0.5
"""With less of the taught question asked for, what both share is the lesser part of it."""
MAX_CHARS = 240
"""A longer message tells a story; it is not the short question that somebody has taught."""
MAX_POSTINGS = 1536
"""Taught questions that a look-up touches at most, however many there are."""
MAX_CANDIDATES = 16
MAX_TERMS = 160
MAX_NORMS = 10_000
"""Wordings whose weights are kept."""
MAX_PAIRED = 10
"""Concepts whose pairs are keys: a pair is rare where each alone is common."""
_UNSEEN = 1000
"""Where no ordinary messages were counted: so many, so that a first entry does not rule."""
_BINDING = frozenset(
    {NameKind.PLATFORM, NameKind.RAIL, NameKind.REGULATOR, NameKind.FESTIVAL, NameKind.COUNTRY}
)
_ASKING = frozenset(
    {"q_when", "q_where", "q_howmuch", "q_who", "q_why", "q_howlong", "q_meaning", "f_where"}
)
"""Concepts that say what sort of answer is wanted."""
_CHATTER = frozenset({"greeting", "laugh", "thanks", "insult", "friend", "now", "new"})
"""A message of these alone asks nothing: it is not looked up at all."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARK = re.compile(r"[\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")


class Look(Protocol):
    """What is needed of a text that was read: `Seen` and `Glance` both have it."""

    @property
    def folded(self) -> str: ...
    @property
    def mentions(self) -> list[Mention]: ...


class Finder(Protocol):
    def find(self, folded: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Glance:
    """A text with its names, without the model's n-grams: all that a look-up needs."""

    folded: str
    mentions: list[Mention]


@dataclass(frozen=True, slots=True)
class FaqEntry:
    id: str
    questions: tuple[str, ...]
    topic: Topic
    country: str | None = None
    taught: bool = True
    """By a person here; such an answer comes before one of the baseline."""


@dataclass(frozen=True, slots=True)
class FaqHit:
    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Traits:
    """What two questions are compared by."""

    terms: tuple[str, ...]
    concepts: tuple[str, ...]
    names: frozenset[tuple[NameKind, str]]


@dataclass(frozen=True, slots=True)
class Signals:
    """How near two questions are, each from 0 to 1."""

    terms: float
    """The cosine of their words."""
    taught_covered: float
    """How much of the taught question's concepts is asked for, by weight."""
    asked_covered: float
    """How much of what is asked, in concepts, is in the taught question."""
    shared: float
    """The weight of the concepts that both have, where two rare ones make 1."""
    asks_else: bool
    """One asks when, the other where: or how much, or why."""
    other_topic: bool


@dataclass(frozen=True)
class Ordinary:
    """How many of `texts` ordinary messages have a feature, for those that are common."""

    texts: int
    held: Mapping[str, int]


def count_features(all_traits: Iterable[Traits], least: int) -> Ordinary:
    """What the weights start from; features of fewer than `least` messages are left out."""
    counts: Counter[str] = Counter()
    texts = 0
    for traits in all_traits:
        texts += 1
        counts.update({*(f"t{t}" for t in traits.terms), *(f"c{c}" for c in traits.concepts)})
    return Ordinary(texts, {k: n for k, n in sorted(counts.items()) if n >= least})


def read_ordinary(path: Path = ORDINARY_FILE) -> Ordinary:
    """The counts that `python -m bot.understanding.faq_counts` wrote."""
    lines = path.read_text("utf-8").splitlines()
    held = (line.split("\t") for line in lines[1:])
    return Ordinary(int(lines[0]), {key: int(count) for key, count in held})


def read_words(path: Path = WORDS_FILE) -> dict[str, list[str]]:
    """Concepts finer than the topic model needs. Raises ConceptError."""
    data = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(data, dict):
        raise ConceptError(f"{path}: expected a mapping of concepts to words")
    for concept, words in data.items():
        if not isinstance(words, list):
            raise ConceptError(f"{path}: {concept}: expected a list of words")
    return {str(c): [str(w) for w in words] for c, words in data.items()}


def _pieces(word: str) -> Iterable[str]:
    """A spaced word and its stem; a run of an unspaced script as its pairs of letters."""
    if is_unspaced(word[0]):
        letters = _MARK.sub("", word)
        yield from (a + b for a, b in pairwise(letters)) if len(letters) > 1 else (letters,)
        return
    yield word
    if len(word) > 5:
        yield word[:5] + "-"


def _terms(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for run in _WORD.findall(_SCRIPT_CHANGE.sub(" ", text)):
        for piece in _pieces(run):
            found.setdefault(piece)
            if len(found) >= MAX_TERMS:
                return tuple(found)
    return tuple(found)


_SCRIPT_CHANGE = re.compile(
    r"(?<=[a-z0-9])(?=[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7a3])"
    r"|(?<=[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7a3])(?=[a-z0-9])"
)


@dataclass(slots=True)
class _Row:
    """One taught question in the index."""

    entry: FaqEntry
    text: str
    names: frozenset[tuple[NameKind, str]]
    terms: array[int]
    concepts: array[int]
    asks: frozenset[str]

    @property
    def order(self) -> tuple[str, str]:
        return self.entry.id, self.text


@dataclass(frozen=True, slots=True)
class _Asked:
    """What all candidates are compared with."""

    terms: set[int]
    concepts: set[int]
    square: float
    weight: float
    named: frozenset[str]


class FaqIndex:
    """All taught questions, each found by its rarest features. Knows no clock and no disk."""

    def __init__(self, *finders: Finder, ordinary: Ordinary | None = None) -> None:
        self._finders = finders
        self._ordinary: Mapping[str, int] = ordinary.held if ordinary else {}
        self._texts = ordinary.texts if ordinary else _UNSEEN
        self._keys: list[str] = []
        self._numbers: dict[str, int] = {}
        self._postings: list[array[int]] = []
        self._rows: dict[int, _Row] = {}
        self._slots: dict[str, tuple[int, ...]] = {}
        self._sets: dict[frozenset[Any], frozenset[Any]] = {}
        self._named: set[frozenset[tuple[NameKind, str]]] = set()
        """What the wordings name beside countries, of entries that are gone too."""
        self._next = 0
        self._weights: dict[int, float] = {}
        self._norms: dict[int, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self._slots

    # Reading

    def traits(self, look: Look) -> Traits:
        concepts = dict.fromkeys(c for finder in self._finders for c in finder.find(look.folded))
        names = frozenset((m.kind, m.id) for m in look.mentions if m.kind in _BINDING)
        named = [f"@{m.kind.value}:{m.id}" for m in look.mentions]
        terms = _terms(beside_names(look.folded, look.mentions))
        return Traits(terms, tuple(dict.fromkeys([*concepts, *named])), names)

    # Keeping

    def add(self, entry: FaqEntry, looks: Sequence[Look]) -> None:
        """Takes an entry with its questions as they were read; one of the same id gives way."""
        self.remove(entry.id)
        slots = []
        for text, look in zip(entry.questions, looks, strict=True):
            row = self._row(entry, text, self.traits(look))
            self._rows[self._next] = row
            for number in self._keys_of(row):
                self._postings[number].append(self._next)
            slots.append(self._next)
            self._next += 1
        self._slots[entry.id] = tuple(slots)
        self._forget_weights()

    def _row(self, entry: FaqEntry, text: str, traits: Traits) -> _Row:
        terms = array("i", [self._number(f"t{t}") for t in traits.terms])
        concepts = array("i", [self._number(f"c{c}") for c in traits.concepts])
        names = self._one_of(traits.names)
        self._named.add(self._one_of(_no_countries(names)))
        asks = self._one_of(_ASKING.intersection(traits.concepts))
        return _Row(entry, text, names, terms, concepts, asks)

    def _one_of(self, found: frozenset[Any]) -> frozenset[Any]:
        """The same object for the same set: of a hundred thousand rows most have one of a few."""
        return self._sets.setdefault(found, found)

    def _keys_of(self, row: _Row) -> list[int]:
        """What a row is found by; worked out again rather than kept with each of them."""
        pairs = _pair_keys([self._keys[number][1:] for number in row.concepts])
        return [*dict.fromkeys([*row.terms, *row.concepts, *map(self._number, pairs)])]

    def _number(self, key: str) -> int:
        number = self._numbers.setdefault(key, len(self._postings))
        if number == len(self._postings):
            self._postings.append(array("i"))
            self._keys.append(key)
        return number

    def remove(self, entry_id: str) -> bool:
        """Forgets an entry. False when there is none of this id."""
        slots = self._slots.pop(entry_id, None)
        for slot in slots or ():
            for number in self._keys_of(self._rows.pop(slot)):
                self._postings[number].remove(slot)
        self._forget_weights()
        return slots is not None

    # Finding

    def find(self, look: Look, question: Question, threshold: float = THRESHOLD) -> FaqHit | None:
        """The taught answer to this question, a person's before the baseline's, or None."""
        if not self._rows or len(look.folded) > MAX_CHARS:
            return None
        names = frozenset((m.kind, m.id) for m in look.mentions if m.kind in _BINDING)
        if _no_countries(names) not in self._named:
            return None  # none can agree: most questions that name a platform
        traits = self.traits(look)
        if traits.concepts and _CHATTER.issuperset(traits.concepts):
            return None
        asked = self._asked(traits)
        best: tuple[bool, float, bool, str] | None = None
        for slot in self.candidates(traits):
            row = self._rows[slot]
            if not agrees(row.entry, row.names, traits.names, question):
                continue
            score = likeness(self.signals(asked, row, question))
            if score >= threshold and not self._names_else(look, traits, row.entry):
                local = row.entry.country is not None
                found = (row.entry.taught, score, local, row.entry.id)
                best = found if best is None else max(best, found)
        return FaqHit(best[3], best[1]) if best else None

    def _names_else(self, look: Look, traits: Traits, entry: FaqEntry) -> bool:
        """Whether the question names what no wording of the entry does."""
        slots = self._slots[entry.id]
        known = {self._keys[n][1:] for slot in slots for n in self._rows[slot].terms}
        if not numbers_of_laws(look.folded, traits.concepts) <= known:
            return True
        if entry.taught:
            return False  # a person taught it for the words of this community
        words = _WORD.findall(beside_names(look.folded, look.mentions))
        return names_else(words, known, is_common=self._is_common)

    def _is_common(self, word: str) -> bool:
        """In ordinary messages or of a known meaning; or of a script that does not part words."""
        return (
            f"t{word}" in self._ordinary or is_unspaced(word[0])
            or any(finder.find(word) for finder in self._finders)
        )  # fmt: skip

    def alike(self, look: Look, question: Question, threshold: float) -> list[FaqHit]:
        """The entries that ask the same, seen from either side, the likest first."""
        if not self._rows or len(look.folded) > MAX_CHARS:
            return []
        traits = self.traits(look)
        asked = self._asked(traits)
        found = []
        for slot in self.candidates(traits):
            row = self._rows[slot]
            if len(row.order[1]) <= MAX_CHARS and agrees(
                row.entry, row.names, traits.names, question
            ):
                forth = self.signals(asked, row, question)
                score = min(likeness(forth), likeness(_turned(forth, row, traits)))
                if score >= threshold:
                    found.append(FaqHit(row.entry.id, score))
        return sorted(found, key=lambda hit: (-hit.score, hit.id))

    def _asked(self, traits: Traits) -> _Asked:
        return _Asked(
            self._known("t", traits.terms),
            self._known("c", traits.concepts),
            sum(self._weigh(f"t{t}") ** 2 for t in traits.terms),
            sum(self._weigh(f"c{c}") for c in traits.concepts),
            frozenset(traits.concepts),
        )

    def signals(self, asked: _Asked, row: _Row, question: Question) -> Signals:
        """What speaks for and against a candidate."""
        both = sum(self._of(n) for n in row.concepts if n in asked.concepts)
        taught, square = self._norms_of(row)
        return Signals(
            terms=self._cosine(asked, row, square),
            taught_covered=both / taught if taught else 0.0,
            asked_covered=both / asked.weight if asked.weight else 0.0,
            shared=min(1.0, both / (2 * self._rarest)),
            asks_else=bool(row.asks) and row.asks.isdisjoint(asked.named),
            other_topic=_other_topic(row.entry.topic, question),
        )

    def _known(self, kind: str, names: Iterable[str]) -> set[int]:
        numbers = (self._numbers.get(kind + name) for name in names)
        return {n for n in numbers if n is not None}

    def _of(self, number: int) -> float:
        """The weight of a feature: the rarer here and in ordinary messages, the more."""
        found = self._weights.get(number)
        if found is None:
            held = len(self._postings[number]) + self._ordinary.get(self._keys[number], 0)
            found = math.log((len(self._rows) + self._texts) / (held + 1))
            self._weights[number] = found
        return found

    def _weigh(self, key: str) -> float:
        number = self._numbers.get(key)
        if number is not None:
            return self._of(number)
        return math.log((len(self._rows) + self._texts) / (self._ordinary.get(key, 0) + 1))

    @property
    def _rarest(self) -> float:
        return math.log(len(self._rows) + self._texts)

    def _norms_of(self, row: _Row) -> tuple[float, float]:
        """What a wording's concepts weigh, and the square of what its words do."""
        found = self._norms.get(id(row))
        if found is None:
            if len(self._norms) >= MAX_NORMS:
                self._norms.clear()
            found = self._norms[id(row)] = (
                sum(self._of(n) for n in row.concepts), sum(self._of(n) ** 2 for n in row.terms),
            )  # fmt: skip
        return found

    def _forget_weights(self) -> None:
        """The entries have changed, and so has what is rare."""
        self._weights.clear()
        self._norms.clear()

    def _cosine(self, asked: _Asked, row: _Row, square: float) -> float:
        both = sum(self._of(n) ** 2 for n in row.terms if n in asked.terms)
        total = asked.square * square
        return both / math.sqrt(total) if total else 0.0

    def candidates(self, traits: Traits) -> list[int]:
        """The few taught questions that share the most of what is rare."""
        keys = [*(f"t{t}" for t in traits.terms), *(f"c{c}" for c in traits.concepts),
                *_pair_keys(traits.concepts)]  # fmt: skip
        lists = []
        for key in dict.fromkeys(keys):
            number = self._numbers.get(key)
            if number is not None and self._postings[number]:
                lists.append((len(self._postings[number]), key, number))
        lists.sort()
        chosen, room = [], MAX_POSTINGS
        for length, _, number in lists:
            if length > room:
                break
            chosen.append(number)
            room -= length
        return self._most_shared(chosen)

    def _most_shared(self, numbers: list[int]) -> list[int]:
        if not numbers:
            return []
        slots = np.concatenate([np.frombuffer(self._postings[n], dtype=np.int32) for n in numbers])
        weights = np.repeat(
            [self._of(n) for n in numbers], [len(self._postings[n]) for n in numbers]
        )
        found, where = np.unique(slots, return_inverse=True)
        votes = np.bincount(where, weights)
        if len(found) > MAX_CANDIDATES:
            cut = np.partition(votes, -MAX_CANDIDATES)[-MAX_CANDIDATES]
            kept = votes >= cut
            found, votes = found[kept], votes[kept]
        ranked = zip(votes.tolist(), found.tolist(), strict=True)
        return [
            slot
            for _, slot in heapq.nsmallest(
                MAX_CANDIDATES, ranked, key=lambda v: (-v[0], self._rows[v[1]].order)
            )
        ]


def _turned(signals: Signals, row: _Row, asked: Traits) -> Signals:
    """As if what is asked had been taught, and the other way round."""
    asks = _ASKING.intersection(asked.concepts)
    return replace(
        signals, taught_covered=signals.asked_covered, asked_covered=signals.taught_covered,
        asks_else=bool(asks) and asks.isdisjoint(row.asks),
    )  # fmt: skip


def _pair_keys(concepts: Sequence[str]) -> list[str]:
    return [f"p{a}|{b}" for a, b in combinations(sorted(concepts)[:MAX_PAIRED], 2)]


def _no_countries(names: frozenset[tuple[NameKind, str]]) -> frozenset[tuple[NameKind, str]]:
    return frozenset(name for name in names if name[0] is not NameKind.COUNTRY)


def agrees(
    entry: FaqEntry, taught: frozenset[tuple[NameKind, str]],
    asked: frozenset[tuple[NameKind, str]], question: Question,
) -> bool:  # fmt: skip
    """Whether both are about the same platforms, rails and countries, where either names one."""
    places = {ident for kind, ident in asked if kind is NameKind.COUNTRY}
    if _no_countries(asked) != _no_countries(taught):
        return False
    if entry.country is not None:
        return question.country == entry.country
    return places == {ident for kind, ident in taught if kind is NameKind.COUNTRY}


def _other_topic(topic: Topic, question: Question) -> bool:
    return question.topic is not topic and Topic.NONE not in (question.topic, topic)


def likeness(s: Signals) -> float:
    """From 0 to 1; the weights were fitted as docs/faq.md tells."""
    by_meaning = (
        -10.4 + 2.4 * s.terms + 10.2 * s.shared + 3.4 * s.taught_covered + 0.8 * s.asked_covered
        + 2.2 * s.taught_covered * s.asked_covered
    )  # fmt: skip
    by_words = 12.0 * (s.terms - 0.6)
    if s.taught_covered < HALF_COVERED or s.asked_covered < HALF_COVERED - 0.1:
        by_meaning = -10.0
    z = max(by_meaning, by_words) - 1.8 * s.asks_else - 1.2 * s.other_topic
    return 1 / (1 + math.exp(-z))
