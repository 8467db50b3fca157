"""Moderators keep the facts up in the chat: every change is previewed, logged and undoable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.knowledge.base import fact_key
from bot.knowledge.model import Fact
from tests.conftest import Harness, run_bot_in_sandbox

OLA = 7_000_100_103
PHILIPPINES = -1_002_000_000_003
RULE = "ph.rule.trading"
STANDING = "ph.standing.binance"
REFUSED_IN_FILIPINO = "Mga nag-aasikaso lang ng facts ang pwedeng gumawa niyan."
"""Maria's app is in Filipino."""
NEW_TEXT = "Only firms on the new list of the SEC may serve people in the Philippines."


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        yield running


def fact(desk: Harness, fact_id: str = RULE) -> Fact:
    found = desk.core.store.current.fact(fact_id)
    assert found is not None
    return found


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def ask_for(
    desk: Harness, button: str, fact_id: str = RULE, chat: str | int = "bot"
) -> dict[str, Any]:
    """Opens a fact and presses one of its buttons: the bot's prompt."""
    page = await desk.people.say("Ola", f"/fact@SampanDeskBot {fact_id}", chat)
    return (await desk.people.press("Ola", page, button))["message"]


async def edit_text(desk: Harness, text: str = NEW_TEXT) -> dict[str, Any]:
    await ask_for(desk, "Edit text")
    preview = await desk.people.say("Ola", text)
    return (await desk.people.press("Ola", preview, "Save"))["message"]


async def test_a_fact_shows_its_sources_dates_and_confidence(desk: Harness) -> None:
    page = await desk.people.say("Ola", f"/fact {RULE}")
    text = page["text"]
    assert "🇵🇭 Philippines · Law" in text and RULE in text
    assert fact(desk).text in text
    assert "Status: licensed companies only" in text
    assert "[3] Daily Tribune" in text
    assert "As of: Aug 30, 2025" in text or "As of Aug 30, 2025 · confidence: high" in text
    assert "Review by Feb 28, 2027" in text
    assert "As in the files." in text and "Never edited here." in text
    assert labels(page) == ["✏️ Edit text", "⚖️ Edit status", "🔗 Edit source & date", "✅ Verify"]


async def test_facts_are_found_by_country_platform_and_words(desk: Harness) -> None:
    found = await desk.people.say("Ola", "/fact pilipinas trading rule")
    assert RULE in labels(found) and len(labels(found)) <= 8
    opened = await desk.people.press("Ola", found, RULE)
    assert fact(desk).text in opened["message"]["text"]
    none = await desk.people.say("Ola", "/fact qqqqzzzz")
    assert "/fact Philippines marketing" in none["text"]


async def test_an_edit_is_previewed_saved_and_seen_in_the_next_answer(desk: Harness) -> None:
    prompt = await ask_for(desk, "Edit text")
    assert "at most 420 characters" in prompt["text"] and "/cancel" in prompt["text"]
    old = fact(desk).text
    preview = await desk.people.say("Ola", NEW_TEXT)
    assert f"➖ {old}" in preview["text"] and f"➕ {NEW_TEXT}" in preview["text"]
    assert fact(desk).text == old
    saved = await desk.people.press("Ola", preview, "Save")
    assert "next answer" in saved["answer"]["text"]
    assert "Edited here" in saved["message"]["text"] and "you · edited" in saved["message"]["text"]
    answer = await desk.people.say("Sam", "/legal Philippines")
    assert NEW_TEXT in answer["text"]


async def test_an_edit_is_undone_and_the_answer_is_as_before(desk: Harness) -> None:
    before = fact(desk)
    await edit_text(desk)
    confirm = await desk.people.say("Ola", f"/undo {RULE}")
    assert f"➖ {NEW_TEXT}" in confirm["text"]
    undone = await desk.people.press("Ola", confirm, "Undo")
    assert undone["answer"]["text"] == "Taken back."
    assert fact(desk) == before
    assert "edited, taken back since" in undone["message"]["text"]
    answer = await desk.people.say("Sam", "/legal Philippines")
    assert NEW_TEXT not in answer["text"]
    nothing = await desk.people.say("Ola", f"/undo {RULE}")
    assert "no edit to take back" in nothing["text"]


