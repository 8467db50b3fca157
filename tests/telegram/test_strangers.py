"""Whoever writes, wherever, whatever: nothing crashes, and nobody reaches what is not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.telegram.budgets import CHAT_QUEUE, Budgets
from bot.telegram.profile import EDITOR_COMMANDS
from tests.conftest import Harness, run_bot_in_sandbox
from tests.telegram.house import (
    ARGUMENTS,
    PEOPLE,
    PLACES,
    SINGAPORE,
    changed,
    commands,
    contents,
    failures,
    quiet,
)


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
    assert not changed(open_house, before)


async def forum(house: Harness) -> int:
    """A group with topics, whose owner may write in its name."""
    made = await house.people.act("groups", title="Forum", forum=True, owner="Nok", bot_admin=True,
                                  members=["Sam", "Nok", "Dara", "Ola"])  # fmt: skip
    await house.people.act("topics", chat="Forum", name="Questions")
    return int(made["chat"]["id"])


async def test_every_command_in_a_topic_is_answered_in_that_topic(open_house: Harness) -> None:
    group = await forum(open_house)
    [thread] = open_house.world.chats[group].topics
    for person in PEOPLE:
        for name in commands(open_house):
            for more in ARGUMENTS:
                await open_house.people.act(
                    "say", user=person, chat=group, topic=thread,
                    text=f"/{name}@SampanDeskBot {more}".strip(),
                )  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    said = [m for m in await open_house.people.messages("Ola", group) if m["from"]["bot"]]
    assert len(said) > 20 and {m["topic"] for m in said} == {thread}


async def test_who_writes_in_a_groups_name_has_no_role_of_ours(open_house: Harness) -> None:
    """An anonymous administrator may set up that group, and gets nothing of the team's."""
    group = await forum(open_house)
    [thread] = open_house.world.chats[group].topics
    before = contents(open_house)
    for name in commands(open_house):
        for more in ARGUMENTS:
            for topic in ("", thread):
                await open_house.people.act(
                    "say", user="Nok", chat=group, topic=topic,
                    text=f"/{name}@SampanDeskBot {more}".strip(), **{"as": "anonymous"},
                )  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    assert changed(open_house, before) <= {"groups", "shield_groups"}
    named = open_house.core.db.execute("SELECT count(*) FROM answers WHERE user_id = 1087968824")
    assert named.fetchone()[0] == 0, "nothing is kept about an account that is nobody"


async def test_channels_have_no_say(open_house: Harness) -> None:
    """Neither a member who writes as a channel, nor the posts of a group's own channel."""
    before = contents(open_house)
    asked = [f"/{name}@SampanDeskBot" for name in commands(open_house)]
    for text in (*asked, "@SampanDeskBot is Binance allowed in the Philippines"):
        await open_house.people.act("channel-post", chat="Sampan News", text=text)
    await quiet(open_house)
    said = await open_house.people.messages("Sam", SINGAPORE)
    assert len(said) > len(asked) and not [m for m in said if m["from"]["bot"]]
    for text in asked:
        for more in ARGUMENTS:
            await open_house.people.act(
                "say", user="Sam", chat=SINGAPORE, text=f"{text} {more}".strip(),
                **{"as": "Sampan News"},
            )  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    assert not changed(open_house, before)


async def test_the_teams_commands_are_refused_to_a_member(open_house: Harness) -> None:
    names = [name for name in EDITOR_COMMANDS if name != "festivals"]  # a calendar: for all
    assert names
    for name in names:
        mine = await open_house.people.say("Sam", f"/{name}")
        theirs = await open_house.people.say("Ola", f"/{name}")
        assert mine["text"] != theirs["text"], f"/{name} tells a member what it tells the owner"
        assert not [b for row in mine.get("keyboard") or [] for b in row if "callback_data" in b]


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
