"""The scam shield in a group: what it sees, tells the desk, does and undoes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.shield import raids
from tests.conftest import Harness, run_bot_in_sandbox

OLA, NOK, MARIA, JUN = 7_000_100_103, 7_000_100_101, 7_000_100_004, 7_000_100_005
PH, DESK = -1_002_000_000_003, -1_002_000_000_100
SCAM = "Dear user, kindly send your seed phrase to validate your wallet"


@pytest.fixture
async def shield(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    """A group with the shield on, a desk, and a bot that may read all messages."""
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA), desk_chat=DESK) as running:
        running.world.bot.privacy = False
        await switch(running, "Report only")
        yield running


async def switch(h: Harness, mode: str) -> dict[str, Any]:
    page = await h.people.say("Ola", "/shield", PH)
    return (await h.people.press("Ola", page, mode))["message"]


async def cards(h: Harness, chat: str | int = DESK, viewer: str = "Ola") -> list[dict[str, Any]]:
    await h.people.settle()
    found = await h.people.messages(viewer, chat)
    return [m for m in found if m["from"]["bot"] and m["text"].startswith(("🛡 Report", "🌊"))]


async def write(h: Harness, user: str | int, text: str, chat: int = PH, **more: Any) -> int:
    said = await h.people.act("say", user=str(user), chat=chat, text=text, **more)
    return int(said["message"]["message_id"])


async def alone(h: Harness, viewer: str, chat: int = PH) -> list[str]:
    """What only that person sees there."""
    await h.people.settle()
    return [m["text"] for m in await h.people.messages(viewer, chat) if m.get("ephemeral_id")]


def status(h: Harness, user_id: int, chat: int = PH) -> str:
    return h.world.chats[chat].members[user_id].status


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def test_who_renames_into_an_administrator_is_reported_muted_and_let_go(
    shield: Harness,
) -> None:
    await write(shield, JUN, "hello everybody")
    assert await cards(shield) == []
    await shield.people.act("rename", user="jun_reyes", first_name="Оla", last_name="Owner")
    await write(shield, JUN, "write to me for help")
    (card,) = await cards(shield)
    assert "imitates Ola Owner" in card["text"] and "write to me for help" in card["text"]
    assert "Waiting for a moderator." in card["text"]

    pressed = await shield.people.press("Nok", card, "Mute")
    assert status(shield, JUN) == "restricted" and "Muted." in pressed["message"]["text"]
    again = await shield.people.press("Nok", card, data=f"sh.mute|{1}")
    assert "decided already" in again["answer"]["text"]

    undone = await shield.people.press("Nok", pressed["message"], "Undo")
    assert status(shield, JUN) == "member"
    assert "Undone. A deleted message cannot be brought back." in undone["message"]["text"]
    entries = shield.running.services.audit.latest(what="shield.")
    assert [e.what for e in entries] == ["shield.undo", "shield.mute", "shield.mode"]
    assert [e.user_id for e in entries] == [NOK, NOK, OLA]


async def test_trust_clears_the_name_that_was_looked_at_not_later_ones(shield: Harness) -> None:
    await shield.people.act("rename", user="jun_reyes", first_name="Support")
    await write(shield, JUN, "good morning")
    (card,) = await cards(shield)
    trusted = await shield.people.press("Nok", card, "This name is fine")
    assert "A new name will be looked at anew." in trusted["message"]["text"]
    await shield.people.act("rename", user="jun_reyes", first_name="Jun")
    await write(shield, JUN, "one")
    await shield.people.act("rename", user="jun_reyes", first_name="Support")
    await write(shield, JUN, "two")
    assert len(await cards(shield)) == 1
    await shield.people.act("rename", user="jun_reyes", first_name="Admin")
    await write(shield, JUN, "three")
    assert "claims to be staff" in (await cards(shield))[-1]["text"]
    assert len(await cards(shield)) == 2


async def test_who_joins_under_a_staff_name_is_reported_once(shield: Harness) -> None:
    await shield.people.act("people", first_name="Ola", last_name="0wner", username="stranger")
    await shield.people.act("join", user="stranger", chat=PH)  # told of twice: service message too
    (card,) = await cards(shield)
    assert "Ola Owner" in card["text"] and "🗑 Delete" not in labels(card)


async def test_acting_deletes_and_mutes_tells_them_alone_and_takes_an_appeal(
    shield: Harness,
) -> None:
    await switch(shield, "Delete and mute")
    number = await write(shield, JUN, SCAM)
    (card,) = await cards(shield)
    assert "I muted them. The message is deleted." in card["text"] and SCAM in card["text"]
    assert number not in shield.world.chats[PH].messages
    assert status(shield, JUN) == "restricted"
    everybody = [m["text"] for m in await shield.people.messages("Maria", PH)]
    assert not any("muted" in text or SCAM in text for text in everybody)
    mine = [m for m in await shield.people.messages(str(JUN), PH) if m.get("ephemeral_id")]
    assert len(mine) == 1
    report = card["keyboard"][0][0]["callback_data"].split("|")[1]
    await shield.people.act(
        "press", user="jun_reyes", chat=PH, ephemeral_id=mine[0]["ephemeral_id"],
        data=f"sh.appeal|{report}", wait=10,
    )  # fmt: skip
    await shield.running.jobs.run("shield")
    assert "They say that it is a mistake." in (await cards(shield))[0]["text"]
    stranger = await shield.people.press("Nok", card, data=f"sh.appeal|{report}")
    assert "too old" in stranger["answer"]["text"]
    await shield.people.press("Ola", card, "Undo")
    assert status(shield, JUN) == "member"


async def test_without_rights_the_card_says_so_and_waits(shield: Harness) -> None:
    await switch(shield, "Delete and mute")
    rights = {"can_delete_messages": False, "can_restrict_members": False}
    await shield.people.act("member", chat=PH, user="bot", status="administrator", rights=rights)
    await write(shield, JUN, SCAM)
    (card,) = await cards(shield)
    assert "I may not delete messages there" in card["text"]
    assert "I may not restrict members there" in card["text"]
    assert "Waiting for a moderator." in card["text"] and "🔇 Mute" in labels(card)
    page = await shield.people.say("Ola", "/shield", PH)
    assert "I may not delete messages there" in page["text"]


async def test_only_the_groups_moderators_decide(shield: Harness) -> None:
    await write(shield, JUN, SCAM)
    (card,) = await cards(shield)
    for verb in ("mute", "ban", "del", "no", "ok"):
        forged = await shield.people.press("Dara", card, data=f"sh.{verb}|1")
        assert "Only the moderators of that group" in forged["answer"]["text"]
    assert status(shield, JUN) == "member"
    for data in ("sh.mute|x", "sh.mute", "sh.nonsense|1", "sh.mute|" + "9" * 40, "sh.mute|1|2", "sh.mode|loud", "sh.|"):
        answer = (await shield.people.press("Ola", card, data=data))["answer"]
        assert "no longer in use" in answer["text"], data
    gone = await shield.people.press("Ola", card, data="sh.mute|987654")
    assert "too old" in gone["answer"]["text"]


async def test_the_setting_is_the_administrators_alone(shield: Harness) -> None:
    page = await shield.people.say("Ola", "/shield", PH)
    await shield.people.press("Dara", page, "Off")
    assert "Scam shield: Report only" in (await shield.people.say("Nok", "/shield", PH))["text"]
    refused = await shield.people.say("Dara", "/shield", PH)
    assert "Only this group's administrators" in refused["text"]
    anonymous = await shield.people.say("Ola", "/shield", PH, **{"as": "anonymous"})
    assert "Scam shield: Report only" in anonymous["text"]


async def test_off_means_that_nothing_is_read_or_kept(shield: Harness) -> None:
    await switch(shield, "Off")
    await write(shield, JUN, SCAM)
    assert await cards(shield) == []
    assert shield.core.db["shield_people"].count == 0
    assert shield.core.db["shield_reports"].count == 0


async def test_what_one_person_does_goes_into_one_card(shield: Harness) -> None:
    for text in (SCAM, SCAM + "!", SCAM + "!!"):
        await write(shield, JUN, text)
    (card,) = await cards(shield)
    await shield.people.press("Ola", card, "Delete")
    assert not any(SCAM in m["text"] for m in await shield.people.messages("Maria", PH))


async def test_an_edited_message_is_looked_at_again(shield: Harness) -> None:
    number = await write(shield, JUN, "hello")
    await shield.people.act("edit", user="jun_reyes", chat=PH, message_id=number, text=SCAM)
    assert len(await cards(shield)) == 1


async def test_staff_are_left_alone(shield: Harness) -> None:
    await write(shield, "Nok", SCAM)
    await write(shield, "Ola", SCAM)
    await write(shield, "Ola", SCAM, **{"as": "anonymous"})
    assert await cards(shield) == []


async def test_bad_links_are_listed_by_moderators_and_found_in_disguise(shield: Harness) -> None:
    say = shield.people.say
    assert "Only moderators of all groups" in (await say("Sam", "/badlink add a.example"))["text"]
    assert "Write /badlink add" in (await say("Ola", "/badlink add nonsense"))["text"]
    assert (await say("Ola", "/badlink add https://Evil[.]com/x"))["text"] == "Saved."
    assert "on the list already" in (await say("Ola", "/badlink add evil.com/x"))["text"]
    assert (await say("Ola", "/badlink add evil.com"))["text"] == "Saved."
    assert "evil.com" in (await say("Ola", "/badlink"))["text"]
    await write(shield, MARIA, "free money: evil (dot) com")
    (card,) = await cards(shield)
    assert "Links to evil.com" in card["text"]
    assert (await say("Ola", "/badlink remove evil.com"))["text"] == "Saved."
    assert "not on the list" in (await say("Ola", "/badlink remove evil.com"))["text"]


async def test_a_newcomers_first_link_is_reported(shield: Harness) -> None:
    await shield.people.act("people", first_name="Fresh", username="fresh")
    await shield.people.act("join", user="fresh", chat=PH)
    await write(shield, "fresh", "hi, see https://site.example/x")
    (card,) = await cards(shield)
    assert "A newcomer, and the first message is a link." in card["text"]
    await write(shield, MARIA, "news: https://site.example/y")
    assert len(await cards(shield)) == 1


async def test_a_member_reports_by_replying_and_stays_unnamed(shield: Harness) -> None:
    target = await write(shield, JUN, "pay me first, brother")
    command = await write(shield, MARIA, "/report", reply_to=target)
    assert (await alone(shield, "Maria"))[-1]
    assert command not in shield.world.chats[PH].messages  # it would name her
    (card,) = await cards(shield)
    assert "Reported by 1 member." in card["text"] and "pay me first, brother" in card["text"]
    assert "Maria" not in card["text"]
    exported = shield.running.services.members.export(JUN)
    assert str(MARIA) not in str(exported["shield_reports"])
    staff = await write(shield, "Nok", "hello")
    await write(shield, MARIA, "/report", reply_to=staff)
    assert len(await cards(shield)) == 1
    alone_in_private = await shield.people.say("Sam", "/report")
    assert "answer the message in the group" in alone_in_private["text"]


async def test_reports_of_one_member_are_limited(shield: Harness) -> None:
    people = []
    for number in range(7):
        await shield.people.act("people", first_name=f"P{number}", username=f"person{number}")
        await shield.people.act("join", user=f"person{number}", chat=PH)
        people.append(await write(shield, f"person{number}", "hello"))
    for target in people:
        await write(shield, MARIA, "/report", reply_to=target)
    await shield.people.settle()
    assert shield.core.db["shield_reporters"].count == 5


async def test_a_raid_is_one_card(shield: Harness) -> None:
    for number in range(raids.JOINS + 5):
        await shield.people.act("people", first_name="Admin", username=f"raider{number}")
        await shield.people.act("join", user=f"raider{number}", chat=PH)
    await shield.people.settle()
    await shield.running.jobs.run("shield")
    found = await cards(shield)
    raid = found[-1]
    assert raid["text"].startswith("🌊 A raid is going on") and "16 suspects" in raid["text"]
    assert len(found) == raids.HITS  # those before it was a raid, and one for all others
    pressed = await shield.people.press("Nok", raid, "Mute all")
    assert "16 muted or banned" in pressed["message"]["text"]
    shield.clock.moment += timedelta(hours=1)
    await shield.running.jobs.run("shield")
    assert (await cards(shield))[-1]["text"].startswith("🌊 A raid is over")


async def test_who_asks_for_help_in_public_is_warned_alone_once_a_day(shield: Harness) -> None:
    help_me = "help, my wallet was hacked and drained, what can I do?"
    await write(shield, MARIA, help_me)
    assert len(await alone(shield, "Maria")) == 1
    assert await alone(shield, "Jun") == []
    await write(shield, MARIA, help_me)
    assert len(await alone(shield, "Maria")) == 1
    shield.clock.moment += timedelta(hours=25)
    await write(shield, MARIA, help_me)
    assert len(await alone(shield, "Maria")) == 2


async def test_erasing_leaves_nothing_of_a_member(shield: Harness) -> None:
    await write(shield, MARIA, "help, my wallet was drained, what can I do?")
    target = await write(shield, JUN, "pay me first")
    await write(shield, MARIA, "/report", reply_to=target)
    await shield.people.settle()
    members = shield.running.services.members
    stored = members.export(MARIA)
    assert stored["shield_people"] and stored["shield_reporters"] and stored["shield_warned"]
    members.erase(MARIA)
    left = members.export(MARIA)
    assert not any(left[table] for table in left if table.startswith("shield"))


async def test_without_a_desk_the_administrators_are_told_in_private(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as h:
        h.world.bot.privacy = False
        page = await switch(h, "Report only")
        assert "No desk is set" in page["text"]
        await write(h, JUN, SCAM)
        assert await cards(h, "bot", "Nok") == []  # kept: none of them has started the bot
        waiting = await h.people.say("Nok", "/shield")
        assert "1 report waits." in waiting["text"]
        opened = await h.people.press("Nok", waiting, "Jun")
        assert "Asks for a seed phrase" in opened["last"]["text"]
        assert "No report waits" in (await h.people.say("Sam", "/shield"))["text"]
        await h.people.say("Nok", "/start")
        await write(h, MARIA, SCAM)
        assert "Maria Santos" in (await cards(h, "bot", "Nok"))[-1]["text"]