async def test_pressing_undo_twice_takes_one_edit_back(desk: Harness) -> None:
    await edit_text(desk, "The first edit of the two.")
    await edit_text(desk, "The second edit of the two.")
    confirm = await desk.people.say("Ola", f"/undo {RULE}")
    await desk.people.press("Ola", confirm, "Undo")
    newest = desk.core.store.history(RULE)[1].id
    again = await desk.people.press("Ola", confirm, data=f"fu|{fact_key(RULE)}|{newest}")
    assert "no edit to take back" in again["answer"]["text"]
    assert fact(desk).text == "The first edit of the two."


async def test_an_edit_is_exported(desk: Harness) -> None:
    await ask_for(desk, "Edit source")
    preview = await desk.people.say(
        "Ola", "SEC Philippines, list of providers | https://sec.gov.ph/list | 2026-11-02"
    )
    await desk.people.press("Ola", preview, "Save")
    part = desk.core.store.export()["ph"]
    exported = next(f for f in part["facts"] if f["id"] == RULE)
    (source,) = exported["source"]
    assert part["sources"][source]["name"] == "SEC Philippines, list of providers"
    assert exported["as_of"] == "2026-11-02"


async def test_a_status_is_chosen_by_button_or_written_as_it_reads(desk: Harness) -> None:
    prompt = await ask_for(desk, "Edit status")
    assert "prohibited" in labels(prompt) and "no licence found" not in labels(prompt)
    preview = await desk.people.press("Ola", prompt, "restricted")
    assert "What may be promoted does not change" in preview["message"]["text"]
    await desk.people.press("Ola", preview["message"], "Save")
    assert fact(desk).status == "restricted"
    await ask_for(desk, "Edit status", STANDING)
    preview = await desk.people.say("Ola", "Suspended")
    assert "➕ suspended" in preview["text"]


async def test_several_changes_make_one_edit(desk: Harness) -> None:
    await ask_for(desk, "Edit text")
    preview = await desk.people.say("Ola", NEW_TEXT)
    prompt = await desk.people.press("Ola", preview, "Edit status")
    preview = await desk.people.press("Ola", prompt["message"], "prohibited")
    assert NEW_TEXT in preview["message"]["text"]
    assert "goes out in this country any more" in preview["message"]["text"]
    await desk.people.press("Ola", preview["message"], "Save")
    assert [r.action for r in desk.core.store.history(RULE)] == ["edit"]
    assert (fact(desk).text, fact(desk).status) == (NEW_TEXT, "prohibited")


@pytest.mark.parametrize(
    ("button", "given", "told"),
    [
        ("Edit text", "x" * 500, "500 characters, and at most 420 fit"),
        ("Edit text", "x", "write a whole sentence"),
        ("Edit status", "quite fine", "“quite fine” is no status that I know: choose"),
        ("Edit source", "SEC circular", "name | https://address | 2026-11-21"),
        (
            "Edit source",
            "SEC | https://sec.gov.ph | 31.12.2025",
            "“31.12.2025” is no date: write it as",
        ),
        ("Edit source", "SEC | sec-gov | 2026-11-02", "“sec-gov” is no web address"),
    ],
)
async def test_bad_input_is_told_and_can_be_sent_again(
    desk: Harness, button: str, given: str, told: str
) -> None:
    await ask_for(desk, button)
    wrong = await desk.people.say("Ola", given)
    assert told in wrong["text"] and "/cancel" in wrong["text"]
    assert desk.core.store.history() == []
    good = {"Edit text": NEW_TEXT, "Edit status": "prohibited"}.get(button, "SEC list | 2026-11-02")
    assert "Save this change?" in (await desk.people.say("Ola", good))["text"]


async def test_an_unknown_id_is_told_with_what_is_near(desk: Harness) -> None:
    for command in ("verify", "undo", "history"):
        told = await desk.people.say("Ola", f"/{command} ph.rule.tradin")
        assert "I have no fact “ph.rule.tradin”" in told["text"]
        assert RULE in labels(told)
    told = await desk.people.say("Ola", "/verify")
    assert "behind the command" in told["text"]


