"""A newcomer talks to the bot: through the sandbox's server, over real HTTP."""

from __future__ import annotations

from tests.conftest import Harness

VIETNAM = -1_002_000_000_001
PHILIPPINES = -1_002_000_000_003
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # fmt: skip


async def group(harness: Harness, chat: int, country: str, language: str) -> None:
    harness.running.services.groups.join(chat, "group")
    harness.running.services.groups.configure(chat, country=country, language=language)


async def test_vietnamese_without_diacritics_gets_a_vietnamese_answer_about_vietnam(
    harness: Harness,
) -> None:
    await group(harness, VIETNAM, "VN", "vi")
    answer = await harness.people.say(
        "Linh", "@SampanDeskBot mua usdt bang chuyen khoan ngan hang sao ad", VIETNAM
    )
    assert "🇻🇳" in answer["text"]
    assert "[1]" in answer["text"]
    assert "đồng" in answer["text"].lower() or "việt" in answer["text"].lower()
    assert answer["reply_to"] is not None


async def test_is_binance_allowed_in_the_philippines(harness: Harness) -> None:
    answer = await harness.people.say("Sam", "is Binance allowed in the Philippines")
    text = answer["text"]
    assert text.startswith("🇵🇭 Binance in the Philippines: not licensed, access blocked")
    assert "Nov 28, 2023" in text and "Mar 25, 2024" in text
    assert "SEC" in text and "[1]" in text
    assert "Coins.ph" in text


async def test_buying_in_china_gets_the_prohibition_and_no_way_in(harness: Harness) -> None:
    answer = await harness.people.say("Linh", "mua usdt ở Trung Quốc")
    assert "Yinfa [2026] No. 42" in answer["text"]
    assert "🇨🇳" in answer["text"]
    for name in ("Binance", "OKX", "Bybit", "Alipay", "WeChat"):
        assert name not in answer["text"]


async def test_a_forecast_is_declined(harness: Harness) -> None:
    answer = await harness.people.say("Sam", "will BTC hit 200k")
    assert answer["text"].startswith("I can't help with that one")
    assert any("Ask a person" in b["text"] for row in answer["keyboard"] for b in row)


async def test_an_unknown_country_is_asked_for_by_buttons(harness: Harness) -> None:
    asked = await harness.people.say("Sam", "how do I buy usdt with a bank transfer")
    labels = [b["text"] for row in asked["keyboard"] for b in row]
    assert len(labels) == 14
    answered = await harness.people.press("Sam", asked, "Singapore")
    assert "🇸🇬" in answered["message"]["text"]


async def test_a_follow_up_keeps_the_topic(harness: Harness) -> None:
    await harness.people.say("Sam", "what is the crypto tax in Japan")
    answer = await harness.people.say("Sam", "and in Thailand?")
    assert answer["text"].startswith("🇹🇭 Crypto tax in Thailand")


async def test_a_new_setting_beats_what_was_talked_about(harness: Harness) -> None:
    """Also after deletion: nothing of the earlier conversation leads the next answer."""
    people = harness.people
    await people.say("Sam", "what is the crypto tax in Vietnam")
    privacy = await people.say("Sam", "/privacy")
    confirm = await people.press("Sam", privacy, "Delete")
    await people.press("Sam", confirm["message"], "Yes, delete")
    which = await people.say("Sam", "what about the tax then")
    assert sum(len(row) for row in which["keyboard"]) == 14, "it asks for the country"
    await people.say("Sam", "what is the crypto tax in Vietnam")
    settings = await people.say("Sam", "/settings")
    page = await people.press("Sam", settings, data="m|country")
    await people.press("Sam", page["message"], "🇹🇭")
    answer = await people.say("Sam", "how much tax do I pay on my coins")
    assert answer["text"].startswith("🇹🇭 Crypto tax in Thailand")


async def test_the_facts_are_folded_in_a_group_and_open_in_private(harness: Harness) -> None:
    await group(harness, PHILIPPINES, "PH", "fil")
    in_group = await harness.people.say("Sam", "/legal binance philippines")
    assert "<blockquote>" in in_group["html"]
    folded = await harness.people.say(
        "Maria", "/legal@SampanDeskBot binance philippines", PHILIPPINES
    )
    assert "<blockquote expandable>" in folded["html"]


async def test_commands_take_a_country_and_a_platform(harness: Harness) -> None:
    answer = await harness.people.say("Sam", "/legal Bybit Japan")
    assert "Bybit in Japan" in answer["text"]


async def test_a_command_with_words_that_say_nothing_asks_back(harness: Harness) -> None:
    """Else it would look like the law of what was asked for."""
    settings = await harness.people.say("Sam", "/settings")
    page = await harness.people.press("Sam", settings, data="m|country")
    await harness.people.press("Sam", page["message"], "🇹🇭")
    assert "Thailand" in (await harness.people.say("Sam", "/legal"))["text"]
    answer = await harness.people.say("Sam", "/legal Atlantis")
    assert answer["text"].startswith("Which country is this about?")


async def test_a_group_is_silent_unless_addressed(harness: Harness) -> None:
    await group(harness, VIETNAM, "VN", "vi")
    await harness.people.silence("Linh", "thuế crypto ở Việt Nam bao nhiêu", VIETNAM)


async def test_auto_answer_answers_only_a_clear_question(harness: Harness) -> None:
    await group(harness, PHILIPPINES, "PH", "en")
    harness.running.services.groups.configure(PHILIPPINES, answering="confident")
    answer = await harness.people.say("Maria", "is Binance legal in the Philippines?", PHILIPPINES)
    assert "Binance" in answer["text"]
    await harness.people.silence("Maria", "good morning everyone", PHILIPPINES)


async def test_votes_and_handing_over_are_stored(harness: Harness) -> None:
    answer = await harness.people.say("Sam", "is Binance allowed in the Philippines")
    liked = await harness.people.press("Sam", answer, "👍")
    assert liked["answer"]["text"] == "Thank you, noted."
    await harness.people.press("Sam", answer, "👎")
    asked = await harness.people.press("Sam", answer, "Ask a person")
    assert "never write to you first" in asked["answer"]["text"]
    again = await harness.people.press("Sam", answer, "Ask a person")
    assert "already" in again["answer"]["text"]
    waiting = harness.running.services.desk.waiting()
    assert [w.reason for w in waiting] == ["asked"], "one question, by its greater reason"
    assert harness.running.services.answer_store.votes(1) == (0, 1)


async def test_inline_queries_share_an_answer(harness: Harness) -> None:
    found = await harness.people.act(
        "inline", user="Sam", query="is Binance allowed in the Philippines", wait=10
    )
    results = found["answer"]["results"]
    assert "Binance in the Philippines" in results[0]["title"]


async def test_guest_mentions_are_answered(harness: Harness) -> None:
    version = harness.world.seq
    await harness.people.act(
        "guest",
        user="Sam",
        chat=-1_002_000_000_101,
        text="@SampanDeskBot is Binance allowed in the Philippines",
        wait=10,
    )
    data = await harness.people.answer_after("Sam", -1_002_000_000_101, version)
    assert "Binance in the Philippines" in data["text"]


async def test_a_photo_alone_is_said_to_be_unread(harness: Harness) -> None:
    version = await harness.people.version("Sam", "bot")
    await harness.people.act("photo", user="Sam", chat="bot", data=PIXEL, name="a.png")
    said = await harness.people.answer_after("Sam", "bot", version)
    assert said["text"].startswith("I can read text only")
