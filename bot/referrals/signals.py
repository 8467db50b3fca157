"""Signs of fraud, each with what was seen. Pure; docs/referral-fraud.md says how well they do.

A sign alone is rarely proof: real people come in bursts, keep silent and share names. So each has
a weight (about the decimal logarithm of how much likelier it is with fraud than without), and a
referral is held for a person when the weights add up. Nothing is ever refused by the program.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.referrals.model import Signal

THRESHOLD = 2.3
RUN_GAP = 3_600.0
"""Seconds: joins with longer pauses between them are not one run."""
SILENT = 0.75
"""The share of silent newcomers that a crowd of honest people may well have in its first week: only
what is above it counts. An assumption, on the careful side."""
TALKS = 3
FEW_TALK = 0.85
"""The share of such a crowd that writes fewer than TALKS messages: again the careful side."""
NEAR_IDS = 600_000
"""Telegram numbers accounts about in the order in which they are made: so near were made within a
day or so."""
NEAR = 0.05
"""How many of honest company have such accounts: some join Telegram because of the group."""
SAME_NAME = 0.05
ENOUGH = 5


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
    invited: int = 0


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
    """Scripts wait about equally long between accounts; people come as they come."""
    place = next(n for n, other in enumerate(run) if other.id == one.id)
    near = run[max(0, place - 6) : place + 7]
    if len(near) < ENOUGH + 1:
        return None
    gaps = [b.at - a.at for a, b in pairwise(near)]
    mean = sum(gaps) / len(gaps)
    spread = math.sqrt(sum((g - mean) ** 2 for g in gaps) / len(gaps)) / mean if mean else 0.0
    if spread >= 0.5:
        return None
    weight = 3.0 if spread < 0.3 else 1.5
    return Signal("rhythm", weight, {"people": len(near), "seconds": round(mean)})


def _silent(one: Seen, run: Sequence[Seen], seen: Sequence[Seen]) -> Signal | None:
    """In its run or among all: the same silence is not counted twice."""
    found = [
        _silence(one, among, most, share, name)
        for among, name in ((run, "silent_run"), (seen, "silent_circle"))
        for most, share in ((0, SILENT), (TALKS - 1, FEW_TALK))
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
    return _unlikely("accounts", near, len(others), NEAR, 3.5)


def _names(one: Seen, inviter: Inviter) -> Signal | None:
    if one.name_key is None:
        return None
    names = [s.name_key for s in inviter.seen if s.id != one.id] + [inviter.name_key]
    same = sum(name == one.name_key for name in names)
    return _unlikely("same_name", same, len(names), SAME_NAME, 2.0)


def _chain(one: Seen, inviter: Inviter) -> Signal | None:
    """Who was invited a day ago and invites already, in silence: a circle that feeds itself."""
    if inviter.came_at is None or one.messages or inviter.messages:
        return None
    hours = (one.at - inviter.came_at) / 3600
    return Signal("chain", 2.3, {"hours": round(hours)}) if 0 <= hours <= 48 else None


def _unnamed(one: Seen, run: Sequence[Seen]) -> Signal | None:
    """A run of accounts without a username."""
    if one.has_username or len(run) < ENOUGH:
        return None
    return _unlikely("unnamed", sum(not s.has_username for s in run), len(run), 0.45, 1.5)
