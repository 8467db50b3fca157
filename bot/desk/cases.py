"""A case: one question that waits for a person, whoever and how many asked it. Rules, no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.desk.roles import Roles, Task
from bot.understanding.normalise import fold, normalise

State = Literal["waiting", "answered", "dismissed"]

CLAIM = timedelta(minutes=30)
"""How long a claim holds: after it somebody else may take the case."""
MAX_ANSWER = 2000
"""Characters of a moderator's answer: a taught answer keeps as many."""
WAITING_EACH = 10
"""Questions of one person that may wait at once."""
DECLINED_EACH = 3
"""Of these, such as nobody asked to hand over: they were declined."""
_MIN_LETTERS = 6


@dataclass(frozen=True)
class Case:
    id: int
    text: str
    language: str
    topic: str
    country: str | None
    confidence: float
    state: State
    opened_at: datetime
    claimed_by: int | None = None
    claimed_name: str = ""
    claimed_at: datetime | None = None
    closed_by: int | None = None
    closed_name: str = ""
    closed_at: datetime | None = None
    answer: str | None = None
    answer_language: str | None = None
    faq_id: int | None = None
    card_chat: int | None = None
    card_message: int | None = None
    askers: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    """Why it is here, with how often: asked, voted_down, declined."""
    asked_in: tuple[tuple[int, int], ...] = ()
    """Chats with a question's message, the first of each chat."""
    also: tuple[str, ...] = ()
    """The same question in others' words, a few."""

    def claim_until(self) -> datetime | None:
        return self.claimed_at + CLAIM if self.claimed_at else None

    def held_by(self, now: datetime) -> int | None:
        """Who has claimed it, while the claim holds."""
        until = self.claim_until()
        return self.claimed_by if until and now < until else None


def question_key(text: str) -> str:
    """Equal for questions that differ in case, marks, punctuation and spaces alone.

    Marks are kept in the scripts where they are vowels.
    """
    folded = fold(normalise(text))
    folded = fold(normalise(folded))  # without their marks, letters may repeat anew
    return " ".join("".join(c if _counts(c) else " " for c in folded).split())[:200]


def _counts(char: str) -> bool:
    return char.isalnum() or (char > "\x7f" and not char.isspace() and char.isprintable())


def worth_asking(text: str) -> bool:
    """Whether a declined message may be a question at all: 'ok' and '👍👍' are none."""
    letters = [c for c in normalise(text) if c.isalnum()]
    wide = sum(ord(c) > 0x0E00 for c in letters)
    return len(letters) + wide // 2 >= _MIN_LETTERS


def may_handle(roles: Roles, user_id: int | None, case: Case) -> bool:
    """By the case's country, or in all groups where it was asked."""
    if roles.may(user_id, Task.DESK, country=case.country):
        return True
    return bool(case.asked_in) and all(
        roles.may(user_id, Task.DESK, group=chat) for chat, _ in case.asked_in
    )


class Pace:
    """A token bucket: at most `burst` at once, then one each `seconds`."""

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst = burst
        self._seconds = seconds
        self._tokens = float(burst)
        self._seen: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may pass now (seconds of a monotonic clock); if so it is counted."""
        if self._seen is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._seen) / self._seconds)
        self._seen = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def median(seconds: Iterable[float]) -> float | None:
    ordered = sorted(seconds)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
