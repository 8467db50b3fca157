"""The shield's words: `db/shield/words.yaml`, found in a text in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ahocorasick
import yaml

from bot.shield.names import StaffWords
from bot.understanding.normalise import fold, is_unspaced, is_word_char, normalise

WORDS = Path(__file__).resolve().parent.parent.parent / "db" / "shield" / "words.yaml"


@dataclass(frozen=True)
class Found:
    kind: str
    start: int
    end: int


class Phrases:
    """Where the phrases of each kind stand in a folded text.

    A phrase counts where a word begins (in scripts without spaces: anywhere); a trailing $
    demands the word's end too.
    """

    def __init__(self, phrases: dict[str, Iterable[str]]) -> None:
        table: dict[str, list[tuple[str, bool]]] = {}
        for kind, words in phrases.items():
            for word in words:
                key = fold(normalise(str(word).rstrip("$")))
                table.setdefault(key, []).append((kind, str(word).endswith("$")))
        self._automaton = ahocorasick.Automaton()
        for key, entries in table.items():
            self._automaton.add_word(key, (len(key), tuple(entries)))
        self._automaton.make_automaton()

    def find(self, folded: str) -> list[Found]:
        found: list[Found] = []
        for last, (length, entries) in self._automaton.iter(folded):
            start = last - length + 1
            if start and is_word_char(folded[start]) and is_word_char(folded[start - 1]):
                continue
            after = folded[last + 1] if last + 1 < len(folded) else " "
            ends = is_unspaced(folded[last]) or not is_word_char(after)
            found += [Found(kind, start, last + 1) for kind, whole in entries if ends or not whole]
        return found


@dataclass(frozen=True)
class ShieldWords:
    staff: StaffWords
    seed: Phrases
    help_concepts: frozenset[str]
    """Concepts of the understanding that somebody in trouble uses."""


def read_words(path: Path = WORDS) -> ShieldWords:
    data = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    staff, seed = data["staff"], data["seed"]
    return ShieldWords(
        StaffWords.of(staff["titles"], staff["beside"]), Phrases(seed), frozenset(data["help"])
    )
