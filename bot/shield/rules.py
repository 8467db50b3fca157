"""What speaks against a message or a name, and whether that is enough to act on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.shield.links import addresses, bad_address
from bot.shield.names import Person, looks_like
from bot.shield.seed import asks_for_seed, tells_of_it
from bot.shield.words import ShieldWords

NEWCOMER = timedelta(days=3)
"""Who joined (or was first seen) less long ago: their first message with a link is reported."""
REGULAR = timedelta(days=30)
"""Who was seen this long ago is reported, but never acted on without a person."""


class Mode(StrEnum):
    OFF = "off"
    REPORT = "report"
    ACT = "act"


class Kind(StrEnum):
    LOOK_ALIKE = "look_alike"
    STAFF_NAME = "staff_name"
    SEED = "seed"
    BAD_LINK = "bad_link"
    FIRST_LINK = "first_link"
    MEMBER = "member"
    """A member reported it."""
    APPEAL = "appeal"
    """Whom it is about says that it is a mistake."""


@dataclass(frozen=True)
class Evidence:
    kind: Kind
    detail: str = ""
    """Whom the name is like, which link, what a member wrote."""
    sure: bool = False
    """Enough for the bot to act where a group lets it; else only a person does."""


@dataclass(frozen=True)
class Standing:
    """What the shield knows of a person in a group before their message."""

    first_seen: datetime
    joined: bool = False
    """Whether the shield saw them join; else `first_seen` is when it first heard them."""
    spoke: bool = False
    trusted: bool = False


@dataclass(frozen=True)
class Said:
    """A message as the rules look at it."""

    text: str
    hidden_links: Sequence[str] = ()
    """Addresses behind words and buttons."""
    has_link: bool = False
    """Telegram itself found an address in it."""


def name_evidence(
    person: Person, staff: Iterable[Person], group: str, words: ShieldWords
) -> Evidence | None:
    """What a person's name claims. Nothing for the staff themselves."""
    known = list(staff)
    if any(one.user_id == person.user_id for one in known):
        return None
    like = looks_like(person, known)
    if like:
        return Evidence(Kind.LOOK_ALIKE, like.like.name or f"@{like.like.username}", like.disguised)
    if words.staff.claimed(person.name, group):
        return Evidence(Kind.STAFF_NAME, person.name)
    return None


def message_evidence(
    said: Said, standing: Standing, bad: Collection[str], words: ShieldWords,
    now: datetime, on_since: datetime,
) -> list[Evidence]:  # fmt: skip
    """What a message says against itself, the cheapest checks first."""
    found: list[Evidence] = []
    if said.has_link and _first_of_newcomer(standing, now, on_since):
        shown = addresses(said.text, said.hidden_links)
        found.append(Evidence(Kind.FIRST_LINK, shown[0] if shown else ""))
    if bad and (said.has_link or _may_hide_a_link(said.text)):
        entry = bad_address(addresses(said.text, said.hidden_links), bad)
        if entry:
            # 'Is evil.example a scam?' is for a person to look at, not for the bot to mute.
            found.append(Evidence(Kind.BAD_LINK, entry, not tells_of_it(said.text, words.seed)))
    if asks_for_seed(said.text, words.seed):
        found.append(Evidence(Kind.SEED, sure=True))
    return found


def _first_of_newcomer(standing: Standing, now: datetime, on_since: datetime) -> bool:
    """Whom the shield did not see join may have been here for years before it was switched on:
    they are newcomers only once it has been on long enough to have heard the others."""
    if standing.spoke or standing.trusted or now - standing.first_seen >= NEWCOMER:
        return False
    return standing.joined or now - on_since >= NEWCOMER


def _may_hide_a_link(text: str) -> bool:
    return not text.isascii() or "." in text or "dot" in text.lower()


def may_act(mode: Mode, evidence: Iterable[Evidence], standing: Standing, now: datetime) -> bool:
    """Whether the bot deletes and mutes by itself."""
    if mode is not Mode.ACT or standing.trusted:
        return False
    return now - standing.first_seen < REGULAR and any(one.sure for one in evidence)