async def test_cancel_leaves_the_fact_and_the_dialogue(desk: Harness) -> None:
    await ask_for(desk, "Edit text")
    left = await desk.people.say("Ola", "/cancel")
    assert left["text"] == "Left. The fact stays as it was."
    answer = await desk.people.say("Ola", "is Binance allowed in the Philippines")
    assert "Binance in the Philippines" in answer["text"]
    assert desk.core.store.history() == []


async def test_verify_renews_the_dates_once_confirmed(desk: Harness) -> None:
    confirm = await desk.people.say("Ola", f"/verify {RULE} https://www.sec.gov.ph/providers")
    assert "Still true today?" in confirm["text"] and "sec.gov.ph" in confirm["text"]
    assert fact(desk).as_of == "2025-08-30"
    await desk.people.press("Ola", confirm, "Save")
    assert (fact(desk).as_of, fact(desk).review_by) == ("2026-11-21", "2027-05-21")
    (revision,) = desk.core.store.history()
    assert (revision.action, revision.user_id) == ("verify", OLA)
    bad = await desk.people.say("Ola", f"/verify {STANDING} not-an-address")
    assert "no web address" in bad["text"]


async def test_stale_facts_are_listed_paged_and_opened(desk: Harness) -> None:
    everything = desk.core.store.current.stale(desk.clock.now().date())
    page = await desk.people.say("Ola", "/stale")
    assert f"{len(everything)} facts are past their review date" in page["text"]
    assert everything[0].id in page["text"]
    on = await desk.people.press("Ola", page, "Later")
    assert on["message"]["text"] != page["text"] and "⬅️ Earlier" in labels(on["message"])
    japan = await desk.people.say("Ola", "/stale Japan")
    late = [i for i in labels(japan) if i.startswith("jp.")]
    assert late and "🇯🇵 Japan" in japan["text"] and "🇰🇷" not in japan["text"]
    opened = await desk.people.press("Ola", japan, late[0])
    assert "⏰ Review was due" in opened["message"]["text"]
    verify = await desk.people.press("Ola", opened["message"], "Verify")
    await desk.people.press("Ola", verify["message"], "Save")
    assert late[0] not in labels(await desk.people.say("Ola", "/stale Japan"))
    unknown = await desk.people.say("Ola", "/stale Atlantis")
    assert "/stale Japan" in unknown["text"]


async def test_members_reports_gather_in_the_stale_list(desk: Harness) -> None:
    for person in ("Sam", "Maria"):
        answer = await desk.people.say(person, "/legal Philippines")
        await desk.people.press(person, answer, "⏰")
    page = await desk.people.say("Ola", "/stale")
    assert "Reported as outdated by members" in page["text"]
    assert "🇵🇭 Philippines · Law: 2 reports" in page["text"]


async def test_history_tells_who_when_and_what(desk: Harness) -> None:
    old = fact(desk).text[:40]
    await edit_text(desk)
    for command in ("/history", f"/history {RULE}"):
        page = await desk.people.say("Ola", command)
        assert RULE in page["text"] and "Nov 21, 2026" in page["text"]
        assert "you · edited" in page["text"] and f"Text: {old}" in page["text"]
        assert NEW_TEXT[:60] in page["text"]


@pytest.mark.parametrize("command", [f"fact {RULE}", "fact", f"verify {RULE}", "stale", f"undo {RULE}", "history", "fact nothing.here"])  # fmt: skip
async def test_others_are_refused(desk: Harness, command: str) -> None:
    refused = await desk.people.say("Sam", f"/{command}")
    assert refused["text"] == "Only the people who keep the facts can do that."
    assert refused["keyboard"] == []


