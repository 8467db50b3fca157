"""/official tells a group's real staff from those who only say so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from tests.conftest import NOW, Harness, run_bot_in_sandbox

OLA, SINGAPORE, HONG_KONG, PH = (
    7_000_100_103,
    -1_002_000_000_006,
    -1_002_000_000_010,
    -1_002_000_000_003,
)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    folder = tmp_path_factory.mktemp("official")
    async with run_bot_in_sandbox(
        folder, FixedClock(NOW), owners=str(OLA), answers_per_minute=600
    ) as running:
        await running.people.act("bot", limits=False)
        running.running.services.groups.join(SINGAPORE, "Sampan Singapore")
        running.running.services.groups.join(PH, "Sampan Philippines")
        yield running


async def test_the_list_names_administrators_and_staff(bot: Harness) -> None:
    bot.running.services.staff.add(Grant(7_000_100_102, Role.MODERATOR, "*", "Dara Marketing"), OLA)
    page = (await bot.people.say("Sam", "/official", SINGAPORE))["text"]
    assert "Staff of Sampan Singapore" in page and "Nobody else is." in page
    for line in ("Nok Moderator", "@ola_owner · owner", "Dara Marketing", "moderator"):
        assert line in page.replace("\u2068", "").replace("\u2069", "")
    assert "Sam Lee" not in page


async def test_a_name_is_checked_in_the_group(bot: Harness) -> None:
    say = bot.people.say
    assert "✅" in (await say("Sam", "/official @OLA_owner", SINGAPORE))["text"]
    fake = (await say("Sam", "/official @ola_0wner", SINGAPORE))["text"]
    assert "is not staff of this group" in fake and "Do not trust it." in fake
    nobody = (await say("Sam", "/official @wei_tan", SINGAPORE))["text"]
    assert "is not staff of this group" in nobody and "looks like" not in nobody


async def test_a_shown_name_clears_and_accuses_nobody(bot: Harness) -> None:
    """Another Ola may be a member; and whoever likes may be called Ola Owner."""
    for name in ("Ola", "ola owner", "Ola Owner", "Wei Tan", "Nok"):
        said = await bot.people.say("Sam", f"/official {name}", SINGAPORE)
        page = said["text"].replace("\u2068", "").replace("\u2069", "")
        assert "✅" not in page and "⚠️" not in page and "not staff" not in page, name
        assert f"tell me who {name} is" in page and "with their @name" in page
        assert "@ola_owner · owner" in page, "who is staff"
    private = (await bot.people.say("Sam", "/official Ola"))["text"]
    assert "Staff of Sampan Singapore" in private and "Philippines" not in private
    outsider = (await bot.people.say("Priya", "/official Ola"))["text"]
    assert "@name" in outsider and "⚠️" not in outsider and "Sampan" not in outsider


async def test_a_staff_name_in_disguise_is_called_so(bot: Harness) -> None:
    page = (await bot.people.say("Sam", "/official Οla Οwner", SINGAPORE))["text"]
    assert "is not staff of this group" in page and "Do not trust it." in page


async def test_a_reply_checks_who_wrote(bot: Harness) -> None:
    for user, real in (("Wei", False), ("Nok", True)):
        said = await bot.people.act("say", user=user, chat=SINGAPORE, text="I am the admin")
        number = said["message"]["message_id"]
        page = await bot.people.say("Sam", "/official", SINGAPORE, reply_to=number)
        assert ("✅" in page["text"]) is real


async def test_in_private_a_forwarded_message_is_checked(bot: Harness) -> None:
    for user, real in (("Wei", False), ("Ola", True)):
        asked = await bot.people.say("Sam", "/official")
        assert "Forward me a message" in asked["text"]
        said = await bot.people.act("say", user=user, chat=SINGAPORE, text="trust me")
        version = await bot.people.version("Sam", "bot")
        await bot.people.act(
            "forward", user="Sam", from_chat=SINGAPORE, message_id=said["message"]["message_id"], chat="bot"
        )  # fmt: skip
        page = await bot.people.answer_after("Sam", "bot", version)
        assert ("✅" in page["text"] and "Sampan Singapore" in page["text"]) is real


async def test_private_groups_are_told_to_their_members_only(bot: Harness) -> None:
    page = (await bot.people.say("Sam", "/official @ola_owner"))["text"]
    assert "Sampan Singapore" in page and "Philippines" not in page
    outsider = (await bot.people.say("Priya", "/official @nok_mod"))["text"]
    assert "Sampan" not in outsider and "✅" not in outsider


async def test_anonymous_administrators_stay_so(bot: Harness) -> None:
    await bot.people.act(
        "member", chat=HONG_KONG, user="Nok", status="administrator", anonymous=True
    )
    assert "Nok" not in (await bot.people.say("Mei", "/official", HONG_KONG))["text"]
    assert "✅" not in (await bot.people.say("Mei", "/official @nok_mod", HONG_KONG))["text"]


async def test_junk_is_no_trouble(bot: Harness) -> None:
    for words in ("@", "t.me/", "<b>x</b>", "\u202e" * 50, "@" + "a" * 500, "😀"):
        assert (await bot.people.say("Sam", f"/official {words}", SINGAPORE))["text"]


async def test_a_flood_of_questions_is_not_answered_with_a_flood(bot: Harness) -> None:
    cooldown = bot.running.services.cooldown
    while cooldown.take(7_000_100_010, SINGAPORE, 1e9) == "go":
        pass
    await bot.people.silence("Wei", "/official @ola_owner", SINGAPORE)
