"""An answer leads with what was asked within its topic, and leaves out what helps nobody there."""

from __future__ import annotations

import re

import pytest

from bot.answers.model import Answer
from bot.compliance.gate import REFUSED_STANDINGS
from bot.knowledge.model import COUNTRIES, Kind, Topic
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY


def asked(core: Core, text: str, country: str | None = None) -> tuple[Answer, list[str]]:
    """The answer in English and the lines that a reader sees, without the sources."""
    reply = core.answers.ask(text, Asker(chosen_language="en", group_country=country), TODAY)
    lines = reply.rendered.text.split("\n")
    return reply.answer, [line for line in lines if not re.match(r"\[\d+\]", line)]


def place(lines: list[str], part: str) -> int:
    """Which line says this; the lead is 1."""
    return next(n for n, line in enumerate(lines) if part in line)


# --- P2P -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "text", "step"),
    [
        ("IN", "bank account frozen after P2P what to do", "ask your branch in writing"),
        ("IN", "P2P में खाता फ्रीज हो गया", "Do not move the rest of the money"),
        ("HK", "My bank account was frozen after selling USDT P2P", "18222"),
        ("PH", "My GCash was frozen after a Binance P2P trade, what should I do?", "may show"),
        ("TW", "帳戶變成警示帳戶怎麼辦？", "warned"),
        ("CN", "my bank card was frozen after selling USDT", "110"),
    ],
)
def test_a_frozen_account_gets_the_steps_and_no_list_of_rails(
    core: Core, country: str, text: str, step: str
) -> None:
    answer, lines = asked(core, text, country)
    assert answer.headline.split(" ", 1)[1].startswith("Frozen account in")
    assert "contact your bank at once" in lines[1]
    assert place(lines, step) <= 4
    facts = [core.store.current.fact(i) for i in answer.fact_ids]
    assert not [f for f in facts if f and f.kind is Kind.RAIL]


def test_where_p2p_is_prohibited_a_frozen_account_gets_the_rule_and_no_tips_to_trade(
    core: Core,
) -> None:
    _, lines = asked(core, "bank account frozen because of crypto", "BD")
    assert "P2P trades: prohibited" in "\n".join(lines)
    assert "Stay safe" not in lines


def test_whether_p2p_is_restricted_is_answered_with_the_law(core: Core) -> None:
    answer, lines = asked(core, "is P2P restricted in the Philippines?", "PH")
    assert answer.headline.endswith("P2P in the Philippines: restricted")
    assert place(lines, "What goes wrong") < place(lines, "Payment systems")


def test_stay_safe_holds_tips_alone(core: Core) -> None:
    answer, _ = asked(core, "is P2P safe", "HK")
    assert answer.topic is Topic.P2P
    tips = next(s for s in answer.sections if s.title == "Stay safe")
    assert "same names as on the platform" in tips.lines[0].text
    assert "capital" not in " ".join(line.text for line in tips.lines)


def test_the_prison_terms_come_first_for_who_asks_of_prison(core: Core) -> None:
    _, lines = asked(core, "how many years in jail for P2P", "BD")
    assert place(lines, "seven years in prison") <= 4


# --- safety --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "text", "line"),
    [
        ("HK", "I got scammed where to report", "18222"),
        ("TW", "I was scammed, where do I report?", "165"),
        ("IN", "I was scammed where to report", "1930"),
        ("ID", "saya kena tipu lapor ke mana", "iasc.ojk.go.id"),
        ("KR", "사기 당했어요 어디에 신고하나요", "Financial Intelligence Unit"),
        ("MY", "my wallet was drained", "997"),
    ],
)
def test_who_was_robbed_reads_first_where_to_report(
    core: Core, country: str, text: str, line: str
) -> None:
    _, lines = asked(core, text, country)
    assert line in lines[1]
    assert "don't send anything yet" not in lines[1]