async def test_forged_presses_change_nothing(desk: Harness) -> None:
    """By a member on a moderator's message, and by anybody with data that no button has."""
    page = await desk.people.say("Ola", f"/fact@SampanDeskBot {RULE}", PHILIPPINES)
    key = fact_key(RULE)
    for data in (f"fe|{key}|text", f"fs|{key}|prohibited", f"fv|{key}", f"fu|{key}|1", "fp||0", f"fo|{key}", f"fw|{key}|0123abcd", f"fl|{key}"):  # fmt: skip
        pressed = await desk.people.press("Maria", page, data=data)
        assert pressed["answer"]["text"] == REFUSED_IN_FILIPINO
        assert pressed["message"]["text"] == page["text"]
    for data in (f"fe|{key}|gate", f"fs|{key}|fine", "fo|nothexhere", f"fu|{key}|-1", f"fw|{key}|x", "fp|XX|0"):  # fmt: skip
        pressed = await desk.people.press("Ola", page, data=data)
        assert "no longer in use" in pressed["answer"]["text"]
    gone = await desk.people.press("Ola", page, data="fo|0000000000")
    assert "no longer there" in gone["answer"]["text"]
    nothing = await desk.people.press("Ola", page, data=f"fw|{key}|0123abcd")
    assert "nothing to save" in nothing["answer"]["text"]
    standing = await desk.people.press("Ola", page, data=f"fs|{key}|licensed")
    assert "no status" in standing["message"]["text"]
    assert desk.core.store.history() == []


async def test_a_preview_that_is_out_of_date_is_shown_anew(desk: Harness) -> None:
    await ask_for(desk, "Edit text")
    preview = await desk.people.say("Ola", NEW_TEXT)
    changed = desk.core.store.current.state(RULE)
    assert changed is not None
    other = changed.fact.model_copy(update={"text": "Somebody else was faster."})
    desk.core.store.revise(type(changed)(other, changed.sources), 1)
    pressed = await desk.people.press("Ola", preview, "Save")
    assert "changed meanwhile" in pressed["answer"]["text"]
    assert "➖ Somebody else was faster." in pressed["message"]["text"]
    await desk.people.press("Ola", pressed["message"], "Save")
    assert fact(desk).text == NEW_TEXT


async def test_in_a_group_only_a_reply_to_the_prompt_is_taken(desk: Harness) -> None:
    prompt = await ask_for(desk, "Edit text", chat=PHILIPPINES)
    assert "Reply to this message" in prompt["text"]
    await desk.people.silence("Ola", "I'll look that up, one moment please", PHILIPPINES)
    await desk.people.silence("Maria", "which list do they mean", PHILIPPINES)
    wrong = await desk.people.say("Ola", "x", PHILIPPINES, reply_to=prompt["message_id"])
    preview = await desk.people.say("Ola", NEW_TEXT, PHILIPPINES, reply_to=wrong["message_id"])
    taken = await desk.people.press("Maria", preview, "Save")
    assert taken["answer"]["text"] == REFUSED_IN_FILIPINO
    await desk.people.press("Ola", preview, "Save")
    assert fact(desk).text == NEW_TEXT


def go_on_counting(restarted: Harness) -> None:
    """The new world counts updates from the start, and Telegram never does: an id that the
    journal has seen would be taken for a repetition."""
    restarted.world.updates._next_id += 1_000


async def test_the_dialogue_survives_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as first:
        await ask_for(first, "Edit text")
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as second:
        go_on_counting(second)
        preview = await second.people.say("Ola", NEW_TEXT)
        assert f"➕ {NEW_TEXT}" in preview["text"]
        await second.people.press("Ola", preview, "Save")
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as third:
        assert fact(third).text == NEW_TEXT


async def test_a_right_that_was_taken_away_ends_the_dialogue(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as first:
        await ask_for(first, "Edit text")
    async with run_bot_in_sandbox(tmp_path, clock) as second:
        go_on_counting(second)
        refused = await second.people.say("Ola", NEW_TEXT)
        assert "Only the people" in refused["text"]
        assert second.core.store.history() == []


async def test_owners_have_the_commands_in_their_menu(desk: Harness) -> None:
    await desk.people.settle()
    for _ in range(100):
        menu = await desk.running.bot.get_my_commands({"type": "chat", "chat_id": OLA})  # type: ignore[arg-type]
        if menu:
            break
    assert {"fact", "verify", "stale", "undo", "history", "ask"} <= {c.command for c in menu}
