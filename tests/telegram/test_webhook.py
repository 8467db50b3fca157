"""The webhook: only Telegram gets in, nothing is acknowledged before it is stored, none is lost."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import FixedClock
from bot.settings import SettingsError, load_settings
from bot.telegram.webhook import MAX_BODY, SECRET_HEADER
from tests.conftest import Harness, run_bot_in_sandbox

SECRET = "a-secret-of-the-tests"
QUESTION = "is Binance allowed in the Philippines"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def webhook(port: int) -> dict[str, Any]:
    return {
        "webhook_url": f"http://127.0.0.1:{port}/hook",
        "webhook_port": port,
        "webhook_secret": SECRET,
    }


@pytest.fixture
async def hooked(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, **webhook(free_port())) as running:
        yield running


def url(hooked: Harness) -> str:
    return str(hooked.settings.webhook_url)


async def post(hooked: Harness, body: Any, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with (
        aiohttp.ClientSession() as http,
        http.post(url(hooked), data=data, headers=headers) as r,
    ):
        return r.status


def stored(hooked: Harness) -> int:
    return int(hooked.core.db.execute("SELECT count(*) FROM updates").fetchone()[0])


async def test_questions_are_answered_and_repeats_are_not(hooked: Harness) -> None:
    answer = await hooked.people.say("Sam", QUESTION)
    assert "Binance" in answer["text"]
    row = hooked.core.db.execute("SELECT max(update_id) FROM updates").fetchone()[0]
    await hooked.people.settle()
    count = len(await hooked.people.messages("Sam"))
    sam = {"id": 7_000_100_015, "is_bot": False, "first_name": "Sam"}
    again = {"update_id": row, "message": {"message_id": 1, "date": 1, "from": sam,
             "chat": {"id": sam["id"], "type": "private"}, "text": QUESTION}}  # fmt: skip
    assert await post(hooked, again) == 200
    await hooked.people.settle()
    assert len(await hooked.people.messages("Sam")) == count


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ключ"])
async def test_without_the_secret_nothing_is_read(hooked: Harness, secret: str | None) -> None:
    before = stored(hooked)
    headers = secret if secret is None or secret.isascii() else secret.encode().decode("latin-1")
    assert await post(hooked, {"update_id": 5}, headers) == 401
    assert stored(hooked) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"not json", 400), (b"[]", 400), (b"{}", 400), (b'{"update_id": "5"}', 400),
        (b'{"update_id": true}', 400), (b'{"update_id": -1}', 400), (b"[" * 100_000, 400),
        (b'{"update_id": 99999999999999999999}', 400), (b"\xff\xfe", 400),
        (b"x" * (MAX_BODY + 1), 413), (b'{"update_id": 900000001, "message": {"message_id": 1}}', 200),
    ],
)  # fmt: skip
async def test_bodies_that_are_no_update_are_refused(
    hooked: Harness, body: bytes, status: int
) -> None:
    assert await post(hooked, body) == status
    assert "Binance" in (await hooked.people.say("Sam", QUESTION))["text"]


async def test_a_database_that_refuses_leaves_the_update_with_telegram(
    hooked: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(updates: object) -> list[dict[str, Any]]:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(hooked.running.journal, "store", full)
        assert await post(hooked, {"update_id": 900_000_002}) == 503
        await hooked.people.act("say", user="Sam", text=QUESTION)
        await asyncio.sleep(0.1)
    version = await hooked.people.version("Sam", "bot")
    assert "Binance" in (await hooked.people.answer_after("Sam", "bot", version - 1))["text"]


async def test_slow_and_half_open_senders_hold_up_nobody(hooked: Harness) -> None:
    host, port = "127.0.0.1", hooked.settings.webhook_port
    silent = [await asyncio.open_connection(host, port) for _ in range(150)]
    head = f"POST /hook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 900\r\n\r\n{{"
    for _, writer in silent[:50]:
        writer.write(head.encode())
    answer = await asyncio.wait_for(hooked.people.say("Sam", QUESTION), 20)
    assert "Binance" in answer["text"]
    for _, writer in silent:
        writer.close()


async def test_switching_there_and_back_loses_no_message(tmp_path: Path, clock: FixedClock) -> None:
    """Messages that come while the bot is down are answered after each switch."""
    port = free_port()
    async with run_bot_in_sandbox(tmp_path, clock, **webhook(port)) as hooked:
        await hooked.people.say("Sam", QUESTION)
        world = hooked.world
        assert world.updates.allowed_named and "chat_member" in world.updates.allowed_named
        info = await hooked.running.bot.get_webhook_info()
        assert info.url == url(hooked) and info.max_connections == 40
    assert not world.updates.peek(1), "all that was posted is confirmed"


async def test_polling_takes_a_webhook_away_and_keeps_what_waits(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with run_bot_in_sandbox(tmp_path, clock) as polled:
        await polled.people.say("Sam", QUESTION)
        nobody = f"http://127.0.0.1:{free_port()}/hook"
        running = polled.running
        await running.bot.set_webhook(nobody)
        version = await polled.people.version("Sam", "bot")
        await polled.people.act("say", user="Sam", text="tax in Japan?")
        await running.poller._leave_webhook()
        assert not (await running.bot.get_webhook_info()).url
        assert "Japan" in (await polled.people.answer_after("Sam", "bot", version))["text"]


async def test_a_webhook_that_was_taken_away_is_noticed(hooked: Harness) -> None:
    assert hooked.running.receiver is not None
    await hooked.running.bot.delete_webhook()
    await hooked.running.receiver._look()
    assert any("took the webhook away" in p for p in hooked.running.health.problems())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"webhook_url": "http://bot.example.org/x"}, "https"),
        ({"webhook_url": "https://bot.example.org:9999/x"}, "8443"),
        ({"webhook_secret": "short"}, "16 to 256"),
        ({"webhook_secret": "with spaces and more of it"}, "16 to 256"),
    ],
)
def test_settings_that_telegram_would_refuse_are_told(settings: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(_env_file=None, **settings)


def test_the_secret_is_never_shown() -> None:
    assert SECRET not in repr(load_settings(_env_file=None, webhook_secret=SECRET))
