"""An answer leads with what was asked: the rule, the list, the fee, the way out."""

from __future__ import annotations

import pytest

from bot.answers.model import ShowTopic
from bot.answers.service import Reply
from bot.knowledge.model import Kind, Topic
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY


def ask(core: Core, text: str, country: str | None, language: str = "en") -> Reply:
    asker = Asker(group_country=country, telegram_language=language)
    return core.answers.ask(text, asker, TODAY)


@pytest.mark.parametrize(
    ("text", "country", "rule"),
    [
        ("Is OTC shop in Hong Kong legal?", "HK", "hk.rule.p2p"),
        ("Is USDT allowed in Hong Kong, stablecoin licence?", "HK", "hk.rule.stablecoins"),
        ("Is P2P trading legal in the Philippines?", "PH", "ph.rule.p2p"),
        ("Can I promote an exchange on TikTok in the Philippines?", "PH", "ph.rule.marketing"),
        ("Is mining allowed in China?", "CN", "cn.yinfa42.art9"),
        ("Is USDT legal in Pakistan?", "PK", "pk.rule.stablecoins"),
        ("can I pay with bitcoin in Japan", "JP", "jp.rule.payments"),
        ("trả tiền bằng USDT ở quán có bị phạt không", "VN", "vn.rule.payments"),
        ("P2P取引は日本で合法ですか", "JP", "jp.rule.p2p"),
    ],
)
def test_the_rule_of_the_asked_activity_leads(
    core: Core, text: str, country: str, rule: str
) -> None:
    answer = ask(core, text, country).answer
    assert answer.lead.fact == rule
    assert answer.fact_ids.count(rule) == 1


def test_the_note_on_the_asked_coin_stands_next(core: Core) -> None:
    answer = ask(core, "Is USDT allowed in Hong Kong, stablecoin licence?", "HK").answer
    assert "hk.note.usdt" in answer.fact_ids[:5]


@pytest.mark.parametrize(
    ("text", "country", "fact"),
    [
        ("Phạt bao nhiêu nếu thanh toán bằng bitcoin?", "VN", "vn.note.fine-payment"),
        ("phạt bao nhiêu khi giao dịch trên sàn nước ngoài?", "VN", "vn.note.fine-investor"),
        ("ক্রিপ্টো কেনার শাস্তি কী?", "BD", "bd.note.fera-penalty"),
    ],
)
def test_who_asks_for_the_penalty_reads_it_before_the_other_rules(
    core: Core, text: str, country: str, fact: str
) -> None:
    answer = ask(core, text, country).answer
    rules = [
        i
        for i, f in enumerate(answer.fact_ids)
        if (known := core.store.current.fact(f))
        and known.kind is Kind.RULE
        and f != answer.lead.fact  # the rule of what was asked leads
    ]
    assert answer.fact_ids.index(fact) < min(rules)


@pytest.mark.parametrize(
    ("text", "country", "names"),
    [
        ("which exchanges are licensed in Hong Kong", "HK", ("HashKey", "OSL")),
        ("Exchange kripto apa yang terdaftar di OJK?", "ID", ("Indodax", "Tokocrypto")),
        ("신고된 거래소 목록", "KR", ("Upbit", "Bithumb", "Korbit")),
        ("登録されている取引所はどこですか", "JP", ("bitFlyer", "Coincheck")),
        ("哪些交易所有登記", "TW", ("BitoPro", "MAX Exchange")),
        ("which exchanges are registered with FIU?", "IN", ("CoinDCX", "ZebPay")),
        ("Anong exchange ang lisensyado ng BSP?", "PH", ("Coins.ph", "PDAX")),
    ],
)
def test_which_exchanges_are_licensed_names_them(
    core: Core, text: str, country: str, names: tuple[str, ...]
) -> None:
    reply = ask(core, text, country)
    assert reply.answer.country == country
    assert [n for n in names if n not in reply.rendered.text] == []


def test_issuers_and_bourses_are_nobody_to_buy_from(core: Core) -> None:
    for country, absent in (
        ("HK", "Anchorpoint:"),
        ("JP", "JPYC:"),
        ("ID", "CFX:"),
        ("SG", "Circle:"),
    ):
        rendered = core.answers.show(ShowTopic(Topic.PLATFORM, country), "en", TODAY)[1]
        assert absent not in rendered.text


def test_alternatives_begin_with_those_that_take_local_money(core: Core) -> None:
    text = ask(core, "Is Bybit licensed in Hong Kong?", "HK").rendered.text
    assert "HashKey: licensed" in text and "OSL: licensed" in text


def test_the_latest_of_the_law_is_about_the_law(core: Core) -> None:
    knowledge = core.store.current
    for country in knowledge.countries:
        answer = core.answers.show(ShowTopic(Topic.REGULATION, country), "en", TODAY)[0]
        events = [f for i in answer.fact_ids if (f := knowledge.fact(i)) and f.kind is Kind.EVENT]
        assert {f.topic for f in events} <= {Topic.REGULATION, Topic.TAX, Topic.PLATFORM}


