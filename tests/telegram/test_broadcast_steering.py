"""A broadcast under way, steered in the chat: paused, cancelled, sent again, asked about when late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.broadcasts.ledger import Ledger
from bot.broadcasts.model import Counts, RunState, State
from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.sandbox.model import User
from tests.broadcasts.conftest import FIRST
from tests.conftest import Harness, run_bot_in_sandbox
from tests.telegram.test_broadcasts import (
    DARA,
    OLA,
    approve,
    begin,
    found,
    labels,
    newest,
    press,
    tick,
    write,
)

PEOPLE = 90


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Harness]:
    """Ninety subscribers: three seconds of a broadcast at Telegram's pace."""
    clock = FixedClock(datetime(2027, 4, 1, 8, 0, tzinfo=UTC))
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        services = running.running.services
        services.staff.add(Grant(DARA, Role.MARKETING, name="Dara"), OLA)
        for user in ("Dara", "Ola"):
            await running.people.say(user, "/start")
        for n in range(PEOPLE):
            running.world.add_user(User(FIRST + n, f"P{n}", started=True))
            services.members.start(FIRST + n, "en")
        yield running


async def notice(desk: Harness, *path: str) -> dict[str, Any]:
    """A service notice to all subscribers, approved; the author's page of it."""
    page = await begin(desk, "Service notice")
    page = await write(desk, page, "English", "Maintenance tonight.")
    page = await press(desk, "Dara", page, "Audience", "Groups", "Back")
    if path:
        page = await press(desk, "Dara", page, *path)
    await press(desk, "Dara", page, "Check and schedule", "Ask for approval")
    await approve(desk)
    told = await found(desk, "Dara", "approved and scheduled")
    return await press(desk, "Dara", told, "Open it")


def counts(desk: Harness) -> Counts:
    (run,) = desk.running.marketing.store.runs(newest(desk).id)
    return Ledger(desk.core.db).counts(run.id)


def got(desk: Harness) -> list[int]:
    """How many of the notice each subscriber has."""
    return [
        sum("Maintenance" in m.body.get("text", "") for m in desk.world.chats[FIRST + n].messages.values())
        if FIRST + n in desk.world.chats else 0
        for n in range(PEOPLE)
    ]  # fmt: skip


async def progress(desk: Harness, page: dict[str, Any]) -> dict[str, Any]:
    """The page of before it began becomes the live one."""
    data = f"bc.pg|{newest(desk).id}"
    shown: dict[str, Any] = (await desk.people.press("Dara", page, data=data))["message"]
    return shown


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


async def test_pause_go_on_and_cancel_in_the_middle(desk: Harness) -> None:
    page = await notice(desk)
    await desk.running.jobs.run("broadcasts")
    await until(lambda: sum(got(desk)) >= 10)
    live = await progress(desk, page)
    paused = await press(desk, "Dara", live, "Pause")
    await desk.running.broadcasts.idle()
    stood = sum(got(desk))
    assert "paused" in paused["text"] and 10 <= stood < PEOPLE
    await desk.running.jobs.run("broadcasts")
    await desk.running.broadcasts.idle()
    assert sum(got(desk)) == stood and counts(desk).sent + counts(desk).pending == PEOPLE + 2

    stale = await desk.people.press("Ola", page, data=f"bc.pa|{newest(desk).id}")
    assert "does not fit" in stale["answer"]["text"]
    await press(desk, "Dara", paused, "Go on")
    await desk.running.jobs.run("broadcasts")
    await until(lambda: sum(got(desk)) >= stood + 5)
    sure = await press(desk, "Dara", paused, "Cancel")
    assert "not sent any more" in sure["text"] and newest(desk).state is State.RUNNING
    await press(desk, "Dara", sure, "Cancel")
    await desk.running.broadcasts.idle()
    ended = sum(got(desk))
    await tick(desk)
    assert newest(desk).state is State.CANCELLED and sum(got(desk)) == ended < PEOPLE
    assert max(got(desk)) == 1
    left = await desk.people.press("Dara", page, data=f"bc.re|{newest(desk).id}")
    assert "does not fit" in left["answer"]["text"] and counts(desk).pending > 0


