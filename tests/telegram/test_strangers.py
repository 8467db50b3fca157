"""Whoever writes, wherever, whatever: nothing crashes, and nobody reaches what is not theirs."""

from __future__ import annotations

import ast
import asyncio
import random
import re
import string
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.settings import ROOT
from bot.telegram.budgets import CHAT_QUEUE, Budgets
from bot.telegram.callbacks import decode
from bot.telegram.commands import Commands
from bot.telegram.profile import EDITOR_COMMANDS
from tests.conftest import Harness, run_bot_in_sandbox

SAM = 7_000_100_015
OLA = 7_000_100_103
SINGAPORE = "Sampan Singapore"
PEOPLE = ("Sam", "Nok", "Dara", "Ola")
"""A member, a moderator of the groups, who does marketing, and the owner."""
PLACES = ("bot", SINGAPORE, "Manila meet-up")
ARGUMENTS = (
    "",
    "Philippines",
    "<b>&amp;\u202e @nobody 99999999999999999999 'x' -- ;",
    "1 * " * 200,
)
MEMBERS_WRITE = {
    "answers",
    "updates",
    "members",
    "votes",
    "desk_questions",
    "desk_cases",
    "dialogues",
    "group_messages",
    "meta",
    "sqlite_sequence",
}
"""Tables that a member without any role may change."""


