"""One text in, the forms in which names and n-grams are looked for out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARS = 700
"""What is read of a long message: its first 500 characters and its last 200."""
_HEAD = 500

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_URL = re.compile(r"(?:https?://|www\.|t\.me/)\S+")
_REPEATED = re.compile(r"(.)\1{2,}")

_HOMOGLYPHS = str.maketrans("асеорхуіѕјԁһԛԝ", "aceopxyisjdhqw")
"""Cyrillic letters that pass for Latin ones; none of our languages is written in Cyrillic."""


def clip(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    return text[:_HEAD] + " " + text[-(MAX_CHARS - _HEAD - 1) :]


def normalise(text: str) -> str:
    """Compatibility forms, case, invisible characters, runs of letters and spaces evened out."""
    text = clip(text)
    if text.isascii():
        if text.isalpha():  # a word alone, as most names and examples are
            return _REPEATED.sub(r"\1\1", text.lower())
        text = _CONTROL.sub(" ", text).lower()
    else:
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = _CONTROL.sub(" ", text).casefold().translate(_HOMOGLYPHS)
        # One letter may have become eighteen (U+FDFA) or two (ß), so it is clipped again.
        text = clip(unicodedata.normalize("NFC", text))
    text = _URL.sub(" \ue010 ", text)
    text = _REPEATED.sub(r"\1\1", text)
    return _SPACES.sub(" ", text).strip()


class _Folded(dict[int, str]):
    """Letter -> the letter without its marks, found when first met (str.translate)."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = "d" if char in "đð" else unicodedata.normalize("NFD", char)[0]
        self[code] = folded = plain if "a" <= plain <= "z" else char
        return folded


_FOLDED = _Folded()


def fold(normalised: str) -> str:
    """Without the marks on Latin letters, and of the same length: 'nạp tiền' -> 'nap tien'.

    Marks of other scripts stay: they are vowels there.
    """
    return normalised if normalised.isascii() else normalised.translate(_FOLDED)


@lru_cache(maxsize=8192)
def is_word_char(char: str) -> bool:
    """A letter or digit of a script that puts spaces between words."""
    return (char.isalnum() or _is_mark(char)) and not is_unspaced(char)


def _is_mark(char: str) -> bool:
    """A vowel sign of Devanagari, Bengali or Arabic script: inside a word, never its end."""
    return unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=8192)
def is_unspaced(char: str) -> bool:
    """Thai, Han, kana and Hangul: a name may touch its neighbours (Hangul through particles)."""
    code = ord(char)
    return (
        0x0E00 <= code <= 0x0EFF
        or 0x1100 <= code <= 0x11FF
        or 0x3040 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
    )
