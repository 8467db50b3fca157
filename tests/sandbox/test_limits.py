"""Telegram's flood limits on a clock of the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.limits import Limits

from .conftest import LINH, VIETNAM, Sandbox, Time


def allowed(limits: Limits, chats: list[int], *, group: bool = False, paid: bool = False) -> int:
    return sum(not limits.check(chat, group=group, paid=paid) for chat in chats)


def test_thirty_a_second_overall(time: Time) -> None:
    limits = Limits(time.read)
    assert allowed(limits, list(range(100))) == 30
    time.now += 1
    assert allowed(limits, list(range(100, 200))) == 30


def test_a_thousand_a_second_with_paid_broadcast(time: Time) -> None:
    assert allowed(Limits(time.read), list(range(2000)), paid=True) == 1000


def test_one_chat_takes_a_short_burst_then_one_a_second(time: Time) -> None:
    limits = Limits(time.read)
    assert allowed(limits, [7] * 10) == 5
    assert limits.check(7, group=False) == 1
    time.now += 1
    assert allowed(limits, [7] * 3) == 1


def test_a_group_takes_twenty_a_minute(time: Time) -> None:
    limits = Limits(time.read)
    for _ in range(20):
        assert limits.check(-5, group=True) == 0
        time.now += 1
    assert limits.check(-5, group=True) == 40
    time.now += 40
    assert limits.check(-5, group=True) == 0


def test_one_full_chat_does_not_hold_up_another(time: Time) -> None:
    limits = Limits(time.read)
    allowed(limits, [7] * 10)
    assert limits.check(8, group=False) == 0


def test_limits_scale_and_switch_off(time: Time) -> None:
    assert allowed(Limits(time.read, scale=10), list(range(1000))) == 300
    assert allowed(Limits(time.read, enabled=False), [7] * 1000) == 1000


@pytest.mark.asyncio
async def test_429_carries_retry_after(make_sandbox: Any) -> None:
    sandbox: Sandbox = await make_sandbox(limits=True)
    await sandbox.play("start", user="Linh")
    for _ in range(5):
        await sandbox.ok("sendMessage", chat_id=LINH, text="x")
    assert await sandbox.api("sendMessage", chat_id=LINH, text="x") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    sandbox.time.now += 1
    await sandbox.ok("sendMessage", chat_id=LINH, text="x")


@pytest.mark.asyncio
async def test_edits_count_against_a_groups_twenty(make_sandbox: Any) -> None:
    sandbox: Sandbox = await make_sandbox(limits=True)
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="0 %")
    place = {"chat_id": VIETNAM, "message_id": sent["message_id"]}
    for step in range(1, 20):
        await sandbox.ok("editMessageText", text=f"{step * 5} %", **place)
    description = await sandbox.refusal("editMessageText", text="100 %", **place)
    assert description == "Too Many Requests: retry after 60"
