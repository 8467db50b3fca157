"""Whether a question names something that a taught question knows nothing of.

"What is Decree 284?" is as near to "what is the travel rule" as words go: both ask what a rule
is. What tells them apart is the number, or a rare word, and neither may be passed over.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

_NUMBER = re.compile(r"(?<![\w.,])\d{1,4}(?![\w.,]*\d|\w)", re.ASCII)
_LAW = frozenset({"law", "legal"})
_ALIKE = 0.75
"""Of two words, above which one may be the other mistyped."""
MIN_LETTERS = 4
"""A shorter word is mostly a particle or slang."""


def numbers_of_laws(folded: str, concepts: Iterable[str]) -> frozenset[str]:
    """The numbers of a question about a law: there they are its name, elsewhere mostly an amount."""
    return frozenset() if _LAW.isdisjoint(concepts) else frozenset(_NUMBER.findall(folded))


def names_else(
    words: Iterable[str], known: Iterable[str], *, is_common: Callable[[str], bool]
) -> bool:
    """Whether one of these words is rare and not, even mistyped, among the known ones."""
    taught = list(known)
    return any(
        not is_common(word) and not difflib.get_close_matches(word, taught, 1, _ALIKE)
        for word in words
        if len(word) >= MIN_LETTERS
    )
