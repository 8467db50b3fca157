"""What the signs of fraud are read from, in SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.referrals.model import Referral
from bot.referrals.signals import (
    LEAST_NEAR,
    LEAST_SAME_NAME,
    NEAR,
    NEAR_IDS,
    SAME_NAME,
    Inviter,
    Seen,
    usual,
)

LATELY = 5_000
"""Referrals by which is told what is common: some 2 ms."""
AROUND = 200
"""How many before and after one are looked at: a run is shorter, and a person may invite many."""
_SEEN = """SELECT r.id, r.opened_at, r.invitee_id, r.messages, r.name_key, r.has_username,
    EXISTS (SELECT 1 FROM referral_events e WHERE e.referral_id = r.id AND e.kind = 'returned')
    FROM referrals r WHERE r.referrer_id = ? AND r.campaign_id = ?"""


def case(db: Database, referral: Referral) -> tuple[Seen, Inviter]:
    """One referral, and the person who invites with whom they invited around it."""
    key = [
        referral.referrer_id,
        referral.campaign_id,
        referral.opened_at.isoformat(timespec="seconds"),
    ]
    before = db.execute(
        f"{_SEEN} AND r.opened_at <= ? ORDER BY r.opened_at DESC, r.id DESC LIMIT {AROUND}", key
    ).fetchall()
    after = db.execute(
        f"{_SEEN} AND r.opened_at > ? ORDER BY r.opened_at, r.id LIMIT {AROUND}", key
    ).fetchall()
    seen = [_seen(row) for row in [*reversed(before), *after]]
    one = next((s for s in seen if s.id == referral.id), None)
    if one is None:  # more than AROUND at the very same second
        row = db.execute(f"{_SEEN} AND r.id = ?", [*key[:2], referral.id]).fetchone()
        one = _seen(row)
        seen.append(one)
        seen.sort(key=lambda s: (s.at, s.id))
    one = _among_others(db, referral.referrer_id, one)
    return one, _inviter(db, referral.referrer_id, seen)


def _among_others(db: Database, person_id: int, one: Seen) -> Seen:
    """With how common the name, and accounts of that age, are among those whom others invited."""
    people, named, near = db.execute(
        """SELECT count(*), total(name_key = ?), total(abs(invitee_id - ?) <= ?)
           FROM (SELECT referrer_id, name_key, invitee_id FROM referrals ORDER BY id DESC LIMIT ?)
           WHERE referrer_id <> ?""",
        [one.name_key, one.account, NEAR_IDS, LATELY, person_id],
    ).fetchone()
    return replace(
        one,
        same_name=usual(named, people, SAME_NAME, LEAST_SAME_NAME),
        near=usual(near, people, NEAR, LEAST_NEAR),
    )


def _inviter(db: Database, person_id: int, seen: list[Seen]) -> Inviter:
    row = db.execute(
        """SELECT p.name_key, p.user_id, r.opened_at, coalesce(r.messages, 0)
           FROM referral_people p LEFT JOIN referrals r ON r.invitee_id = p.user_id
             AND r.referrer_id <> p.id WHERE p.id = ? LIMIT 1""",
        [person_id],
    ).fetchone()
    family = db.execute(
        f"""SELECT s.invitee_id FROM referrals r JOIN referrals s ON s.referrer_id = r.referrer_id
            WHERE r.invitee_id = ? AND r.referrer_id <> ? AND s.invitee_id IS NOT NULL
              AND s.invitee_id <> r.invitee_id LIMIT {AROUND}""",
        [row[1], person_id],
    ).fetchall()
    came = _seconds(row[2]) if row[2] else None
    return Inviter(seen, row[0], row[1], [one for (one,) in family], came, row[3])


def _seen(row: tuple[Any, ...]) -> Seen:
    return Seen(row[0], _seconds(row[1]), row[2], row[3], row[4], bool(row[5]), bool(row[6]))


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
