"""Referral campaigns in the chat: links, joins, the leaderboard, marketing's desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.telegram.referrals.room import JOB
from tests.conftest import Harness, run_bot_in_sandbox

OLA, DARA, SAM = 7_000_100_103, 7_000_100_102, 7_000_100_015
PHILIPPINES = -1_002_000_000_003
ANSWERS = {
    "called": "Barkada", "countries": "ph", "platform": "none", "when": "30 days",
    "count": "3 days", "get": "1 = a badge\n5 = a shirt", "many": "50 each, 1000 in all",
}  # fmt: skip


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        running.running.services.staff.add(Grant(DARA, Role.MARKETING), OLA)
        groups = running.running.services.groups
        groups.join(PHILIPPINES, "Sampan Philippines")
        groups.configure(PHILIPPINES, country="PH", language="en")
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def campaign(desk: Harness, **changed: str) -> dict[str, Any]:
    """Dara sets a campaign up by the dialogue; its dashboard."""
    await desk.people.say("Dara", "/referrals new")
    last: dict[str, Any] = {}
    for answer in {**ANSWERS, **changed}.values():
        last = await desk.people.say("Dara", answer)
    return (await desk.people.press("Dara", last, "Save"))["last"]


async def stranger(desk: Harness, name: str, **more: Any) -> str:
    made = await desk.people.act("people", first_name=name, language="en", **more)
    return str(made["user"]["id"])


async def link_of(desk: Harness, user: str = "Sam", number: int = SAM) -> str:
    """The code behind a member's /refer in the Philippines."""
    desk.running.services.members.set_country(number, "PH")
    page = await desk.people.say(user, "/refer")
    copied: str = next(
        b["copy_text"]["text"] for row in page["keyboard"] for b in row if "copy_text" in b
    )
    return copied.rpartition("start=")[2]


async def start(desk: Harness, user: str, payload: str) -> list[str]:
    """Opens the bot by a link: what the bot says."""
    before = len(await desk.people.messages(user))
    await desk.people.act("start", user=user, payload=payload)
    await desk.people.settle()
    return [m["text"] for m in (await desk.people.messages(user))[before:] if m["from"]["bot"]]


async def days_pass(desk: Harness, days: float) -> None:
    desk.clock.moment += timedelta(days=days)
    await desk.running.jobs.run(JOB)


def states(desk: Harness) -> list[str]:
    return [s for (s,) in desk.core.db.execute("SELECT state FROM referrals ORDER BY id")]


async def test_a_link_shared_joins_counted_and_a_self_referral_held(desk: Harness) -> None:
    """The whole way: shared, two join, one leaves at once, days pass, board, chart, evidence."""
    page = await campaign(desk)
    assert "Barkada" in page["text"] and "stays for 3 days" in page["text"]
    payload = await link_of(desk)
    ann, bob = await stranger(desk, "Ann"), await stranger(desk, "Bob")
    for one in (ann, bob):
        said = await start(desk, one, payload)
        assert "S••• invited you" in said[0]
        handed = (await desk.people.messages(one))[1]
        url = next(b["url"] for row in handed["keyboard"] for b in row if "url" in b)
        await desk.people.act("join", user=one, invite_link=url)
    await desk.people.settle()
    await desk.people.act("leave", user=bob, chat=PHILIPPINES)
    assert "your own link" in (await start(desk, "Sam", payload))[0]
    assert states(desk) == ["joined", "left", "held"]

    before = len(await desk.people.messages("Sam"))
    await days_pass(desk, 2)
    assert states(desk)[0] == "joined"
    await days_pass(desk, 1.1)
    await days_pass(desk, 1)
    assert states(desk) == ["qualified", "left", "held"]
    told = [m["text"] for m in (await desk.people.messages("Sam"))[before:]]
    assert len(told) == 1 and "1 more person whom you invited counts in Barkada" in told[0]
    assert "4 more for: a shirt" in told[0] and "Reached: a badge" in told[0]

    board = await desk.people.say("Dara", "/top")
    assert "1. 🇵🇭 S••• · 1" in board["text"]
    own = await desk.people.say("Sam", "/top")
    assert "You · 1" in own["text"]
    chart = (await desk.people.press("Dara", page, "Growth"))["last"]
    assert chart["photo"]["width"] > 400
    funnel = (await desk.people.press("Dara", page, "Funnel"))["last"]
    assert funnel["photo"]

    held = (await desk.people.press("Dara", page, "Review"))["last"]
    assert "opened their own link" in held["text"] and "S•••" in held["text"]
    assert not [label for label in labels(held) if "Accept" in label]
    done = await desk.people.press("Dara", held, "Reject")
    assert "Nobody is held" in done["last"]["text"]
    assert states(desk)[2] == "disqualified"
