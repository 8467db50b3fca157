"""Promotions and festivals in the chat: made, published, shown where they may be, reminded of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from tests.conftest import Harness, run_bot_in_sandbox

DARA, OLA = 7_000_100_102, 7_000_100_103


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Harness]:
    clock = FixedClock(datetime(2027, 4, 8, 8, 0, tzinfo=UTC))
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        running.running.services.staff.add(Grant(DARA, Role.MARKETING, name="Dara"), OLA)
        for user in ("Dara", "Ola"):
            await running.people.say(user, "/start")
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def press(desk: Harness, user: str, message: dict[str, Any], *path: str) -> dict[str, Any]:
    for label in path:
        message = (await desk.people.press(user, message, label))["message"]
    return message


async def test_a_promotion_is_made_published_shown_announced_and_ended(desk: Harness) -> None:
    people = desk.people
    refused = await people.say("Sam", "/promo")
    assert refused["text"] == "Only people who do marketing here can do that."
    await press(desk, "Dara", await people.say("Dara", "/promo"), "New promotion")
    page = await people.say("Dara", "Songkran quiz")
    assert "it needs its first and last day, its countries, the address of its terms, and a text" in page["text"]  # fmt: skip
    assert "✅ Publish" not in labels(page)
    page = await press(desk, "Dara", page, "Countries", "Thailand", "Singapore", "China", "Back")
    assert "⛔ 🇨🇳 China: held" in page["text"] and "article 7" in page["text"]
    page = await press(desk, "Dara", page, "Festival", "Songkran")
    assert "Apr 8, 2027 to Apr 15, 2027" in page["text"]
    await press(desk, "Dara", page, "Days")
    wrong = await people.say("Dara", "2027-04-15 2027-04-09")
    assert wrong["text"] == "The last day comes before the first."
    await people.say("Dara", "2027-04-08 2027-04-14")
    page = (await people.messages("Dara"))[-1]
    await press(desk, "Dara", page, "Terms")
    assert "no address" in (await people.say("Dara", "javascript:alert(1)"))["text"]
    page = await people.say("Dara", "https://example.com/terms")
    await press(desk, "Dara", page, "Texts", "English")
    page = await people.say("Dara", "Answer <three> questions, win a T-shirt.")
    page = await press(desk, "Dara", page, "Publish")
    assert "🟢 running" in page["text"]
    promos = await people.say("Sam", "/promos Thailand")
    assert "Songkran quiz" in promos["text"] and "win a T-shirt" in promos["text"]
    assert "until Wed, Apr 14, 2027" in promos["text"]
    assert "T-shirt" not in (await people.say("Sam", "/promos China"))["text"]
    number = desk.core.promotions.latest()[0].id
    for data in (
        f"pr.end|{number}|1",
        f"pr.tog|{number}|PH",
        "pr.open|999",
        "pr.open|x",
        "pr.zz|1",
    ):
        await people.press("Sam", promos, data=data)
    assert desk.core.promotions.latest()[0].ended_at is None
    draft = await press(desk, "Dara", page, "Announce it")
    assert "3 days before Songkran" in draft["text"]
    page = await press(desk, "Dara", await people.say("Dara", "/promo"), "Songkran quiz")
    page = await press(desk, "Dara", page, "End it", "End it")
    assert "⚪ over" in page["text"]
    assert "T-shirt" not in (await people.say("Sam", "/promos Thailand"))["text"]


async def test_festivals_are_shown_and_marketing_is_reminded_once(desk: Harness) -> None:
    version = await desk.people.version("Sam", "bot")
    await desk.people.act("say", user="Sam", chat="bot", text="/festivals Thailand")
    async with asyncio.timeout(30):
        shown = await desk.people.answer_after("Sam", "bot", version)
    assert shown["photo"] and "Festivals in Thailand, next 90 days" in shown["text"]
    assert "Tue, Apr 13, 2027 · Songkran" in shown["text"]
    await desk.running.jobs.run("festival reminders")
    await desk.people.settle()
    told = (await desk.people.messages("Dara"))[-1]
    assert "Songkran" in told["text"] and "in 5 days" in told["text"] and "no campaign yet" in told["text"]  # fmt: skip
    count = len(await desk.people.messages("Dara"))
    await desk.running.jobs.run("festival reminders")
    await desk.people.settle()
    assert len(await desk.people.messages("Dara")) == count
