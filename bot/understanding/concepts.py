"""Words for the same thing in thirteen languages, so that what one language teaches, all know.

`db/understanding/concepts/<language>.yaml` maps a concept to its words and stems. A word counts
where it begins a word (in scripts without spaces: anywhere); a trailing $ demands its end too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import ahocorasick
import yaml

from bot.understanding.normalise import fold, is_unspaced, is_word_char, normalise

CONCEPTS = Path(__file__).resolve().parent.parent.parent / "db" / "understanding" / "concepts"


class ConceptError(Exception):
    """A concept file is wrong; its text names the file."""


def read_concepts(root: Path = CONCEPTS) -> dict[str, set[str]]:
    """Concept -> its words in all languages. Raises ConceptError."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.glob("*.yaml")):
        data = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        if not isinstance(data, dict):
            raise ConceptError(f"{path}: expected a mapping of concepts to words")
        for concept, words in data.items():
            if not isinstance(words, list):
                raise ConceptError(f"{path}: {concept}: expected a list of words")
            found.setdefault(str(concept), set()).update(str(w) for w in words)
    return found


Table = Mapping[str, Sequence[tuple[str, bool]]]
"""Folded word -> its concepts, each with whether the word must end there."""


def fold_words(concepts: Mapping[str, Iterable[str]]) -> dict[str, list[tuple[str, bool]]]:
    table: dict[str, list[tuple[str, bool]]] = {}
    for concept, words in sorted(concepts.items()):
        for word in sorted(words):
            whole = word.endswith("$")
            key = fold(normalise(word.rstrip("$")))
            if key and (concept, whole) not in table.setdefault(key, []):
                table[key].append((concept, whole))
    return table


class ConceptIndex:
    """Finds all concepts of a text in one pass."""

    def __init__(self, table: Table) -> None:
        self._automaton = ahocorasick.Automaton()
        for key, found in table.items():
            self._automaton.add_word(key, (len(key), tuple(found)))
        self._empty = not table
        if table:
            self._automaton.make_automaton()

    def find(self, folded: str) -> list[str]:
        """The concepts of a folded text, each once, in alphabetical order."""
        if self._empty:
            return []
        found: set[str] = set()
        end = len(folded)
        for last, (length, entries) in self._automaton.iter(folded):
            start, after = last - length + 1, last + 1
            if start and is_word_char(folded[start]) and is_word_char(folded[start - 1]):
                continue
            inside = after < end and is_word_char(folded[after]) and not is_unspaced(folded[last])
            for concept, whole in entries:
                if not (whole and inside):
                    found.add(concept)
        return sorted(found)
