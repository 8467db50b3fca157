"""/staff: owners and admins give and take roles; each person's menu follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from tests.conftest import Harness, run_bot_in_sandbox

THAILAND, VIETNAM = -1_002_000_000_002, -1_002_000_000_001
NOK, DARA, OLA, SAM = 7_000_100_101, 7_000_100_102, 7_000_100_103, 7_000_100_015


@pytest.fixture
async def room(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        groups = running.running.services.groups
        for chat, title, country in ((THAILAND, "Sampan ไทย", "TH"), (VIETNAM, "Sampan VN", "VN")):
            groups.join(chat, title)
            groups.configure(chat, country=country)
        yield running


async def choose(room: Harness, page: dict[str, Any], *labels: str, who: str = "Ola") -> Any:
    for label in labels:
        page = (await room.people.press(who, page, label))["message"]
    return page


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


def grants(room: Harness, user: int) -> list[Grant]:
    return room.running.services.staff.of(user)


async def menu(room: Harness, user: int) -> list[str]:
    found = room.world.bot.commands.get((f"chat:{user}", ""), [])
    return [c["command"] for c in found]


async def test_a_person_is_added_by_a_reply_told_and_gets_their_menu(room: Harness) -> None:
    await room.people.say("Nok", "/start")
    assert await menu(room, NOK) == []
    hello = await room.people.act("say", user="Nok", chat=THAILAND, text="hello all")
    page = await room.people.say(
        "Ola", "/staff@SampanDeskBot add", THAILAND, reply_to=hello["message"]["message_id"]
    )
    assert "Nok Moderator" in page["text"] and str(NOK) in page["text"]
    done = await choose(room, page, "moderator", "Thailand")
    assert "Nok Moderator is on the team now: moderator, 🇹🇭 Thailand." in done["text"]
    assert "told in private" in done["text"]
    assert grants(room, NOK) == [Grant(NOK, Role.MODERATOR, "TH", "Nok Moderator")]
    told = (await room.people.messages("Nok"))[-1]
    assert told["text"].startswith("You are on the team now: moderator, 🇹🇭 Thailand.")
    assert "fact" in await menu(room, NOK) and "staff" not in await menu(room, NOK)
    twice = await room.people.press("Ola", page, data=f"st.scope|{NOK}|moderator|TH")
    assert twice["answer"]["text"] == "They have that role already."
    page = await choose(room, await room.people.say("Ola", "/staff"), "Nok Moderator")
    assert "Take this role away?" in page["text"]
    page = await choose(room, page, "take it away")
    assert grants(room, NOK) == [] and await menu(room, NOK) == []
    log = await room.people.say("Ola", "/audit staff")
    assert "staff.add" in log["text"] and "staff.remove" in log["text"]
    assert "role: moderator, scope: TH" in log["text"]


async def test_a_person_is_added_by_id_and_by_a_forwarded_message(room: Harness) -> None:
    page = await room.people.say("Ola", f"/staff add {DARA}")
    done = await choose(room, page, "marketing", "everywhere")
    assert "can't write to them yet" in done["text"]
    await room.people.say("Dara", "/start")
    await room.people.settle()
    assert "staff" not in await menu(room, DARA)
    prompt = await choose(room, await room.people.say("Ola", "/staff"), "Add a person")
    assert prompt["keyboard"]
    nonsense = await room.people.say("Ola", "his name is Sam")
    assert "Who is it?" in nonsense["text"]
    hello = await room.people.act("say", user="Sam", text="hi")
    version = await room.people.version("Ola", "bot")
    await room.people.act(
        "forward", user="Ola", chat="bot", from_chat=hello["message"]["chat_id"],
        message_id=hello["message"]["message_id"],
    )  # fmt: skip
    page = await room.people.answer_after("Ola", "bot", version)
    assert "Sam Lee" in page["text"]
    await choose(room, page, "moderator", "Sampan VN")
    assert grants(room, SAM) == [Grant(SAM, Role.MODERATOR, str(VIETNAM), "Sam Lee")]
    again = await room.people.say("Ola", "is Binance allowed in the Philippines")
    assert "Binance" in again["text"]  # the dialogue is over


async def test_only_owners_and_admins_and_never_beyond_their_reach(room: Harness) -> None:
    services = room.running.services
    for command in ("/staff", f"/staff add {SAM}", "/audit"):
        refused = await room.people.say("Sam", command)
        assert refused["keyboard"] == [] and "Only owners and admins" in refused["text"]
    owners = await room.people.say("Ola", "/staff")
    forged = await room.people.act(
        "press", user="Sam", chat=THAILAND, message_id=(
            await room.people.say("Ola", f"/staff@SampanDeskBot add {DARA}", THAILAND)
        )["message_id"], data=f"st.scope|{SAM}|admin|*", forged=True, wait=30,
    )  # fmt: skip
    assert forged["answer"]["show_alert"] or forged["answer"]["text"]
    assert grants(room, SAM) == [] and owners["keyboard"]
    services.staff.add(Grant(NOK, Role.ADMIN, "TH", "Nok"), OLA)
    services.staff.add(Grant(DARA, Role.ADMIN, "*", "Dara"), OLA)
    page = await room.people.say("Nok", f"/staff add {SAM}")
    page = await choose(room, page, "moderator", who="Nok")
    assert labels(page) == ["🇹🇭 Thailand", "Sampan ไทย"]
    for scope in ("*", "VN", str(VIETNAM), "-1", "XX"):
        refused = await room.people.press("Nok", page, data=f"st.scope|{SAM}|moderator|{scope}")
        assert refused["answer"]["text"], scope
    await room.people.press("Nok", page, data=f"st.drop|{DARA}|admin|*")
    assert grants(room, SAM) == [] and len(grants(room, DARA)) == 1
    listed = await room.people.say("Nok", "/staff")
    assert "Dara" not in listed["text"] and "Nok" in listed["text"]
    services.staff.remove(NOK)
    taken = await room.people.press("Nok", page, data=f"st.scope|{SAM}|moderator|TH")
    assert "Only owners and admins" in taken["answer"]["text"] and grants(room, SAM) == []


async def test_bad_input_is_told_plainly(room: Harness) -> None:
    for words, told in (
        ("add 0", "Who is it?"),
        ("add x" + "9" * 400, "Who is it?"),
        ("add 1087968824", "don't say who they are"),
        (f"add {OLA}", "They own this bot"),
        (f"remove {SAM}", "no role that you could take away"),
        ("explode", "Write /staff, or /staff add"),
    ):
        answer = await room.people.say("Ola", f"/staff {words}")
        assert told in answer["text"], words
    page = await room.people.say("Ola", "/staff")
    for data in (
        "st.scope|0|admin|*", f"st.scope|{SAM}|owner|*", f"st.scope|{SAM}|admin|moon",
        "st.list|-1", "st.list|²", "st.ask|x|y|z", "st.", "st.add|1",
    ):  # fmt: skip
        answer = await room.people.press("Ola", page, data=data)
        assert "no longer in use" in answer["answer"]["text"], data
    mine = await room.people.say("Ola", "/settings")
    bot = await room.people.say("Ola", "/staff add", reply_to=mine["message_id"])
    assert "Only people can have a role" in bot["text"]
    in_group = await room.people.say("Ola", "/staff@SampanDeskBot", THAILAND)
    assert in_group["keyboard"] == []
