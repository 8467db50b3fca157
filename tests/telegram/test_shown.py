"""Strangers' names and texts, wherever others see them: never as markup, never turning the text."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.telegram.referrals.room import JOB
from tests.conftest import Harness, run_bot_in_sandbox
from tests.telegram.house import DESK, OLA, SAM, commands, failures, quiet
from tests.telegram.test_referrals import DARA, campaign, link_of, start, stranger

TURNING = re.compile("[\u202a-\u202e]")
"""Embeddings and overrides: what stands behind one reads backwards."""
EVIL = (
    "<b>bold</b><script>alert(1)</script>", "</b></a><a href='tg://user?id=1'>", "&lt;b&gt; &amp; \"'",
    "_*[x](http://evil)`~", "\u202egnp.exe\u202d", "a\u200bd\u200dm\u2066i\u2069n", "Аdmin Ѕupport",
    "=cmd|' /C calc'!A0", "{name} %s %(x)s {0.__class__}", "🏴‍☠️" * 20, "\x00\x07\x1b[31m", "ﷺ" * 60, "Z͑͗a̴lgo" * 20,
)  # fmt: skip


def refused(house: Harness) -> list[str]:
    """Methods of which a call was refused as one that Telegram cannot parse."""
    samples = house.running.metrics.registry.collect()
    return [
        s.labels["method"] for family in samples for s in family.samples
        if s.name == "sampan_telegram_calls_total" and s.labels["status"] == "400"
        and s.labels["method"] != "deleteEphemeralMessage"
    ]  # fmt: skip


async def all_said(house: Harness) -> list[dict[str, Any]]:
    """Every message of the bot's, in every chat, with what each button says."""
    await quiet(house)
    return [
        m.body for chat in house.world.chats.values() for m in chat.messages.values()
        if m.body.get("from", {}).get("is_bot") and "forum_topic_created" not in m.body
    ]  # fmt: skip


def unharmed(messages: list[dict[str, Any]]) -> None:
    """No stranger's tag became formatting, a mention or a link, and none turns the text."""
    for body in messages:
        text = body.get("text") or body.get("caption") or ""
        assert not TURNING.search(text), repr(text)
        for entity in body.get("entities", []) + body.get("caption_entities", []):
            raw = text.encode("utf-16-le")
            part = raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
            assert part.decode("utf-16-le", "replace") not in ("bold", "alert(1)", "x")
            assert "evil" not in str(entity.get("url", ""))
            assert entity.get("user", {}).get("id") != 1


async def test_names_titles_and_texts_are_shown_as_they_are(open_house: Harness) -> None:
    """The sandbox parses HTML as strictly as Telegram: what is not escaped is an error there."""
    await open_house.people.say("Sam", "/start")
    for evil in EVIL:
        person = {"id": SAM, "is_bot": False, "first_name": evil, "language_code": "en"}
        title = {"id": -1_002_000_000_006, "type": "supergroup", "title": evil}
        for name in commands(open_house):
            for chat in ({**person, "type": "private"}, title):
                length = len(f"/{name}@SampanDeskBot")
                await open_house.people.act("update", message={
                    "message_id": 50, "date": 1, "from": person, "chat": chat,
                    "text": f"/{name}@SampanDeskBot {evil}",
                    "entities": [{"type": "bot_command", "offset": 0, "length": length}],
                })  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    refused = open_house.running.metrics.registry.get_sample_value(
        "sampan_telegram_calls_total", {"method": "sendMessage", "status": "400"}
    )
    assert refused is None, "a message was sent that Telegram cannot parse"
    shown = [m["html"] for m in await open_house.people.messages("Sam") if m["from"]["bot"]]
    assert len(shown) > len(EVIL) and not [html for html in shown if "<script" in html]


