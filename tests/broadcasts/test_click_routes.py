"""Clicks on a broadcast's buttons are counted by the bot's own servers, where the operator wants it."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from bot.clock import FixedClock
from tests.conftest import run_bot_in_sandbox


async def test_a_click_is_counted_and_led_on(tmp_path: Path, clock: FixedClock) -> None:
    base = "https://go.example.org/r"
    async with run_bot_in_sandbox(tmp_path, clock, watch_port=9471, redirect_url=base) as desk:
        store = desk.running.marketing.store
        db = desk.core.db
        db.execute("PRAGMA foreign_keys=OFF")  # a run alone, without its broadcast
        token = store.link(1, "en", "https://example.com/terms")
        async with aiohttp.ClientSession() as session:
            watch = "http://127.0.0.1:9471"
            async with session.get(f"{watch}/r/{token}", allow_redirects=False) as led:
                assert (led.status, led.headers["Location"]) == (302, "https://example.com/terms")
            async with session.get(f"{watch}/r/nothing-here", allow_redirects=False) as unknown:
                assert unknown.status == 404
            async with session.get(f"{watch}/healthz") as alive:
                assert alive.status == 200


async def test_without_a_redirect_there_is_no_such_address(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with (
        run_bot_in_sandbox(tmp_path, clock, watch_port=9472),
        aiohttp.ClientSession() as session,
        session.get("http://127.0.0.1:9472/r/AAAAAAAAAAAA", allow_redirects=False) as answer,
    ):
        assert answer.status == 404
