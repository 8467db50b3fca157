"""A text as hashed n-grams: the same function builds the model and reads messages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.understanding.names import Mention, NameKind

BITS = 20
SIZE = 1 << BITS
_SHIFT = np.uint64(40)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SEEDS = [np.uint64(0xD6E8FEB86659FD93 + 2 * n) for n in range(8)]
MAX_CONCEPTS = 24
"""More concepts than a question has: bounds the pairs of a very long text."""
_CHAR_GRAMS = (1, 2, 3, 4, 5)

_PLACEHOLDER = {
    NameKind.PLATFORM: "\ue001", NameKind.RAIL: "\ue002", NameKind.COUNTRY: "\ue003",
    NameKind.PEOPLE: "\ue003", NameKind.CURRENCY: "\ue004", NameKind.REGULATOR: "\ue005",
    NameKind.FESTIVAL: "\ue006",
    NameKind.NEITHER: "",
}  # fmt: skip
_DIGITS = re.compile(r"\d[\d.,]*")
_WORD = re.compile(r"[^\W_]+|[\ue001-\ue010]")


def mask(text: str, mentions: Iterable[Mention]) -> str:
    """The text with names and numbers replaced by what they are."""
    parts: list[str] = []
    place = 0
    for mention in mentions:
        if mention.start < place or mention.kind is NameKind.NEITHER:
            continue
        parts += [text[place : mention.start], " ", _PLACEHOLDER[mention.kind], " "]
        place = mention.end
    parts.append(text[place:])
    return _DIGITS.sub("0", "".join(parts))


def _char_grams(text: str) -> list[NDArray[np.uint64]]:
    """Runs of one to five letters, each as a hash that rolls on from the shorter run's."""
    codes = np.frombuffer(f" {text} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    rolling = codes * _MULTIPLIER  # integers wrap round without a warning
    grams = [rolling]
    for n in _CHAR_GRAMS[1 : len(codes)]:
        tail = codes[n - 1 :]
        rolling = (rolling[: len(tail)] ^ (tail + _SEEDS[n])) * _MULTIPLIER
        grams.append(rolling)
    return grams


def _word_grams(words: list[str]) -> list[int]:
    grams = [crc32(("w " + w).encode()) for w in words]
    grams += [crc32(f"b {a} {b}".encode()) for a, b in itertools.pairwise(words)]
    grams += [crc32(f"s {a} {b}".encode()) for a, b in zip(words, words[2:], strict=False)]
    return grams


@lru_cache(maxsize=4096)
def _concept_hash(concept: str) -> int:
    return crc32(f"c {concept}".encode())


@lru_cache(maxsize=64)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first, second = np.triu_indices(count, 1)
    return first, second


def _concept_grams(concepts: Sequence[str], kinds: Iterable[str]) -> NDArray[np.int64]:
    """Concepts and name kinds alone and in pairs: these rows are shared by all languages."""
    found = [*concepts, *sorted(set(kinds))]
    alone = np.array([_concept_hash(c) for c in found], dtype=np.int64)
    first, second = _pairs(len(found))
    pairs = alone[first] * 1_000_003 ^ alone[second]
    return np.concatenate([alone, pairs ^ (pairs >> 15)])


def features(
    masked_fold: str, masked_text: str, concepts: Sequence[str] = (), kinds: Iterable[str] = ()
) -> NDArray[np.int64]:
    """The rows of the model that a message touches, each once.

    Both forms count: 'nap tien' teaches from the folded text, 'nạp tiền' from its own too.
    """
    words = _WORD.findall(masked_fold)
    grams = _word_grams(words)
    if masked_text != masked_fold:
        grams += [crc32(("m " + w).encode()) for w in _WORD.findall(masked_text) if not w.isascii()]
    grams.append(crc32(f"length {min(len(words), 6)}".encode()))
    letters = (np.concatenate(_char_grams(masked_fold)) >> _SHIFT).astype(np.int64)
    rows = np.concatenate(
        [letters, np.array(grams, dtype=np.int64), _concept_grams(concepts[:MAX_CONCEPTS], kinds)]
    )
    rows &= SIZE - 1
    rows.sort()
    first = np.empty(len(rows), dtype=np.bool_)
    first[0] = True
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]  # np.unique does the same in three times the time
