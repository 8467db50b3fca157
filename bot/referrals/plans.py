"""What marketing writes to set a campaign up -> its parts. Raises `Unclear` for what is not."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from bot.knowledge.model import COUNTRIES
from bot.referrals.model import Plan, Rules, Tier

MAX_NAME, MAX_REWARD, MAX_TIERS, MAX_DAYS, MAX_NUMBER = 60, 120, 8, 400, 1_000_000
_WHOLE = re.compile(r"\d{1,7}", re.ASCII)


class Unclear(ValueError):
    """The text cannot be read; its message names what is wrong: a key of the views."""


def _number(text: str, most: int = MAX_NUMBER) -> int:
    if not _WHOLE.fullmatch(text) or not 0 <= int(text) <= most:
        raise Unclear("number")
    return int(text)


def name(text: str) -> str:
    shown = " ".join(c for c in text.split() if c.isprintable())
    if not 2 <= len(shown) <= MAX_NAME:
        raise Unclear("name")
    return shown


def countries(text: str) -> frozenset[str]:
    """'PH, KR' or 'all' (wherever it is allowed)."""
    if text.strip().casefold() == "all":
        return frozenset()
    found = [part.upper() for part in re.split(r"[\s,;]+", text.strip()) if part]
    if not found or any(code not in COUNTRIES for code in found):
        raise Unclear("countries")
    return frozenset(found)


def window(text: str, now: datetime) -> tuple[datetime, datetime]:
    """'2026-12-01 2026-12-31' (both days count, UTC), or '30 days' from now."""
    parts = text.split()
    if len(parts) == 2 and parts[1].casefold() in ("day", "days"):
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
    """'7 days, 3 messages, country, human': the days are needed, the others are not."""
    days, messages, country, human = None, 0, False, False
    for part in (p.strip().casefold() for p in text.split(",")):
        match part.split():
            case [n, "day" | "days"]:
                days = _number(n, 90)
            case [n, "message" | "messages"]:
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
    if text.strip().casefold() == "none":
        return ()
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        people, sign, reward = line.partition("=")
        reward = " ".join(reward.split())
        if not sign or not 1 <= len(reward) <= MAX_REWARD:
            raise Unclear("tiers")
        found.append(Tier(_number(people.strip()), reward))
    needed = [tier.people for tier in found]
    if not 1 <= len(found) <= MAX_TIERS or 0 in needed or len(set(needed)) < len(needed):
        raise Unclear("tiers")
    return tuple(sorted(found, key=lambda tier: tier.people))


def limits(text: str) -> tuple[int | None, int | None]:
    """'50 each, 1000 in all', one of them, or 'none'."""
    if text.strip().casefold() == "none":
        return None, None
    each = total = None
    for part in (p.strip().casefold() for p in text.split(",")):
        match part.split():
            case [n, "each"]:
                each = _number(n)
            case [n, "in", "all"]:
                total = _number(n)
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