async def test_paused_and_gone_on_with_nobody_is_missing_and_nobody_gets_it_twice(
    desk: Harness,
) -> None:
    page = await notice(desk)
    await desk.running.jobs.run("broadcasts")
    await until(lambda: sum(got(desk)) >= 10)
    live = await progress(desk, page)
    await press(desk, "Dara", live, "Pause", "Go on")
    await desk.running.broadcasts.idle()
    await tick(desk)
    await found(desk, "Dara", f"Sent: {PEOPLE + 2} of {PEOPLE + 2}")
    assert set(got(desk)) == {1}


async def test_the_uncertain_are_sent_again_on_a_persons_word_alone(desk: Harness) -> None:
    await notice(desk)
    await desk.people.act("faults", method="sendMessage", kind="drop", times=3)
    await tick(desk)
    report = await found(desk, "Dara", "Uncertain: 3")
    assert counts(desk) == Counts(sent=PEOPLE - 1, uncertain=3)
    assert set(got(desk)) == {1}, "they got it: only the answer was lost"
    await tick(desk)
    assert counts(desk).uncertain == 3, "nobody is tried again unasked"
    await press(desk, "Dara", report, "Send the uncertain again")
    sure = await found(desk, "Dara", "may get it twice")
    assert "3 messages may have arrived or not" in sure["text"]
    await press(desk, "Dara", sure, "Send again")
    await tick(desk)
    assert counts(desk) == Counts(sent=PEOPLE + 2)
    assert sorted(set(got(desk))) in ([1, 2], [1]) and sum(got(desk)) <= PEOPLE + 3
    assert newest(desk).state is State.FINISHED
    again = await found(desk, "Dara", f"Sent: {PEOPLE + 2} of {PEOPLE + 2}")
    assert "Send the uncertain again" not in str(labels(again))


@pytest.mark.parametrize("choice", ["Send it still", "Let it go"])
async def test_a_missed_moment_is_asked_about(desk: Harness, choice: str) -> None:
    """The bot was down at 09:00: hours later nothing is sent before a person says so."""
    page = await begin(desk, "Service notice")
    page = await write(desk, page, "English", "Maintenance tonight.")
    page = await press(desk, "Dara", page, "Audience", "Groups", "Back")
    await press(desk, "Dara", page, "When", "Once")
    when = await desk.people.say("Dara", "2027-04-02 09:00")
    page = await press(desk, "Dara", when, "One clock for all", "Back")
    await press(desk, "Dara", page, "Check and schedule", "Ask for approval")
    await approve(desk)
    desk.clock.moment += timedelta(days=1, hours=9)
    await tick(desk)
    assert newest(desk).state is State.OVERDUE and sum(got(desk)) == 0
    for _ in range(2):
        await desk.running.jobs.run("missed broadcasts")
    asked = [m for m in await desk.people.messages("Dara") if "Its moment was missed" in m["text"]]
    assert len(asked) == 1, "asked once"
    await press(desk, "Dara", asked[0], choice)
    await tick(desk)
    assert newest(desk).state is State.FINISHED
    assert set(got(desk)) == ({1} if choice == "Send it still" else {0})


async def test_one_that_was_stopped_by_a_long_outage_is_asked_about_in_words(desk: Harness) -> None:
    page = await notice(desk)
    await desk.running.jobs.run("broadcasts")
    await until(lambda: sum(got(desk)) >= 10)
    live = await progress(desk, page)
    await press(desk, "Dara", live, "Pause")
    await desk.running.broadcasts.idle()
    store = desk.running.marketing.store
    store.resume(newest(desk).id)
    desk.clock.moment += timedelta(days=2)
    await tick(desk)
    assert store.runs(newest(desk).id)[0].state is RunState.OVERDUE
    await desk.running.jobs.run("missed broadcasts")
    asked = await found(desk, "Dara", "It was interrupted for long")
    page = await press(desk, "Dara", asked, "Back")
    assert "It was interrupted for long" in page["text"] and "Note: interrupted" not in page["text"]
    await press(desk, "Dara", page, "Progress", "Send it still")
    await tick(desk)
    assert set(got(desk)) == {1} and counts(desk) == Counts(sent=PEOPLE + 2)
