"""A town of honest and dishonest people, to measure what the signs of fraud find.

Seeded, so that the same figures come out each time. Honest people are made to look as real ones
do: most keep silent, announcements bring them in bursts, some have no username, share a name or
registered their account on the same day as a friend. Dishonest ones are made to hide: scripts wait
irregularly, some write a greeting, some accounts are old. Nothing that an inspector does not see in
the ledger is used.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate

from bot.referrals.signals import (
    LEAST_NEAR,
    LEAST_SAME_NAME,
    NEAR,
    NEAR_IDS,
    SAME_NAME,
    Inviter,
    Seen,
    examine,
    is_held,
    usual,
)

PEOPLE = 10_000
SEED = 20_261_121
DAY = 86_400.0
_NAMES = 1_500
"""Common names are much commoner than rare ones (Zipf)."""
_IDS = 8_500_000_000
_IDS_A_DAY = 900_000
FRESH = 0.03
"""Honest people who joined Telegram that day."""
HONEST_RETURNS = 0.005
"""Left by mistake, or to think about it, and came back."""
UNSEEN = 0.15
"""Of the rejoiners: left when the bot did not look, so they seem to be new."""


class Kind(StrEnum):
    FRIENDS = "honest: friends of an ordinary member"
    ANNOUNCED = "honest: a burst after an announcement"
    OFFICE = "honest: colleagues or a class, within an hour"
    SCRIPT = "bots: a script with short pauses"
    DRIP = "bots: spread over days, some greet"
    RING = "ring: one person's few accounts, each inviting the next"
    REJOIN = "rejoiner: left and came back by a link"


HONEST = frozenset({Kind.FRIENDS, Kind.ANNOUNCED, Kind.OFFICE})


@dataclass(frozen=True)
class Member:
    """One invited person with the truth, which the signs never see."""

    kind: Kind
    seen: Seen
    inviter: Inviter


@dataclass(frozen=True)
class Row:
    people: int
    held: int


@dataclass(frozen=True)
class Outcome:
    rows: dict[Kind, Row]

    def _sum(self, honest: bool) -> Row:
        rows = [row for kind, row in self.rows.items() if (kind in HONEST) == honest]
        return Row(sum(r.people for r in rows), sum(r.held for r in rows))

    @property
    def precision(self) -> float:
        """Of those held, how many are dishonest."""
        good, bad = self._sum(True), self._sum(False)
        return bad.held / (good.held + bad.held)

    @property
    def recall(self) -> float:
        """Of the dishonest, how many are held."""
        bad = self._sum(False)
        return bad.held / bad.people


class Town:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._weights = list(accumulate(1 / (n + 1) for n in range(_NAMES)))
        self._next = 0

    def _name(self) -> str:
        return f"n{self._dice.choices(range(_NAMES), cum_weights=self._weights)[0]}"

    def _account(self, at: float | None = None) -> int:
        """An account of any age, newer ones more often; some were made for this very group."""
        if at is not None and self._dice.random() < FRESH:
            return _IDS + int((at / DAY - self._dice.random()) * _IDS_A_DAY)
        return int(_IDS * (1 - self._dice.random() ** 2 * 0.9))

    def _one(self, at: float, **known: object) -> Seen:
        self._next += 1
        base = Seen(
            self._next, at, self._account(at), self._lurker(0.6), self._name(),
            self._dice.random() < 0.62, self._dice.random() < HONEST_RETURNS,
        )  # fmt: skip
        return replace(base, **known)  # type: ignore[arg-type]

    def _lurker(self, share: float) -> int:
        """Messages of the first week: most people write none."""
        if self._dice.random() < share:
            return 0
        return 1 + int(self._dice.expovariate(1 / 4))

    def _day(self) -> float:
        return self._dice.uniform(0, 30) * DAY

    # Honest

    def friends(self) -> list[Seen]:
        """Over weeks; a friend may have made the account the same day."""
        people = self._dice.choices((1, 2, 3, 5, 8, 14), (40, 25, 15, 10, 7, 3))[0]
        found = [self._one(self._day()) for _ in range(people)]
        if people > 1 and self._dice.random() < 0.04:
            found[1] = replace(found[1], account=self._near(found[0].account or 0, 1))
        return found

    def announced(self) -> list[Seen]:
        """Somebody with followers posts the link: a rush that fades, most of whom only read."""
        at, begun = 0.0, self._day()
        pace = self._dice.uniform(20, 240)
        silent = self._dice.uniform(0.5, 0.72)
        found = []
        for n in range(self._dice.randint(15, 90)):
            at += self._dice.expovariate(1 / (pace * (1 + n / 20)))
            found.append(self._one(begun + at, messages=self._lurker(silent)))
        return found

    def office(self) -> list[Seen]:
        """A class is told to join now: close together, one language, some talk."""
        begun = self._day()
        people = self._dice.randint(6, 20)
        return [
            self._one(begun + self._dice.uniform(0, 2_400), messages=self._lurker(0.55))
            for _ in range(people)
        ]

    # Dishonest

    def _near(self, account: int, days: float) -> int:
        return account + int(self._dice.uniform(-1, 1) * days * _IDS_A_DAY)

    def _stock(self, people: int) -> list[int]:
        """Bought accounts: from one batch, several batches, or old ones picked here and there."""
        bought = self._dice.choices(("batch", "batches", "aged"), (55, 30, 15))[0]
        if bought == "aged":
            return [self._account() for _ in range(people)]
        batches = 1 if bought == "batch" else max(2, people // 8)
        made = [self._account() for _ in range(batches)]
        spread = self._dice.uniform(0.02, 0.5)
        return [self._near(self._dice.choice(made), spread) for _ in range(people)]

    def _sock(self, at: float, account: int, greets: float, named: float) -> Seen:
        return self._one(
            at, account=account, messages=int(self._dice.random() < greets),
            has_username=self._dice.random() < named,
        )  # fmt: skip

    def script(self) -> list[Seen]:
        """PEERS: one account after the other, 10 to 15 s apart; better ones wait as people do."""
        people = self._dice.randint(12, 80)
        careful = self._dice.random() < 0.35
        at, mean = self._day(), self._dice.uniform(8, 90)
        found = []
        for account in self._stock(people):
            wait = (
                self._dice.expovariate(1 / mean) if careful else mean * self._dice.uniform(0.7, 1.3)
            )
            at += wait
            found.append(self._sock(at, account, 0.03, 0.35))
        return found

    def drip(self) -> list[Seen]:
        """A few a day, with pauses like a person's; every sixth greets, to look alive."""
        people = self._dice.randint(10, 40)
        begun = self._dice.uniform(0, 15) * DAY
        at, found = begun, []
        for account in self._stock(people):
            at += self._dice.expovariate(1 / (self._dice.uniform(2, 9) * 3_600))
            found.append(self._sock(at, account, 0.16, 0.5))
        return found

    def ring(self) -> list[Inviter]:
        """One person with a handful of SIM cards: each account invites the next ones."""
        at, name = self._day(), self._name()
        made = self._account()
        found: list[Inviter] = []
        family: list[int] = []
        came: float | None = None
        wrote = self._lurker(0.4)
        inviter_account = self._near(made, 3)
        for _ in range(self._dice.randint(2, 4)):
            batch = []
            for _ in range(self._dice.randint(1, 4)):
                at += self._dice.uniform(120, 7_200)
                same_day = self._dice.random() < 0.8
                account = self._near(made, 0.05) if same_day else self._account()
                sock = self._sock(at, account, 0.12, 0.3)
                same = self._dice.random() < 0.45
                batch.append(replace(sock, name_key=name) if same else sock)
            found.append(Inviter(tuple(batch), name, inviter_account, tuple(family), came, wrote))
            family = [one.account for one in batch if one.account is not None]
            came, wrote = batch[-1].at, batch[-1].messages
            inviter_account = batch[-1].account or made
        return found

    def rejoin(self) -> list[Seen]:
        """Members who leave and come back by a friend's link: the ledger sees the return."""
        people = self._dice.randint(1, 4)
        return [
            self._one(self._day(), returned=self._dice.random() > UNSEEN) for _ in range(people)
        ]

    def populate(self, people: int) -> Iterator[Member]:
        """So many invited people: about four of five honest."""
        made = 0
        crowds = (
            (Kind.FRIENDS, 620), (Kind.ANNOUNCED, 14), (Kind.OFFICE, 14), (Kind.SCRIPT, 5),
            (Kind.DRIP, 6), (Kind.RING, 12), (Kind.REJOIN, 45),
        )  # fmt: skip
        while made < people:
            kind = self._dice.choices([k for k, _ in crowds], [w for _, w in crowds])[0]
            for inviter in self._crowd(kind):
                for one in inviter.seen:
                    if made < people:
                        made += 1
                        yield Member(kind, one, inviter)

    def _crowd(self, kind: Kind) -> Sequence[Inviter]:
        if kind is Kind.RING:
            return self.ring()
        make = {
            Kind.FRIENDS: self.friends, Kind.ANNOUNCED: self.announced, Kind.OFFICE: self.office,
            Kind.SCRIPT: self.script, Kind.DRIP: self.drip, Kind.REJOIN: self.rejoin,
        }[kind]  # fmt: skip
        seen = tuple(sorted(make(), key=lambda one: one.at))
        came = self._day() if self._dice.random() < 0.15 else None
        wrote = self._lurker(0.4)
        family = [self._account() for _ in range(5)] if came else []
        return [Inviter(seen, self._name(), self._account(), family, came, wrote)]


