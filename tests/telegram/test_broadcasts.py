"""Marketing's broadcasts, as people see them: composed, checked, approved, delivered, reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.broadcasts import templates
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.model import Delivered, State
from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from tests.conftest import Harness, run_bot_in_sandbox

NOK, DARA, OLA = 7_000_100_101, 7_000_100_102, 7_000_100_103
VN, TH, SG, CN = (-1_002_000_000_000 - n for n in (1, 2, 6, 9))
GROUPS = {VN: ("VN", "vi"), TH: ("TH", "th"), SG: ("SG", "en"), CN: ("CN", "zh-Hans")}
THAI = "สวัสดีปีใหม่ไทย! ตอบคำถาม {festival} ก่อน {local_date}"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # fmt: skip
ENGLISH = "Happy {festival}! Answer three questions by {local_date}."


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Harness]:
    clock = FixedClock(datetime(2027, 4, 1, 8, 0, tzinfo=UTC))
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        services = running.running.services
        for chat, (country, language) in GROUPS.items():
            services.groups.join(chat, f"Sampan {country}")
            services.groups.configure(chat, country=country, language=language)
        services.staff.add(Grant(DARA, Role.MARKETING, name="Dara"), OLA)
        for user in ("Dara", "Ola", "Nok"):
            await running.people.say(user, "/start")
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def press(desk: Harness, user: str, message: dict[str, Any], *path: str) -> dict[str, Any]:
    """Presses one button after the other, each on the page that the one before led to."""
    for label in path:
        message = (await desk.people.press(user, message, label))["message"]
    return message


async def begin(desk: Harness, kind: str = "Promotion", user: str = "Dara") -> dict[str, Any]:
    menu = await desk.people.say(user, "/broadcast")
    await press(desk, user, menu, "New broadcast", kind)
    return await desk.people.say(user, "Songkran quiz")


async def write(
    desk: Harness, page: dict[str, Any], language: str, text: str, user: str = "Dara"
) -> dict[str, Any]:
    """Writes a variant; the broadcast's page afterwards."""
    await press(desk, user, page, "Texts", language)
    shown = await desk.people.say(user, text)
    return await press(desk, user, shown, "Back")


async def songkran(desk: Harness) -> dict[str, Any]:
    page = await begin(desk)
    page = await write(desk, page, "English", ENGLISH)
    page = await write(desk, page, "ไทย", THAI)
    page = await press(
        desk, "Dara", page, "Audience", "🇹🇭", "🇸🇬", "🇨🇳", "🇻🇳", "Subscribers", "Back"
    )
    return await press(desk, "Dara", page, "When", "By a festival", "Songkran", "Back")


async def found(desk: Harness, user: str, words: str) -> dict[str, Any]:
    """The newest message of a person's private chat with these words, once it is there."""
    async with asyncio.timeout(20):
        while True:
            messages = await desk.people.messages(user)
            named = [m for m in messages if words in m["text"]]
            if named:
                return named[-1]
            await asyncio.sleep(0.2)


async def tick(desk: Harness) -> None:
    """What the jobs do within a moment: plan, choose, send, tell."""
    for _ in range(3):
        await desk.running.jobs.run("broadcasts")
        await desk.running.broadcasts.idle()
    await desk.people.settle()


async def approve(desk: Harness, user: str = "Ola") -> dict[str, Any]:
    asked = await found(desk, user, "waits for a second person")
    checked = await press(desk, user, asked, "Check and approve")
    return await desk.people.press(user, checked, "Approve")


def newest(desk: Harness) -> Any:
    return desk.running.marketing.store.find()[0]


