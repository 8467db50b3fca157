"""The bot as an operator meets it: a process with settings, exit codes and a kill -9."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from bot.sandbox import DEFAULT_TOKEN
from tests.process import bot_process, by_webhook, logged, run, server


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({}, "TELEGRAM_BOT_TOKEN is not set"),
        ({"TELEGRAM_BOT_TOKEN": "hello"}, "TELEGRAM_BOT_TOKEN is malformed"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "http://telegram.invalid"}, "cannot be reached"),
        ({"TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": "nonsense"}, "TELEGRAM_API_BASE_URL:"),
        ({"SAMPAN_OWNERS": "alice"}, "SAMPAN_OWNERS: expected Telegram user ids"),
        ({"SAMPAN_POLL_TIMEOUT": "900"}, "SAMPAN_POLL_TIMEOUT:"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_clear_line(tmp_path: Path, env: dict[str, str], words: str) -> None:
    done = run(tmp_path, "run", **env)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("sampan: ")]
    assert len(lines) == 1 and words in lines[0], done.stderr
    assert "Traceback" not in done.stderr
    assert DEFAULT_TOKEN not in done.stderr + done.stdout


async def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address, SAMPAN_POLL_TIMEOUT="20") as process:
            await api.say("Sam", "/start")
            assert await api.answers("Sam")
            process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            code = await asyncio.to_thread(process.wait, 15)
            assert code == 0
            assert time.monotonic() - started < 10
        assert "Traceback" not in logged(tmp_path)


async def test_a_second_copy_on_the_same_database_is_refused(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address):
            await api.say("Sam", "/start")
            await api.answers("Sam")
            second = await asyncio.to_thread(
                run,
                tmp_path,
                "run",
                TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
                TELEGRAM_API_BASE_URL=api.address,
            )
            assert second.returncode != 0
            assert "another copy of the bot already works" in second.stderr


async def test_a_second_copy_elsewhere_gives_way_and_the_first_goes_on(tmp_path: Path) -> None:
    async with server() as api:
        with bot_process(tmp_path, api.address, SAMPAN_POLL_TIMEOUT="20"):
            await api.say("Sam", "/start")
            await api.answers("Sam")
            other = tmp_path / "other"
            other.mkdir()
            second = await asyncio.to_thread(
                run,
                other,
                "run",
                TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN,
                TELEGRAM_API_BASE_URL=api.address,
            )
            assert second.returncode != 0
            assert "another copy of this bot is already polling" in second.stderr
            version = api.world.seq
            await api.say("Sam", "is Binance allowed in the Philippines")
            assert await api.answers("Sam", after=version)


async def test_a_refused_token_is_one_line(tmp_path: Path) -> None:
    async with server() as api:
        done = await asyncio.to_thread(
            run, tmp_path, "run", TELEGRAM_API_BASE_URL=api.address,
            TELEGRAM_BOT_TOKEN="123456:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        )  # fmt: skip
        assert done.returncode != 0
        assert "Telegram refuses TELEGRAM_BOT_TOKEN" in done.stderr
        assert "AAaaaaaaaa" not in done.stderr


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_kill_9_loses_no_question_and_answers_none_twice(
    tmp_path: Path, webhook: bool
) -> None:
    """Killed again and again while 60 people ask: each gets exactly one answer."""
    env = {
        "SAMPAN_POLL_TIMEOUT": "1",
        "SAMPAN_LOG_LEVEL": "DEBUG",
        **(by_webhook() if webhook else {}),
    }
    async with server() as api:
        people = await api.newcomers(60)
        for person in people:
            await api.say(person, "is Binance allowed in the Philippines")
        for pause in (1.2, 1.5, 1.9, 2.4):
            with bot_process(tmp_path, api.address, **env) as process:
                await asyncio.sleep(pause)  # not a measure: only where in its work it is killed
                process.kill()
        with bot_process(tmp_path, api.address, **env):
            for person in people:
                await api.answers(person, wait=20)
        counts = await api.counts(people)
        assert max(counts) == 1
        unanswered = counts.count(0)
        database = sqlite3.connect(tmp_path / "sampan.db")
        in_flight = database.execute(
            "SELECT count(*) FROM updates WHERE state = 'replying'"
        ).fetchone()[0]
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert unanswered <= in_flight, "only what was in flight at a kill may be without an answer"
