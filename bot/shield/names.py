"""Names that could be taken for a group's staff: look-alikes, and 'Support' alone."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.shield.look_alikes import read_table

MIN_LETTERS_FOR_A_SLIP = 5
"""In a shorter name one letter makes another person: Min and Lin, Ana and Ann."""
MAX_NAME = 130
"""Characters of a name that are looked at: Telegram allows 64 for each of its two parts."""

HOMOGLYPHS = read_table()
_LATIN = str.maketrans(dict(HOMOGLYPHS))
_FOR_LETTERS = dict(zip("01345|!$@", "oleasllsa", strict=True))
"""Digits and signs that stand for letters inside a word: adm1n, 0la."""
_SAME_SHAPE = str.maketrans({"i": "l", "j": "l"})
"""I, l and 1 are one stroke in most fonts."""
_WORD = re.compile(r"[^\W_]+(?:[0-9|!$@][^\W_]*)*", re.UNICODE)


@dataclass(frozen=True)
class Person:
    """Somebody as a group sees them."""

    user_id: int
    name: str
    username: str = ""


@dataclass(frozen=True)
class LookAlike:
    """Whom a name resembles."""

    like: Person
    disguised: bool
    """Written with other letters, digits or invisible signs: no accident."""


def full_name(first: str, last: str | None) -> str:
    """Both parts as one: 'Ola O' and 'wner' are read together."""
    return f"{first} {last or ''}".strip()[:MAX_NAME]


def name_hash(name: str, username: str | None = None) -> str:
    """Tells a renamed person without keeping the name."""
    return hashlib.sha256(f"{name}\n{(username or '').lower()}".encode()).hexdigest()[:16]


def _visible(name: str) -> str:
    """Compatibility forms evened out (full-width, bold), invisible and bidi signs taken out."""
    return "".join(
        c for c in unicodedata.normalize("NFKC", name[:MAX_NAME])
        if unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cn") and c not in "\u115f\u1160\u3164\uffa0\u034f"
    )  # fmt: skip


def latin_shapes(text: str) -> str:
    """Small letters, those that look Latin as Latin ones. Capitals are looked up as such: the
    Greek N is drawn like ours, its small letter like a v."""
    return text.translate(_LATIN).casefold().translate(_LATIN)


@lru_cache(maxsize=20_000)
def skeleton(name: str) -> str:
    """What the eye sees: two names with one skeleton can be taken for each other.

    Spaces and signs go, so that a name split between first and last is whole again; marks on
    Latin letters go too. Letters of other scripts stay as they are.
    """
    letters: list[str] = []
    for written in unicodedata.normalize("NFD", latin_shapes(_visible(name))):
        char = _FOR_LETTERS.get(written, written)
        if char.isalnum() or (unicodedata.category(char)[0] == "M" and not _latin_before(letters)):
            letters.append(char)
    joined = "".join(letters).translate(_SAME_SHAPE).replace("rn", "m").replace("vv", "w")
    return unicodedata.normalize("NFC", joined)


def _latin_before(letters: list[str]) -> bool:
    return not letters or letters[-1] < "\u0250"


@lru_cache(maxsize=20_000)
def is_disguised(name: str) -> bool:
    """Invisible signs, two scripts that look alike in one word, or digits for letters.

    Latin beside Han, kana, Hangul or Thai is how people here write.
    """
    shown = name[:MAX_NAME]
    hidden = [c for c in shown if unicodedata.category(c) == "Cf" and c not in "\u200d\u200c"]
    if hidden or ("\u200d" in shown and all(ord(c) < 0x250 for c in shown if c.isalpha())):
        return True
    for word in _WORD.findall(_visible(shown)):
        latin = any(c.isascii() and c.isalpha() for c in word)
        if latin and any(c in HOMOGLYPHS or c.casefold() in HOMOGLYPHS for c in word):
            return True
        if latin and any(c in _FOR_LETTERS for c in word.rstrip("0123456789")):
            return True
    return False


def one_slip(a: str, b: str) -> bool:
    """Whether one letter put in, left out, changed or swapped makes a into b
    (Damerau-Levenshtein distance 1)."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    if len(a) == len(b):
        swapped = a[start : start + 2] == b[start : start + 2][::-1]
        return a[start + 1 :] == b[start + 1 :] or (swapped and a[start + 2 :] == b[start + 2 :])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == shorter[start:]


def looks_like(person: Person, staff: Iterable[Person]) -> LookAlike | None:
    """The member of the staff for whom `person` could be taken, if there is one."""
    name, handle = skeleton(person.name), skeleton(person.username)
    near: LookAlike | None = None
    for one in staff:
        if one.user_id == person.user_id:
            return None
        theirs, their_handle = skeleton(one.name), skeleton(one.username)
        if (name and name == theirs) or _same_handle(handle, their_handle):
            disguised = name == theirs and is_disguised(person.name) and not is_disguised(one.name)
            return LookAlike(one, disguised)
        if near is None and (_slip(name, theirs) or _slip(handle, their_handle)):
            near = LookAlike(one, disguised=False)
    return near


def _same_handle(a: str, b: str) -> bool:
    return len(a) >= MIN_LETTERS_FOR_A_SLIP and a == b


def _slip(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= MIN_LETTERS_FOR_A_SLIP and one_slip(a, b)


@dataclass(frozen=True)
class StaffWords:
    """Words for staff in our languages, as skeletons; and words that may stand beside them."""

    titles: tuple[str, ...]
    beside: tuple[str, ...]

    @classmethod
    def of(cls, titles: Iterable[str], beside: Iterable[str]) -> StaffWords:
        def longest_first(words: Iterable[str]) -> tuple[str, ...]:
            return tuple(sorted({skeleton(w) for w in words} - {""}, key=len, reverse=True))

        return cls(longest_first(titles), longest_first(beside))

    def claimed(self, name: str, group: str) -> bool:
        """Whether a name says nothing but that somebody is staff: 'Support', 'Sampan Admin'."""
        rest = skeleton(name)
        if not rest:
            return False
        words = [skeleton(w) for w in _WORD.findall(_visible(group))]
        said = {skeleton(w) for w in _WORD.findall(_visible(name))}
        if said & set(self.titles) and said <= {*self.titles, *self.beside, *words}:
            return True
        found, rest = _without(rest, self.titles)
        if not found:
            return False
        _, rest = _without(rest, sorted((w for w in words if len(w) > 1), key=len, reverse=True))
        _, rest = _without(rest, self.beside)
        return not rest.strip("0123456789 ")


def _without(text: str, words: Iterable[str]) -> tuple[bool, str]:
    """The longest words are taken out first; what they leave does not grow together."""
    found = False
    for word in words:
        if word in text:
            found, text = True, text.replace(word, " ")
    return found, text.strip()
