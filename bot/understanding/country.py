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
    r"|(?:(?:me|mein|main|ka|ki|ke|में|का|की|میں|کا|کی|te|e|তে|এ|এর|র|ের) ?)?"
    r"(?:(?:baat|law|kanoon|qanoon|rules?|case|बात|कानून|क़ानून|नियम|بات|قانون|kotha|ain|কথা|আইন) )?"
    r"(?:chh?od\w*|nahi|nahin|nhi|noy|na bolchi|नहीं|नही|نہیں|নয়|নয়|বলছি না|জিজ্ঞেস করছি না)(?!\w))"
)
_OTHERS_BEFORE = re.compile(
    r"(?:\b(?:friend|mate|cousin|brother|bro|sister|sis|uncle|aunt|auntie|batchmate|classmate|housemate"
    r"|colleague|coworker|boss|dad|mom|husband|wife)s? (?:\w+ )?(?:in|from|at|over in)"
    r"|\b(?:kuya|ate|kapatid|pinsan|tropa|kaibigan|tita|tito|utol|asawa)(?: ko| namin| nya)?(?: po)?"
    r"(?: na nasa| nasa| sa| na taga)"
    r"|\b(?:adek|adik|kakak|abang|temen|teman|kawan|sepupu|saudara|sodara|om|tante|bos|member)"
    r"(?: gw| gue| gua| saya| aku| ku| i| kita)?(?: yg| yang)?(?: kerja| duduk)?(?: di| kat| dekat)"
    r"|\b(?:ban|ban be|anh trai|em trai|em gai|chi gai|nguoi quen|dong nghiep|ba con|thang ban|dua ban)"
    r"(?: em| e| minh| toi| tao| t)?(?: dang)?(?: ben| o| tai)"
    r"|(?:เพื่อน|พี่ชาย|น้องชาย|พี่สาว|น้องสาว|ญาติ|ลูกพี่ลูกน้อง)(?:ผม|เรา|หนู|ฉัน|กู)?(?:ที่อยู่|ที่|อยู่ที่|อยู่)"
    r"|(?:朋友|同事|表弟|表哥|表姐|表妹|親戚|亲戚|同學|同学|阿姨|叔叔|哥哥|姐姐|弟弟|妹妹)(?:在|喺|人在|人喺))\s*$"
)
"""Somebody else's country: "my friend in ..." is a comparison where another country is named."""
_OTHERS_BEHIND = re.compile(
    r"(?:\s*(?:me|mein|main|wala|wale|wali|ka|ki|te|e|में|मे|वाला|वाले|का|میں|والا|کا|তে|ে|এ|য়|য়|র)(?!\w))?"
    r"(?: rehne wala| rehta| jo| thaka| रहने वाला| रहता| رہنے والا| থাকা| থাকে)? ?"
    r"(?:(?:mera|meri|mere|amar|मेरा|मेरे|मेरी|میرا|میرے|میری|আমার) )?"
    r"(?:dost|bhai|behen|cousin|chacha|mama|friend|bondhu|दोस्त|भाई|बहन|कज़िन|कजिन|चाचा|دوست|بھائی|کزن|چچا"
    r"|বন্ধু|কাজিন|ভাই|মামা|চাচা|বোন)"
    r"|\s*(?:에 있는|에 사는|사는|에서 일하는) ?(?:친구|형|누나|언니|오빠|동생|사촌|삼촌|이모)"
    r"|(?:の|にいる|に住む|に住んでる|在住の)(?:友達|友人|知人|知り合い|兄|姉|弟|妹|いとこ|同僚|親戚)"
    r"|(?:嗰邊|那邊|那边)?(?:的|嘅)?(?:朋友|同事|表弟|表哥|表姐|表妹|親戚|亲戚|同學|同学)"
)
_WHAT_ABOUT = re.compile(
    r"(?:\b(?:what about|how about) (?:in |here in )?|\beh (?:sa |dito sa )"
    r"|\b(?:kalau|klo|kalo|kl)(?: yang)?(?: di| kat)?|\bcon(?: ben| o| tai)?"
    r"|แล้ว(?:ที่|ใน)|那在|咁喺|그럼|じゃあ)\s*$"
)
"""The country that comes behind it is the one asked about."""
_WEIGHT = {
    NameKind.COUNTRY: 3.0,
    NameKind.CURRENCY: 1.0,
    NameKind.RAIL: 1.0,
    NameKind.REGULATOR: 1.0,
    NameKind.PLATFORM: 1.0,
    NameKind.FESTIVAL: 1.0,
}
_ORIGIN_WEIGHT = 1.5
_ASKED_WEIGHT = 0.5


def told_country(
    mentions: Sequence[Mention], folded: str, known: str | None
) -> tuple[str | None, CountrySource, tuple[str, ...]]:
    """Named beats implied; of several, the one that most of the message points to comes first.

    A name that the message turns down ("not in India, in Nepal") counts only when it is alone.
    `known`: the country of who asks. Named beside another, it is what that one is compared with;
    of what is only implied (a rail of several countries), it is the likelier.
    """
    weights = _weights(mentions, folded)
    for away in (turned_down, _of_somebody_else):
        if len(weights) > 1:
            gone = {m.country for m in mentions if away(folded, m)}
            mentions = [m for m in mentions if m.country not in gone] or mentions
            weights = _weights(mentions, folded) or weights
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
        if mention.kind is NameKind.COUNTRY:
            if _is_origin(folded, mention):
                weight = _ORIGIN_WEIGHT
            elif _WHAT_ABOUT.search(folded[max(0, mention.start - 16) : mention.start]):
                weight += _ASKED_WEIGHT
        weights[mention.country] = weights.get(mention.country, 0.0) + weight
    return weights


def _is_origin(folded: str, mention: Mention) -> bool:
    before = folded[max(0, mention.start - 16) : mention.start].removesuffix(" the ").split()
    return bool(before) and before[-1] in _ORIGIN


def _of_somebody_else(folded: str, mention: Mention) -> bool:
    if mention.kind is not NameKind.COUNTRY:
        return False
    before = folded[max(0, mention.start - 32) : mention.start]
    return bool(_OTHERS_BEFORE.search(before) or _OTHERS_BEHIND.match(folded, mention.end))


def turned_down(folded: str, mention: Mention) -> bool:
    """Whether the message says that it is not about this country or platform."""
    if mention.kind not in (NameKind.COUNTRY, NameKind.PLATFORM):
        return False
    before = folded[max(0, mention.start - 20) : mention.start]
    return bool(_NOT_BEFORE.search(before) or _NOT_BEHIND.match(folded, mention.end))