@pytest.fixture
async def open_house(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    """Without Telegram's rates and the bot's cool-downs: thousands of calls in a moment."""
    async with run_bot_in_sandbox(
        tmp_path, clock, limited=False, owners=str(OLA), answers_per_minute=600,
        updates_per_minute=1_000_000,
    ) as running:  # fmt: skip
        yield running


def commands(running: Harness) -> list[str]:
    """All that the application reacts to, as it was built."""
    groups = running.running.application.handlers.values()
    [all_commands] = [h for group in groups for h in group if isinstance(h, Commands)]
    return sorted({name for handler in all_commands._handlers for name in handler.commands})


async def quiet(running: Harness) -> None:
    """Until everything sent was fetched, confirmed and dealt with."""
    while len(running.world.updates) or running.running.dispatcher.waiting:
        await asyncio.sleep(0.02)


def failures(running: Harness) -> float:
    return running.running.metrics.registry.get_sample_value("sampan_updates_failed_total") or 0.0


def contents(running: Harness) -> dict[str, list[tuple[Any, ...]]]:
    """Every table that a member may not change."""
    db = running.core.db
    return {
        table: db.execute(f"SELECT * FROM {table}").fetchall()
        for table in db.table_names()
        if table not in MEMBERS_WRITE
    }


async def test_every_command_by_everybody_everywhere(open_house: Harness) -> None:
    found = commands(open_house)
    assert {"start", "ask", "legal", "setup", "fact", "privacy"} <= set(found)
    for person in PEOPLE:
        for place in PLACES:
            if place == "Manila meet-up" and person != "Sam":
                continue
            for name in found:
                address = name if place == "bot" else f"{name}@SampanDeskBot"
                for more in ARGUMENTS:
                    await open_house.people.act(
                        "say", user=person, chat=place, text=f"/{address} {more}".strip()
                    )
    await quiet(open_house)
    assert failures(open_house) == 0


async def test_a_members_commands_change_nothing_that_is_the_teams(open_house: Harness) -> None:
    await open_house.people.say("Ola", "/setup@SampanDeskBot", SINGAPORE)
    before = contents(open_house)
    for name in commands(open_house):
        for place in PLACES:
            address = name if place == "bot" else f"{name}@SampanDeskBot"
            for more in ARGUMENTS:
                await open_house.people.act(
                    "say", user="Sam", chat=place, text=f"/{address} {more}".strip()
                )
    await quiet(open_house)
    after = contents(open_house)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed, f"a member changed {changed}"


async def test_the_teams_commands_are_refused_to_a_member(open_house: Harness) -> None:
    names = [name for name in EDITOR_COMMANDS if name != "festivals"]  # a calendar: for all
    assert names
    for name in names:
        mine = await open_house.people.say("Sam", f"/{name}")
        theirs = await open_house.people.say("Ola", f"/{name}")
        assert mine["text"] != theirs["text"], f"/{name} tells a member what it tells the owner"
        assert not [b for row in mine.get("keyboard") or [] for b in row if "callback_data" in b]


ROOMS = ("su", "st", "ib", "te", "sh", "bc", "pr", "rf", "xx", "")
SINGLE = ("t", "c", "v", "p", "o", "m", "l", "k", "n", "e", "gk", "gl", "ga", "fo", "fe", "fs", "fv",
          "fw", "fl", "fu", "fp")  # fmt: skip
ARGS = ("", "0", "1", "-1", "999999", "SG", "PH", "XX", "vi", "onramp", "text", str(SAM), str(OLA),
        "-1002000000006", "a1b2c3d4e5", "00000000", "root", "..", "%s", "\u202e", "9" * 18)  # fmt: skip


def verbs() -> list[str]:
    """Every short word in the modules that have buttons: among them all real verbs."""
    found = {"go", "ok", "x"}
    for path in (ROOT / "bot" / "telegram").rglob("*.py"):
        source = path.read_text("utf-8")
        if "RoomAction" in source:
            words = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
            found |= {w for w in words if isinstance(w, str) and re.fullmatch(r"[a-z_]{1,12}", w)}
    return sorted(found)


def forged(count: int) -> list[str]:
    """The same each time."""
    dice, words = random.Random(7), verbs()
    kinds = [*SINGLE, *(f"{room}.{verb}" for room in ROOMS for verb in words)]
    found = []
    while len(found) < count:
        data = "|".join([dice.choice(kinds), *dice.choices(ARGS, k=dice.randrange(5))])
        if 1 <= len(data.encode()) <= 64:
            found.append(data)
    return found


def pressed(data: str, user: int, chat: dict[str, Any]) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Sampan"}
    return {
        "callback_query": {
            "id": "77", "from": {"id": user, "is_bot": False, "first_name": "S"}, "data": data,
            "chat_instance": "1",
            "message": {"message_id": 3, "date": 1, "chat": chat, "from": bot, "text": "x"},
        }
    }  # fmt: skip


async def test_forged_presses_change_nothing_and_break_nothing(open_house: Harness) -> None:
    await open_house.people.say("Sam", "/start")
    await open_house.people.say("Sam", "is Binance allowed in the Philippines")
    before = contents(open_house)
    private = {"id": SAM, "type": "private", "first_name": "Sam"}
    group = {"id": -1_002_000_000_006, "type": "supergroup", "title": SINGAPORE}
    for data in forged(1500):
        for chat in (private, group):
            await open_house.people.act("update", **pressed(data, SAM, chat))
    await quiet(open_house)
    assert failures(open_house) == 0
    after = contents(open_house)
    changed = {table for table in after if after[table] != before[table]}
    assert not changed, f"a member changed {changed} with forged presses"


LINKS = st.one_of(
    st.text(string.ascii_letters + string.digits + "_-", max_size=64),
    st.text(max_size=80),
    st.builds(lambda a, b: f"{a}_{b}", st.sampled_from(["r", "ref", "c", "q", "f"]), st.integers()),
)


async def test_forged_deep_links_greet_and_break_nothing(open_house: Harness) -> None:
    before = contents(open_house)
    sam = {"id": SAM, "is_bot": False, "first_name": "Sam", "language_code": "en"}
    payloads: list[str] = []

    @given(LINKS)
    def collect(payload: str) -> None:
        payloads.append(payload)

    collect()
    for payload in payloads:
        text = f"/start {payload}"
        await open_house.people.act("update", message={
            "message_id": 9, "date": 1, "from": sam, "chat": {**sam, "type": "private"}, "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        })  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    after = contents(open_house)
    assert not {table for table in after if after[table] != before[table]}


EVIL = (
    "<b>bold</b><script>alert(1)</script>", "</b></a><a href='tg://user?id=1'>", "&lt;b&gt; &amp; \"'",
    "_*[x](http://evil)`~", "\u202egnp.exe\u202d", "a\u200bd\u200dm\u2066i\u2069n", "Аdmin Ѕupport",
    "=cmd|' /C calc'!A0", "{name} %s %(x)s {0.__class__}", "🏴‍☠️" * 20, "\x00\x07\x1b[31m", "ﷺ" * 60, "Z͑͗a̴lgo" * 20,
)  # fmt: skip


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


async def test_a_flood_in_one_group_leaves_the_others_their_answers(open_house: Harness) -> None:
    group = {"id": -1_002_000_000_001, "type": "supergroup", "title": "flooded"}
    for number in range(3 * CHAT_QUEUE):
        person = {"id": 7_400_000_000 + number, "is_bot": False, "first_name": "F"}
        open_house.running.dispatcher.submit({
            "update_id": 1 + number,
            "message": {"message_id": number, "date": 1, "from": person, "chat": group,
                        "text": "@SampanDeskBot is Binance allowed in the Philippines"},
        })  # fmt: skip
    flooded = open_house.running.dispatcher.waiting
    answer = await open_house.people.say("Maria", "is Binance allowed in the Philippines")
    assert "Binance" in answer["text"]
    assert flooded <= CHAT_QUEUE, "what one group may have waiting is bounded"
    dropped = open_house.running.metrics.registry.get_sample_value(
        "sampan_updates_dropped_total", {"why": "chat"}
    )
    assert dropped and dropped >= CHAT_QUEUE, "the rest was let go unread"
    dropped = open_house.running.metrics.registry.get_sample_value(
        "sampan_updates_dropped_total", {"why": "chat"}
    )
    assert dropped and dropped >= 2 * CHAT_QUEUE - 10


async def test_one_person_is_read_so_much_and_no_more(tmp_path: Path, clock: FixedClock) -> None:
    async with run_bot_in_sandbox(tmp_path, clock, limited=False, updates_per_minute=60) as harness:
        for _ in range(200):
            await harness.people.act("say", user="Sam", text="is crypto legal in Japan")
        answer = await harness.people.say("Maria", "is Binance allowed in the Philippines")
        assert "Binance" in answer["text"]
        await quiet(harness)
        harness.running.journal.flush()
        registry = harness.running.metrics.registry
        dropped = registry.get_sample_value("sampan_updates_dropped_total", {"why": "person"})
        assert dropped and dropped >= 100
        waiting = harness.core.db.execute("SELECT count(*) FROM updates WHERE state = 'received'")
        assert waiting.fetchone()[0] <= 1, "what is left unread is done with, and not kept"


def said(user: int) -> dict[str, Any]:
    return {"update_id": 1, "message": {"from": {"id": user}, "text": "x"}}


@given(waits=st.lists(st.floats(0, 10), max_size=80))
def test_a_budget_lets_no_more_through_than_it_says(waits: list[float]) -> None:
    budgets, now, through = Budgets(60), 0.0, 0
    for wait in waits:
        now += wait
        through += budgets.refuse(said(1), 0, now) is None
    assert through <= 30 + now + 1


def test_budgets_count_people_apart_and_never_hold_back_what_changes_records() -> None:
    budgets = Budgets(10)
    for _ in range(50):
        budgets.refuse(said(1), 0, 0.0)
    assert budgets.refuse(said(1), 0, 0.0) == "person"
    assert budgets.refuse(said(2), 0, 0.0) is None
    assert budgets.refuse(said(2), CHAT_QUEUE, 0.0) == "chat"
    for kind in ("chat_member", "my_chat_member", "chat_join_request"):
        assert budgets.refuse({"update_id": 1, kind: {"from": {"id": 1}}}, CHAT_QUEUE, 0.0) is None
    anonymous = 1_087_968_824
    assert all(budgets.refuse(said(anonymous), 0, 0.0) is None for _ in range(50))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
                        ["from", "message", "id", "chat", "text"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_budgets_read_updates_of_any_shape(content: object) -> None:
    Budgets().refuse({"update_id": 1, "message": content}, 0, 0.0)


@given(st.text(max_size=70))
def test_button_data_of_any_kind_is_decoded_or_refused(data: str) -> None:
    decode(data)