def test_who_was_robbed_is_told_of_those_who_offer_to_win_it_back(core: Core) -> None:
    _, lines = asked(core, "got scammed how do I get my money back")
    assert "report to your police and to the exchange" in lines[1]
    assert place(lines, "offers to bring back lost coins") <= 3


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("where should I store my recovery phrase", "Never give your recovery phrase"),
        ("how do I keep my seed phrase safe", "Never give your recovery phrase"),
        ("how do I revoke token approvals", "A token approval lets a contract"),
    ],
)
def test_who_asks_how_to_keep_coins_is_not_told_of_a_scam(
    core: Core, text: str, first: str
) -> None:
    answer, lines = asked(core, text)
    assert answer.headline == "🛡 Keeping your crypto safe"
    assert lines[1].startswith(first)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("romance scam crypto", "A new online friend or lover"),
        ("recovery company says they can get my coins back", "offers to bring back lost coins"),
        ("I clicked a phishing link", "Install wallets and exchange apps only"),
        ("how do I spot a pig butchering scam", "A new online friend or lover"),
    ],
)
def test_the_signs_are_those_of_the_scam_that_is_told(core: Core, text: str, tells: str) -> None:
    answer, lines = asked(core, text)
    assert answer.headline.startswith("🛡 This looks like a scam")
    assert tells in "\n".join(lines)
    assert place(lines, tells) <= 5


def test_a_platform_named_in_a_fear_of_fraud_is_told_of(core: Core) -> None:
    _, lines = asked(core, "ONUS lừa đảo phải không?", "VN")
    assert place(lines, "ONUS") < place(lines, "How to tell")


# --- tax -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["TH", "SG", "HK", "MY"])
def test_where_some_gains_are_taxed_the_headline_says_partly(core: Core, country: str) -> None:
    answer, _ = asked(core, "crypto tax", country)
    assert answer.headline.endswith("partly taxed")


def test_the_tax_of_persons_comes_before_that_of_companies(core: Core) -> None:
    _, lines = asked(core, "crypto tax in Vietnam how many percent", "VN")
    assert place(lines, "0.1%") < place(lines, "20%")


def test_the_tax_that_was_asked_for_comes_first(core: Core) -> None:
    _, lines = asked(core, "1% TDS who deducts on P2P?", "IN")
    assert place(lines, "the buyer has to withhold the tax") <= 3
    _, lines = asked(core, "can I set off losses", "IN")
    assert place(lines, "may not be set off") <= 3


# --- stocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_stock_answer_names_a_platform_that_the_country_refused(
    core: Core, country: str
) -> None:
    knowledge = core.store.current
    refused = {
        knowledge.platforms[f.platform].name
        for f in knowledge.of_kind(country, Kind.STANDING)
        if f.platform and f.standing in REFUSED_STANDINGS
    }
    for text in ("tokenized stocks", "can I buy xStocks?"):
        answer, _ = asked(core, text, country)
        assert answer.topic is Topic.STOCKS
        shown = [
            f"{line.label} {line.text}"
            for section in answer.sections
            if section.title in ("How they differ", "Risks", "About it")
            for line in section.lines
        ]
        named = {n for n in refused for line in shown if re.search(rf"\b{re.escape(n)}\b", line)}
        assert named == set()


def test_a_row_says_where_its_platform_stands(core: Core) -> None:
    answer, _ = asked(core, "Can I buy tokenized US stocks?", "MY")
    rows = next(s for s in answer.sections if s.title == "How they differ").lines
    assert rows
    assert all(row.text.startswith("no licence found · ") for row in rows)


def test_what_holds_for_all_stock_tokens_comes_before_the_platforms(core: Core) -> None:
    answer, lines = asked(core, "Do tokenised stocks pay dividends and give voting rights?")
    assert place(lines, "usually not a share") < place(lines, "How they differ")
    assert not re.search(r"1001x|\bCZ\b|seed round", "\n".join(lines))
    answer, lines = asked(core, "what happens to my stock token if the issuer goes bankrupt")
    assert place(lines, "If an issuer fails") <= 4
    assert not [f for f in answer.fact_ids if f.startswith("x.aster.backers")]


def test_a_row_cites_what_is_known_of_its_product(core: Core) -> None:
    answer, _ = asked(core, "compare tokenized stocks")
    rows = next(s for s in answer.sections if s.title == "How they differ").lines
    for row in rows:
        names = [answer.sources[n - 1].name for n in row.cites]
        assert names
        assert not [name for name in names if "CCXT" in name or "Tiger Research" in name]


def test_a_blocked_platforms_tokens_are_answered_with_the_block(core: Core) -> None:
    answer, _ = asked(core, "tokenized stocks on Bybit", "PH")
    assert "access blocked" in answer.headline


def test_where_they_are_barred_the_asked_platform_comes_first_and_others_stay_out(
    core: Core,
) -> None:
    answer, lines = asked(core, "can I buy Ondo stock tokens", "CN")
    assert place(lines, "Ondo Global Markets bars residents") == 2
    assert "Jarsy" not in "\n".join(lines)
    assert len([i for i in answer.fact_ids if "csrc" in i]) <= 1


