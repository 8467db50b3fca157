"""What marketing writes to set a campaign up -> its parts. Raises `Unclear` for what is not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.knowledge.model import COUNTRIES
from bot.referrals.model import Plan, Rules, Tier

MAX_NAME, MAX_REWARD, MAX_TIERS, MAX_DAYS, MAX_NUMBER = 60, 120, 8, 400, 1_000_000
_WHOLE = re.compile(r"\d{1,7}", re.ASCII)
_COMMA = re.compile(r"[,，、،;\n]")


class Unclear(ValueError):
    """The text cannot be read; its message names what is wrong: a key of the views."""


def _number(text: str, most: int = MAX_NUMBER) -> int:
    if not _WHOLE.fullmatch(text) or not 0 <= int(text) <= most:
        raise Unclear("number")
    return int(text)


def _plain(text: str) -> str:
    """Digits of any script as 0 to 9, folded."""
    return "".join(str(unicodedata.digit(c, c)) for c in text).strip().casefold()


def _parts(text: str) -> list[list[str]]:
    """What stands between commas, in words."""
    return [part.split() for part in _COMMA.split(_plain(text)) if part.strip()]


def name(text: str) -> str:
    shown = " ".join(c for c in text.split() if c.isprintable())
    if not 2 <= len(shown) <= MAX_NAME:
        raise Unclear("name")
    return shown


def countries(text: str) -> frozenset[str]:
    """'PH, KR' or 'all' (wherever it is allowed)."""
    if _plain(text) == "all":
        return frozenset()
    found = [word.upper() for part in _parts(text) for word in part]
    if not found or any(code not in COUNTRIES for code in found):
        raise Unclear("countries")
    return frozenset(found)


def window(text: str, now: datetime) -> tuple[datetime, datetime]:
    """'2026-12-01 2026-12-31' (both days count, UTC), or '30 days' (or '30') from now."""
    parts = _plain(text).split()
    if len(parts) == 1 or (len(parts) == 2 and parts[1] in ("day", "days")):
        length = _number(parts[0], MAX_DAYS)
        if not length:
            raise Unclear("window")
        return now, now + timedelta(days=length)
    try:
        first, last = (date.fromisoformat(part) for part in parts)
    except ValueError:
        raise Unclear("window") from None
    begin = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    if not begin < end or end <= now or end - begin > timedelta(days=MAX_DAYS):
        raise Unclear("window")
    return begin, end


def rules(text: str, *, in_group: bool) -> Rules:
    """'7 days, 3 messages, country, human': the days are needed, the others are not. Bare numbers
    are days and messages, in that order."""
    days, messages, country, human = None, 0, False, False
    for part in _parts(text):
        match part:
            case [n, "day" | "days"]:
                days = _number(n, 90)
            case [n] if n.isdecimal() and days is None:
                days = _number(n, 90)
            case [n, "message" | "messages"] | [n] if n.isdecimal():
                messages = _number(n, 1_000)
            case ["country"]:
                country = True
            case ["human"]:
                human = True
            case _:
                raise Unclear("rules")
    if days is None:
        raise Unclear("rules")
    return Rules(days, messages, country, human, in_group)


def tiers(text: str) -> tuple[Tier, ...]:
    """'5 = a badge', one a line; 'none'."""
    if _plain(text) == "none":
        return ()
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        people, sign, reward = line.partition("=")
        reward = " ".join(reward.split())
        if not sign or not 1 <= len(reward) <= MAX_REWARD:
            raise Unclear("tiers")
        found.append(Tier(_number(_plain(people)), reward))
    needed = [tier.people for tier in found]
    if not 1 <= len(found) <= MAX_TIERS or 0 in needed or len(set(needed)) < len(needed):
        raise Unclear("tiers")
    return tuple(sorted(found, key=lambda tier: tier.people))


def limits(text: str) -> tuple[int | None, int | None]:
    """'50 each, 1000 in all' (or '50, 1000'), one of them, or 'none'."""
    if _plain(text) == "none":
        return None, None
    each = total = None
    parts = _parts(text)
    for part in parts:
        match part:
            case [n, "each"]:
                each = _number(n)
            case [n, "in", "all"]:
                total = _number(n)
            case [n] if n.isdecimal() and len(parts) == 2:  # one bare number could be either
                each, total = (_number(n), total) if each is None else (each, _number(n))
            case _:
                raise Unclear("limits")
    if 0 in (each, total):
        raise Unclear("limits")
    return each, total


STEPS = ("name", "countries", "platform", "window", "rules", "tiers", "limits")
"""What the dialogue asks for, in order."""


def plan(given: dict[str, str], platform: str | None, now: datetime, *, in_group: bool) -> Plan:
    """All answers together; read anew at the end, as the clock went on."""
    begin, end = window(given["window"], now)
    each, total = limits(given["limits"])
    return Plan(
        name(given["name"]), platform, countries(given["countries"]), begin, end,
        rules(given["rules"], in_group=in_group), tiers(given["tiers"]), each, total,
    )  # fmt: skip


# The same answers by buttons, for whom those words are foreign


@dataclass(frozen=True)
class Option:
    """One button: a word that the readers above know, and its number where it has one."""

    word: str
    number: int | None = None

    @property
    def text(self) -> str:
        return self.word if self.number is None else f"{self.number} {self.word}"


Chosen = tuple[tuple[int, int], ...]
"""Groups and places of ticked options, at most one of a group."""


def _each(word: str, *numbers: int) -> tuple[Option, ...]:
    return tuple(Option(word, number) for number in numbers)


NONE = (Option("none"),)
OPTIONS: dict[str, tuple[tuple[Option, ...], ...]] = {
    "countries": ((Option("all"),),),
    "platform": (NONE,),
    "window": (_each("days", 7, 14), _each("days", 30, 90)),
    "rules": (
        _each("days", 1, 3, 7, 14, 30), _each("messages", 1, 3, 10), (Option("country"),),
        (Option("human"),),
    ),
    "tiers": (NONE,),
    "limits": (_each("each", 10, 50, 100), _each("in all", 100, 1_000, 10_000), NONE),
}  # fmt: skip
"""What each question offers, in groups."""
SEVERAL = frozenset({"rules", "limits"})
"""Questions whose answer may have an option of each group."""


def option(step: str, group: str, place: str) -> Option | None:
    """Out of a button's data, which anybody may forge."""
    if not (re.fullmatch(r"[0-9]", group) and re.fullmatch(r"[0-9]", place)):
        return None
    groups = OPTIONS.get(step, ())
    options = groups[int(group)] if int(group) < len(groups) else ()
    return options[int(place)] if int(place) < len(options) else None


def noted(ticked: Chosen) -> str:
    return " ".join(f"{group}.{place}" for group, place in ticked)


def chosen(step: str, note: str) -> Chosen:
    """What `noted` wrote."""
    pairs = (pair.partition(".")[::2] for pair in note.split())
    return tuple((int(g), int(p)) for g, p in pairs if option(step, g, p))


def toggled(step: str, ticked: Chosen, one: tuple[int, int]) -> Chosen:
    """One more, or one less; another of its group gives way."""
    others = [pair for pair in ticked if pair[0] != one[0]]
    return tuple(sorted(others if one in ticked else [*others, one]))


def spelled(step: str, ticked: Chosen) -> str:
    """As it would be typed."""
    return ", ".join(OPTIONS[step][group][place].text for group, place in ticked)