def town(seed: int = SEED, people: int = PEOPLE) -> Iterator[Member]:
    """Everybody, with how common their names and accounts are among those whom others invited."""
    members = list(Town(seed).populate(people))
    names = Counter(member.seen.name_key for member in members)
    accounts = sorted(member.seen.account or 0 for member in members)
    for member in members:
        seen, circle = member.seen, member.inviter.seen
        elsewhere = len(members) - len(circle)
        named = names[seen.name_key] - sum(one.name_key == seen.name_key for one in circle)
        mine = seen.account or 0
        near = bisect_right(accounts, mine + NEAR_IDS) - bisect_left(accounts, mine - NEAR_IDS)
        near -= sum(abs((one.account or 0) - mine) <= NEAR_IDS for one in circle)
        known = replace(
            seen,
            same_name=usual(max(0, named), elsewhere, SAME_NAME, LEAST_SAME_NAME),
            near=usual(max(0, near), elsewhere, NEAR, LEAST_NEAR),
        )
        yield replace(member, seen=known)


def measure(seed: int = SEED, people: int = PEOPLE) -> Outcome:
    """What would be held."""
    counts = {kind: [0, 0] for kind in Kind}
    for member in town(seed, people):
        counts[member.kind][0] += 1
        counts[member.kind][1] += is_held(examine(member.seen, member.inviter))
    return Outcome({kind: Row(*count) for kind, count in counts.items()})
