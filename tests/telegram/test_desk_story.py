"""The desk from end to end, and what people do wrong there: in the sandbox, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.sandbox.people import DESK_ID
from tests.conftest import Harness, run_bot_in_sandbox

OLA, NOK, DARA = 7_000_100_103, 7_000_100_101, 7_000_100_102
THAILAND, SINGAPORE = -1_002_000_000_002, -1_002_000_000_006
MEET_UP = "มีตติ้งของกลุ่มครั้งหน้าจัดที่ไหนครับ"
MEET_UP_AGAIN = "อยากรู้ว่ากลุ่มจะจัดมีตติ้งครั้งต่อไปที่ไหน"
ANSWER = "วันเสาร์นี้ที่สยาม เวลา 14:00 น."
UNKNOWN = "Where do our gardeners keep the old lanterns?"


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA), desk_chat=DESK_ID) as running:
        yield running


async def in_desk(desk: Harness, *jobs: str) -> list[dict[str, Any]]:
    """The bot's messages in the desk's group, once its jobs have run."""
    await desk.people.settle()
    for job in (*jobs, "desk.answers", "desk.cards"):
        await desk.running.jobs.run(job)
    return [m for m in await desk.people.messages("Ola", DESK_ID) if m["from"]["bot"]]


async def test_three_people_and_a_look_alike(desk: Harness) -> None:
    """What issue 6 is shown by."""
    people = desk.people
    page = await people.say("Ola", "/setup@SampanDeskBot", THAILAND)
    for label in ("Country", "🇹🇭", "Language", "ไทย", "English", "Back"):
        page = (await people.press("Ola", page, label))["message"]
    assert "Language: ไทย and English · Country: 🇹🇭 Thailand" in page["text"]

    declined = await people.say("Somchai", f"@SampanDeskBot {MEET_UP}", THAILAND)
    assert ANSWER not in declined["text"]
    card = (await in_desk(desk))[-1]
    assert MEET_UP in card["text"] and "🇹🇭 Thailand · ไทย" in card["text"]
    desk.running.services.staff.add(Grant(NOK, Role.MODERATOR, "TH"), OLA)
    await people.press("Nok", card, "Answer & teach")
    prompt = (await in_desk(desk))[-1]
    await people.say("Nok", ANSWER, DESK_ID, reply_to=prompt["message_id"])
    preview = (await in_desk(desk))[-1]
    assert "Teach this?" in preview["text"]
    await people.press("Nok", preview, "Save")
    told = [m for m in await people.messages("Somchai", THAILAND) if ANSWER in m["text"]]
    assert len(told) == 1 and MEET_UP in told[0]["reply_to"]["text"]

    other = await people.say("Ploy", f"@SampanDeskBot {MEET_UP_AGAIN}", THAILAND)
    assert ANSWER in other["text"]

    shield = await people.say("Ola", "/shield@SampanDeskBot", THAILAND)
    await people.press("Ola", shield, "Report only")
    made = await people.act("people", first_name="Νok", last_name="Moderatоr")  # Greek, Cyrillic
    await people.act("join", user=str(made["user"]["id"]), chat=THAILAND)
    report = (await in_desk(desk, "shield"))[-1]
    assert "imitates Nok Moderator" in report["text"] and "Sampan ไทย" in report["text"]


# Bad input


async def old_press(desk: Harness, user: int, message: dict[str, Any], data: str) -> None:
    """A press on a message so old that Telegram no longer shows it to bots: without text, date 0."""
    chat = {"id": message["chat_id"], "type": "supergroup", "title": "g"}
    await desk.people.act(
        "update",
        callback_query={
            "id": str(desk.world.fresh_id()), "data": data, "chat_instance": "1",
            "from": {"id": user, "is_bot": False, "first_name": "Ola"},
            "message": {"chat": chat, "message_id": message["message_id"], "date": 0},
        },
    )  # fmt: skip
    await desk.people.settle()


def failed(desk: Harness) -> float:
    registry = desk.running.metrics.registry
    return registry.get_sample_value("sampan_updates_failed_total") or 0.0


@pytest.mark.parametrize("there", [True, False], ids=["old", "deleted"])
async def test_buttons_of_messages_that_bots_no_longer_see(desk: Harness, there: bool) -> None:
    """Each is answered; what cannot be shown in the message any more comes as a new one."""
    people = desk.people
    await people.say("Sam", UNKNOWN)
    card = (await in_desk(desk))[-1]
    if not there:
        await desk.running.bot.delete_message(DESK_ID, card["message_id"])
    answered = desk.world.calls.get("answercallbackquery", 0)
    presses = (
        "ib.op|1", "ib.an|1", "ib.po|1", "ib.ls|0", "te.sv", "te.ls|0", "su.open|main", "su.language|th",
        "sh.mute|1", "st.ls|0", "o", "ib.cl|1",
    )  # fmt: skip
    for data in presses:
        await old_press(desk, OLA, card, data)
    assert desk.world.calls.get("answercallbackquery", 0) == answered + len(presses)
    assert failed(desk) == 0
    texts = [m["text"] for m in await in_desk(desk)]
    assert sum("Reply to this message with the answer" in text for text in texts) == 1
    assert any("Claimed by Ola" in text for text in texts)
    assert any("Whose question is it?" in text for text in texts) is not there


async def test_a_lesson_is_saved_by_whoever_wrote_it_and_once(desk: Harness) -> None:
    people = desk.people
    for user in (NOK, DARA):
        desk.running.services.staff.add(Grant(user, Role.MODERATOR), OLA)
    await people.say("Sam", UNKNOWN)
    card = (await in_desk(desk))[-1]
    await people.press("Nok", card, "Answer & teach")
    prompt = (await in_desk(desk))[-1]
    await people.say("Nok", "In the shed.", DESK_ID, reply_to=prompt["message_id"])
    preview = (await in_desk(desk))[-1]
    other = await people.press("Dara", preview, "Save")
    assert "nothing to save" in other["answer"]["text"]
    desk.running.services.staff.remove(NOK)
    taken = await people.press("Nok", preview, "Save")
    assert "moderators can do that" in taken["answer"]["text"]
    desk.running.services.staff.add(Grant(NOK, Role.MODERATOR), OLA)
    assert "Saved" in (await people.press("Nok", preview, "Save"))["answer"]["text"]
    twice = await people.press("Nok", preview, data="te.sv")
    assert "nothing to save" in twice["answer"]["text"]
    assert desk.core.db["faqs"].count == 1


async def test_every_button_of_a_case_pressed_twice_is_told_plainly(desk: Harness) -> None:
    people = desk.people
    desk.running.services.staff.add(Grant(NOK, Role.MODERATOR), OLA)
    await people.say("Sam", UNKNOWN)
    card = (await in_desk(desk))[-1]
    for data, told in (
        ("ib.cl|1", ""), ("ib.cl|1", ""), ("ib.re|1", ""), ("ib.re|1", ""),
        ("ib.pc|1|TH", ""), ("ib.pc|1|TH", ""), ("ib.di|1", ""),
        ("ib.di|1", "Ola Owner has dismissed it."), ("ib.an|1", "Ola Owner has dismissed it."),
        ("ib.pc|1|PH", "Ola Owner has dismissed it."), ("ib.te|1", "It is taught already."),
    ):  # fmt: skip
        pressed = await people.press("Ola", card, data=data)
        assert pressed["answer"]["text"] == told, data
    assert "has dismissed it" in (await people.press("Nok", card, data="ib.cl|1"))["answer"]["text"]
    kept = [e.what for e in desk.running.services.audit.latest(9, what="desk.")]
    assert kept.count("desk.dismiss") == 1 and failed(desk) == 0


async def test_a_thousand_ask_the_same_in_a_minute(tmp_path: Path, clock: FixedClock) -> None:
    """A thousand people in one group: one card, nobody forgotten, and no flood of answers."""
    async with run_bot_in_sandbox(
        tmp_path, clock, limited=False, owners=str(OLA), desk_chat=DESK_ID
    ) as desk:
        people = desk.people
        desk.running.services.groups.join(SINGAPORE, "Sampan Singapore")
        for number in range(1000):
            made = await people.act("people", first_name=f"P{number}")
            user = str(made["user"]["id"])
            await people.act("join", user=user, chat=SINGAPORE)
            text = f"@SampanDeskBot {UNKNOWN if number % 2 else UNKNOWN.upper()}"
            await people.act("say", user=user, chat=SINGAPORE, text=text)
        cards = [m for m in await in_desk(desk) if "Why it is here" in m["text"]]
        assert len(cards) == 1
        waiting = desk.running.services.desk.count_waiting()
        assert waiting == 1000
        assert 5 <= desk.world.calls["sendmessage"] <= 40, "18 in a minute of one group"
        await people.say("Ola", "In the shed.", DESK_ID, reply_to=cards[0]["message_id"])
        for _ in range(60):
            await desk.running.jobs.run("desk.answers")
        told = [m for m in await people.messages("Sam", SINGAPORE) if "In the shed" in m["text"]]
        assert len(told) == 3
        assert failed(desk) == 0