async def test_songkran_from_the_first_word_to_the_report(desk: Harness) -> None:
    page = await songkran(desk)
    assert "3 days before Songkran, 09:00 (each reader's own time)" in page["text"]
    assert "4 groups" in page["text"]

    await desk.people.press("Dara", page, "Preview")
    shown = [m["text"] for m in (await desk.people.messages("Dara"))[-4:]]
    assert shown[0] == "👁 English, as in 🇸🇬 Singapore:"
    assert shown[1].startswith("Happy Songkran! Answer three questions by Apr 13, 2027.")
    assert "⚠️ Crypto has no MAS protection" in shown[1]
    assert "🇹🇭" in shown[2] and "สงกรานต์" in shown[3] and "13 เม.ย. 2027" in shown[3]

    page = await press(desk, "Dara", page, "Check and schedule")
    text = page["text"]
    assert "⛔ 🇨🇳 China: held, the law there forbids it" in text and "article 7" in text
    assert "No. 42" in text and "/fact cn.yinfa42.art7" in text
    assert "⛔ 🇻🇳 Vietnam: held" in text
    assert "⚠️ 🇸🇬 Singapore: goes out, if the country's risk warning stands below the text and no platform is named" in text  # fmt: skip
    assert "🇹🇭 Thailand: Sat, Apr 10, 2027 09:00" in text
    assert "🇸🇬 Singapore: Sat, Apr 10, 2027 09:00" in text

    page = await press(desk, "Dara", page, "Ask for approval")
    assert "waits for a second person" in page["text"]
    own = await press(desk, "Dara", page, "Check and approve")
    refused = await desk.people.press("Dara", own, "Approve")
    assert "a second person has to approve it" in refused["answer"]["text"]
    approved = await approve(desk)
    assert approved["answer"]["text"] == "Scheduled."
    assert newest(desk).state is State.SCHEDULED and newest(desk).approver_id == OLA
    told = await found(desk, "Dara", "✅ Songkran quiz: approved and scheduled.")
    await press(desk, "Dara", told, "Open it")

    desk.clock.moment = datetime(2027, 4, 10, 0, 59, tzinfo=UTC)  # 08:59 in Singapore
    await tick(desk)
    assert (await desk.people.messages("Nok", SG))[-1:] == []
    desk.clock.moment += timedelta(minutes=1)
    await tick(desk)
    english = (await desk.people.messages("Sam", SG))[-1]["text"]
    assert english.startswith("Happy Songkran!") and "MAS" in english
    assert not [m for m in await desk.people.messages("Somchai", TH) if "สงกรานต์" in m["text"]]
    desk.clock.moment += timedelta(hours=1)  # 09:00 in Thailand
    await tick(desk)
    thai = (await desk.people.messages("Somchai", TH))[-1]["text"]
    assert "สงกรานต์" in thai and "13 เม.ย. 2027" in thai
    assert await desk.people.messages("Wei", CN) == []

    run = desk.running.marketing.store.runs(newest(desk).id)[0]
    rows = list(Ledger(desk.core.db).rows(run.id))
    assert {r.chat_id: r.state for r in rows} == {
        TH: Delivered.SENT, SG: Delivered.SENT, CN: Delivered.HELD, VN: Delivered.HELD,
    }  # fmt: skip
    report = await found(desk, "Dara", "Sent: 2 of 4")
    assert "Held in 🇨🇳 China: 1 (cn.yinfa42.art7)" in report["text"]
    assert report["photo"] and "📄 CSV" in labels(report)
    await found(desk, "Ola", "Sent: 2 of 4")  # who approved it watched it too


async def test_what_is_wrong_is_told_before_anything_is_sent(desk: Harness) -> None:
    page = await begin(desk)
    checked = await press(desk, "Dara", page, "Check and schedule")
    assert "There is no text yet." in checked["text"] and "Ask for approval" not in str(labels(checked))  # fmt: skip
    page = await press(desk, "Dara", checked, "Back")
    await press(desk, "Dara", page, "Texts", "English")
    shown = await desk.people.say(
        "Dara", "Hi {name}, trade on Binance for {festival}! " + "x" * 4040
    )
    assert "❗ {name} is no placeholder" in shown["text"]
    assert "the broadcast has no festival" in shown["text"]
    assert "Telegram takes 4,096" in shown["text"]
    asked = await press(desk, "Dara", shown, "Buttons")
    assert "one a line" in asked["text"]
    wrong = await desk.people.say("Dara", "Terms - javascript:alert(1)")
    assert "This line is no button: Terms - javascript:alert(1)" in wrong["text"]
    shown = await desk.people.say("Dara", "Terms - https://example.com/terms")
    page = await press(desk, "Dara", shown, "Back", "When", "Once")
    past = await desk.people.say("Dara", "2027-03-01 09:00")
    assert "That moment is over" in past["text"]
    nonsense = await desk.people.say("Dara", "tomorrow")
    assert "I need a day and a time" in nonsense["text"]
    when = await desk.people.say("Dara", "2027-04-05 09:00")
    page = await press(desk, "Dara", when, "Back", "Audience", "🇰🇷", "Back")
    assert "0 groups" in page["text"]
    checked = await press(desk, "Dara", page, "Check and schedule")
    for words in ("{name} is no placeholder", "names Binance", "no group or subscriber fits"):
        assert words in checked["text"]
    assert "Ask for approval" not in str(labels(checked))


