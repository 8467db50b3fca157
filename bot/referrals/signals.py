"""Signs of fraud, each with what was seen. Pure; docs/referral-fraud.md says how well they do.

A sign alone is rarely proof: real people come in bursts, keep silent and share names. So each has
a weight (about the decimal logarithm of how much likelier it is with fraud than without), and a
referral is held for a person when the weights add up. Nothing is ever refused by the program.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.referrals.model import Signal

THRESHOLD = 2.3
RUN_GAP = 3_600.0
"""Seconds: joins with longer pauses between them are not one run."""
QUIET = ((0, 0.75), (1, 0.80), (2, 0.85))
"""The share of newcomers who write at most so many messages in their first week that a crowd of
honest people may well have: only what is above it counts. Assumptions, on the careful side."""
NEAR_IDS = 600_000
"""Telegram numbers accounts about in the order in which they are made: so near were made within a
day or so."""
NEAR, SAME_NAME = 0.05, 0.05
"""How many of honest company have such accounts, and the same name, while nobody can tell yet."""
LEAST_NEAR, LEAST_SAME_NAME = 0.02, 0.005
"""However rare it is among strangers: friends join Telegram together, families share a name."""
TRUST = 40
"""People after whom what was counted weighs as much as what was assumed."""
ENOUGH = 5
REGULAR = 8.0
"""How regular a script's pauses are: the shape of a gamma distribution, 1 being chance."""
MONTH_HOURS = 720.0


@dataclass(frozen=True)
class Seen:
    """One invited person, as the ledger saw them."""

    id: int
    at: float
    """Seconds (epoch) of the first touch."""
    account: int | None = None
    messages: int = 0
    name_key: str | None = None
    has_username: bool = True
    returned: bool = False
    near: float = NEAR
    """The share of people elsewhere with an account as near to theirs (`usual`)."""
    same_name: float = SAME_NAME
    """The share of people elsewhere with the same name (`usual`)."""


@dataclass(frozen=True)
class Inviter:
    """Who invites, and all whom they invited in the campaign, the earliest first."""

    seen: Sequence[Seen]
    name_key: str | None = None
    account: int | None = None
    family: Sequence[int] = ()
    """Accounts that came by the one who invited the inviter."""
    came_at: float | None = None
    """When they were invited themselves."""
    messages: int = 0


def examine(one: Seen, inviter: Inviter) -> list[Signal]:
    """Every sign on one referral."""
    run = run_of(one, inviter.seen)
    found = [
        _returned(one), _rhythm(one, run), _silent(one, run, inviter.seen),
        _accounts(one, inviter), _names(one, inviter), _chain(one, inviter), _unnamed(one, run),
    ]  # fmt: skip
    return [signal for signal in found if signal is not None]


def is_held(signals: Sequence[Signal]) -> bool:
    return sum(signal.weight for signal in signals) >= THRESHOLD


def usual(hits: int, people: int, assumed: float, least: float) -> float:
    """How common something is: what was assumed at first, what was counted later."""
    return max(least, (hits + assumed * TRUST) / (people + TRUST))


def own_link(via: str) -> Signal:
    return Signal("self", 10.0, {"via": via})


def run_of(one: Seen, seen: Sequence[Seen]) -> Sequence[Seen]:
    """The joins around one without a long pause between them."""
    place = next(n for n, other in enumerate(seen) if other.id == one.id)
    first = last = place
    while first > 0 and seen[first].at - seen[first - 1].at <= RUN_GAP:
        first -= 1
    while last + 1 < len(seen) and seen[last + 1].at - seen[last].at <= RUN_GAP:
        last += 1
    return seen[first : last + 1]


def _returned(one: Seen) -> Signal | None:
    return Signal("returned", 5.0) if one.returned else None


def _rhythm(one: Seen, run: Sequence[Seen]) -> Signal | None:
    """Scripts wait about equally long between accounts; people come as they come: how much
    likelier the pauses are with a clock than with chance."""
    place = next(n for n, other in enumerate(run) if other.id == one.id)
    first = max(0, min(place - 6, len(run) - 13))
    near = run[first : first + 13]
    if len(near) < ENOUGH + 1:
        return None
    gaps = [max(1.0, b.at - a.at) for a, b in pairwise(near)]
    mean = sum(gaps) / len(gaps)
    each = REGULAR * math.log(REGULAR) - math.lgamma(REGULAR)
    sure = sum(each + (REGULAR - 1) * (math.log(g / mean) - g / mean) for g in gaps)
    weight = min(3.0, sure / math.log(10))
    if weight < 1.0:
        return None
    return Signal("rhythm", round(weight, 2), {"people": len(near), "seconds": round(mean)})


def _silent(one: Seen, run: Sequence[Seen], seen: Sequence[Seen]) -> Signal | None:
    """In its run or among all: the same silence is not counted twice."""
    found = [
        _silence(one, among, most, share, name)
        for among, name in ((run, "silent_run"), (seen, "silent_circle"))
        for most, share in QUIET
    ]
    return max((f for f in found if f), key=lambda f: f.weight, default=None)


def _silence(one: Seen, among: Sequence[Seen], most: int, share: float, name: str) -> Signal | None:
    """How unlikely it is that so many honest people would write `most` messages or fewer."""
    if one.messages > most or len(among) < ENOUGH:
        return None
    quiet = sum(other.messages <= most for other in among)
    return _unlikely(name, quiet, len(among), share, 3.0, {"messages": most})


def _unlikely(
    name: str, hits: int, n: int, share: float, most: float, more: dict[str, object] | None = None
) -> Signal | None:
    weight = min(most, -math.log10(max(1e-9, _at_least(hits, n, share))))
    if not hits or weight < 1.0:
        return None
    return Signal(name, round(weight, 2), {"hits": hits, "people": n, **(more or {})})


@lru_cache(maxsize=4096)
def _at_least(hits: int, n: int, p: float) -> float:
    """Binomial: the chance of so many hits or more."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1))


def _accounts(one: Seen, inviter: Inviter) -> Signal | None:
    """Accounts that were made one after the other."""
    if one.account is None:
        return None
    others = [s.account for s in inviter.seen if s.id != one.id and s.account is not None]
    others += inviter.family
    if inviter.account is not None:
        others.append(inviter.account)
    near = sum(abs(other - one.account) <= NEAR_IDS for other in others)
    return _unlikely("accounts", near, len(others), one.near, 3.5)


def _names(one: Seen, inviter: Inviter) -> Signal | None:
    if one.name_key is None:
        return None
    names = [s.name_key for s in inviter.seen if s.id != one.id] + [inviter.name_key]
    same = sum(name == one.name_key for name in names)
    return _unlikely("same_name", same, len(names), one.same_name, 2.0)


def _chain(one: Seen, inviter: Inviter) -> Signal | None:
    """Who was invited hours ago and invites already, in silence: a circle that feeds itself. The
    sooner, the unlikelier of somebody who has a month to invite."""
    if inviter.came_at is None or one.messages or inviter.messages:
        return None
    hours = (one.at - inviter.came_at) / 3600
    if hours < 0:
        return None
    weight = min(3.0, math.log10(MONTH_HOURS / max(1.0, hours)))
    return Signal("chain", round(weight, 2), {"hours": round(hours)}) if weight >= 1.0 else None


def _unnamed(one: Seen, run: Sequence[Seen]) -> Signal | None:
    """A run of accounts without a username."""
    if one.has_username or len(run) < ENOUGH:
        return None
    return _unlikely("unnamed", sum(not s.has_username for s in run), len(run), 0.45, 1.5)
