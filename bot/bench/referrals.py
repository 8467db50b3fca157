"""The tracker on a large ledger: the numbers behind /top and /refer, one join, a full rebuild.

The baseline is the same reading on a ledger a thousandth as large, in the same run.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from bot.bench.server import percentile
from bot.clock import FixedClock
from bot.compliance.gate import Gate
from bot.knowledge.base import Knowledge
from bot.knowledge.store import KNOWLEDGE_DIR, KnowledgeStore
from bot.members.store import GroupStore, MemberStore
from bot.referrals.model import Invited, Plan, Rules, Tier
from bot.referrals.rules import next_tier
from bot.referrals.service import Referrals
from db import open_database

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROUNDS = 400
COUNTRIES = ("PH", "KR", "HK", "TW", "IN", "PK")


def run(size: int, inviters: int, seed: int = 7) -> dict[str, object]:
    knowledge = _knowledge()
    rows = {
        name: _measure(knowledge, n, people, seed)
        for name, n, people in (
            ("baseline", max(100, size // 1000), max(10, inviters // 1000)),
            ("large", size, inviters),
        )
    }
    large, small = rows["large"], rows["baseline"]
    return {
        **rows,
        "ratio_to_baseline": {
            name: round(large[name] / small[name], 1) for name in large if name.endswith("p99_ms")
        },
    }


def _knowledge() -> Knowledge:
    store = KnowledgeStore(open_database(":memory:"), lambda: NOW)
    store.import_directory(KNOWLEDGE_DIR)
    return store.current


def _measure(knowledge: Knowledge, size: int, inviters: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as folder:
        db = open_database(Path(folder) / "bench.db")
        now = FixedClock(NOW).now
        members = MemberStore(db, now)
        referrals = Referrals(db, now, lambda: Gate(knowledge), members, GroupStore(db, now))
        campaign = referrals.campaigns.add(
            Plan("Bench", None, frozenset(), NOW - timedelta(days=60), NOW + timedelta(days=60),
                 Rules(7), (Tier(5, "a badge"), Tier(50, "a shirt")), None, None), 1,
        )  # fmt: skip
        fill(db, campaign, size, inviters, seed)
        begun, worked = time.perf_counter(), time.process_time()
        referrals.ledger.rebuild()
        rebuilt, cpu = time.perf_counter() - begun, time.process_time() - worked
        return {
            "referrals": size, "inviters": inviters, "rebuild_s": round(rebuilt, 2),
            "rebuild_cpu_s": round(cpu, 2),
            **_readings(referrals, campaign, inviters, seed),
        }  # fmt: skip


def fill(db: Database, campaign: int, size: int, inviters: int, seed: int) -> None:
    """Referrals with about three events each; some members invite many, most a few."""
    dice = random.Random(seed)
    start = NOW - timedelta(days=60)

    def at(minutes: float) -> str:
        return (start + timedelta(minutes=minutes)).isoformat(timespec="seconds")

    people = ((n, n, "A•••", dice.choice(COUNTRIES), at(0)) for n in range(1, inviters + 1))
    rows: list[tuple[object, ...]] = []
    events: list[tuple[object, ...]] = []

    def flush() -> None:
        db.conn.executemany(
            """INSERT INTO referrals (id, person_key, invitee_id, invitee_name, campaign_id,
               referrer_id, rules_version, via, chat_id, state, opened_at, entered_at, due_at)
               VALUES (?, ?, ?, 'B•••', ?, ?, 1, 'start', -1, ?, ?, ?, ?)""", rows,
        )  # fmt: skip
        db.conn.executemany(
            "INSERT INTO referral_events (referral_id, kind, at) VALUES (?, ?, ?)", events
        )
        rows.clear()
        events.clear()

    with db.atomic():
        db.conn.executemany(
            "INSERT INTO referral_people (id, user_id, name, country, at) VALUES (?, ?, ?, ?, ?)",
            people,
        )
        for number in range(1, size + 1):
            who = 1 + int(inviters * dice.random() ** 2)
            minute = dice.uniform(0, 70_000)
            final = dice.choices(("joined", "left", "qualified", "disqualified"), (15, 20, 60, 5))[
                0
            ]
            rows.append((number, f"k{number}", 10_000_000 + number, campaign, who, final,
                         at(minute), at(minute + 1), at(minute + 10_080)))  # fmt: skip
            events += [(number, "opened", at(minute)), (number, "joined", at(minute + 1))]
            if final != "joined":
                events.append((number, final, at(minute + 10_080)))
            if len(rows) >= 20_000:
                flush()
        flush()
    db.execute("ANALYZE")


def _readings(referrals: Referrals, campaign: int, inviters: int, seed: int) -> dict[str, float]:
    dice = random.Random(seed)
    board = referrals.board

    def top() -> None:
        person, country = dice.randint(1, inviters), dice.choice((None, *COUNTRIES))
        board.top(campaign, country, dice.randint(0, 3))
        board.place(person, campaign, country)
        board.more(campaign, country, 0)

    def refer() -> None:
        user = dice.randint(1, inviters)
        for open_to, _ in referrals.open_to("PH"):
            person = referrals.take_part(user, "Ann", "PH", open_to)
            referrals.campaigns.code(person.id, open_to.id)
            mine = board.standing(person.id, open_to.id)
            next_tier(open_to.tiers, mine.qualified)

    strangers = iter(range(900_000_000, 990_000_000))
    codes = [referrals.campaigns.code(dice.randint(1, inviters), campaign) for _ in range(50)]

    def join() -> None:
        who = Invited(next(strangers), "Bob", "en", country="PH")
        referrals.opened(dice.choice(codes), who)
        referrals.joined(who, -1, None)

    readings: dict[str, Callable[[], None]] = {"top": top, "refer": refer, "join": join}
    found: dict[str, float] = {}
    for name, read in readings.items():
        wall, cpu = zip(*_timed(read), strict=True)
        found[f"{name}_p50_ms"] = round(percentile(list(wall), 0.5), 3)
        found[f"{name}_p99_ms"] = round(percentile(list(wall), 0.99), 3)
        found[f"{name}_cpu_p99_ms"] = round(percentile(list(cpu), 0.99), 3)
    return found


def _timed(read: Callable[[], None]) -> Iterator[tuple[float, float]]:
    """Milliseconds on the clock and of the processor: on a busy machine they differ."""
    for _ in range(ROUNDS):
        begun, worked = time.perf_counter(), time.process_time()
        read()
        yield 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - worked)
