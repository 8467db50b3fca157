"""A promotion and its rules. Pure: the day is passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

MAX_TITLE = 60
MAX_TEXT = 300
MAX_PROOF = 300
MAX_DAYS = 400
"""A longer window is a slip of the pen."""
COMING_DAYS = 60
"""How far ahead /promos announces a promotion."""


class Phase(StrEnum):
    DRAFT = "draft"
    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class Promotion:
    id: int
    title: str
    platform: str | None = None
    festival: str | None = None
    countries: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    """First and last day, each in the member's own country."""
    terms_url: str | None = None
    proof: str = ""
    """Why the chats are the platform's own official channel, for countries that ask for it."""
    language: str = "en"
    texts: Mapping[str, str] = field(default_factory=dict)
    author_id: int | None = None
    published_at: datetime | None = None
    ended_at: datetime | None = None

    def phase(self, today: date) -> Phase:
        """`today`: the day in the country in question."""
        if self.ended_at is not None or (self.ends_on and self.ends_on < today):
            return Phase.OVER
        if self.published_at is None or self.starts_on is None:
            return Phase.DRAFT
        return Phase.COMING if today < self.starts_on else Phase.RUNNING

    def text(self, language: str) -> str:
        return self.texts.get(language) or self.texts.get(self.language) or ""


class Missing(StrEnum):
    """What a promotion still needs before members may see it."""

    WINDOW = "window"
    OVER = "over"
    COUNTRIES = "countries"
    TERMS = "terms"
    TEXT = "text"


def missing(promotion: Promotion, today: date) -> list[Missing]:
    found = []
    if promotion.starts_on is None or promotion.ends_on is None:
        found.append(Missing.WINDOW)
    elif promotion.ends_on < today:
        found.append(Missing.OVER)
    if not promotion.countries:
        found.append(Missing.COUNTRIES)
    if not promotion.terms_url:
        found.append(Missing.TERMS)
    if not promotion.text(promotion.language):
        found.append(Missing.TEXT)
    return found


class BadWindow(StrEnum):
    UNREADABLE = "unreadable"
    BACKWARDS = "backwards"
    PAST = "past"
    TOO_LONG = "too_long"


def read_window(text: str, today: date) -> tuple[date, date] | BadWindow:
    """'2027-04-10 2027-04-16', with anything between the two days."""
    days = []
    for word in text.replace("/", "-").split():
        try:
            days.append(date.fromisoformat(word.strip(",;()")))
        except ValueError:
            continue
    if len(days) != 2:
        return BadWindow.UNREADABLE
    first, last = days
    if last < first:
        return BadWindow.BACKWARDS
    if last < today:
        return BadWindow.PAST
    return BadWindow.TOO_LONG if (last - first).days > MAX_DAYS else (first, last)
