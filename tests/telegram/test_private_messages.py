"""Messages into a group that one member alone sees, and what comes where that cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.clock import FixedClock
from bot.sandbox.methods import METHODS
from bot.sandbox.methods.sending import send_message
from bot.telegram.sender import Place, Sender
from tests.conftest import NOW, Harness, run_bot_in_sandbox

SAM, MARIA = 7_000_100_015, 7_000_100_004
SINGAPORE, MEETUP = -1_002_000_000_006, -4_100_000_001
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    folder = tmp_path_factory.mktemp("alone")
    async with run_bot_in_sandbox(folder, FixedClock(NOW)) as running:
        await running.people.act("bot", limits=False)
        yield running


@pytest.fixture
def sender(bot: Harness) -> Sender:
    """One that has not asked the server yet what it knows."""
    s = bot.running.services
    return Sender(bot.running.bot, s.journal, s.members, s.groups)


async def seen(bot: Harness, viewer: str, chat: int = SINGAPORE) -> list[str]:
    return [m["text"] for m in await bot.people.messages(viewer, chat) if m["from"]["bot"]]


async def test_one_member_sees_it(bot: Harness, sender: Sender) -> None:
    assert await sender.send_privately(Place(SINGAPORE), SAM, "<b>for you</b>")
    assert "for you" in await seen(bot, "Sam") and "for you" not in await seen(bot, "Wei")


async def test_who_is_not_there_gets_nothing(bot: Harness, sender: Sender) -> None:
    assert not await sender.send_privately(Place(SINGAPORE), MARIA, "for Maria")
    assert not await sender.send_privately(Place(SAM), SAM, "in private")
    assert "for Maria" not in await seen(bot, "Sam")


async def test_a_plain_member_bot_cannot_write_unasked(bot: Harness, sender: Sender) -> None:
    assert not await sender.send_privately(Place(MEETUP), SAM, "unasked")
    assert "unasked" not in await seen(bot, "Sam", MEETUP)


async def test_an_older_server_shows_nothing_to_the_others(
    bot: Harness, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METHODS, "deleteephemeralmessage")
    assert not await sender.send_privately(Place(SINGAPORE), SAM, "secret")
    assert not await sender.send_privately(Place(SINGAPORE), SAM, "secret")
    assert "secret" not in await seen(bot, "Sam") and "secret" not in await seen(bot, "Wei")


async def test_a_message_that_the_server_shows_to_all_is_deleted_at_once(
    bot: Harness, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(call):  # type: ignore[no-untyped-def]
        for name in ("ephemeral_message_parameters", "receiver_user_id"):
            call.params.values.pop(name, None)
        return send_message(call)

    monkeypatch.setitem(METHODS, "sendmessage", forgetful)
    assert not await sender.send_privately(Place(SINGAPORE), SAM, "leaked")
    assert "leaked" not in await seen(bot, "Wei")
    assert not await sender.send_privately(Place(SINGAPORE), SAM, "again")
    assert "again" not in await seen(bot, "Wei")


async def test_settings_asked_for_in_a_group_are_shown_to_the_asker_alone(bot: Harness) -> None:
    page = await bot.people.say("Sam", "/settings", SINGAPORE)
    assert page["ephemeral_id"] and "Your settings" in page["text"]
    (button,) = [b for row in page["keyboard"] for b in row]
    assert button["url"] == "https://t.me/SampanDeskBot"
    assert page["text"] not in await seen(bot, "Wei")


async def test_where_that_cannot_be_a_button_leads_to_the_private_chat(bot: Harness) -> None:
    page = await bot.people.say("Sam", "/settings", MEETUP)
    assert "write /settings to me in private" in page["text"]
    assert page["keyboard"][0][0]["url"] == "https://t.me/SampanDeskBot"
