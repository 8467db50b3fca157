"""Health and metrics as a monitor sees them."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.clock import FixedClock
from bot.journal import current_update
from bot.logs import _Json, _Text
from bot.meta import MetaStore
from bot.settings import load_settings
from bot.watch import Health
from db import open_database
from tests.conftest import Harness, run_bot_in_sandbox
from tests.telegram.test_webhook import free_port

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
async def watched(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, watch_port=free_port()) as running:
        yield running


async def get(watched: Harness, path: str) -> tuple[int, str]:
    address = f"http://127.0.0.1:{watched.settings.watch_port}{path}"
    async with aiohttp.ClientSession() as http, http.get(address) as r:
        return r.status, await r.text()


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (s.name, *s.labels.values()): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


async def test_a_monitor_sees_what_happens(watched: Harness) -> None:
    await watched.people.say("Sam", "is Binance allowed in the Philippines")
    await watched.people.say("Sam", "will btc hit 200k")
    await watched.people.settle()
    await watched.running.jobs.run("gauges")
    assert await get(watched, "/healthz") == (200, "alive\n")
    assert await get(watched, "/readyz") == (200, "ready\n")
    status, text = await get(watched, "/metrics")
    found = samples(text)
    assert status == 200
    assert found["sampan_updates_total", "message"] >= 2
    outcomes = {key[1:]: n for key, n in found.items() if key[0] == "sampan_answers_total"}
    assert outcomes == {("en", "answered", "regulation"): 1, ("en", "declined", "none"): 1}
    assert found["sampan_telegram_calls_total", "sendMessage", "200"] >= 2
    assert found[("sampan_update_seconds_count",)] >= 2
    assert found[("sampan_ready",)] == 1 and found[("sampan_updates_waiting",)] == 0
    assert found[("sampan_database_bytes",)] > 100_000 and ("sampan_stale_facts",) in found
    assert found[("process_resident_memory_bytes",)] > 0
    assert "Sam" not in text.replace("sampan", "") and "7000100015" not in text


async def test_flood_waits_and_silence_are_counted(watched: Harness) -> None:
    await watched.people.say("Sam", "/start")
    await watched.people.act("faults", method="sendMessage", kind="429", times=1, seconds=1)
    await watched.people.say("Sam", "/help")
    found = samples((await get(watched, "/metrics"))[1])
    assert found["sampan_telegram_calls_total", "sendMessage", "429"] == 1


async def test_the_inbox_age_is_of_the_oldest_that_waits(watched: Harness) -> None:
    answer = await watched.people.say("Sam", "is Binance allowed in the Philippines")
    await watched.people.press("Sam", answer, "👎")
    watched.clock.moment += timedelta(hours=5)
    await watched.running.jobs.run("gauges")
    found = samples((await get(watched, "/metrics"))[1])
    assert found[("sampan_inbox_waiting",)] == 1
    assert found[("sampan_inbox_oldest_seconds",)] == 5 * 3600


def test_nothing_is_served_off_host_by_default() -> None:
    settings = load_settings(_env_file=None)
    assert settings.watch_host == settings.webhook_host == "127.0.0.1"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def health(tmp_path: Path, clock: FixedClock, time: Time) -> Health:
    meta = MetaStore(open_database(tmp_path / "sampan.db"))
    return Health(meta, clock.now, silence_seconds=120, time=time)


async def test_ready_needs_telegram_the_database_and_the_scheduler(
    health: Health, time: Time
) -> None:
    assert health.problems() == ["Telegram has not answered yet"]
    health.telegram_answered()
    await health.beat()
    assert health.problems() == []
    time.now += 200
    assert health.problems() == [
        "the scheduler has not run for 200 s", "Telegram has not answered for 200 s",
    ]  # fmt: skip


async def test_a_database_that_only_reads_is_noticed(
    tmp_path: Path, clock: FixedClock, time: Time
) -> None:
    db = open_database(tmp_path / "sampan.db")
    health = Health(MetaStore(db), clock.now, silence_seconds=120, time=time)
    health.telegram_answered()
    db.execute("PRAGMA query_only=ON")
    await health.beat()
    assert health.problems() == [
        "the database cannot be written: attempt to write a readonly database"
    ]
    db.execute("PRAGMA query_only=OFF")
    await health.beat()
    assert health.problems() == []


@pytest.mark.parametrize(
    ("moved", "steady"),
    [(timedelta(minutes=30), True), (timedelta(days=400), False), (timedelta(days=-2), False)],
)
async def test_a_clock_that_jumps_holds_back_what_goes_by_age(
    health: Health, clock: FixedClock, time: Time, moved: timedelta, steady: bool
) -> None:
    await health.beat()
    clock.moment += moved
    assert health.clock_is_steady is steady
    time.now += 3700
    clock.moment += timedelta(seconds=3700)
    assert health.clock_is_steady


def test_log_lines_carry_the_update_and_never_the_token() -> None:
    token = "123456789:AAbbccddeeffgghhiijjkkllmmnnooppqq"
    record = logging.LogRecord("bot", logging.INFO, "", 0, "to %s", (f"bot{token}/x",), None)
    mark = current_update.set(42)
    try:
        line, text = _Json().format(record), _Text("%(message)s").format(record)
    finally:
        current_update.reset(mark)
    assert json.loads(line)["update"] == 42 and text.endswith("[update 42]")
    assert token not in line + text and token[10:] not in line + text
    assert "update" not in json.loads(_Json().format(record))
