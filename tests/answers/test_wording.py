"""What the knowledge and the general answers say, word by word where a word decides."""

from __future__ import annotations

import pytest

from bot.answers.jsonl import asker_of
from bot.answers.service import Reply
from bot.compliance.gate import Gate
from bot.knowledge.faq import load_faqs
from bot.knowledge.model import GateKind, Kind, Standing
from bot.knowledge.store import KNOWLEDGE_DIR
from bot.wiring import Core
from tests.conftest import TODAY


def ask(core: Core, text: str, country: str | None = None, language: str | None = None) -> Reply:
    return core.answers.ask(text, asker_of(language, country), TODAY)


# Standings


def test_binance_com_is_not_licensed_in_thailand_through_another_company(core: Core) -> None:
    gate = Gate(core.store.current)
    for kind in (GateKind.PROMOTION, GateKind.ONRAMP):
        assert not gate.decide(kind, "TH", "binance").allowed
        assert gate.decide(kind, "TH", "binance-th").allowed
    answer = ask(core, "Is Binance legal in Thailand?", "TH", "en").answer
    assert "no licence found" in answer.headline
    others = ask(core, "Is Bybit legal in Thailand?", "TH", "en").rendered.text
    assert "Binance TH: licensed" in others and "Binance: " not in others


def test_no_platform_stands_by_its_joint_ventures_licence(core: Core) -> None:
    knowledge = core.store.current
    standings = [f for c in knowledge.countries for f in knowledge.of_kind(c, Kind.STANDING)]
    assert [f.id for f in standings if f.standing is Standing.JOINT_VENTURE] == []


# Declining


@pytest.mark.parametrize("country", ["CN", "BD"])
def test_a_decline_invites_nobody_to_buy_where_no_way_may_be_shown(
    core: Core, country: str
) -> None:
    text = ask(core, "how are you today", country, "en").answer.lead.text
    assert "no way to buy or sell" in text and "the law" in text and "person" in text
    assert "local money" not in text and "P2P" not in text


def test_a_decline_elsewhere_tells_what_can_be_asked(core: Core) -> None:
    assert (
        "buy or sell with local money"
        in ask(core, "how are you today", "PH", "en").answer.lead.text
    )


# General answers


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("What is Decree 284?", "VN"), ("Nghị định 284 là gì?", "VN"), ("What is Decree 70?", "VN"),
        ("What is POJK 27?", "ID"), ("What is Memorandum Circular 4?", "PH"),
    ],
)  # fmt: skip
def test_a_law_by_its_number_is_not_some_other_general_answer(
    core: Core, text: str, country: str
) -> None:
    general = {faq.about for faq in load_faqs(KNOWLEDGE_DIR).faqs}
    assert ask(core, text, country, "en").answer.headline not in general


def test_the_general_answer_still_comes_to_its_own_question(core: Core) -> None:
    assert (
        ask(core, "what is the travel rule", "PH", "en").answer.headline
        == "What is the travel rule?"
    )
    assert ask(core, "什么是KYC", "CN", "zh-Hans").answer.headline == "什么是KYC？"


@pytest.mark.parametrize(
    ("text", "country", "language", "wanted"),
    [
        ("Is crypto halal?", "PK", "en", "Shariah advisory committee"),
        ("is bitcoin halal or haram?", "IN", "en", "Ask a scholar"),
        ("Adakah kripto halal?", "MY", "ms", "exchange berdaftar"),
        ("Apakah kripto haram?", "ID", "id", "Muhammadiyah"),
        ("hot wallet vs cold wallet", None, "en", "never goes online"),
        ("lost my 2FA phone", None, "en", "Only the platform itself"),
        ("Is it safe to keep coins on an exchange", None, "en", "not a bank deposit"),
        ("buyer sent me a fake payment screenshot", None, "en", "screenshot or receipt is no proof"),
        ("which network is cheapest to send USDT", None, "en", "TRC20"),
    ],
)  # fmt: skip
def test_ordinary_questions_have_a_general_answer(
    core: Core, text: str, country: str | None, language: str, wanted: str
) -> None:
    assert wanted in ask(core, text, country, language).answer.lead.text


@pytest.mark.parametrize("country", ["PK", "IN", "MY", "ID", "BD"])
def test_the_bot_does_not_decide_what_faith_allows(core: Core, country: str) -> None:
    assert "I can't decide it" in ask(core, "is crypto halal", country, "en").answer.lead.text


# Languages


@pytest.mark.parametrize(
    ("text", "language", "country", "answered"),
    [
        ("Fireblocks是什么", "zh-Hans", "CN", "zh-Hans"), ("MetaMask买币", None, "CN", "zh-Hans"),
        ("Metamask入金", "zh-Hans", "CN", "zh-Hans"), ("Fireblocksとは", None, "JP", "ja"),
        ("Ondo Global Markets とは", None, None, "ja"), ("Is 币安 legal in Taiwan", "en", None, "en"),
    ],
)  # fmt: skip
def test_a_latin_name_does_not_make_another_language_of_it(
    core: Core, text: str, language: str | None, country: str | None, answered: str
) -> None:
    assert ask(core, text, country, language).answer.language == answered


def test_chinese_that_is_there_in_the_other_script_only_is_shown_in_that_with_its_mark(
    core: Core,
) -> None:
    simplified = ask(core, "香港加密货币合法吗", "HK", "zh-Hans").rendered.text
    assert "（繁）" in simplified and "ᴱᴺ" not in simplified
    traditional = ask(core, "中國加密貨幣合法嗎", "HK", "zh-Hant").rendered.text
    assert "（简）" in traditional and "ᴱᴺ" not in traditional


# Dates and names


def test_what_lies_behind_is_not_told_as_to_come(core: Core) -> None:
    texts = {f.id: f.text for f in core.store.current.all_facts()}
    assert "due" not in texts["kr.note.travel-rule"] and "no source" in texts["kr.note.travel-rule"]
    assert "from 2028" in texts["sg.tax.carf"] and texts["ph.tax.carf"].startswith("From 2028")
    assert "passed on 30 June 2026" in ask(core, "Is crypto legal?", "TW", "en").answer.lead.text


def test_virtual_assets_in_malay_are_no_philippine_wallet(core: Core) -> None:
    assert ask(core, "apa undang-undang aset maya", None, "ms").answer.country != "PH"
    question = ask(core, "How do I buy bitcoin with Maya?", None, "en").question
    assert (question.rails, question.country) == (("maya-wallet",), "PH")


@pytest.mark.parametrize(
    ("country", "number"),
    [("PH", "1326"), ("TH", "1441"), ("PK", "1799"), ("VN", "156"), ("JP", "188"), ("SG", "1799")],
)
def test_who_was_scammed_is_told_whom_to_call(core: Core, country: str, number: str) -> None:
    lines = ask(core, "I was scammed, where do I report?", country, "en").rendered.text.split("\n")
    assert number in "\n".join(lines[:5])


def test_the_form_for_an_indian_return_is_named(core: Core) -> None:
    lines = ask(core, "which form for crypto tax return", "IN", "en").rendered.text
    assert "Schedule VDA" in lines
