"""A group is set up by its administrators, by buttons; the bot says what it lacks there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.members.store import Group
from bot.telegram import setup_check
from bot.telegram.setup import wanted
from bot.telegram.setup_check import Rights, faults
from tests.conftest import Harness, run_bot_in_sandbox

VIETNAM = -1_002_000_000_001
PHILIPPINES = -1_002_000_000_003
INDONESIA = -1_002_000_000_004
SINGAPORE = -1_002_000_000_006
DESK = -1_002_000_000_100
BASIC = -4_100_000_001
NOK, OLA, LINH = 7_000_100_101, 7_000_100_103, 7_000_100_001
SETUP = "/setup@SampanDeskBot"


@pytest.fixture
async def room(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        yield running


def group(room: Harness, chat: int = VIETNAM) -> Group:
    found = room.running.services.groups.get(chat)
    assert found is not None
    return found


async def choose(room: Harness, page: dict[str, Any], *labels: str, who: str = "Nok") -> Any:
    for label in labels:
        page = (await room.people.press(who, page, label))["message"]
    return page


async def test_a_group_is_set_up_by_buttons(room: Harness) -> None:
    page = await room.people.say("Nok", SETUP, INDONESIA)
    assert page["text"].startswith("Setting up Sampan Indonesia")
    assert "✅ I have all the rights that I need here." in page["text"]
    page = await choose(room, page, "Country", "🇮🇩", "Language", "Bahasa Indonesia", "Back")
    assert "Time zone: Jakarta, now 3:00" in page["text"].replace("\u202f", " ")
    page = await choose(room, page, "Time zone", "Jayapura", "What I answer", "commands only")
    page = await choose(room, page, "Quiet hours", "10:00", "7:00", "Tidying", "15 min")
    page = await choose(room, page, "Festival notices: on")
    assert "Festival notices: off" in str(page["keyboard"])
    assert group(room, INDONESIA) == Group(
        INDONESIA, "Sampan Indonesia", "ID", "id", "Asia/Jayapura", "off", False, 10, 7, 15
    )
    text = page["text"].replace("\u202f", " ")
    assert "Quiet hours: 10:00 AM to 7:00 AM" in text and "I answer: commands only" in text
    page = await choose(room, page, "Country", "🇻🇳")  # Jayapura is no city of Viet Nam
    assert "Time zone: Ho Chi Minh" in page["text"]
    entries = list(room.running.services.audit.latest(what="group.setup", target=INDONESIA))
    assert len(entries) == 8 and {e.user_id for e in entries} == {NOK}
    assert entries[-1].detail == {"before": {"country": None}, "after": {"country": "ID"}}


async def test_a_group_speaks_several_languages(room: Harness) -> None:
    page = await room.people.say("Nok", SETUP, SINGAPORE)
    page = await choose(room, page, "Language", "Bahasa Melayu", "English", "简体中文")
    assert "✅ English" in str(page["keyboard"]) and "✅ Bahasa Melayu" in str(page["keyboard"])
    page = await choose(room, page, "Bahasa Melayu", "Bahasa Melayu")  # out, and in as the last
    assert group(room, SINGAPORE).languages == ("en", "zh-Hans", "ms")
    page = await choose(room, page, "Back")
    assert "Language: English, 简体中文, and Bahasa Melayu" in page["text"]
    questions = {"cara jual usdt di sini": "ms", "怎么卖 usdt": "zh-Hans", "how to sell usdt": "en"}
    for number, (question, language) in enumerate(questions.items(), 1):
        await room.people.say("Sam", f"@SampanDeskBot {question}", SINGAPORE)
        asked = room.running.services.answer_store.get(number)
        assert asked is not None and (asked.text, asked.language) == (question, language)
    page = await choose(room, page, "Language", "As I write")
    assert group(room, SINGAPORE).languages == () and "Now: not set" in page["text"]


async def test_only_administrators_and_our_own_staff_set_a_group_up(room: Harness) -> None:
    refused = await room.people.say("Linh", SETUP, VIETNAM)
    assert refused["keyboard"] == []
    page = await room.people.say("Nok", SETUP, VIETNAM)
    forged = await room.people.press("Linh", page, data="su.country|CN")
    assert forged["answer"]["show_alert"] and group(room).country is None
    await room.people.act("member", chat=VIETNAM, user="Nok", status="member", by="Ola")
    taken = await room.people.press("Nok", page, data="su.country|CN")
    assert taken["answer"]["show_alert"] and group(room).country is None
    anonymous = await room.people.act(
        "member", chat=VIETNAM, user="Nok", status="administrator", by="Ola", anonymous=True
    )
    assert anonymous["status"] == "administrator"
    version = await room.people.version("Nok", VIETNAM)
    await room.people.act("say", user="Nok", chat=VIETNAM, text=SETUP, **{"as": "anonymous"})
    page = await room.people.answer_after("Nok", VIETNAM, version)
    await choose(room, page, "Country", "🇻🇳")
    assert group(room).country == "VN"


async def test_forged_and_broken_presses_change_nothing(room: Harness) -> None:
    page = await room.people.say("Nok", SETUP, VIETNAM)
    before = group(room)
    for data in (
        "su.country|XX", "su.zone|Mars/Base", "su.zone|America/New_York", "su.quiet|7|7",
        "su.quiet|24|1", "su.quiet|٣|1", "su.clean|1", "su.clean|-5", "su.answering|all",
        "su.open|../etc", "su.festivals|2", "su.title|x", "su.until|99", "su.desk|1",
    ):  # fmt: skip
        answer = await room.people.press("Nok", page, data=data)
        assert "no longer in use" in answer["answer"]["text"], data
    assert group(room) == before


async def test_the_bot_says_what_to_change_and_how(room: Harness) -> None:
    await room.people.act("member", chat=VIETNAM, user="bot", status="member", by="Ola")
    page = await room.people.say("Nok", SETUP, VIETNAM)
    assert "⚠️ I am not an administrator here" in page["text"] and "pick me" in page["text"]
    assert "/setprivacy" not in page["text"]
    page = await choose(room, page, "What I answer", "clear questions")
    assert "/setprivacy" in page["text"]
    await room.people.act(
        "member", chat=VIETNAM, user="bot", status="administrator", by="Ola",
        rights={"can_delete_messages": False, "can_invite_users": False},
    )  # fmt: skip
    page = await choose(room, page, "Check again")
    assert "Delete Messages" in page["text"] and "Invite Users via Link" in page["text"]
    assert "Ban Users" not in page["text"]


@given(st.builds(Rights, *[st.booleans()] * 6), st.sampled_from(["off", "mentions", "confident"]))
def test_nothing_is_asked_for_that_is_there(rights: Rights, mode: Any) -> None:
    found = faults(rights, Group(-1, "", answering=mode))
    assert (setup_check.NOT_ADMIN in found) == (not rights.administrator)
    assert not (rights.reads_all and setup_check.BLIND in found)
    if rights.administrator:
        assert (setup_check.NO_DELETE in found) == (not rights.delete)
        assert setup_check.NO_TOPICS not in found


@given(st.text(max_size=12), st.lists(st.text(max_size=20), max_size=3).map(tuple))
def test_what_no_button_says_is_refused(verb: str, args: tuple[str, ...]) -> None:
    assert wanted(Group(-1, ""), verb, args) is None or verb in {"country", "language", "clean"}


async def test_an_owner_says_where_the_desk_is(room: Harness) -> None:
    place = room.running.services.desk_place
    refused = await room.people.say("Nok", f"{SETUP} desk", DESK)
    assert refused["keyboard"] == [] and place.chat_id() is None
    page = await room.people.say("Ola", f"{SETUP} desk", DESK)
    forged = await room.people.press("Nok", page, "make it the desk")
    assert forged["answer"]["show_alert"] and place.chat_id() is None
    page = await choose(room, page, "make it the desk", who="Ola")
    assert place.chat_id() == DESK and "This group is the team's desk." in page["text"]
    (entry,) = room.running.services.audit.latest(what="desk.")
    assert (entry.user_id, entry.target) == (OLA, str(DESK))
    other = await room.people.say("Nok", SETUP, VIETNAM)
    assert "go to the team's desk" in other["text"]


async def test_a_basic_group_and_the_private_chat(room: Harness) -> None:
    page = await room.people.say("Maria", SETUP, BASIC)
    assert page["keyboard"]
    hint = await room.people.say("Sam", "/setup")
    assert "in the group" in hint["text"] and hint["keyboard"] == []
    forged = await room.people.press("Sam", hint, data="su.country|VN")
    assert "no longer in use" in forged["answer"]["text"]


async def test_done_takes_the_page_away_and_notices_are_tidied(room: Harness) -> None:
    services, people = room.running.services, room.people
    page = await people.say("Nok", SETUP, VIETNAM)
    await choose(room, page, "Tidying", "5 min")
    await people.act("press", user="Nok", chat=VIETNAM, message_id=page["message_id"], text="Done", wait=30)  # fmt: skip
    await people.settle()
    assert page["message_id"] not in [
        m["message_id"] for m in await people.messages("Nok", VIETNAM)
    ]
    refused = await people.say("Linh", SETUP, VIETNAM)
    answer = await people.say("Linh", "/legal@SampanDeskBot Binance Vietnam", VIETNAM)
    await room.running.jobs.run("notices")
    ids = [m["message_id"] for m in await people.messages("Nok", VIETNAM)]
    assert refused["message_id"] in ids
    room.clock.moment += timedelta(minutes=6)
    await room.running.jobs.run("notices")
    ids = [m["message_id"] for m in await people.messages("Nok", VIETNAM)]
    assert refused["message_id"] not in ids and answer["message_id"] in ids
    services.groups.configure(VIETNAM, clean_minutes=None)
    kept = await people.say("Linh", SETUP, VIETNAM)
    room.clock.moment += timedelta(hours=60)
    await room.running.jobs.run("notices")
    ids = [m["message_id"] for m in await people.messages("Nok", VIETNAM)]
    assert kept["message_id"] in ids