# --- referrals and festivals ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "line"),
    [
        ("CN", "article 18"),
        ("VN", "posts referral links runs a risk"),
        ("PH", "promoters, recruiters, influencers"),
    ],
)
def test_a_referral_answer_tells_the_countrys_own_rule(core: Core, country: str, line: str) -> None:
    _, lines = asked(core, "do I get a reward for inviting friends", country)
    assert line in "\n".join(lines)
    assert "Dutch" not in "\n".join(lines)


def test_a_festival_that_is_asked_for_leads_with_its_day(core: Core) -> None:
    _, lines = asked(core, "When is Sinulog?", "PH")
    assert lines[1] == "Sinulog: Sun, Jan 17, 2027 (in 2 months)"
    assert "No promotion of this community" in lines[2]
    assert not [line for line in lines[3:] if "Sinulog" in line]


def test_a_festival_just_over_tells_its_next_day_and_its_last(core: Core) -> None:
    _, lines = asked(core, "Diwali offers", "IN")
    assert "No promotion of this community" in lines[1]
    assert lines[2].endswith(
        "Diwali: Fri, Oct 29, 2027 (in 11 months) — the last was on Nov 8, 2026"
    )


def test_a_festival_beyond_the_calendar_is_told_and_the_ban_stays(core: Core) -> None:
    answer, lines = asked(core, "Trung thu có khuyến mãi không", "VN")
    assert answer.headline.endswith("No promotions for Vietnam")
    assert "Advertising crypto: prohibited" in lines[1]
    assert "Sep 15, 2027" in lines[2]


def test_when_a_prize_comes_is_not_answered_with_a_festivals_day(core: Core) -> None:
    _, lines = asked(core, "when is the ramadan prize paid out", "PH")
    assert "No promotion of this community" in lines[1]


@pytest.mark.parametrize(
    ("text", "language", "country", "first"),
    [
        ("i gave my 12 words to someone, what now", "en", "PH", "Has a recovery phrase"),
        ("シードフレーズ入力しちゃった、どうすればいい", "ja", "JP", "リカバリーフレーズ"),
        ("lỡ nhập 12 từ vào web lạ rồi giờ sao", "vi", "VN", "Lỡ đưa"),
        ("galti se seed phrase daal diya site pe, ab kya karu", "hi", "IN", "रिकवरी"),
    ],
)
def test_whose_phrase_is_out_reads_to_move_the_coins(
    core: Core, text: str, language: str, country: str, first: str
) -> None:
    answer = core.answers.ask(text, Asker(language, country=country), TODAY).answer
    assert answer.headline.startswith("🛡")
    assert answer.lead.text.startswith(first)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("someone wants to rent my account to receive p2p payments, ok?", "MY"),
        ("is it safe to rent my account to a p2p trader", "PH"),
        ("someone wants to rent my account to receive p2p payments, ok?", "IN"),
    ],
)
def test_who_is_asked_for_an_account_reads_of_mules_first(
    core: Core, text: str, country: str
) -> None:
    answer, _ = asked(core, text, country)
    assert re.search("mule|lend|rent", answer.lead.fact or "")


def test_in_the_middle_of_a_trade_the_advice_comes_before_the_law(core: Core) -> None:
    _, lines = asked(
        core, "buyer paid from a third party account, release the usdt in p2p or appeal?", "MY"
    )
    assert "Refuse a payment" in lines[1]
    _, lines = asked(core, "i paid but the p2p seller is not releasing my usdt", "MY")
    assert "escrow" in lines[1]
    assert "On Remitano" not in "\n".join(lines)


def test_a_greeting_is_greeted(core: Core) -> None:
    _, lines = asked(core, "good morning all", "PH")
    assert lines[0] == "Hello! How can I help?"
    _, lines = asked(core, "hello, which coin will pump", "PH")
    assert lines[0] == "I can't help with that one"


def test_who_lost_money_in_a_trade_reads_where_to_turn_to(core: Core) -> None:
    answer, lines = asked(
        core, "Nếu tôi bị lừa mất tiền khi chuyển khoản P2P thì phải báo cho ai?", "VN"
    )
    assert answer.topic is Topic.P2P
    assert place(lines, "156") < place(lines, "What goes wrong")
