"""What a question asks for within its topic, so that an answer leads with it.

The words of a question and of a fact meet in concepts (`bot/understanding/concepts.py`), which are the
same in thirteen languages; a fact's English text is read once.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.knowledge.model import Fact

_GENERAL = frozenset({
    "coin", "exchange_word", "q_how", "q_what", "q_when", "q_where", "q_which", "q_howmuch", "q_can",
    "q_is", "not", "now", "new", "country_here", "abroad", "greeting", "thanks", "laugh", "smalltalk",
})  # fmt: skip
"""Concepts that say nothing of what is wanted within a topic."""
_KEPT = frozenset({"q_how", "q_where", "q_which", "exchange_word", "greeting", "thanks"})
"""... but that somebody asks for a way, a place or a choice, or only greets, which no fact has."""

ReadConcepts = Callable[[str], frozenset[str]]


@dataclass
class FactConcepts:
    """The concepts of each fact of one snapshot of the knowledge, read when first asked for."""

    read: ReadConcepts
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def __getitem__(self, fact: Fact) -> frozenset[str]:
        found = self._known.get(fact.id)
        if found is None:
            words = re.sub(r"[.\-_]", " ", fact.id.partition(".")[2])
            values = " ".join(str(value.key.value) for value in fact.values).replace("_", " ")
            found = self._known[fact.id] = self.read(f"{fact.text} {words} {values}") - _GENERAL
        return found


@dataclass(frozen=True)
class Focus:
    """`concepts`: what the question names beside its topic; empty behind a button or a command."""

    facts: FactConcepts
    concepts: frozenset[str] = frozenset()

    def has(self, *concepts: str) -> bool:
        """Whether the question names one of these."""
        return not self.concepts.isdisjoint(concepts)

    def first(self, facts: Iterable[Fact]) -> list[Fact]:
        """The facts in their order, those before that speak of what was asked.

        A concept weighs the more, the fewer of these facts have it.
        """
        listed = list(facts)
        if not self.concepts:
            return listed
        shared = [self.facts[fact] & self.concepts for fact in listed]
        having = Counter(concept for found in shared for concept in found)
        weight = {c: math.log(len(listed) / n) for c, n in having.items()}
        scores = [sum(weight[c] for c in found) for found in shared]
        order = sorted(range(len(listed)), key=lambda i: -scores[i])
        return [listed[i] for i in order]

    def matching(self, facts: Iterable[Fact], *concepts: str) -> list[Fact]:
        """The facts that speak of one of these concepts."""
        wanted = frozenset(concepts)
        return [fact for fact in facts if self.facts[fact] & wanted]


def focus_of(concepts: Iterable[str]) -> frozenset[str]:
    """What of a question's concepts says what is wanted."""
    return frozenset(concepts) - (_GENERAL - _KEPT)
