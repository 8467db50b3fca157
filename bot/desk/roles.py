"""Who may do what: asked at every command, every press and every message of a dialogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """`owner` comes from the settings alone and is never stored."""

    OWNER = "owner"
    ADMIN = "admin"
    MODERATOR = "moderator"
    MARKETING = "marketing"


class Task(StrEnum):
    """What a role allows."""

    FACTS = "facts"
    """Change, verify and undo facts."""
    DESK = "desk"
    """The inbox, teaching, the scam shield's reports."""
    GROUP = "group"
    """A group's set-up."""
    STAFF = "staff"
    """Add and remove staff."""
    MARKETING = "marketing"
    """Broadcasts, promotions, referral campaigns."""
    PAID = "paid"
    """What costs money: paid broadcasts."""


_ALLOWS = {
    Role.OWNER: frozenset(Task),
    Role.ADMIN: frozenset(Task) - {Task.PAID},
    Role.MODERATOR: frozenset({Task.FACTS, Task.DESK, Task.GROUP}),
    Role.MARKETING: frozenset({Task.MARKETING}),
}

EVERYWHERE = "*"


@dataclass(frozen=True)
class Grant:
    """One line of the staff list. `scope` is '*', a country (alpha-2) or a group's chat id."""

    user_id: int
    role: Role
    scope: str = EVERYWHERE
    name: str = ""


class Grants(Protocol):
    def of(self, user_id: int) -> Iterable[Grant]: ...


class Roles:
    """Reads the staff list anew each time: a right that was taken away is gone at once."""

    def __init__(self, owners: frozenset[int], grants: Grants) -> None:
        self.owners = owners
        self._grants = grants

    def may(
        self, user_id: int | None, task: Task, *,
        country: str | None = None, group: int | None = None, anywhere: bool = False,
    ) -> bool:  # fmt: skip
        """Whether a person may do a task for a country or in a group.

        With neither, the task concerns everything and needs the widest scope; `anywhere` asks
        instead whether they may do it in any scope at all (to open a list that is then narrowed).
        """
        if user_id is None:
            return False
        if user_id in self.owners:
            return True
        wanted = {EVERYWHERE, country, str(group) if group is not None else None}
        return any(
            task in _ALLOWS[grant.role] and (anywhere or grant.scope in wanted)
            for grant in self._grants.of(user_id)
        )

    def scopes(self, user_id: int, task: Task) -> frozenset[str]:
        """Where a person may do a task: {'*'} for everywhere, empty for nowhere."""
        if user_id in self.owners:
            return frozenset({EVERYWHERE})
        found = {g.scope for g in self._grants.of(user_id) if task in _ALLOWS[g.role]}
        return frozenset({EVERYWHERE}) if EVERYWHERE in found else frozenset(found)

    def may_edit(self, user_id: int | None, country: str | None) -> bool:
        """Whether a person may change the facts of a country (None: those of no country)."""
        return self.may(user_id, Task.FACTS, country=country)
