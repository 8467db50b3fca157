"""How long each table keeps what it holds, and the job that deletes what is older.

Every table of the database stands here, or the tests fail: a new one must say how long.
docs/privacy.md says the same to members.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

log = logging.getLogger(__name__)

BATCH = 500
"""Lines looked at and deleted at once, to begin with."""
MIN_BATCH, MAX_BATCH = 20, 5_000
HALT_SECONDS = 0.01
"""How long a batch may hold up answers; the next is made larger or smaller for it."""
REST = 4.0
"""Times as long as a batch took, the bot does nothing but its work before the next."""


@dataclass(frozen=True)
class Deleted:
    """Lines whose `column` is older than `keep` (`answers`: as set) and that meet `where`."""

    column: str
    keep: timedelta | Literal["answers"]
    where: str = "1"
    in_order: str | None = None
    """A column that rises with time, for a table so large that an index of `column` would cost too
    much: it is read from the oldest line on, up to the first that stays because of its age."""


@dataclass(frozen=True)
class Kept:
    """Not deleted by age, because ..."""

    why: str


_THEIRS = Kept("until the person deletes it")
_RECORD = Kept("a record of the team's work; without the person once they delete their data")
_GONE_WITH = Kept("goes with what it belongs to")
_NOBODY = Kept("holds nothing of a person")
_SHIELD = Kept("deleted by the shield's own job, as long after it was closed as answers are kept")

RETENTION: dict[str, Deleted | Kept] = {
    "members": _THEIRS,
    "groups": Deleted("left_at", timedelta(days=365)),
    "updates": Deleted("received_at", timedelta(hours=25), "state != 'received'", "update_id"),
    "answers": Deleted("at", "answers"),
    "votes": _GONE_WITH,
    "desk_questions": Deleted("at", "answers"),
    "desk_cases": _GONE_WITH,
    "desk_deliveries": _GONE_WITH,
    "desk_topics": _NOBODY,
    "group_messages": Deleted("at", timedelta(hours=48), "kind IN ('notice', 'answer')"),
    "fact_revisions": _RECORD,
    "fact_drafts": Deleted("at", timedelta(days=2)),
    "faqs": _RECORD,
    "faq_texts": _GONE_WITH,
    "faq_uses": _GONE_WITH,
    "staff": Kept("until the person leaves the team"),
    "audit_log": Deleted("at", timedelta(days=730)),
    "dialogues": Deleted("at", timedelta(days=2)),
    "broadcasts": _RECORD,
    "broadcast_variants": _GONE_WITH,
    "broadcast_runs": _GONE_WITH,
    "broadcast_links": _NOBODY,
    "broadcast_watches": _GONE_WITH,
    "deliveries": _THEIRS,
    "promotions": _RECORD,
    "promotion_texts": _GONE_WITH,
    "festival_reminders": _NOBODY,
    "referral_campaigns": _RECORD,
    "referral_rules": _NOBODY,
    "referral_people": _THEIRS,
    "referral_codes": _GONE_WITH,
    "referral_links": _GONE_WITH,
    "referrals": _THEIRS,
    "referral_events": _RECORD,
    "referral_standing": _NOBODY,
    "referral_totals": _NOBODY,
    "referral_known": Kept("a keyed hash of the id, so that one person counts once for ever"),
    "shield_groups": _NOBODY,
    "shield_people": _THEIRS,
    "shield_cleared": _THEIRS,
    "shield_links": _RECORD,
    "shield_raids": _SHIELD,
    "shield_reports": _SHIELD,
    "shield_reporters": _GONE_WITH,
    "shield_cards": _GONE_WITH,
    "shield_warned": _THEIRS,
    "knowledge_parts": _NOBODY,
    "meta": _NOBODY,
    "_sqlite_migrations": _NOBODY,
}


class Retention:
    def __init__(
        self, db: Database, now: Callable[[], datetime], answers: timedelta,
        steady: Callable[[], bool] = lambda: True, mono: Callable[[], float] = time.monotonic,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`steady` says whether the clock can be trusted: one set forward would delete all."""
        self._db = db
        self._now = now
        self._answers = answers
        self._steady = steady
        self._mono = mono
        self._rest = rest

    async def purge(self) -> dict[str, int]:
        """Deletes what is past its time. Returns how many lines of each table."""
        if not self._steady():
            return {}
        there = set(self._db.table_names())
        found = {
            table: await self._delete(table, rule)
            for table, rule in RETENTION.items()
            if isinstance(rule, Deleted) and table in there
        }
        self._forget_begun()
        deleted = {table: count for table, count in found.items() if count}
        if deleted:
            log.info("past their time and deleted: %s", deleted)
        return deleted

    async def _delete(self, table: str, rule: Deleted) -> int:
        keep = self._answers if rule.keep == "answers" else rule.keep
        oldest = (self._now() - keep).isoformat(timespec="seconds")
        if rule.in_order:
            return await self._delete_in_order(table, rule, rule.in_order, oldest)
        total, size = 0, BATCH
        while True:
            begun = self._mono()
            count = self._db.execute(
                f"""DELETE FROM {table} WHERE rowid IN (
                      SELECT rowid FROM {table} WHERE {rule.column} < ? AND {rule.where}
                      ORDER BY {rule.column} LIMIT {size})""",
                [oldest],
            ).rowcount
            total += count
            if count < size:
                return total
            size = await self._pause(size, begun)

    async def _delete_in_order(self, table: str, rule: Deleted, order: str, oldest: str) -> int:
        total, after, size = 0, -1, BATCH
        while True:
            begun = self._mono()
            last, newest = self._db.execute(
                f"""SELECT max({order}), max({rule.column}) FROM (
                      SELECT {order}, {rule.column} FROM {table} WHERE {order} > ?
                      ORDER BY {order} LIMIT {size})""",
                [after],
            ).fetchone()
            if last is None:
                return total
            total += self._db.execute(
                f"""DELETE FROM {table} WHERE {order} > ? AND {order} <= ?
                    AND {rule.column} < ? AND {rule.where}""",
                [after, last, oldest],
            ).rowcount
            if newest >= oldest:
                return total
            after, size = last, await self._pause(size, begun)

    async def _pause(self, size: int, begun: float) -> int:
        """Lets the bot work. Returns how many lines the next batch has."""
        spent = self._mono() - begun
        await self._rest(REST * spent)
        return next_batch(size, spent)

    def _forget_begun(self) -> None:
        """What an update held is not needed once its answer began, even if a kill came between."""
        oldest = (self._now() - timedelta(hours=1)).isoformat(timespec="seconds")
        self._db.execute(
            """UPDATE updates SET payload = '' WHERE state != 'done' AND state = 'replying'
               AND received_at < ? AND payload != ''""",
            [oldest],
        )


def next_batch(size: int, spent: float) -> int:
    """As many lines as take HALT_SECONDS, when `size` of them took `spent` seconds."""
    fitting = size * HALT_SECONDS / max(spent, 1e-6)
    return int(max(MIN_BATCH, min(MAX_BATCH, 2 * size, fitting)))
