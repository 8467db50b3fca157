"""Answers as members read them: sourced, dated, in their language, within Telegram's limits."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.model import ShowTopic
from bot.answers.render import MAX_TEXT, utf16_length
from bot.compliance.gate import PERMITTED_STANDINGS
from bot.knowledge.model import COUNTRIES, LANGUAGES, Topic
from bot.telegram.callbacks import encode
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY

TOPICS = [t for t in Topic if t is not Topic.NONE]
_TAGS = {"b", "i", "a", "blockquote"}


def shown(
    core: Core, topic: Topic, country: str | None, platform: str | None = None, language: str = "en"
):  # type: ignore[no-untyped-def]
    return core.answers.show(ShowTopic(topic, country, platform), language, TODAY)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_of_every_country_is_answered_with_sources(
    core: Core, topic: Topic, country: str
) -> None:
    answer, rendered = shown(core, topic, country)
    assert answer.outcome == "answered"
    assert utf16_length(rendered.text) <= MAX_TEXT
    cited = {int(n) for n in re.findall(r"\[(\d{1,2})\]", rendered.text)}
    assert cited or topic in (Topic.PROMO, Topic.REFERRAL)
    assert all(n <= len(cited) for n in cited)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", COUNTRIES)
def test_markup_is_balanced_and_buttons_fit_in_every_language(
    core: Core, country: str, language: str
) -> None:
    for topic in TOPICS:
        answer, rendered = shown(core, topic, country, language=language)
        opened: list[str] = []
        for closing, name in re.findall(r"<(/?)([a-z]+)[^>]*>", rendered.html):
            assert name in _TAGS
            if closing:
                assert opened.pop() == name
            else:
                opened.append(name)
        assert opened == []
        assert utf16_length(rendered.text) <= MAX_TEXT
        for row in answer.buttons:
            for button in row:
                assert len(encode(button.action).encode()) <= 64
                assert len(button.text) <= 40


def test_china_lists_no_platform_rail_or_way_in(core: Core) -> None:
    knowledge = core.store.current
    names = {p.name for p in knowledge.platforms.values()} | {
        r.name for r in knowledge.rails.values() if r.country == "CN"
    }
    ordinary = {"Base", "Circle", "Gate", "World", "Tether", "Phantom", "Gemini", "Aster", "Kraken"}
    for topic in (Topic.ONRAMP, Topic.PROMO, Topic.REFERRAL):
        _, rendered = shown(core, topic, "CN")
        body = rendered.text.split("\n[1]")[0]
        assert [n for n in names - ordinary if n in body] == []


def test_a_platform_without_permit_is_answered_with_its_standing_not_a_way_in(core: Core) -> None:
    answer, rendered = shown(core, Topic.ONRAMP, "PH", "binance")
    assert "blocked" in answer.headline
    assert "Licensed or registered there" in rendered.text


def test_only_permitted_platforms_are_listed_where_only_they_may_be(core: Core) -> None:
    knowledge = core.store.current
    answer, _ = shown(core, Topic.ONRAMP, "KR")
    for fact_id in answer.fact_ids:
        fact = knowledge.fact(fact_id)
        if fact and fact.kind.value == "onramp":
            standing = knowledge.standing("KR", fact.platform or "")
            assert standing and standing.standing in PERMITTED_STANDINGS


def test_an_old_fact_says_so(core: Core) -> None:
    _, rendered = core.answers.show(ShowTopic(Topic.REGULATION, "SG"), "en", date(2031, 1, 1))
    assert "due for a re-check" in rendered.text
    assert re.search(r"Oldest fact: as of \w+", rendered.text)


def test_the_members_own_language_comes_before_the_one_they_wrote_in(core: Core) -> None:
    reply = core.answers.ask(
        "is Binance legal in the Philippines", Asker(chosen_language="vi"), TODAY
    )
    assert reply.answer.language == "vi"


def test_urdu_lines_begin_right_to_left_and_isolate_latin_names(core: Core) -> None:
    _, rendered = shown(core, Topic.REGULATION, "PK", "binance", "ur")
    assert all(line.startswith("\u200f") for line in rendered.text.split("\n"))
    assert "\u2068Binance\u2069" in rendered.text


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=4096))
def test_no_text_breaks_an_answer(core: Core, text: str) -> None:
    reply = core.answers.ask(text, Asker(group_country="PH"), TODAY)
    assert reply.rendered.html and utf16_length(reply.rendered.text) <= MAX_TEXT


HOSTILE = [
    "", " ", "🚀" * 2000, "\u202e" * 500 + "usdt", "<b>" * 1000, "<script>alert(1)</script> buy usdt",
    "a\n" * 1000, "\x00\x01\x02", "usdt " * 819, "﷽" * 500, "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "'; DROP TABLE members; --", "{country} {0} %s %(x)s", "\u200b" * 4096, "ก" * 4096, "한" * 4096, "中" * 4096,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_messages_get_an_answer_or_a_refusal(core: Core, text: str) -> None:
    reply = core.answers.ask(text, Asker(), TODAY)
    assert reply.answer.outcome in ("answered", "declined", "asked_back")
    assert "<script>" not in reply.rendered.html


@pytest.mark.parametrize("topic", [Topic.ONRAMP, Topic.P2P, Topic.STOCKS, Topic.PLATFORM])
def test_the_button_for_another_country_opens_no_way_that_home_bars(
    core: Core, topic: Topic
) -> None:
    wanted = ShowTopic(topic, "HK", "hashkey" if topic is Topic.PLATFORM else None)
    answer, rendered = core.answers.show(wanted, "en", TODAY, home="CN")
    assert answer.country == "CN" and "No. 42" in rendered.text
    free, _ = core.answers.show(wanted, "en", TODAY, home="VN")
    assert free.country == "HK"