async def test_a_photo_too_large_is_told_and_the_prompt_stays_open(
    desk: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await begin(desk, "Service notice")
    await press(desk, "Dara", page, "Texts", "English")
    monkeypatch.setattr(templates, "MAX_PHOTO_BYTES", 60)
    version = await desk.people.version("Dara", "bot")
    await desk.people.act("photo", user="Dara", chat="bot", data=PIXEL, name="a.png", caption="Hi")
    said = await desk.people.answer_after("Dara", "bot", version)
    assert "The photo is too large: Telegram takes 10 MB" in said["text"]
    assert newest(desk).variants == {}
    shown = await desk.people.say("Dara", "Then without it.")
    assert "Then without it" in str(newest(desk).variants["en"].text) and shown["keyboard"]


async def test_only_marketing_gets_in_and_forged_presses_are_refused(desk: Harness) -> None:
    refused = await desk.people.say("Sam", "/broadcast")
    assert refused["text"] == "Only people who do marketing here can do that."
    page = await begin(desk)
    page = await write(desk, page, "English", "Maintenance tonight.")
    number = newest(desk).id
    for verb in ("op", "ck", "dl", "ap", "sb", "pv", "cx", "tx", "au"):
        answer = await desk.people.press("Sam", refused, data=f"bc.{verb}|{number}|1")  # fmt: skip
        assert "Only people who do marketing" in answer["answer"]["text"]
    for data in ("bc.op", "bc.op|x", "bc.op|99999", "bc.zz|1", "bc.mk|spam", "bc.ls|-1", "bc.op|١", "bc.ls|9|9"):  # fmt: skip
        answer = await desk.people.press("Dara", page, data=data)
        assert "no longer in use" in answer["answer"]["text"], data
    for data in (f"bc.as|{number}|c|XX", f"bc.as|{number}|x|--1", f"bc.wd|{number}|999", f"bc.wf|{number}|nope", f"bc.vr|{number}|xx", f"bc.pd|{number}"):  # fmt: skip
        await desk.people.press("Dara", page, data=data)
    assert newest(desk).draft.audience.countries == frozenset()
    assert not newest(desk).draft.paid  # what costs money is the owner's alone
    nothing = await desk.people.press("Ola", (await desk.people.say("Ola", "/broadcast")), data=f"bc.ap|{number}|1")  # fmt: skip
    assert "does not wait" in nothing["answer"]["text"]
    desk.running.services.staff.remove(DARA)
    gone = await desk.people.press("Dara", page, "Check and schedule")
    assert "Only people who do marketing" in gone["answer"]["text"]


async def test_a_marketer_of_thailand_addresses_thailand_alone(desk: Harness) -> None:
    staff = desk.running.services.staff
    staff.remove(DARA)
    staff.add(Grant(DARA, Role.MARKETING, "TH", "Dara"), OLA)
    page = await begin(desk, "Service notice")
    assert "🇹🇭" in page["text"] and "1 group" in page["text"]
    number = newest(desk).id
    audience = await press(desk, "Dara", page, "Audience")
    assert not any("🇸🇬" in label for label in labels(audience))
    for data in (f"bc.as|{number}|c|SG", f"bc.as|{number}|c|TH"):
        answer = await desk.people.press("Dara", audience, data=data)
        assert "only your own countries" in answer["answer"]["text"]
    assert newest(desk).draft.audience.countries == {"TH"}
    store = desk.running.marketing.store
    other = store.create(OLA, newest(desk).draft.__class__("All of us"))
    answer = await desk.people.press("Dara", audience, data=f"bc.op|{other.id}")
    assert "Only people who do marketing" in answer["answer"]["text"]
    listed = await desk.people.say("Dara", "/broadcast")
    assert "All of us" not in str(labels(listed))


async def test_a_notice_now_with_photo_and_buttons_pause_resume_duplicate(desk: Harness) -> None:
    page = await begin(desk, "Service notice")
    await press(desk, "Dara", page, "Texts", "English")
    version = await desk.people.version("Dara", "bot")
    await desk.people.act("photo", user="Dara", chat="bot", data=PIXEL, name="a.png", caption="Hello {first_name}")  # fmt: skip
    shown = await desk.people.answer_after("Dara", "bot", version)
    assert "English · with a photo" in shown["text"]
    page = await press(desk, "Dara", shown, "Back", "Audience", "Groups", "Back")
    assert "3 subscribers" in page["text"]
    page = await press(desk, "Dara", page, "Check and schedule", "Ask for approval")
    await approve(desk)
    await tick(desk)
    await found(desk, "Dara", "Sent: 3 of 3")
    await found(desk, "Ola", "Sent: 3 of 3")
    assert (await found(desk, "Nok", "Hello Nok"))["photo"]
    assert newest(desk).state is State.FINISHED
    await desk.people.press("Dara", page, data=f"bc.pa|{newest(desk).id}")
    assert newest(desk).state is State.FINISHED
    history = await press(desk, "Dara", await desk.people.say("Dara", "/broadcast"), "History", "Songkran quiz")  # fmt: skip
    copy = await press(desk, "Dara", history, "Duplicate")
    assert "✏️ draft" in copy["text"] and newest(desk).copied_from is not None


async def test_a_change_after_submitting_needs_a_new_look(desk: Harness) -> None:
    """An old approval button under what was changed since approves nothing."""
    page = await begin(desk, "Service notice")
    page = await write(desk, page, "English", "Maintenance tonight.")
    page = await press(desk, "Dara", page, "Check and schedule", "Ask for approval")
    asked = await found(desk, "Ola", "waits for a second person")
    checked = await press(desk, "Ola", asked, "Check and approve")
    desk.clock.moment += timedelta(seconds=5)
    await press(desk, "Dara", page, "Texts", "English", "Write it anew")
    await desk.people.say("Dara", "Something else entirely.")
    desk.running.marketing.store.submit(newest(desk).id)
    stale = await desk.people.press("Ola", checked, "Approve")
    assert "changed meanwhile" in stale["answer"]["text"]
    assert newest(desk).state is State.WAITING and newest(desk).approver_id is None
    sent_back = await press(desk, "Ola", stale["message"], "Send back")
    assert "draft" in sent_back["text"]
    await found(desk, "Dara", "sent back to you")
