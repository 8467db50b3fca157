"""Teaching by dialogue, the list of what is taught, and facts by country."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.sandbox.people import DESK_ID
from tests.conftest import Harness, run_bot_in_sandbox

OLA, NOK = 7_000_100_103, 7_000_100_101
QUESTION = "Where do our gardeners keep the old lanterns?"
OTHER_WORDS = "where are the old lanterns of our gardeners kept"
ANSWER = "In the shed by the pond. <b>Ask</b> Mei."


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA), desk_chat=DESK_ID) as running:
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] or [] for b in row]


async def test_a_moderator_teaches_lists_edits_translates_and_retires(
    desk: Harness, clock: FixedClock
) -> None:
    people = desk.people
    assert "Nothing is taught yet" in (await people.say("Ola", "/taught"))["text"]
    prompt = await people.say("Ola", "/teach")
    assert "Which question" in prompt["text"]
    assert "at most 240 characters" in (await people.say("Ola", "x" * 241))["text"]
    assert "And the answer?" in (await people.say("Ola", QUESTION))["text"]
    preview = await people.say("Ola", ANSWER)
    assert QUESTION in preview["text"] and ANSWER in preview["text"]
    assert "For: All countries" in preview["text"] and "Language: English" in preview["text"]
    assert "Press one of the buttons" in (await people.say("Ola", "And now?"))["text"]
    preview = (await people.press("Ola", preview, "Until"))["message"]
    assert "Until: Dec 21, 2026" in preview["text"]
    page = (await people.press("Ola", preview, "Country"))["message"]
    preview = (await people.press("Ola", page, "🇸🇬"))["message"]
    assert "For: 🇸🇬 Singapore" in preview["text"]
    page = (await people.press("Ola", preview, "Country"))["message"]
    preview = (await people.press("Ola", page, "All countries"))["message"]
    saved = await people.press("Ola", preview, "Save")
    assert saved["answer"]["text"] == "Saved: the next answer says it."
    again = await people.press("Ola", preview, data="te.sv")
    assert "nothing to save" in again["answer"]["text"]
    assert ANSWER in (await people.say("Sam", OTHER_WORDS))["text"]

    listed = await people.say("Ola", "/taught")
    assert "1 taught answer" in listed["text"]
    page = (await people.press("Ola", listed, "#1"))["message"]
    assert "private chat (1)" in page["text"] and "Not translated yet" in page["text"]
    await people.press("Ola", page, "✏️ English")
    assert "two lines or more" in (await people.say("Ola", "Only one line"))["text"]
    edited = await people.say("Ola", f"{QUESTION}\nIn the tower.")
    assert "In the tower." in edited["text"]
    assert "In the tower." in (await people.say("Sam", OTHER_WORDS))["text"]

    languages = (await people.press("Ola", edited, "Add a translation"))["message"]
    assert "ไทย" in labels(languages) and "English" not in labels(languages)
    await people.press("Ola", languages, "ไทย")
    page = await people.say("Ola", "โคมไฟเก่าเก็บไว้ที่ไหน\nในหอคอย")
    assert "✏️ ไทย" in labels(page)
    assert "ในหอคอย" in (await people.say("Somchai", "โคมไฟเก่าเก็บไว้ที่ไหนครับ"))["text"]

    sure = (await people.press("Ola", page, "Retire"))["message"]
    retired = (await people.press("Ola", sure, "Retire"))["message"]
    assert "no longer given" in retired["text"] and labels(retired) == ["⬅️ Back"]
    assert "In the tower." not in (await people.say("Sam", OTHER_WORDS))["text"]
    gone = await people.press("Ola", page, data="te.ed|1|th")
    assert "no longer there" in gone["answer"]["text"]
    logged = [e.what for e in desk.running.services.audit.latest(what="teach.")]
    assert logged == ["teach.retire", "teach.edit", "teach.edit", "teach.add"]

    asked = next(m for m in await people.messages("Ola") if m["text"] == QUESTION)
    short = await people.say("Ola", "/teach", reply_to=asked["message_id"])
    assert QUESTION in short["text"] and "And the answer?" in short["text"]
    assert "Left as it was." in (await people.say("Ola", "/cancel"))["text"]
    clock.moment += timedelta(days=1)


async def test_a_moderator_of_one_country_keeps_to_it(desk: Harness) -> None:
    people = desk.people
    desk.running.services.staff.add(Grant(NOK, Role.MODERATOR, "TH"), OLA)
    await people.say("Nok", f"/teach {QUESTION}")
    preview = await people.say("Nok", ANSWER)
    assert "For: 🇹🇭 Thailand" in preview["text"], "their own country, not all"
    page = (await people.press("Nok", preview, "Country"))["message"]
    preview = (await people.press("Nok", page, "🇯🇵"))["message"]
    refused = await people.press("Nok", preview, "Save")
    assert "your own countries only" in refused["answer"]["text"]
    stranger = await people.press("Ola", preview, data="te.sv")
    assert "nothing to save" in stranger["answer"]["text"]
    everywhere = desk.core.faqs.teach(QUESTION, "In the shed.", language="en", topic="none")
    other = await people.press("Nok", preview, data=f"te.rt|{everywhere}")
    assert "moderators can do that" in other["answer"]["text"]
    assert "Nothing is taught" in (await people.say("Nok", "/taught"))["text"]

    found = await people.say("Nok", "/fact trading rule")
    assert labels(found) and all(label.startswith("th.") for label in labels(found))
    stale = await people.say("Nok", "/stale")
    assert all(label.startswith("th.") for label in labels(stale) if "." in label)
    assert "Only the people who keep" in (await people.say("Nok", "/stale Japan"))["text"]
    assert "Only the people who keep" in (await people.say("Nok", "/fact jp.rule.trading"))["text"]
    assert "th.rule" in (await people.say("Nok", "/fact th.rule.trading"))["text"]
    assert "Only the people who keep" not in (await people.say("Nok", "/history"))["text"]
