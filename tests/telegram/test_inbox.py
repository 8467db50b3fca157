"""What the bot cannot answer a person does, from the desk's group, and teaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.answers.store import Asked
from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.sandbox import acts
from bot.sandbox.people import BASIC_GROUP_ID, DESK_ID
from tests.conftest import Harness, run_bot_in_sandbox

OLA, NOK, DARA, SAM = 7_000_100_103, 7_000_100_101, 7_000_100_102, 7_000_100_015
THAILAND, SINGAPORE = -1_002_000_000_002, -1_002_000_000_006
MEET_UP = "มีตติ้งของกลุ่มครั้งหน้าจัดที่ไหนครับ"
MEET_UP_AGAIN = "อยากรู้ว่ากลุ่มจะจัดมีตติ้งครั้งต่อไปที่ไหน"
ANSWER = "วันเสาร์นี้ที่สยาม เวลา 14:00 น."
UNKNOWN = "Where do our gardeners keep the old lanterns?"


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA), desk_chat=DESK_ID) as running:
        groups = running.running.services.groups
        for chat, title, country in (
            (THAILAND, "Sampan ไทย", "TH"), (SINGAPORE, "Sampan Singapore", "SG")
        ):  # fmt: skip
            groups.join(chat, title)
            groups.configure(chat, country=country)
        yield running


async def in_desk(desk: Harness) -> list[dict[str, Any]]:
    """The bot's messages in the desk's group, once its jobs have run."""
    await desk.people.settle()
    await desk.running.jobs.run("desk.answers")
    await desk.running.jobs.run("desk.cards")
    return [m for m in await desk.people.messages("Ola", DESK_ID) if m["from"]["bot"]]


async def cards(desk: Harness) -> list[dict[str, Any]]:
    return [m for m in await in_desk(desk) if "Why it is here" in m.get("text", "")]


async def card_of(desk: Harness, number: int = -1) -> dict[str, Any]:
    return (await cards(desk))[number]


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] or [] for b in row]


def grant(desk: Harness, user: int, role: Role = Role.MODERATOR, scope: str = "*") -> None:
    desk.running.services.staff.add(Grant(user, role, scope), OLA)


async def forged(desk: Harness, user: str, message: dict[str, Any], data: str) -> str:
    """What somebody is told who presses a button that is not theirs, or not there."""
    pressed = await desk.people.act(
        "press", user=user, chat=message["chat_id"], message_id=message["message_id"], data=data,
        forged=True, wait=30,
    )  # fmt: skip
    return str(pressed["answer"]["text"])


async def newest(desk: Harness, user: str, chat: str | int = "bot") -> dict[str, Any]:
    return [m for m in await desk.people.messages(user, chat) if m["from"]["bot"]][-1]


async def test_a_moderator_answers_teaches_and_the_next_member_gets_the_answer(
    desk: Harness,
) -> None:
    people = desk.people
    grant(desk, NOK, scope="TH")
    declined = await people.say("Somchai", f"@SampanDeskBot {MEET_UP}", THAILAND)
    assert MEET_UP not in declined["text"]

    card = await card_of(desk)
    assert "🇹🇭 Thailand · ไทย" in card["text"] and MEET_UP in card["text"]
    assert "Asked in: Sampan ไทย" in card["text"] and "I had no answer" in card["text"]
    topics = desk.world.chats[DESK_ID].topics
    assert topics[card["topic"]].name == "🇹🇭 Thailand"

    thanks = await people.say("Nok", ANSWER, DESK_ID, reply_to=card["message_id"])
    assert "1 person gets your answer" in thanks["text"]
    told = await newest(desk, "Somchai", THAILAND)
    assert ANSWER in told["text"]
    asked = next(m for m in await people.messages("Somchai", THAILAND) if MEET_UP in m["text"])
    assert told["reply_to"]["message_id"] == asked["message_id"]

    preview = (await people.press("Nok", thanks, "Teach this answer"))["last"]
    assert MEET_UP in preview["text"] and "For: 🇹🇭 Thailand" in preview["text"]
    saved = (await people.press("Nok", preview, "Save"))["message"]
    assert "Not translated yet" in saved["text"] and "Add a translation" in str(labels(saved))

    other = await people.say("Ploy", f"@SampanDeskBot {MEET_UP_AGAIN}", THAILAND)
    assert ANSWER in other["text"]
    await people.press("Ploy", other, "👍")
    page = (await people.press("Nok", saved, "Add a translation"))["message"]
    page = (await people.press("Nok", page, "Back"))["message"]
    assert "Given 1 time in the last 90 days · 👍 1 · 👎 0" in page["text"]
    assert "Where: Sampan ไทย (1)" in page["text"]
    card = await card_of(desk)
    assert "Answered by Nok Moderator" in card["text"] and labels(card) == []


async def test_the_same_question_is_one_case_that_reaches_everybody_who_asked(
    desk: Harness,
) -> None:
    people = desk.people
    await people.say("Sam", UNKNOWN)
    await people.say("Wei", f"@SampanDeskBot {UNKNOWN.upper()} !!", SINGAPORE)
    await people.say("Sam", f"@SampanDeskBot {UNKNOWN}", SINGAPORE)
    found = await cards(desk)
    assert len(found) == 2, "asked in private without a country, and in a group of Singapore"
    assert "Asked 2 times" in found[1]["text"]
    await people.press("Ola", found[1], "Answer")
    prompt = (await in_desk(desk))[-1]
    assert "all 2 who asked" in prompt["text"]
    await people.press("Ola", found[0], "Answer")  # a second prompt: the first still holds
    await people.say("Ola", "In the shed by the pond.", DESK_ID, reply_to=prompt["message_id"])
    answers = [m for m in await people.messages("Sam", SINGAPORE) if "by the pond" in m["text"]]
    assert len(answers) == 2 and all(m["reply_to"] for m in answers)
    assert "2 people reached" in (await cards(desk))[1]["text"]
    assert not [m for m in await people.messages("Sam") if "by the pond" in m["text"]]


async def test_one_answer_reaches_all_who_asked_it_in_their_own_words(desk: Harness) -> None:
    people = desk.people
    first = "How do I stop the bot's notifications?"
    second = "these broadcasts are too many, how to turn off notifications"
    await people.say("Sam", f"@SampanDeskBot {first}", SINGAPORE)
    await people.say("Wei", f"@SampanDeskBot {second}", SINGAPORE)
    await people.say("Wei", f"@SampanDeskBot {UNKNOWN}", SINGAPORE)
    same, other = await cards(desk)
    assert "Asked 2 times" in same["text"] and "Asked once" in other["text"]
    assert f"Also asked in these words:\n{second}" in same["text"]
    await people.say("Ola", "Write to help@example.", DESK_ID, reply_to=same["message_id"])
    told = [m for m in await people.messages("Sam", SINGAPORE) if "help@example" in m["text"]]
    assert [first in m["reply_to"]["text"] for m in told] == [True, False]
    assert second in told[1]["reply_to"]["text"]


async def test_an_answer_says_its_language_and_follows_a_group_that_moved(desk: Harness) -> None:
    people = desk.people
    await desk.people.say("Somchai", MEET_UP)
    card = await card_of(desk)
    english = "This Saturday at Siam, the doors open at two in the afternoon."
    await desk.people.say("Ola", english, DESK_ID, reply_to=card["message_id"])
    told = await newest(desk, "Somchai")
    assert english in told["text"] and "English" in told["text"].splitlines()[-1]
    await people.say("Maria", f"@SampanDeskBot {UNKNOWN}", BASIC_GROUP_ID)
    desk.running.services.groups.join(BASIC_GROUP_ID, "Manila meet-up")
    moved = await card_of(desk)
    new = acts.migrate(desk.world, desk.world.chats[BASIC_GROUP_ID])
    await people.settle()
    await people.say("Ola", "On Sunday.", DESK_ID, reply_to=moved["message_id"])
    told = await newest(desk, "Maria", new.id)
    assert "On Sunday." in told["text"] and "Maria" in told["text"]


async def test_two_people_cannot_have_one_case(desk: Harness, clock: FixedClock) -> None:
    people = desk.people
    grant(desk, NOK)
    await people.say("Sam", UNKNOWN)
    card = await card_of(desk)
    claimed = (await people.press("Nok", card, "Claim"))["message"]
    assert "Claimed by Nok Moderator until" in claimed["text"]
    refused = await people.press("Ola", claimed, "Answer")
    assert refused["answer"]["text"] == "Nok Moderator has claimed it."
    told = await people.say("Ola", "Mine!", DESK_ID, reply_to=card["message_id"])
    assert told["text"] == "Nok Moderator has claimed it."
    clock.moment += timedelta(minutes=31)
    assert "Claimed" not in (await card_of(desk))["text"]
    await people.say("Ola", "On Sunday.", DESK_ID, reply_to=card["message_id"])
    late = await people.say("Nok", "On Monday.", DESK_ID, reply_to=card["message_id"])
    assert late["text"] == "Ola Owner has answered it already."
    texts = [m["text"] for m in await people.messages("Sam")]
    assert sum("On Sunday." in text for text in texts) == 1
    assert not any("On Monday." in text for text in texts)


async def test_votes_and_requests_reach_the_desk_and_pressing_twice_changes_nothing(
    desk: Harness,
) -> None:
    people = desk.people
    answer = await people.say("Sam", "/legal Japan")
    await people.press("Sam", answer, "👎")
    asked = await people.press("Sam", answer, "Ask a person")
    assert "Handed to the team" in asked["answer"]["text"]
    again = await people.press("Sam", answer, "Ask a person")
    assert "already with the team" in again["answer"]["text"]
    (card,) = await cards(desk)
    assert "🇯🇵" in card["text"] and "asked for a person" in card["text"]
    assert "Asked once" in card["text"] and "My guess: Law" in card["text"]
    await people.press("Sam", answer, "Outdated")
    assert len(await cards(desk)) == 1
    await people.press("Ola", card, "Dismiss")
    assert "Dismissed by Ola Owner" in (await card_of(desk))["text"]
    told = await people.press("Ola", card, data="ib.an|1")
    assert told["answer"]["text"] == "Ola Owner has dismissed it."


async def test_a_case_is_passed_on_to_another_countrys_topic(desk: Harness) -> None:
    grant(desk, NOK, scope="TH")
    await desk.people.say("Sam", UNKNOWN)
    card = await card_of(desk)
    refused = await desk.people.press("Nok", card, "Claim")
    assert "moderators can do that" in refused["answer"]["text"]
    assert card["topic"] is None, "a question of no country stands in General"
    page = (await desk.people.press("Ola", card, "Pass on"))["message"]
    passed = (await desk.people.press("Ola", page, "🇹🇭"))["message"]
    assert "Passed on to 🇹🇭 Thailand" in passed["text"] and labels(passed) == []
    moved = (await in_desk(desk))[-1]
    assert moved["topic"] and UNKNOWN in moved["text"]
    await desk.people.press("Nok", moved, "Claim")
    assert "Claimed by Nok" in (await in_desk(desk))[-1]["text"]


async def test_only_moderators_answer_and_forged_presses_do_nothing(desk: Harness) -> None:
    people = desk.people
    grant(desk, DARA, Role.MARKETING)
    await people.say("Sam", UNKNOWN)
    card = await card_of(desk)
    told = await people.say("Dara", "My answer", DESK_ID, reply_to=card["message_id"])
    assert "moderators can do that" in told["text"]
    for verb in ("cl", "an", "at", "di", "po", "op", "te", "pc", "ls"):
        data = {"pc": "ib.pc|1|TH", "ls": "ib.ls|0"}.get(verb, f"ib.{verb}|1")
        assert await forged(desk, "Dara", card, data), verb
    for data in ("ib.cl|x", "ib.cl|1|2", "ib.pc|1|XX", "ib.zz", "ib.op|99", "ib.ls|-1", "te.sv",
                 "te.co|XX", "te.op|9", "te.ed|1|xx", "te.ry|1"):  # fmt: skip
        assert await forged(desk, "Ola", card, data), data
    assert (await card_of(desk))["text"] == card["text"]
    for command in ("/inbox", "/desk", "/teach", "/taught"):
        assert "moderators can do that" in (await people.say("Sam", command))["text"]
    anonymous = await people.say(
        "Nok", "Hidden", DESK_ID, reply_to=card["message_id"], **{"as": "anonymous"}
    )
    assert "in your own name" in anonymous["text"]


async def test_a_moderator_whose_right_was_taken_cannot_finish_an_answer(desk: Harness) -> None:
    grant(desk, NOK)
    await desk.people.say("Sam", UNKNOWN)
    page = await desk.people.say("Nok", "/inbox")
    opened = (await desk.people.press("Nok", page, "#1"))["message"]
    await desk.people.press("Nok", opened, "Answer")
    desk.running.services.staff.remove(NOK)
    told = await desk.people.say("Nok", "On Sunday.")
    assert "moderators can do that" in told["text"]
    assert not any("On Sunday." in m["text"] for m in await desk.people.messages("Sam"))


async def test_the_inbox_lists_what_waits_page_by_page_and_answers_in_private(
    desk: Harness,
) -> None:
    people = desk.people
    grant(desk, NOK)
    assert "No question is waiting" in (await people.say("Nok", "/inbox"))["text"]
    store = desk.running.services
    await people.say("Sam", "/start")
    for n in range(8):
        asked = Asked(SAM + n, SAM, 900 + n, None, f"Unknown question number {n}?", "en", "none",
                      "SG", None, "declined", 0.4)  # fmt: skip
        store.desk.hand_over(store.answer_store.add(asked), asked, SAM + n, "declined")
    first = await people.say("Nok", "/inbox")
    assert "8 questions wait" in first["text"] and "Later ➡️" in labels(first)
    second = (await people.press("Nok", first, "Later"))["message"]
    assert "#8" in labels(second) and "#1" not in labels(second)
    opened = (await people.press("Nok", second, "#8"))["message"]
    await people.press("Nok", opened, "Answer")
    texts = [m["text"] for m in await people.messages("Nok")]
    assert any("Write the answer" in text for text in texts)
    too_long = await people.say("Nok", "x" * 2001)
    assert "at most 2,000 characters" in too_long["text"]
    await people.say("Nok", "Here you are.")
    told = await newest(desk, "Sam")
    assert "Here you are." in told["text"]
    closed = await people.say("Nok", "/inbox")
    assert "7 questions wait" in closed["text"]
    in_group = await people.say("Nok", "/inbox@SampanDeskBot", SINGAPORE)
    assert "not for everybody's eyes" in in_group["text"]


async def test_who_could_not_be_reached_is_told_asker_by_asker(
    desk: Harness, clock: FixedClock
) -> None:
    people = desk.people
    await people.say("Sam", UNKNOWN)
    await people.say("Wei", UNKNOWN)
    await people.say("Linh", UNKNOWN)
    clock.moment += timedelta(days=3)
    await people.act("block", user="Wei")
    linhs = next(m for m in await people.messages("Linh") if m["text"] == UNKNOWN)
    await people.act("delete", user="Linh", chat="bot", message_id=linhs["message_id"])
    card = await card_of(desk, 0)
    assert "Asked 3 times" in card["text"]
    await people.say("Ola", "On Sunday.", DESK_ID, reply_to=card["message_id"])
    notice = next(m for m in await in_desk(desk) if "Not everybody" in m["text"])
    assert "private chat: has blocked the bot" in notice["text"]
    assert "private chat: the question is not there any more" in notice["text"]
    assert notice["reply_to"]["message_id"] == card["message_id"]
    told = await newest(desk, "Linh")
    assert "On Sunday." in told["text"] and UNKNOWN in told["text"]
    assert "2 people reached" in (await card_of(desk, 0))["text"]


async def test_desk_shows_the_numbers_with_a_picture(desk: Harness, clock: FixedClock) -> None:
    people = desk.people
    await people.say("Sam", UNKNOWN)
    await people.say("Somchai", f"@SampanDeskBot {MEET_UP}", THAILAND)
    clock.moment += timedelta(minutes=40)
    card = (await cards(desk))[0]
    await people.say("Ola", "On Sunday.", DESK_ID, reply_to=card["message_id"])
    await people.settle()
    shown = await people.say("Ola", "/desk")
    text = shown["text"]
    assert shown["photo"]["width"] > 500
    assert "1 question waits" in text and "The oldest waits for 40 minutes" in text
    assert "Answered today: 1" in text and "within 40 minutes" in text
    assert "none of my topics · ไทย · 🇹🇭 Thailand: 1" in text
    assert "Facts past their review date:" in text


async def test_a_flood_of_one_question_is_one_card_and_no_flood_to_the_desk(
    desk: Harness,
) -> None:
    services = desk.running.services

    def flood(first: int, text: str) -> None:
        for n in range(first, first + 500):
            asked = Asked(n, SINGAPORE, n, None, text, "en", "none", "SG", None, "declined", 0.4)
            services.desk.hand_over(services.answer_store.add(asked), asked, n, "declined")

    flood(10_000, "Who feeds the cats?")
    assert len(await cards(desk)) == 1
    flood(20_000, "WHO FEEDS THE CATS!!")
    for _ in range(20):
        await desk.running.jobs.run("desk.cards")
    (card,) = await cards(desk)
    assert "Asked 1,000 times" in card["text"]
    assert desk.world.calls["editmessagetext"] <= 4
    for n in range(100):
        asked = Asked(n + 1, SINGAPORE, n + 1, None, f"Who feeds cat number {n}?", "en", "none",
                      "SG", None, "declined", 0.4)  # fmt: skip
        services.desk.hand_over(services.answer_store.add(asked), asked, n + 1, "asked")
    for _ in range(20):
        await desk.running.jobs.run("desk.cards")
    assert len(await cards(desk)) <= 6
    assert "101 questions wait" in (await desk.people.say("Ola", "/inbox"))["text"]
    answer = await desk.people.say("Ola", "Mei does.", DESK_ID, reply_to=card["message_id"])
    assert "1,000 people get your answer" in answer["text"]
    for _ in range(60):
        await desk.running.jobs.run("desk.answers")
    told = [m for m in await desk.people.messages("Sam", SINGAPORE) if "Mei does." in m["text"]]
    assert len(told) == 3


async def test_cards_stand_in_their_countrys_topic_as_long_as_there_can_be_one(
    desk: Harness,
) -> None:
    await desk.people.say("Sam", "ok")
    await desk.people.say("Sam", "👍👍👍")
    await desk.people.say("Ola", f"@SampanDeskBot {UNKNOWN}", DESK_ID)
    assert await cards(desk) == []
    people = desk.people
    await people.say("Sam", f"@SampanDeskBot {UNKNOWN}", SINGAPORE)
    first = await card_of(desk)
    del desk.world.chats[DESK_ID].topics[first["topic"]]
    await people.say("Wei", "@SampanDeskBot who paints the old boats in our harbour?", SINGAPORE)
    assert (await card_of(desk))["topic"] is None
    await people.say("Wei", "@SampanDeskBot how deep is the old village well?", SINGAPORE)
    assert (await card_of(desk))["topic"] not in (None, first["topic"])
    await people.act("member", chat=DESK_ID, user="bot", status="member", by="Ola")
    await people.say("Somchai", f"@SampanDeskBot {MEET_UP}", THAILAND)
    card = await card_of(desk)
    assert card["topic"] is None and "Thailand" in card["text"]
