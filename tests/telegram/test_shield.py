"""The scam shield in a group: what it sees, tells the desk, does and undoes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clock import FixedClock
from bot.shield import raids
from tests.conftest import NOW, Harness, run_bot_in_sandbox

OLA, NOK, DESK = 7_000_100_103, 7_000_100_101, -1_002_000_000_100
SCAM = "Dear user, kindly send your seed phrase to validate your wallet"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Ward:
    """A group of its own on the shared bot, with its own two members."""

    h: Harness
    chat: int
    title: str
    jun: int
    maria: int

    async def say(self, user: str | int, text: str, **more: Any) -> dict[str, Any]:
        """Says something in the group that the bot answers there."""
        return await self.h.people.say(str(user), text, self.chat, **more)

    async def write(self, user: str | int, text: str, **more: Any) -> int:
        """Writes something that the bot need not answer; the message's id."""
        said = await self.h.people.act("say", user=str(user), chat=self.chat, text=text, **more)
        return int(said["message"]["message_id"])

    async def switch(self, mode: str) -> dict[str, Any]:
        page = await self.say("Ola", "/shield")
        return (await self.h.people.press("Ola", page, mode))["message"]

    async def rename(self, name: str, last: str = "") -> None:
        await self.h.people.act("rename", user=str(self.jun), first_name=name, last_name=last)

    async def newcomer(self, name: str, **more: Any) -> int:
        made = await self.h.people.act("people", first_name=name, **more)
        user = int(made["user"]["id"])
        await self.h.people.act("join", user=str(user), chat=self.chat)
        return user

    async def cards(self, chat: str | int = DESK, viewer: str = "Ola") -> list[dict[str, Any]]:
        """The desk's cards about this group."""
        await self.h.people.settle()
        found = await self.h.people.messages(viewer, chat)
        return [
            m for m in found
            if m["from"]["bot"] and self.title in m["text"] and m["text"].startswith(("🛡 Report ", "🌊"))
        ]  # fmt: skip

    async def alone(self, viewer: int) -> list[dict[str, Any]]:
        """What only that person sees in the group."""
        await self.h.people.settle()
        seen = await self.h.people.messages(str(viewer), self.chat)
        return [m for m in seen if m.get("ephemeral_id") and m["receiver_id"] == viewer]

    async def texts(self) -> list[str]:
        return [m["text"] for m in await self.h.people.messages(str(self.maria), self.chat)]

    def status(self, user_id: int) -> str:
        return self.h.world.chats[self.chat].members[user_id].status

    def rows(self, table: str) -> int:
        return int(self.h.core.db[table].count_where("chat_id = ?", [self.chat]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    """One bot with a desk, that may read all messages; each test has a group of its own."""
    folder = tmp_path_factory.mktemp("shield")
    async with run_bot_in_sandbox(
        folder, FixedClock(NOW), owners=str(OLA), desk_chat=DESK
    ) as running:
        await running.people.act("bot", privacy=False, limits=False)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def ward(bot: Harness) -> Ward:
    number = bot.world.fresh_id()
    made = [
        await bot.people.act(
            "people", first_name=f"{name}{number}", last_name="Reyes", language="en"
        )
        for name in ("Jun", "Maria")
    ]
    jun, maria = (int(one["user"]["id"]) for one in made)
    title = f"Ward {number:04d}"
    group = await bot.people.act(
        "groups",
        title=title,
        members=[str(jun), str(maria), "Nok", "Dara"],
        owner="Ola",
        bot_admin=True,
    )
    ward = Ward(bot, int(group["chat"]["id"]), title, jun, maria)
    await bot.people.act("member", chat=ward.chat, user="Nok", status="administrator")
    await ward.switch("Report only")
    return ward


def number_of(card: dict[str, Any]) -> str:
    """The report's number, as its buttons bear it."""
    return str(card["keyboard"][0][0]["callback_data"]).split("|")[1]


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def test_who_renames_into_an_administrator_is_reported_muted_and_let_go(
    ward: Ward,
) -> None:
    await ward.write(ward.jun, "hello everybody")
    assert await ward.cards() == []
    await ward.rename("Оla", "Owner")
    await ward.write(ward.jun, "write to me for help")
    (card,) = await ward.cards()
    assert "imitates Ola Owner" in card["text"] and "write to me for help" in card["text"]
    assert "Waiting for a moderator." in card["text"]

    pressed = await ward.h.people.press("Nok", card, "Mute")
    assert ward.status(ward.jun) == "restricted" and "Muted." in pressed["message"]["text"]
    again = await ward.h.people.press("Nok", card, data=f"sh.mute|{number_of(card)}")
    assert "decided already" in again["answer"]["text"]

    undone = await ward.h.people.press("Nok", pressed["message"], "Undo")
    assert ward.status(ward.jun) == "member"
    assert "Undone. A deleted message cannot be brought back." in undone["message"]["text"]
    entries = ward.h.running.services.audit.latest(3, what="shield.")
    assert [e.what for e in entries] == ["shield.undo", "shield.mute", "shield.mode"]
    assert [e.user_id for e in entries] == [NOK, NOK, OLA]


async def test_trust_clears_the_name_that_was_looked_at_not_later_ones(ward: Ward) -> None:
    await ward.rename("Support")
    await ward.write(ward.jun, "good morning")
    (card,) = await ward.cards()
    trusted = await ward.h.people.press("Nok", card, "This name is fine")
    assert "A new name will be looked at anew." in trusted["message"]["text"]
    await ward.rename("Jun")
    await ward.write(ward.jun, "one")
    await ward.rename("Support")
    await ward.write(ward.jun, "two")
    assert len(await ward.cards()) == 1
    await ward.rename("Admin")
    await ward.write(ward.jun, "three")
    assert "claims to be staff" in (await ward.cards())[-1]["text"]
    assert len(await ward.cards()) == 2


async def test_who_joins_under_a_staff_name_is_reported_once(ward: Ward) -> None:
    await ward.newcomer("Ola", last_name="0wner")  # told of twice: by a service message too
    (card,) = await ward.cards()
    assert "Ola Owner" in card["text"] and "🗑 Delete" not in labels(card)


async def test_acting_deletes_and_mutes_tells_them_alone_and_takes_an_appeal(
    ward: Ward,
) -> None:
    await ward.switch("Delete and mute")
    number = await ward.write(ward.jun, SCAM)
    (card,) = await ward.cards()
    assert "I muted them. The message is deleted." in card["text"] and SCAM in card["text"]
    assert number not in ward.h.world.chats[ward.chat].messages
    assert ward.status(ward.jun) == "restricted"
    assert not any("muted" in text or SCAM in text for text in await ward.texts())
    mine = await ward.alone(ward.jun)
    assert len(mine) == 1
    report = number_of(card)
    await ward.h.people.act(
        "press", user=str(ward.jun), chat=ward.chat, ephemeral_id=mine[0]["ephemeral_id"],
        data=f"sh.appeal|{report}", wait=10,
    )  # fmt: skip
    await ward.h.running.jobs.run("shield")
    assert "They say that it is a mistake." in (await ward.cards())[0]["text"]
    stranger = await ward.h.people.press("Nok", card, data=f"sh.appeal|{report}")
    assert "too old" in stranger["answer"]["text"]
    await ward.h.people.press("Ola", card, "Undo")
    assert ward.status(ward.jun) == "member"


async def test_without_rights_the_card_says_so_and_waits(ward: Ward) -> None:
    await ward.switch("Delete and mute")
    rights = {"can_delete_messages": False, "can_restrict_members": False}
    await ward.h.people.act(
        "member", chat=ward.chat, user="bot", status="administrator", rights=rights
    )
    await ward.write(ward.jun, SCAM)
    (card,) = await ward.cards()
    assert "I may not delete messages there" in card["text"]
    assert "I may not restrict members there" in card["text"]
    assert "Waiting for a moderator." in card["text"] and "🔇 Mute" in labels(card)
    page = await ward.say("Ola", "/shield")
    assert "I may not delete messages there" in page["text"]


async def test_only_the_groups_moderators_decide(ward: Ward) -> None:
    await ward.write(ward.jun, SCAM)
    (card,) = await ward.cards()
    for verb in ("mute", "ban", "del", "no", "ok"):
        forged = await ward.h.people.press("Dara", card, data=f"sh.{verb}|{number_of(card)}")
        assert "Only the moderators of that group" in forged["answer"]["text"]
    assert ward.status(ward.jun) == "member"
    for data in (
        "sh.mute|x",
        "sh.mute",
        "sh.nonsense|1",
        "sh.mute|" + "9" * 40,
        "sh.mute|1|2",
        "sh.mode|loud",
        "sh.|",
    ):
        answer = (await ward.h.people.press("Ola", card, data=data))["answer"]
        assert "no longer in use" in answer["text"], data
    gone = await ward.h.people.press("Ola", card, data="sh.mute|987654")
    assert "too old" in gone["answer"]["text"]


async def test_the_setting_is_the_administrators_alone(ward: Ward) -> None:
    page = await ward.say("Ola", "/shield")
    await ward.h.people.press("Dara", page, "Off")
    assert "Scam shield: Report only" in (await ward.say("Nok", "/shield"))["text"]
    refused = await ward.say("Dara", "/shield")
    assert "Only this group's administrators" in refused["text"]
    anonymous = await ward.say("Ola", "/shield", **{"as": "anonymous"})
    assert "Scam shield: Report only" in anonymous["text"]


async def test_off_means_that_nothing_is_read_or_kept(ward: Ward) -> None:
    await ward.switch("Off")
    await ward.write(ward.jun, SCAM)
    assert await ward.cards() == []
    assert ward.rows("shield_people") == 0
    assert ward.rows("shield_reports") == 0


async def test_what_one_person_does_goes_into_one_card(ward: Ward) -> None:
    for text in (SCAM, SCAM + "!", SCAM + "!!"):
        await ward.write(ward.jun, text)
    (card,) = await ward.cards()
    await ward.h.people.press("Ola", card, "Delete")
    assert not any(SCAM in text for text in await ward.texts())


async def test_an_edited_message_is_looked_at_again(ward: Ward) -> None:
    number = await ward.write(ward.jun, "hello")
    await ward.h.people.act(
        "edit", user=str(ward.jun), chat=ward.chat, message_id=number, text=SCAM
    )
    assert len(await ward.cards()) == 1


async def test_staff_are_left_alone(ward: Ward) -> None:
    await ward.write("Nok", SCAM)
    await ward.write("Ola", SCAM)
    await ward.write("Ola", SCAM, **{"as": "anonymous"})
    assert await ward.cards() == []


async def test_bad_links_are_listed_by_moderators_and_found_in_disguise(ward: Ward) -> None:
    say = ward.h.people.say
    assert "Only moderators of all groups" in (await say("Sam", "/badlink add a.example"))["text"]
    assert "Write /badlink add" in (await say("Ola", "/badlink add nonsense"))["text"]
    assert (await say("Ola", "/badlink add https://Evil[.]com/x"))["text"] == "Saved."
    assert "on the list already" in (await say("Ola", "/badlink add evil.com/x"))["text"]
    assert (await say("Ola", "/badlink add evil.com"))["text"] == "Saved."
    assert "evil.com" in (await say("Ola", "/badlink"))["text"]
    await ward.write(ward.maria, "free money: evil (dot) com")
    (card,) = await ward.cards()
    assert "Links to evil.com" in card["text"]
    assert (await say("Ola", "/badlink remove evil.com"))["text"] == "Saved."
    assert "not on the list" in (await say("Ola", "/badlink remove evil.com"))["text"]


async def test_a_newcomers_first_link_is_reported(ward: Ward) -> None:
    fresh = await ward.newcomer("Fresh")
    await ward.write(fresh, "hi, see https://site.example/x")
    (card,) = await ward.cards()
    assert "A newcomer, and the first message is a link." in card["text"]
    await ward.write(ward.maria, "news: https://site.example/y")
    assert len(await ward.cards()) == 1


async def test_a_member_reports_by_replying_and_stays_unnamed(ward: Ward) -> None:
    target = await ward.write(ward.jun, "pay me first, brother")
    command = await ward.write(ward.maria, "/report", reply_to=target)
    assert "nobody sees that it was you" in (await ward.alone(ward.maria))[-1]["text"]
    assert command not in ward.h.world.chats[ward.chat].messages  # it would name her
    (card,) = await ward.cards()
    assert "Reported by 1 member." in card["text"] and "pay me first, brother" in card["text"]
    assert str(ward.maria) not in card["text"] and "Maria" not in card["text"]
    exported = ward.h.running.services.members.export(ward.jun)
    assert str(ward.maria) not in str(exported["shield_reports"])
    staff = await ward.write("Nok", "hello")
    await ward.write(ward.maria, "/report", reply_to=staff)
    assert len(await ward.cards()) == 1
    alone_in_private = await ward.h.people.say("Sam", "/report")
    assert "answer the message in the group" in alone_in_private["text"]


async def test_reports_of_one_member_are_limited(ward: Ward) -> None:
    people = []
    for number in range(7):
        people.append(await ward.write(await ward.newcomer(f"P{number}"), "hello"))
    for target in people:
        await ward.write(ward.maria, "/report", reply_to=target)
    await ward.h.people.settle()
    reporters = ward.h.core.db["shield_reporters"]
    assert reporters.count_where("user_id = ?", [ward.maria]) == 5


async def test_a_raid_is_one_card(ward: Ward) -> None:
    for _ in range(raids.JOINS + 5):
        await ward.newcomer("Admin")
    await ward.h.people.settle()
    await ward.h.running.jobs.run("shield")
    found = await ward.cards()
    raid = found[-1]
    assert raid["text"].startswith("🌊 A raid is going on") and "16 suspects" in raid["text"]
    assert len(found) == raids.HITS  # those before it was a raid, and one for all others
    pressed = await ward.h.people.press("Nok", raid, "Mute all")
    assert "16 muted or banned" in pressed["message"]["text"]
    ward.h.clock.moment += timedelta(hours=1)
    await ward.h.running.jobs.run("shield")
    assert (await ward.cards())[-1]["text"].startswith("🌊 A raid is over")


async def test_who_asks_for_help_in_public_is_warned_alone_once_a_day(ward: Ward) -> None:
    help_me = "help, my wallet was hacked and drained, what can I do?"
    await ward.write(ward.maria, help_me)
    assert len(await ward.alone(ward.maria)) == 1
    assert await ward.alone(ward.jun) == []
    await ward.write(ward.maria, help_me)
    assert len(await ward.alone(ward.maria)) == 1
    ward.h.clock.moment += timedelta(hours=25)
    await ward.write(ward.maria, help_me)
    assert len(await ward.alone(ward.maria)) == 2


async def test_erasing_leaves_nothing_of_a_member(ward: Ward) -> None:
    await ward.write(ward.maria, "help, my wallet was drained, what can I do?")
    target = await ward.write(ward.jun, "pay me first")
    await ward.write(ward.maria, "/report", reply_to=target)
    await ward.h.people.settle()
    members = ward.h.running.services.members
    stored = members.export(ward.maria)
    assert stored["shield_people"] and stored["shield_reporters"] and stored["shield_warned"]
    members.erase(ward.maria)
    left = members.export(ward.maria)
    assert not any(left[table] for table in left if table.startswith("shield"))


async def test_without_a_desk_the_administrators_are_told_in_private(tmp_path: Path) -> None:
    async with run_bot_in_sandbox(tmp_path, FixedClock(NOW), owners=str(OLA)) as h:
        h.world.bot.privacy = False
        philippines = Ward(
            h, -1_002_000_000_003, "Sampan Philippines", 7_000_100_005, 7_000_100_004
        )
        page = await philippines.switch("Report only")
        assert "No desk is set" in page["text"]
        await philippines.write(philippines.jun, SCAM)
        assert await philippines.cards("bot", "Nok") == []  # kept: none of them has started the bot
        waiting = await h.people.say("Nok", "/shield")
        assert "1 report waits." in waiting["text"]
        opened = await h.people.press("Nok", waiting, "Jun")
        assert "Asks for a seed phrase" in opened["last"]["text"]
        refused = await h.people.say("Sam", "/shield")
        assert "moderators can do that" in refused["text"], "they moderate nothing"
        await h.people.say("Nok", "/start")
        await philippines.write(philippines.maria, SCAM)
        assert "Maria Santos" in (await philippines.cards("bot", "Nok"))[-1]["text"]