@pytest.mark.parametrize(
    ("text", "country", "fact"),
    [
        ("Paano mag-cash out ng USDT papuntang GCash?", "PH", "ph.onramp.coins-cashout"),
        ("how do I withdraw won", "KR", "kr.onramp.upbit-withdraw-fee"),
        ("how to withdraw from GOPAX", "KR", "kr.onramp.gopax-withdraw"),
    ],
)
def test_who_sells_reads_first_how_money_comes_out(
    core: Core, text: str, country: str, fact: str
) -> None:
    answer = ask(core, text, country).answer
    assert answer.topic is Topic.ONRAMP
    assert fact in answer.fact_ids[:2]


def test_the_way_out_is_not_the_first_for_who_buys(core: Core) -> None:
    answer = ask(core, "cheapest way to buy USDT with pesos", "PH").answer
    assert answer.fact_ids[0] != "ph.onramp.coins-cashout"


def test_an_asked_payment_system_is_answered_by_who_takes_it(core: Core) -> None:
    answer = ask(core, "PayPayで買えますか", "JP", "ja").answer
    assert (answer.lead.label, answer.lead.text) == ("PayPay", "Binance Japan")


def test_a_payment_system_that_nobody_takes_is_said_so(core: Core) -> None:
    reply = ask(core, "how do I buy USDT with JazzCash?", "PK")
    assert "No provider" in reply.answer.lead.text
    reply = ask(core, "Can I buy bitcoin with JKOPAY?", "TW")
    assert reply.answer.lead.text == "No provider on record in Taiwan takes JKOPAY."


def test_the_cheapest_is_not_ranked_but_fees_lead(core: Core) -> None:
    answer = ask(core, "What is the cheapest exchange in Korea?", "KR").answer
    assert "don't rank" in answer.lead.text
    assert "kr.onramp.upbit-trading-fee" in answer.fact_ids[:5]
    assert len(answer.fact_ids) == len(set(answer.fact_ids))


def test_a_fee_that_is_not_on_record_is_said_so(core: Core) -> None:
    reply = ask(core, "what is the fee on CoinDCX", "IN")
    assert "No fee of CoinDCX is on record here" in reply.rendered.text


def test_a_fee_on_record_leads(core: Core) -> None:
    assert "fee" in (ask(core, "업비트 수수료 얼마예요?", "KR", "ko").answer.lead.fact or "")


def test_foreigners_are_answered_first_or_told_that_nothing_is_known(core: Core) -> None:
    answer = ask(core, "Can foreigners open an Upbit account?", "KR").answer
    assert "kr.onramp.foreigners-upbit" in answer.fact_ids[:3]
    text = ask(core, "Can foreigners living in Japan use bitFlyer?", "JP").rendered.text
    assert "I have no source on whether bitFlyer takes foreigners." in text
    usual = core.answers.show(ShowTopic(Topic.ONRAMP, "KR"), "en", TODAY)[0]
    assert not [f for f in usual.fact_ids if "foreigners" in f]


@pytest.mark.parametrize(
    ("text", "country", "first", "second"),
    [
        ("Compare crypto tax in Thailand and Vietnam", "PH", "TH", "vn.rule.tax"),
        ("Compare tax in Japan and Korea", None, "JP", "kr.rule.tax"),
        ("Is Binance legal in India or Pakistan?", None, "IN", "pk.standing.binance"),
    ],
)
def test_of_two_countries_both_are_answered(
    core: Core, text: str, country: str | None, first: str, second: str
) -> None:
    answer = ask(core, text, country).answer
    assert answer.country == first
    assert answer.body[0].fact == second
    other = second[:2].upper()
    actions = [b.action for row in answer.buttons for b in row]
    assert ShowTopic(answer.topic, other, answer.platform) in actions


@pytest.mark.parametrize(
    ("text", "country", "first", "second"),
    [
        ("Coins.ph or PDAX", "PH", "coins-ph", "PDAX"),
        ("빗썸이랑 업비트 중에 뭐가 나아요?", "KR", "bithumb", "Upbit"),
    ],
)
def test_of_two_platforms_both_are_answered(
    core: Core, text: str, country: str, first: str, second: str
) -> None:
    answer = ask(core, text, country).answer
    assert answer.platform == first
    assert second in (answer.body[0].label or "")
    assert any(second == b.text for row in answer.buttons for b in row)


def test_fees_are_compared_of_both(core: Core) -> None:
    text = ask(core, "Is Bybit or CoinDCX cheaper?", "IN").rendered.text
    assert "No fee of Bybit is on record here" in text
    assert "No fee of CoinDCX is on record here" in text


def test_a_country_that_only_a_rail_implies_is_not_compared(core: Core) -> None:
    texts = (
        "is it legal to pay with GCash in Vietnam?",
        "is crypto legal in Vietnam or the Philippines?",
    )
    implied, named = (ask(core, text, None).answer for text in texts)
    assert not [f for f in implied.fact_ids if f.startswith("ph.")]
    assert [line.label for line in named.body if line.label and "🇵🇭" in line.label]
