"""Somebody whom their own country's law bars gets no way in by naming another country."""

from __future__ import annotations

import pytest

from bot.answers.model import Answer, Button, ChooseCountry, ShowTopic
from bot.answers.service import Reply
from bot.knowledge.model import Kind, Topic
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY

HONG_KONG = "cn.note.hong-kong-platforms"
NO_SERVICE_FROM_ABROAD = "cn.yinfa42.art1-overseas"


def ask(core: Core, text: str, country: str, language: str = "zh-Hans") -> Reply:
    asker = Asker(group_country=country, telegram_language=language)
    return core.answers.ask(text, asker, TODAY)


def buttons(answer: Answer) -> list[Button]:
    return [button for row in answer.buttons for button in row]


@pytest.mark.parametrize(
    "text",
    [
        "HashKey怎么入金", "香港怎么买USDT", "how to buy USDT in Hong Kong with FPS",
        "HashKey怎么样", "HashKey", "香港开户大陆人可以买币吗", "币安香港能用吗",
        "香港邊個交易所有牌照？", "can I buy crypto in Hong Kong as a mainlander",
        "香港怎么P2P卖USDT", "香港HashKey邀请返佣", "香港HashKey有什么活动",
    ],
)  # fmt: skip
def test_hong_kong_opens_nothing_to_the_mainland(core: Core, text: str) -> None:
    answer = ask(core, text, "CN").answer
    assert answer.country == "CN"
    assert HONG_KONG in answer.fact_ids
    first = core.store.current.fact(answer.lead.fact or "")
    assert first and first.kind is Kind.RULE and first.status == "prohibited"
    shown = [core.store.current.fact(fact_id) for fact_id in answer.fact_ids]
    assert not [f for f in shown if f and f.kind in (Kind.ONRAMP, Kind.RAIL)]
    assert not [f for f in shown if f and f.id.startswith("hk.standing")]


@pytest.mark.parametrize("text", ["新加坡怎么买USDT", "台湾怎么买USDT", "怎么用泰铢买USDT"])
def test_no_other_country_does_either(core: Core, text: str) -> None:
    answer = ask(core, text, "CN").answer
    assert answer.country == "CN" and answer.lead.fact == NO_SERVICE_FROM_ABROAD
    assert "No way to buy or sell" in answer.headline or "中国" in answer.headline


@pytest.mark.parametrize("text", ["HashKey怎么入金", "香港邊個交易所有牌照？", "HashKey怎么样"])
def test_nor_do_the_buttons_below(core: Core, text: str) -> None:
    offers = (Topic.ONRAMP, Topic.P2P, Topic.PLATFORM, Topic.REGULATION, Topic.STOCKS)
    for button in buttons(ask(core, text, "CN").answer):
        if isinstance(button.action, ShowTopic) and button.action.topic in offers:
            assert button.action.country == "CN"
        if isinstance(button.action, ChooseCountry):
            assert button.action.topic is not Topic.ONRAMP


def test_tax_of_another_country_is_told_without_a_way_in(core: Core) -> None:
    answer = ask(core, "香港加密货币要交税吗", "CN").answer
    assert answer.country == "HK" and answer.topic is Topic.TAX
    ways = [b.action for b in buttons(answer) if isinstance(b.action, ShowTopic)]
    assert {w.country for w in ways if w.topic is Topic.ONRAMP} == {"CN"}


@pytest.mark.parametrize("country", ["CN", "BD"])
@pytest.mark.parametrize("platform", ["okx", "binance", "transak", "hyperliquid"])
@pytest.mark.parametrize("topic", [Topic.PLATFORM, Topic.REGULATION, Topic.ONRAMP])
def test_a_platform_is_answered_by_the_rule_and_not_praised(
    core: Core, country: str, platform: str, topic: Topic
) -> None:
    answer, rendered = core.answers.show(ShowTopic(topic, country, platform), "en", TODAY)
    knowledge = core.store.current
    first = knowledge.fact(answer.lead.fact or "")
    assert first and first.kind is Kind.RULE and first.status == "prohibited"
    assert "About it" not in rendered.text and "Licensed or registered" not in rendered.text
    told = knowledge.platforms[platform].text
    assert told not in rendered.text
    for fact_id in answer.fact_ids:
        assert knowledge.country_of(fact_id) == country


def test_a_firm_that_sells_nothing_is_described_behind_the_rule(core: Core) -> None:
    rendered = core.answers.show(ShowTopic(Topic.PLATFORM, "CN", "fireblocks"), "en", TODAY)[1]
    text = core.store.current.platforms["fireblocks"].text
    assert rendered.text.index("No. 42") < rendered.text.index(text)


def test_whoever_is_elsewhere_is_answered_on_hong_kong(core: Core) -> None:
    answer = ask(core, "HashKey怎么入金", "SG").answer
    assert answer.country == "HK" and answer.platform == "hashkey"
    assert HONG_KONG not in answer.fact_ids


def test_a_refused_platform_shows_no_way_in_on_its_card(core: Core) -> None:
    knowledge = core.store.current
    for country in knowledge.countries:
        for platform in knowledge.platforms:
            standing = knowledge.standing(country, platform)
            if standing and standing.standing in ("blocked", "warned"):
                wanted = ShowTopic(Topic.PLATFORM, country, platform)
                answer = core.answers.show(wanted, "en", TODAY)[0]
                kinds = [knowledge.fact(f) for f in answer.fact_ids]
                assert not [f for f in kinds if f and f.kind is Kind.ONRAMP]
