"""Tells the language of a message: by its script first, by the model among Latin ones."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

LATIN = ("en", "vi", "th", "fil", "id", "ms", "hi", "ur", "bn")
"""Languages that members write in Latin letters (Thai, Hindi, Urdu and Bengali romanised too)."""

_RANGES = (
    (0x0041, 0x024F, "latin"), (0x0600, 0x06FF, "ur"), (0x0750, 0x077F, "ur"),
    (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0E00, 0x0E7F, "th"),
    (0x1100, 0x11FF, "ko"), (0x1E00, 0x1EFF, "latin"), (0x3040, 0x30FF, "ja"),
    (0x3130, 0x318F, "ko"), (0x3400, 0x9FFF, "han"), (0xAC00, 0xD7AF, "ko"),
    (0xF900, 0xFAFF, "han"), (0x20000, 0x3FFFF, "han"),
)  # fmt: skip

MAX_NAME_WORDS = 3
"""Latin words that a name among other letters has at most: Ondo Global Markets."""
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff][\w.'-]*", re.ASCII)
_VIETNAMESE = frozenset("ãõĩũăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
_CANTONESE = frozenset("嘅咗唔係喺啲冇嚟咁點乜佢哋嗰俾畀噉啱攞睇搵瞓嘢")


@lru_cache(maxsize=8192)
def _script(char: str) -> str | None:
    code = ord(char)
    for low, high, name in _RANGES:
        if low <= code <= high:
            return name if unicodedata.category(char)[0] in "LM" else None
    return None


@lru_cache(maxsize=16384)
def _han_form(char: str) -> int:
    """-1 simplified only, 1 traditional only, 0 both: told by the two old national charsets."""
    if char in _CANTONESE:
        return 1
    forms = []
    for charset in ("gb2312", "big5"):
        try:
            char.encode(charset)
            forms.append(True)
        except UnicodeEncodeError:
            forms.append(False)
    return (forms[1] and not forms[0]) - (forms[0] and not forms[1])


def scripts(text: str) -> Counter[str]:
    return Counter(s for s in map(_script, text) if s)


def chinese_form(text: str) -> int:
    """Below nought simplified, above it traditional, nought when the text does not tell."""
    return sum(_han_form(c) for c in text if _script(c) == "han")


def by_script(text: str) -> str | None:
    """The language that the script alone tells; 'han' for Han without kana, None for Latin."""
    if text.isascii():
        return None
    found = scripts(text)
    latin = found.pop("latin", 0)
    if not found:
        return None
    if found.get("ja"):
        kana = found.pop("ja")
        found["ja"] = kana + found.pop("han", 0) if kana >= 2 or found.get("han", 0) <= 4 else 0
    name, count = found.most_common(1)[0]
    if count >= 4 or count * 3 >= latin:
        return name
    return name if count >= 2 and _is_a_name(text) else None


def _is_a_name(text: str) -> bool:
    """Whether the Latin letters are few words without marks: a name inside another script."""
    words = _LATIN_WORD.findall(text)
    return len(words) <= MAX_NAME_WORDS and all(word.isascii() for word in words)


def has_vietnamese_marks(text: str) -> bool:
    return not _VIETNAMESE.isdisjoint(text)
