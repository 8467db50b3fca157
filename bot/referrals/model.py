"""The things of a referral campaign, as data. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a referral stands; derived from its events."""

    OPENED = "opened"
    """Followed the link to the bot (or asked to join), in no group yet."""
    JOINED = "joined"
    LEFT = "left"
    HELD = "held"
    """Waits for a person's decision."""
    QUALIFIED = "qualified"
    REWARDED = "rewarded"
    DISQUALIFIED = "disqualified"


class Event(StrEnum):
    OPENED = "opened"
    JOINED = "joined"
    LEFT = "left"
    RETURNED = "returned"
    HELD = "held"
    ACCEPTED = "accepted"
    QUALIFIED = "qualified"
    REWARDED = "rewarded"
    DISQUALIFIED = "disqualified"


@dataclass(frozen=True)
class Tier:
    people: int
    reward: str


@dataclass(frozen=True)
class Rules:
    """What a referral needs in order to count; each keeps the version that it started under."""

    days: int = 7
    messages: int = 0
    needs_country: bool = False
    human: bool = False
    in_group: bool = True
    version: int = 1


@dataclass(frozen=True)
class Campaign:
    id: int
    name: str
    platform: str | None
    countries: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    archived: bool
    tiers: tuple[Tier, ...]
    cap: int | None
    budget: int | None
    rules: Rules
    """The newest version."""

    def runs(self, now: datetime) -> bool:
        return not self.archived and self.starts_at <= now < self.ends_at

    def invites(self, country: str | None) -> bool:
        return not self.countries or country in self.countries


@dataclass(frozen=True)
class Plan:
    """A campaign before it is saved."""

    name: str
    platform: str | None
    countries: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    rules: Rules
    tiers: tuple[Tier, ...]
    cap: int | None
    budget: int | None


@dataclass(frozen=True)
class Person:
    """Somebody who invites. `user_id` is None once they were erased."""

    id: int
    user_id: int | None
    name: str
    country: str | None


@dataclass(frozen=True)
class Invited:
    """What Telegram tells of who comes; `name` is kept masked and as a keyed hash only."""

    user_id: int
    name: str
    language: str | None = None
    has_username: bool = False
    country: str | None = None
    is_bot: bool = False


@dataclass(frozen=True)
class Referral:
    id: int
    campaign_id: int
    referrer_id: int
    invitee_id: int | None
    invitee_name: str
    state: State
    via: str
    rules_version: int
    opened_at: datetime
    entered_at: datetime | None
    due_at: datetime | None
    messages: int
    human: int
    accepted: bool
    country: str | None
    chat_id: int | None


@dataclass(frozen=True)
class Standing:
    """A member's numbers in one campaign, or in all."""

    opened: int = 0
    joined: int = 0
    departed: int = 0
    held: int = 0
    disqualified: int = 0
    qualified: int = 0
    rewarded: int = 0

    @property
    def invited(self) -> int:
        return (
            self.opened + self.joined + self.departed + self.held + self.disqualified
            + self.qualified
        )  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A line of the leaderboard. Equal numbers share a rank."""

    rank: int
    person_id: int
    name: str
    country: str | None
    qualified: int


@dataclass(frozen=True)
class Signal:
    """A sign of fraud with what was seen; `detail` holds numbers, never names."""

    name: str
    weight: float
    detail: Mapping[str, object] = field(default_factory=dict)
