"""/start, settings, privacy: what a member sets, sees and deletes."""

from __future__ import annotations

import json

from tests.conftest import Harness

VIETNAM = -1_002_000_000_001


async def test_start_sets_language_and_country_by_buttons(harness: Harness) -> None:
    welcome = await harness.people.say("Sam", "/start")
    page = await harness.people.press("Sam", welcome, "Language")
    chosen = await harness.people.press("Sam", page["message"], "Tiếng Việt")
    page = await harness.people.press("Sam", chosen["message"], data="m|country")
    done = await harness.people.press("Sam", page["message"], "🇻🇳")
    assert "Tiếng Việt" in done["message"]["text"]
    member = harness.running.services.members.get(7_000_100_015)
    assert (member.language, member.country) == ("vi", "VN")


async def test_a_members_country_answers_without_asking_back(harness: Harness) -> None:
    harness.running.services.members.set_country(7_000_100_015, "SG")
    answer = await harness.people.say("Sam", "how is crypto taxed")
    assert "🇸🇬" in answer["text"]


async def test_notifications_are_switched_one_by_one(harness: Harness) -> None:
    settings = await harness.people.say("Sam", "/settings")
    page = await harness.people.press("Sam", settings, "Notifications")
    await harness.people.press("Sam", page["message"], "Promotions")
    assert harness.running.services.members.get(7_000_100_015).notify == {"festival", "service"}


async def test_export_gives_everything_and_erase_deletes_it(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    answer = await harness.people.say("Sam", "is Binance allowed in the Philippines")
    await harness.people.press("Sam", answer, "👍")
    privacy = await harness.people.say("Sam", "/privacy")
    exported = await harness.people.press("Sam", privacy, "Export")
    assert exported["last"]["document"]["name"] == "sampan-my-data.json"
    data = harness.running.services.members.export(7_000_100_015)
    assert len(json.dumps(data)) > 50 and data["answers"] and data["votes"] and data["members"]
    confirm = await harness.people.press("Sam", privacy, "Delete")
    done = await harness.people.press("Sam", confirm["message"], "Yes, delete")
    assert "deleted" in done["message"]["text"]
    assert not any(harness.running.services.members.export(7_000_100_015).values())


async def test_settings_are_not_shown_in_a_group(harness: Harness) -> None:
    answer = await harness.people.say("Linh", "/settings@SampanDeskBot", VIETNAM)
    assert answer["keyboard"] == []


async def test_a_member_who_blocks_the_bot_is_noted(harness: Harness) -> None:
    await harness.people.say("Sam", "/start")
    await harness.people.act("block", user="Sam")
    await harness.people.settle()
    row = harness.core.db.execute(
        "SELECT blocked_at FROM members WHERE user_id = 7000100015"
    ).fetchone()
    assert row[0] is not None


async def test_a_group_that_becomes_a_supergroup_keeps_its_settings(harness: Harness) -> None:
    old = -4_100_000_001
    harness.running.services.groups.join(old, "Manila meet-up")
    harness.running.services.groups.configure(old, country="PH")
    await harness.people.act("migrate", chat=old)
    await harness.people.settle()
    assert harness.running.services.groups.get(old) is None
    rows = harness.core.db.execute("SELECT chat_id, country FROM groups").fetchall()
    assert [country for chat, country in rows if chat != old] == ["PH"]
