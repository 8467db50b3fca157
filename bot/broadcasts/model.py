"""What a broadcast is. Data only: rules are in `schedule` and `audience`, SQL in `store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    PROMOTION = "promotion"
    FESTIVAL = "festival"
    """A greeting, with nothing to sell."""
    EDUCATION = "education"
    SERVICE = "service"


OPT_OUT: Mapping[Kind, str] = {
    Kind.PROMOTION: "promotion",
    Kind.FESTIVAL: "festival",
    Kind.EDUCATION: "promotion",
    Kind.SERVICE: "service",
}
"""Which of a member's notifications (bot/members/store.py) each kind needs to be on. Lessons
count as marketing: who wants none gets none."""


class State(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    """For a second person's approval."""
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"
    """A moment was missed by more than the limit: a person is asked whether to send it still."""


EDITABLE = frozenset({State.DRAFT, State.WAITING, State.SCHEDULED})
"""A change in these takes a broadcast back to a draft, so that what is sent was approved."""


class RunState(StrEnum):
    CHOOSING = "choosing"
    """Its recipients are being written down; nothing was sent."""
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    OVERDUE = "overdue"


class Delivered(StrEnum):
    """The state of one recipient's row in the ledger."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have arrived: sent again on a person's word only."""
    HELD = "held"
    """By the compliance gate; `rule` is the fact."""


@dataclass(frozen=True)
class Button:
    text: str
    url: str


@dataclass(frozen=True)
class Media:
    kind: str
    """photo or document."""
    file_id: str
    """Telegram's, good for this bot."""
    name: str = ""


@dataclass(frozen=True)
class Variant:
    """The message in one language: HTML with {first_name}, {festival}, {local_date}, {ref_link}."""

    language: str
    text: str
    media: Media | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True)
class Audience:
    """Who is meant; an empty set is everybody. Opt-outs, blocked and left are never among them."""

    groups: bool = True
    members: bool = True
    """People who started the bot in private."""
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    chats: frozenset[int] = frozenset()
    """Of the groups, only these."""
    active_days: int | None = None
    """Of the members, only who was seen in so many days."""


class When(StrEnum):
    NOW = "now"
    ONCE = "once"
    REPEAT = "repeat"
    FESTIVAL = "festival"


@dataclass(frozen=True)
class Schedule:
    """`zone` None: at that time of each recipient's own clock."""

    when: When = When.NOW
    at: datetime | None = None
    """Once: a wall clock's date and time, without a zone."""
    cron: str | None = None
    """Repeat: minute, hour, day, month, weekday, as in crontab."""
    festival: str | None = None
    days_before: int = 0
    """Below 0: after it."""
    time: time = time(9, 0)
    """Festival: the time of that day."""
    zone: str | None = None
    until: date | None = None
    """The last day, of repeats and festivals."""
    quiet: bool = True
    """Whether quiet hours push it later."""


@dataclass(frozen=True)
class Draft:
    """What its author can set."""

    title: str
    kind: Kind = Kind.PROMOTION
    platform: str | None = None
    promotion_id: int | None = None
    language: str = "en"
    """The variant for whom no other fits."""
    audience: Audience = field(default_factory=Audience)
    schedule: Schedule = field(default_factory=Schedule)
    paid: bool = False


@dataclass(frozen=True)
class Broadcast:
    id: int
    draft: Draft
    state: State
    author_id: int | None
    approver_id: int | None
    variants: Mapping[str, Variant]
    note: str
    next_key: str | None
    next_at: datetime | None
    created_at: datetime
    changed_at: datetime
    copied_from: int | None = None

    def variant(self, language: str | None) -> Variant | None:
        """The one for a language, else the default's, else none."""
        return self.variants.get(language or "") or self.variants.get(self.draft.language)


@dataclass(frozen=True)
class Run:
    """One moment's sending of a broadcast."""

    id: int
    broadcast_id: int
    key: str
    state: RunState
    note: str
    total: int
    started_at: datetime
    touched_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Counts:
    """Recipients of a run by the state of their row."""

    pending: int = 0
    sending: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0

    @property
    def total(self) -> int:
        return self.pending + self.sending + self.sent + self.failed + self.uncertain + self.held


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient's row. `due` and `at`: seconds since 1970, UTC."""

    run_id: int
    due: int
    chat_id: int
    country: str | None
    language: str | None
    state: Delivered = Delivered.PENDING
    reason: str | None = None
    rule: str | None = None
    message_id: int | None = None
    at: int | None = None


@dataclass(frozen=True)
class Tally:
    """How many rows share a state, a reason, a rule and a country: what a report is made of."""

    state: Delivered
    reason: str | None
    rule: str | None
    country: str | None
    count: int


@dataclass(frozen=True)
class Link:
    token: str
    language: str
    url: str
    clicks: int


def audience_data(audience: Audience) -> dict[str, Any]:
    return {
        "groups": audience.groups,
        "members": audience.members,
        "countries": sorted(audience.countries),
        "languages": sorted(audience.languages),
        "chats": sorted(audience.chats),
        "active_days": audience.active_days,
    }


def audience_of(data: Mapping[str, Any]) -> Audience:
    """Raises TypeError or ValueError for what is no audience."""
    days = data.get("active_days")
    return Audience(
        bool(data.get("groups", True)), bool(data.get("members", True)),
        frozenset(map(str, data.get("countries", ()))), frozenset(map(str, data.get("languages", ()))),
        frozenset(map(int, data.get("chats", ()))), None if days is None else int(days),
    )  # fmt: skip


def schedule_data(schedule: Schedule) -> dict[str, Any]:
    return {
        "when": str(schedule.when),
        "at": schedule.at.isoformat(timespec="minutes") if schedule.at else None,
        "cron": schedule.cron,
        "festival": schedule.festival,
        "days_before": schedule.days_before,
        "time": schedule.time.isoformat(timespec="minutes"),
        "zone": schedule.zone,
        "until": schedule.until.isoformat() if schedule.until else None,
        "quiet": schedule.quiet,
    }


def schedule_of(data: Mapping[str, Any]) -> Schedule:
    """Raises TypeError or ValueError for what is no schedule."""
    at, until = data.get("at"), data.get("until")
    return Schedule(
        When(data.get("when", When.NOW)), datetime.fromisoformat(at) if at else None,
        data.get("cron"), data.get("festival"), int(data.get("days_before", 0)),
        time.fromisoformat(data.get("time", "09:00")), data.get("zone"),
        date.fromisoformat(until) if until else None, bool(data.get("quiet", True)),
    )  # fmt: skip
