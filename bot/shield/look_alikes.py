"""Letters that phones draw like Latin ones.

`python -m bot.shield.look_alikes` writes the table anew from the package confusable-homoglyphs,
which carries Unicode's own (Technical Standard 39, confusables.txt; here of Unicode 15.1).
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent.parent / "db" / "shield" / "look_alikes.tsv"

_NORMAL_HERE = frozenset({
    "THAI", "LAO", "MYANMAR", "KHMER", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
    "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "ARABIC", "EXTENDED", "CJK",
    "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH",
})  # fmt: skip
"""Scripts that people here write beside Latin: no letter of theirs is a disguise."""
_OURS = (
    # Small letters that are drawn like Latin capitals, or like other letters in a sans-serif.
    "вb кk мm нh тt бb пn ьb ԛq βb εe ηn κk τt χx ωw μu ոn"
    # Small capitals, with which whole names are written.
    " ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꞯq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz"
)
"""What the standard leaves out, as it compares a letter only with one of the same case."""


def _of_the_standard() -> dict[str, str]:
    """Single letters that are confusable with one Latin letter, and stay so when normalised."""
    # Here, as the package is there for developers alone.
    from confusable_homoglyphs.confusables import confusables_data

    found = {}
    for char, alike in confusables_data.items():
        latin = [one["c"] for one in alike if one["c"].isascii() and one["c"].isalpha()]
        if char.isascii() or len(char) != 1 or not latin or len(latin[0]) != 1:
            continue
        stays = unicodedata.normalize("NFKC", char) == char
        script = unicodedata.name(char, "").partition(" ")[0]
        if stays and char.isalpha() and script not in _NORMAL_HERE:
            found[char] = latin[0].lower()
    return found


def generate() -> str:
    """The file's text: a letter, a tab, and the Latin letter that it looks like."""
    ours = {pair[0]: pair[1] for pair in _OURS.split()}
    dark = {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}
    every = {**_of_the_standard(), **ours, **dark}
    head = "# Written by `python -m bot.shield.look_alikes`. Source: Unicode UTS 39, and a few of ours.\n"
    return head + "".join(f"{char}\t{latin}\n" for char, latin in sorted(every.items()))


def read_table(path: Path = TABLE) -> Mapping[str, str]:
    lines = path.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


if __name__ == "__main__":
    TABLE.write_text(generate(), "utf-8")
    sys.stderr.write(f"{TABLE}: {len(read_table())} letters\n")
