"""Who may give a role to whom, and taking it away again; each change is in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bot.desk.roles import EVERYWHERE, Grant, Role, Roles, Task
from bot.desk.staff import AuditLog, StaffStore
from bot.knowledge.model import COUNTRIES

Outcome = Literal["done", "already", "refused"]
GIVEN = (Role.ADMIN, Role.MODERATOR, Role.MARKETING)
"""Owners come from the settings alone."""


class Appointments:
    """Nobody gives or takes what reaches further than their own right to keep the staff list."""

    def __init__(
        self, roles: Roles, staff: StaffStore, audit: AuditLog,
        country_of: Callable[[int], str | None],
    ) -> None:  # fmt: skip
        """`country_of` a group, by its chat id: who keeps a country's staff keeps its groups'."""
        self._roles = roles
        self._staff = staff
        self._audit = audit
        self._country_of = country_of

    def is_keeper(self, user_id: int) -> bool:
        """Whether they may appoint anybody at all."""
        return self._roles.may(user_id, Task.STAFF, anywhere=True)

    def may(self, actor: int, scope: str) -> bool:
        """Whether `actor` keeps the staff of a scope: '*', a country or a group's chat id."""
        if scope == EVERYWHERE:
            return self._roles.may(actor, Task.STAFF)
        if scope in COUNTRIES:
            return self._roles.may(actor, Task.STAFF, country=scope)
        group = group_of(scope)
        if group is None:
            return False
        return self._roles.may(actor, Task.STAFF, country=self._country_of(group), group=group)

    def visible(self, actor: int) -> list[Grant]:
        return [grant for grant in self._staff.all() if self.may(actor, grant.scope)]

    def appoint(self, actor: int, grant: Grant) -> Outcome:
        if grant.role not in GIVEN or not self.may(actor, grant.scope):
            return "refused"
        if not self._staff.add(grant, actor):
            return "already"
        self._note(actor, "staff.add", grant.user_id, grant.role, grant.scope)
        return "done"

    def dismiss(self, actor: int, user_id: int, role: Role, scope: str) -> Outcome:
        if not self.may(actor, scope):
            return "refused"
        if not self._staff.remove(user_id, role, scope):
            return "already"
        self._note(actor, "staff.remove", user_id, role, scope)
        return "done"

    def _note(self, actor: int, what: str, user_id: int, role: Role, scope: str) -> None:
        self._audit.note(actor, what, user_id, role=role.value, scope=scope)


def group_of(scope: str) -> int | None:
    """The chat id that a scope is; None for '*', countries and anything else."""
    digits = scope.removeprefix("-")
    if digits == scope or not (digits.isascii() and digits.isdigit() and len(digits) <= 16):
        return None
    return int(scope)
