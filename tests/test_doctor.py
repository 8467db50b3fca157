"""What `doctor` says of a bot that is well, and of what can be wrong."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot import doctor
from bot.backup import backup
from bot.doctor import Finding
from bot.sandbox import DEFAULT_TOKEN
from bot.settings import Settings, load_settings
from bot.telegram.doctor import examine
from db import open_database
from tests.conftest import NOW, Harness
from tests.process import run


def settings(folder: Path) -> Settings:
    return load_settings(_env_file=None, database=str(folder / "sampan.db"))


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.about: finding for finding in findings}


async def test_a_bot_at_work_is_looked_at_from_all_sides(harness: Harness) -> None:
    await harness.people.act(
        "say", user="Maria", chat="Sampan Philippines", text="/help@SampanDeskBot"
    )
    harness.running.services.groups.join(-1_002_000_000_003, "Sampan Philippines")
    harness.running.services.groups.join(-1_009_999_999_999, "gone \u202e group")
    found = by_subject(await examine(harness.settings))
    assert found["token"].what == "@SampanDeskBot"
    assert found["database"].verdict == found["clock"].verdict == found["disk"].verdict == "ok"
    assert found["polling"].verdict == "ok"
    assert found["backup"].verdict == "warn" and "bot backup" in found["backup"].advice
    assert "administrator" in found["group 'Sampan Philippines'"].what
    assert any(f.verdict == "warn" and "gone" in f.about for f in found.values())
    assert not any("\u202e" in f.line() for f in found.values())


async def test_a_webhook_that_the_settings_do_not_know_is_told(harness: Harness) -> None:
    other = {**harness.settings.model_dump(), "webhook_url": "http://127.0.0.1:9/hook"}
    other |= {
        "TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN,
        "TELEGRAM_API_BASE_URL": harness.settings.api_base(),
    }
    found = by_subject(await examine(Settings(_env_file=None, **other)))  # type: ignore[arg-type]
    assert "Telegram posts to nobody" in found["webhook"].what


def test_without_a_token_it_says_so_and_goes_on(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert (
        "TELEGRAM_BOT_TOKEN is not set" in done.stdout and "the first run makes it" in done.stdout
    )


def test_an_unreachable_server_and_a_refused_token_hold_no_secret(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "doctor",
        TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
        TELEGRAM_API_BASE_URL="http://127.0.0.1:9",
    )
    assert done.returncode == 1 and "WRONG" in done.stdout
    assert DEFAULT_TOKEN not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_a_locked_damaged_or_newer_database_is_told(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    open_database(chosen.database).close()
    assert [f.verdict for f in doctor.database(chosen)] == ["ok"]
    locking = sqlite3.connect(chosen.database, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    assert "locked" in doctor.database(chosen)[0].what
    locking.execute("ROLLBACK")
    locking.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('sampan', 'm999_x', '')"
    )
    locking.close()
    assert "newer version" in doctor.database(chosen)[0].what
    chosen.database.write_bytes(b"no database" * 1000)
    assert doctor.database(chosen)[0].verdict == "bad"


def test_an_old_backup_and_a_wrong_clock_are_told(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    open_database(chosen.database).close()
    made = backup(chosen.database, tmp_path / "backups", 2, NOW)
    now = NOW + timedelta(days=9)
    os.utime(made, (NOW.timestamp(), NOW.timestamp()))
    assert "still at work" in doctor.newest_backup(tmp_path / "backups", now).advice
    assert doctor.clock(2).verdict == "ok" and doctor.clock(-3600).verdict == "bad"


@pytest.mark.parametrize(("free", "verdict"), [(10**6, "bad"), (2 * 10**8, "warn"), (10**11, "ok")])
def test_a_disk_is_judged_by_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    usage = type("Usage", (), {"free": free})()
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert doctor.disk(settings(tmp_path)).verdict == verdict
