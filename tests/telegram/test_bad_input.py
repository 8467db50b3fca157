"""What strangers send: each gets a clear reply or silence as fits, and the bot goes on."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.callbacks import decode, encode
from bot.telegram.cooldown import Cooldown
from tests.conftest import Harness

VIETNAM = -1_002_000_000_001
MESSAGES = [
    "🚀🚀🚀", "\u202egnp.exe\u202d usdt", "<b>bold</b><script>alert(1)</script> tax?", "x\n" * 1000,
    "/legal Atlantis", "/nonsense", "/ask", "a" * 4096, "{0} {country} %s", "\u200b", "/start <b>x</b>", "@",
]  # fmt: skip


@pytest.mark.parametrize("text", MESSAGES)
async def test_every_message_gets_an_answer_in_private(harness: Harness, text: str) -> None:
    answer = await harness.people.say("Sam", text)
    assert answer["text"].strip()
    assert "alert(1)" not in answer["html"]


FORGED = [
    "", "t|", "t|onramp|XX|", "t|nothing|PH|", "v|abc|1", "v|999999|1", "p|-1", "e|2", "m|root", "l|xx",
    "gk|CN", "t|onramp|PH|<b>", "x|1|2|3", "|||||", "t|onramp|PH|" + "a" * 40, "o|" + "9" * 30,
]  # fmt: skip


@pytest.mark.parametrize("data", [d for d in FORGED if d])
async def test_forged_buttons_are_refused_plainly(harness: Harness, data: str) -> None:
    message = await harness.people.say("Sam", "/start")
    pressed = await harness.people.press("Sam", message, data=data)
    assert pressed["answer"] is not None
    assert harness.running.services.members.get(7_000_100_015).language is None
    assert harness.core.db.execute("SELECT count(*) FROM votes").fetchone()[0] == 0


RAW = [
    {"poll": {"id": "1", "question": "?"}}, {"something_new": {"a": 1}}, {"message": {"message_id": 1}},
    {"message": None}, {"callback_query": {"id": "1"}}, {"edited_message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "edit"}},
    {"message": {"message_id": 2, "date": 1, "chat": {"id": VIETNAM, "type": "supergroup", "title": "g"}, "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}, "is_automatic_forward": True, "text": "@SampanDeskBot tax?"}},
]  # fmt: skip


async def test_updates_of_any_shape_do_not_stop_the_bot(harness: Harness) -> None:
    for raw in RAW:
        await harness.people.act("update", **raw)
    answer = await harness.people.say("Sam", "is Binance allowed in the Philippines")
    assert "Binance" in answer["text"]
    assert (
        harness.core.db.execute("SELECT count(*) FROM updates WHERE state = 'received'").fetchone()[
            0
        ]
        <= 1
    )


async def test_a_flood_by_one_is_told_once_and_does_not_hold_others(harness: Harness) -> None:
    for _ in range(40):
        await harness.people.act("say", user="Sam", text="is crypto legal in Japan")
    answer = await harness.people.say("Maria", "is Binance allowed in the Philippines")
    assert "Binance" in answer["text"]
    await harness.people.settle()
    told = [m for m in await harness.people.messages("Sam") if "a lot at once" in m["text"]]
    assert len(told) == 1


async def test_edits_and_other_bots_messages_are_not_answered(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    sent = await harness.people.act("say", user="Sam", text="is Binance allowed in the Philippines")
    await harness.people.settle()
    count = len(await harness.people.messages("Sam"))
    await harness.people.act(
        "edit",
        user="Sam",
        chat="bot",
        message_id=sent["message"]["message_id"],
        text="tax in Japan?",
    )
    await harness.people.settle()
    assert len(await harness.people.messages("Sam")) == count


async def test_flood_waits_are_obeyed_and_the_answer_comes(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    await harness.people.act("faults", method="sendMessage", kind="429", times=1, seconds=1)
    answer = await asyncio.wait_for(
        harness.people.say("Sam", "is Binance allowed in the Philippines"), 20
    )
    assert "Binance" in answer["text"]


@given(data=st.text(max_size=80))
def test_no_button_data_raises(data: str) -> None:
    action = decode(data)
    assert action is None or len(encode(action).encode()) <= 64


@given(presses=st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_a_cooldown_lets_no_more_through_than_it_says(presses: list[float]) -> None:
    cooldown, now, through = Cooldown(12), 0.0, 0
    for wait in presses:
        now += wait
        through += cooldown.take(1, 1, now) == "go"
    assert through <= 6 + now * 12 / 60 + 1