@pytest.mark.parametrize("evil", EVIL)
async def test_the_desk_the_inbox_the_team_and_the_log_show_it_harmless(
    tmp_path: Path, clock: FixedClock, evil: str
) -> None:
    """Cards, /inbox, an answer on its way back, /staff, /audit, /official, a report."""
    async with run_bot_in_sandbox(
        tmp_path, clock, limited=False, owners=str(OLA), desk_chat=DESK, answers_per_minute=600
    ) as house:
        people, running = house.people, house.running
        made = await people.act("people", first_name=evil[:60], last_name=evil[:60], language="en")
        eve = str(made["user"]["id"])
        group = (await people.act(
            "groups", title=evil[:60], members=[eve, "Nok", "Dara"], owner="Ola", bot_admin=True
        ))["chat"]["id"]  # fmt: skip
        await people.say("Ola", "/shield on", group)
        for chat in ("bot", group):
            await people.say(eve, f"@SampanDeskBot where do we meet on Sunday {evil}?", chat)
        hers = await people.act("say", user=eve, chat=group, text=f"hello {evil}")
        number = hers["message"]["message_id"]
        await people.act("say", user="Dara", chat=group, text="/report", reply_to=number)
        await quiet(house)
        await running.jobs.run("shield")
        await running.jobs.run("desk.cards")
        cards = [m for m in await people.messages("Ola", DESK) if m["from"]["bot"]]
        case = next(m for m in cards if "Why it is here" in m["text"])
        await people.say("Ola", "/inbox")
        await people.say("Ola", f"We meet here {evil}", DESK, reply_to=case["message_id"])
        await running.jobs.run("desk.answers")
        page = await people.say("Ola", "/staff@SampanDeskBot add", group, reply_to=number)
        page = (await people.press("Ola", page, "moderator"))["message"]
        await people.press("Ola", page, "everywhere")
        for command in ("/staff", "/audit", "/inbox", "/desk"):
            await people.say("Ola", command)
        await people.say("Dara", f"/official {evil}", group)
        await running.jobs.run("desk.cards")
        messages = await all_said(house)
        assert len(messages) > 10 and failures(house) == 0
        assert refused(house) == []
        unharmed(messages)


async def test_the_leaderboard_and_its_review_show_a_letter_and_no_more(
    tmp_path: Path, clock: FixedClock
) -> None:
    """/top, review, chart and sheets of people whose names begin with every evil sign."""
    async with run_bot_in_sandbox(
        tmp_path, clock, limited=False, owners=str(OLA), answers_per_minute=600
    ) as house:
        house.running.services.staff.add(Grant(DARA, Role.MARKETING), OLA)
        philippines = -1_002_000_000_003
        house.running.services.groups.join(philippines, "Sampan Philippines")
        house.running.services.groups.configure(philippines, country="PH", language="en")
        page = await campaign(house, count="0 days")
        for number, evil in enumerate(EVIL):
            inviter = await stranger(house, evil[:60])
            await house.people.say(inviter, "/start")
            payload = await link_of(house, inviter, int(inviter))
            friend = await stranger(house, EVIL[number - 1][:60])
            await start(house, friend, payload)
            await house.people.act("join", user=friend, chat=philippines)
            await quiet(house)
            house.clock.moment += timedelta(hours=3)
            await house.running.jobs.run(JOB)
        held = (await house.people.press("Dara", page, "Review"))["last"]
        while words := [b["text"] for row in held["keyboard"] for b in row if "ct" in b["text"]]:
            ruling = next((w for w in words if "Accept" in w), words[0])
            held = (await house.people.press("Dara", held, ruling))["last"]
        for _ in range(3):
            house.clock.moment += timedelta(days=1.1)
            await house.running.jobs.run(JOB)
        board = await house.people.say("Sam", "/top")
        print(
            [x[0] for x in house.core.db.execute("SELECT state FROM referrals").fetchall()],
            len(held),
        )
        assert "•••" in board["text"]
        for label in ("Review", "Growth", "CSV", "Payouts"):
            await house.people.press("Dara", page, label)
        messages = await all_said(house)
        assert failures(house) == 0
        assert refused(house) == []
        unharmed(messages)
