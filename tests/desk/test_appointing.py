"""Nobody gives a role that reaches further than their own; every change is noted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.appointing import Appointments, group_of
from bot.desk.roles import EVERYWHERE, Grant, Role, Roles
from bot.desk.staff import AuditLog, StaffStore
from db import open_database

OWNER, BOSS, THAI, ROOM, MOD, NEW = 1, 2, 3, 4, 5, 9
GROUPS = {-10: "TH", -20: "VN", -30: None}
SCOPES = [EVERYWHERE, "TH", "VN", "-10", "-20", "-30", "-99", "XX", ""]


def now() -> datetime:
    return datetime(2026, 11, 21, tzinfo=UTC)


class Office:
    def __init__(self) -> None:
        db = open_database(":memory:")
        self.staff, self.audit = StaffStore(db, now), AuditLog(db, now)
        roles = Roles(frozenset({OWNER}), self.staff)
        self.appointments = Appointments(roles, self.staff, self.audit, GROUPS.get)
        for grant in (
            Grant(BOSS, Role.ADMIN), Grant(THAI, Role.ADMIN, "TH"), Grant(ROOM, Role.ADMIN, "-20"),
            Grant(MOD, Role.MODERATOR),
        ):  # fmt: skip
            self.appointments.appoint(OWNER, grant)


@pytest.fixture
def office() -> Iterator[Office]:
    yield Office()


@pytest.mark.parametrize(
    ("actor", "reach"),
    [
        (OWNER, {EVERYWHERE, "TH", "VN", "-10", "-20", "-30", "-99"}),
        (BOSS, {EVERYWHERE, "TH", "VN", "-10", "-20", "-30", "-99"}),
        (THAI, {"TH", "-10"}),
        (ROOM, {"-20"}),
        (MOD, set()),
        (NEW, set()),
    ],
)
def test_how_far_each_reaches(office: Office, actor: int, reach: set[str]) -> None:
    assert {scope for scope in SCOPES if office.appointments.may(actor, scope)} == reach
    for scope in SCOPES:
        outcome = office.appointments.appoint(actor, Grant(NEW, Role.MODERATOR, scope))
        assert outcome == ("done" if scope in reach else "refused")
    assert {g.scope for g in office.staff.of(NEW)} == reach


def test_owners_are_never_made(office: Office) -> None:
    assert office.appointments.appoint(OWNER, Grant(NEW, Role.OWNER)) == "refused"


def test_what_was_given_is_taken_once_and_both_are_noted(office: Office) -> None:
    grant = Grant(NEW, Role.MARKETING, "TH", "Dara")
    assert office.appointments.appoint(THAI, grant) == "done"
    assert office.appointments.appoint(THAI, grant) == "already"
    assert office.appointments.dismiss(ROOM, NEW, Role.MARKETING, "TH") == "refused"
    assert office.appointments.dismiss(THAI, NEW, Role.MARKETING, "TH") == "done"
    assert office.appointments.dismiss(THAI, NEW, Role.MARKETING, "TH") == "already"
    noted = [(e.user_id, e.what, dict(e.detail)) for e in office.audit.latest(2)]
    detail = {"role": "marketing", "scope": "TH"}
    assert noted == [(THAI, "staff.remove", detail), (THAI, "staff.add", detail)]


def test_an_admin_sees_and_takes_only_within_their_reach(office: Office) -> None:
    assert {g.user_id for g in office.appointments.visible(THAI)} == {THAI}
    assert office.appointments.dismiss(THAI, BOSS, Role.ADMIN, EVERYWHERE) == "refused"
    assert office.appointments.dismiss(BOSS, THAI, Role.ADMIN, "TH") == "done"
    assert office.appointments.is_keeper(THAI) is False


@given(st.text(max_size=24))
def test_only_a_chat_id_is_a_group(scope: str) -> None:
    group = group_of(scope)
    assert group is None or (group <= 0 and scope.startswith("-") and scope[1:].isdigit())
