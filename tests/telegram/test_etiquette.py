"""Manners in a group: one answer to one question, never over a person, never a flood."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.telegram.private_links import PrivateLinks
from tests.conftest import Harness

PHILIPPINES, DESK = -1_002_000_000_003, -1_002_000_000_100
QUESTION = "is Binance legal in the Philippines?"
MENTION = f"@SampanDeskBot {QUESTION}"


def set_up(harness: Harness, answering: str, chat: int = PHILIPPINES) -> None:
    harness.running.services.groups.join(chat, "group")
    harness.running.services.groups.configure(
        chat, country="PH", language="en", answering=answering
    )


def url(message: dict[str, Any], label: str) -> str:
    found = [b["url"] for row in message["keyboard"] for b in row if label in b["text"]]
    return str(found[0])


async def answers(harness: Harness, chat: int = PHILIPPINES) -> list[dict[str, Any]]:
    found = await harness.people.messages("Maria", chat)
    return [m for m in found if m["from"]["bot"]]


async def test_the_next_asker_gets_a_link_and_the_answer_in_private(harness: Harness) -> None:
    people = harness.people
    set_up(harness, "mentions")
    first = await people.say("Ola", MENTION, PHILIPPINES)
    assert "Binance" in first["text"]
    again = await people.say("Nok", MENTION, PHILIPPINES)
    assert again["text"] == "That was answered here a moment ago."
    assert url(again, "See the answer") == f"https://t.me/c/2000000003/{first['message_id']}"
    payload = url(first, "In private").partition("start=")[2]
    await people.act("start", user="Sam", payload=payload)
    await people.settle()
    private = (await people.messages("Sam"))[-1]
    assert private["text"].splitlines()[:2] == first["text"].splitlines()[:2]
    assert "blockquote expandable" not in private["html"]
    forged = await people.say(
        "Sam", "/start " + payload[:-1] + ("0" if payload[-1] != "0" else "1")
    )
    assert "too old" in forged["text"]
    # A button has made another answer of it: the link would mislead.
    await people.press("Nok", first, "Tax")
    anew = await people.say("Jun", MENTION, PHILIPPINES)
    assert "Binance" in anew["text"] and "a moment ago" not in anew["text"]


async def test_a_flood_of_one_question_brings_no_flood_back(harness: Harness) -> None:
    set_up(harness, "mentions")
    await harness.people.say("Ola", MENTION, PHILIPPINES)
    await asyncio.gather(
        *(harness.people.act("say", user=who, chat=PHILIPPINES, text=MENTION)
          for who in ["Maria", "Jun", "Nok", "Dara", "Ola"] * 20)
    )  # fmt: skip
    await harness.people.settle()
    assert len(await answers(harness)) <= 1 + 3 + 5  # an answer, links, and one word to each
    other = await harness.people.say("Sam", "/ask is Bybit legal in Japan?")
    assert "Bybit" in other["text"]


async def test_commands_only_means_commands_only(harness: Harness) -> None:
    set_up(harness, "off")
    await harness.people.silence("Maria", MENTION, PHILIPPINES)
    answer = await harness.people.say("Ola", "/legal@SampanDeskBot Binance", PHILIPPINES)
    assert "Binance" in answer["text"]
    await harness.people.act(
        "say", user="Maria", chat=PHILIPPINES, text="and the tax?", reply_to=answer["message_id"]
    )
    await harness.people.settle()
    assert len(await answers(harness)) == 1


async def test_the_bot_does_not_talk_over_a_person(harness: Harness) -> None:
    people, services = harness.people, harness.running.services
    set_up(harness, "confident")
    asked = await people.act("say", user="Jun", chat=PHILIPPINES, text="hello, quick question")
    reply_to = asked["message"]["message_id"]
    await people.act("say", user="Maria", chat=PHILIPPINES, text="sure!", reply_to=reply_to)
    await people.silence("Jun", QUESTION, PHILIPPINES)  # Maria is helping
    await people.act("say", user="Dara", chat=PHILIPPINES, text=QUESTION, reply_to=reply_to)
    await people.settle()
    assert await answers(harness) == []  # asked of Jun, not of the bot
    # A backlog: the question and a person's answer wait together.
    release = asyncio.Event()
    real = services.etiquette.overheard

    async def held(*args: Any) -> None:
        await release.wait()
        await real(*args)

    services.etiquette.overheard = held  # type: ignore[method-assign]
    late = await people.act("say", user="Ola", chat=PHILIPPINES, text=QUESTION)
    await people.act(
        "say", user="Maria", chat=PHILIPPINES, text="no", reply_to=late["message"]["message_id"]
    )
    while not harness.running.dispatcher.has_reply(PHILIPPINES, late["message"]["message_id"]):
        await asyncio.sleep(0.02)
    release.set()
    await people.settle()
    assert await answers(harness) == []
    services.etiquette.overheard = real  # type: ignore[method-assign]
    # It is 16:00 in Manila.
    services.groups.configure(PHILIPPINES, quiet_from=15, quiet_to=17)
    await people.silence("Nok", QUESTION, PHILIPPINES)
    services.groups.configure(PHILIPPINES, quiet_from=17, quiet_to=9)
    answer = await people.say("Nok", QUESTION, PHILIPPINES)
    assert "Binance" in answer["text"]


def test_a_link_opens_only_what_it_was_signed_for() -> None:
    kept: dict[str, str] = {}

    class Meta:
        def get(self, key: str) -> str | None:
            return kept.get(key)

        def set(self, key: str, value: str) -> None:
            kept[key] = value

    links = PrivateLinks(Meta(), lambda: "SampanDeskBot")
    payload = links.url(41).partition("start=")[2]
    assert len(payload) <= 64 and links.read(payload) == 41
    assert PrivateLinks(Meta(), lambda: "x").read(payload) == 41  # also after a restart
    for wrong in ("", "a-41-", payload.replace("41", "42"), payload + "0", "a-٤١-" + payload[-16:]):
        assert links.read(wrong) is None
