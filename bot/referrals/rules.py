"""What counts, and what becomes of a referral: pure, the time is passed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.referrals.model import Event, Referral, Rules, State, Tier

PATIENCE = timedelta(days=30)
"""How long after its day a referral may still do what is missing."""

_NEXT: Mapping[State, Mapping[Event, State]] = {
    State.OPENED: {
        Event.JOINED: State.JOINED, Event.HELD: State.HELD, Event.QUALIFIED: State.QUALIFIED,
        Event.DISQUALIFIED: State.DISQUALIFIED,
    },
    State.JOINED: {
        Event.LEFT: State.LEFT, Event.HELD: State.HELD, Event.QUALIFIED: State.QUALIFIED,
        Event.DISQUALIFIED: State.DISQUALIFIED,
    },
    State.LEFT: {Event.RETURNED: State.JOINED, Event.DISQUALIFIED: State.DISQUALIFIED},
    State.HELD: {
        Event.ACCEPTED: State.JOINED, Event.LEFT: State.LEFT,
        Event.DISQUALIFIED: State.DISQUALIFIED,
    },
    State.QUALIFIED: {
        Event.REWARDED: State.REWARDED, Event.DISQUALIFIED: State.DISQUALIFIED,
        Event.LEFT: State.QUALIFIED,
    },
    State.REWARDED: {Event.LEFT: State.REWARDED},
    State.DISQUALIFIED: {},
}  # fmt: skip

COLUMNS: Mapping[State, tuple[str, ...]] = {
    State.OPENED: ("opened",), State.JOINED: ("joined",), State.LEFT: ("departed",),
    State.HELD: ("held",), State.DISQUALIFIED: ("disqualified",),
    State.QUALIFIED: ("qualified",), State.REWARDED: ("qualified", "rewarded"),
}  # fmt: skip
"""Which numbers of a standing a referral in each state adds one to."""


def after(state: State | None, event: Event) -> State | None:
    """The state that follows; None when the event cannot happen there."""
    if state is None:
        return {Event.OPENED: State.OPENED, Event.JOINED: State.JOINED}.get(event)
    return _NEXT[state].get(event)


def fold(events: Iterable[Event]) -> State | None:
    """The state that all events lead to."""
    state: State | None = None
    for event in events:
        state = after(state, event) or state
    return state


def due(rules: Rules, opened: datetime, entered: datetime | None) -> datetime | None:
    """When it may count at the earliest; None while it waits for the joining of a group."""
    begun = entered if rules.in_group else (entered or opened)
    return begun + timedelta(days=rules.days) if begun else None


def missing(rules: Rules, referral: Referral, country: str | None) -> list[str]:
    """What it still needs, by name: 'country', 'messages', 'human'."""
    needs = {
        "country": rules.needs_country and country is None,
        "messages": referral.messages < rules.messages,
        "human": rules.human and referral.human != 1,
    }
    return [name for name, lacks in needs.items() if lacks]


def too_late(rules: Rules, referral: Referral, now: datetime) -> bool:
    first = due(rules, referral.opened_at, referral.entered_at)
    return first is not None and now - first > PATIENCE


def reached(tiers: Sequence[Tier], people: int) -> Tier | None:
    """The highest tier that so many people earn."""
    return max((t for t in tiers if t.people <= people), key=lambda t: t.people, default=None)


def next_tier(tiers: Sequence[Tier], people: int) -> Tier | None:
    return min((t for t in tiers if t.people > people), key=lambda t: t.people, default=None)
