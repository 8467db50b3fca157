"""Finds the names of platforms, rails, countries, currencies, regulators and festivals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import ahocorasick

from bot.understanding.normalise import fold, is_unspaced, is_word_char, normalise


class NameKind(StrEnum):
    PLATFORM = "platform"
    RAIL = "rail"
    COUNTRY = "country"
    PEOPLE = "people"  # a nationality or language community: weaker than the country's name
    CURRENCY = "currency"
    REGULATOR = "regulator"
    FESTIVAL = "festival"
    NEITHER = "neither"  # holds a name and is none


@dataclass(frozen=True, slots=True)
class Name:
    kind: NameKind
    id: str
    country: str | None
    """The country that the name tells by itself, if it does."""


@dataclass(frozen=True, slots=True)
class Mention:
    kind: NameKind
    id: str
    country: str | None
    start: int
    end: int
    exact: bool = True


_MIN_FUZZY = 6
"""A misspelt name is recognised from this length on; shorter ones are too like other words."""


_LATIN_WORD = re.compile(rf"(?<![a-z0-9])[a-z]{{{_MIN_FUZZY - 1},24}}(?![a-z0-9])")


def _deletions(word: str) -> Iterable[str]:
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


class NameIndex:
    """All names in one automaton; a look-up costs one pass over the text, however many names."""

    def __init__(
        self, names: Iterable[tuple[str, Name]], ordinary_words: frozenset[str] = frozenset()
    ) -> None:
        table: dict[str, list[Name]] = {}
        for alias, name in names:
            key = fold(normalise(alias))
            if key and name not in table.setdefault(key, []):
                table[key].append(name)
        self._automaton = ahocorasick.Automaton()
        self._fuzzy: dict[str, tuple[str, Name]] = {}
        for key, found in table.items():
            self._automaton.add_word(key, (key, tuple(found)))
            if len(key) >= _MIN_FUZZY and key.isascii() and key.isalpha():
                platforms = [n for n in found if n.kind in (NameKind.PLATFORM, NameKind.RAIL)]
                if platforms:
                    for variant in _deletions(key):
                        self._fuzzy.setdefault(variant, (key, platforms[0]))
        self._shapes = frozenset(
            (key[0], len(key) + more) for key, _ in self._fuzzy.values() for more in (-1, 0, 1)
        )
        """First letter and length of what may be a name with one mistake."""
        self._ordinary = ordinary_words | frozenset(table)
        if table:
            self._automaton.make_automaton()
        self._empty = not table

    def find(self, folded: str) -> list[Mention]:
        """Every name in a folded text, longest first where two overlap, in order of place."""
        mentions = [] if self._empty else self._exact(folded)
        mentions += self._misspelt(folded, mentions)
        mentions.sort(key=lambda m: m.start)
        return mentions

    def _exact(self, text: str) -> list[Mention]:
        hits: list[tuple[int, int, tuple[Name, ...]]] = []
        for last, (key, names) in self._automaton.iter(text):
            start, end = last - len(key) + 1, last + 1
            if _bounded(text, start, end) or (
                names[0].kind is NameKind.CURRENCY and _beside_amount(text, start, end)
            ):
                hits.append((start, end, names))
        hits.sort(key=lambda h: (h[0] - h[1], h[0]))
        taken: list[tuple[int, int]] = []
        mentions = []
        for start, end, names in hits:
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            mentions += [Mention(n.kind, n.id, n.country, start, end) for n in names]
        return mentions

    def _misspelt(self, text: str, found: list[Mention]) -> list[Mention]:
        mentions = []
        for word in _LATIN_WORD.finditer(text):
            stripped, start, end = word.group(), word.start(), word.end()
            if (stripped[0], len(stripped)) not in self._shapes or stripped in self._ordinary:
                continue
            if any(m.start < end and start < m.end for m in found):
                continue
            hit = next((self._fuzzy[v] for v in _deletions(stripped) if v in self._fuzzy), None)
            if hit and hit[0][0] == stripped[0] and abs(len(hit[0]) - len(stripped)) <= 1:
                mentions.append(Mention(hit[1].kind, hit[1].id, hit[1].country, start, end, False))
        return mentions


def beside_names(text: str, mentions: Iterable[Mention]) -> str:
    """What a text says beside the names in it; `mentions` in order of place, several at one too."""
    parts, place = [], 0
    for mention in mentions:
        if mention.start >= place:
            parts.append(text[place : mention.start])
            place = mention.end
    return " ".join([*parts, text[place:]])


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether the hit is a word of its own, as far as its script shows where words end."""
    first, last = text[start], text[end - 1]
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if is_word_char(first) and is_word_char(before) and _same_script(first, before):
        return False
    if _is_hangul(first) and _is_hangul(before):  # 코인도 holds 인도; particles come behind
        return False
    if _is_katakana(first) and _is_katakana(before):
        return False
    if _is_katakana(last) and _is_katakana(after):  # タイミング begins with タイ
        return False
    if is_unspaced(last):
        return True
    if _is_bengali(last) and _is_bengali(after):  # বাইন্যান্সে, সিঙ্গাপুরের: case endings
        return _BENGALI_ENDING.match(text, end) is not None
    return not (is_word_char(last) and is_word_char(after) and _same_script(last, after))


def _same_script(a: str, b: str) -> bool:
    """'upbit은' ends a Latin name although a letter follows; 'binanceth' does not."""
    return a.isascii() == b.isascii()


def _beside_amount(text: str, start: int, end: int) -> bool:
    """'rm300', '500php': a currency written against its amount."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    free_before = before.isdigit() or not is_word_char(before)
    free_after = after.isdigit() or not is_word_char(after)
    return free_before and free_after and before.isdigit() != after.isdigit()


_BENGALI_ENDING = re.compile(
    "(?:এর|এ|ের|েই|েও|ে|র|তেও|তে|কে|য়ের|য়ের|য়ে|য়ে|য়|য়|টার|টাতে|টা|টি|ও)(?![\u0980-\u09ff])"
)


def _is_bengali(char: str) -> bool:
    return "\u0980" <= char <= "\u09ff"


def _is_hangul(char: str) -> bool:
    return "\uac00" <= char <= "\ud7a3"


def _is_katakana(char: str) -> bool:
    return "\u30a1" <= char <= "\u30ff" and char != "・"
