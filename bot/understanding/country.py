"""Which country a message is about: named, implied, or only known of who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from bot.understanding.names import Mention, NameKind

CountrySource = Literal["named", "implied", "follow_up", "member", "group", "none"]

_ORIGIN = frozenset(
    [
        "from",
        "orang",
        "anak",
        "asal",
        "dari",
        "tu",
        "nguoi",
        "goc",
        "que",
        "taga",
        "galing",
        "mula",
        "mulang",
        "se",
        "theke",
    ]
)
"""Words after which a country or city is where somebody comes from, not what they ask about."""
_NOT_BEFORE = re.compile(
    r"(?:\bnot(?: in| about| for)?|\bbukan(?: di| yang di| soal)?|\bga(?:k)? di"
    r"|\b(?:khong|ko|k|hong) (?:phai|hoi)(?: o| ben)?|\bhindi(?: sa| po sa| yung sa)?"
    r"|ไม่ใช่(?:ที่|ของ)?|ไม่ได้(?:ถาม|หมายถึง|อยู่)(?:ที่|เรื่อง)?|不是(?:问|問|说|說|指|在)?"
    r"|唔係(?:問|講)?|唔系(?:问|讲)?|并非|並非|不问|不問)\s*$"
)
_NOT_BEHIND = re.compile(
    r"\s*(?:말고|아니고|빼고|말구|じゃなく|ではなく|じゃない方|(?:は|の話)?以外"
    r"|(?:(?:me|mein|main|ka|ki|ke|में|का|की|میں|کا|کی|te|e|তে|এ|এর) )?"
    r"(?:chh?od\w*|nahi|nahin|nhi|noy|नहीं|नही|نہیں|নয়|নয়)(?!\w))"
)
_WEIGHT = {
    NameKind.COUNTRY: 3.0,
    NameKind.CURRENCY: 1.0,
    NameKind.RAIL: 1.0,
    NameKind.REGULATOR: 1.0,
    NameKind.PLATFORM: 1.0,
    NameKind.FESTIVAL: 1.0,
}
_ORIGIN_WEIGHT = 1.5


def told_country(
    mentions: Sequence[Mention], folded: str, known: str | None
) -> tuple[str | None, CountrySource, tuple[str, ...]]:
    """Named beats implied; of several, the one that most of the message points to comes first.

    A name that the message turns down ("not in India, in Nepal") counts only when it is alone.
    `known`: the country of who asks. Named beside another, it is what that one is compared with;
    of what is only implied (a rail of several countries), it is the likelier.
    """
    weights = _weights(mentions, folded)
    if len(weights) > 1:
        wanted = [m for m in mentions if not turned_down(folded, m)]
        weights = _weights(wanted, folded) or weights
    ranked = sorted(weights, key=lambda c: (-weights[c], c != known))
    named = {m.country for m in mentions if m.kind is NameKind.COUNTRY}
    first_named = sorted((c for c in ranked if c in named), key=lambda c: (-weights[c], c == known))
    if first_named:
        return first_named[0], "named", tuple(c for c in ranked if c != first_named[0])
    if ranked:
        return ranked[0], "implied", tuple(ranked[1:])
    return None, "none", ()


def country_of_people(mentions: Sequence[Mention]) -> str | None:
    """The country of the people that are named: where nothing else tells one."""
    return next((m.country for m in mentions if m.kind is NameKind.PEOPLE and m.country), None)


def _weights(mentions: Sequence[Mention], folded: str) -> Mapping[str, float]:
    """How strongly a message points to each country; each name counts once."""
    weights: dict[str, float] = {}
    for mention in dict.fromkeys(mentions):
        if mention.country is None or mention.kind not in _WEIGHT:
            continue
        weight = _WEIGHT[mention.kind]
        if mention.kind is NameKind.COUNTRY and _is_origin(folded, mention):
            weight = _ORIGIN_WEIGHT
        weights[mention.country] = weights.get(mention.country, 0.0) + weight
    return weights


def _is_origin(folded: str, mention: Mention) -> bool:
    before = folded[max(0, mention.start - 16) : mention.start].removesuffix(" the ").split()
    return bool(before) and before[-1] in _ORIGIN


def turned_down(folded: str, mention: Mention) -> bool:
    """Whether the message says that it is not about this country or platform."""
    if mention.kind not in (NameKind.COUNTRY, NameKind.PLATFORM):
        return False
    before = folded[max(0, mention.start - 20) : mention.start]
    return bool(_NOT_BEFORE.search(before) or _NOT_BEHIND.match(folded, mention.end))
