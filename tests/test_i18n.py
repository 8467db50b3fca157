"""Languages are chosen and numbers, dates and money written as each reader does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import Languages, flag, isolate, match_language
from bot.knowledge.model import COUNTRIES, LANGUAGES, Duration, Money

SAY = Languages()


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("vi", "vi"), ("vi-VN", "vi"), ("tl", "fil"), ("fil_PH", "fil"), ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hant"), ("zh-hk", "zh-Hant"), ("zh-hant-HK", "zh-Hant"), ("in", "id"),
        ("en-GB", "en"), ("pt-BR", None), ("", None), (None, None), ("-", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_telegrams_language_code_becomes_one_of_ours(tag: str | None, language: str | None) -> None:
    assert match_language(tag) == language


@given(st.text())
def test_no_language_code_raises(tag: str) -> None:
    assert match_language(tag) in (None, *LANGUAGES)


def test_the_first_language_that_we_have_is_chosen() -> None:
    assert SAY.choose([None, "de", "ko-KR", "th"]) == "ko"
    assert SAY.choose([None, "de"]) == "en"


@pytest.mark.parametrize(
    ("language", "country", "shown"),
    [
        ("en", None, "1,250,000"), ("vi", None, "1.250.000"), ("id", None, "1.250.000"),
        ("hi", None, "12,50,000"), ("en", "IN", "12,50,000"), ("ur", "PK", "1,250,000"),
    ],
)  # fmt: skip
def test_numbers_are_grouped_as_the_country_does(
    language: str, country: str | None, shown: str
) -> None:
    assert SAY[language].number(1_250_000, country) == shown


def test_money_shows_its_currency_and_no_idle_digits() -> None:
    assert SAY["en"].money(Money(amount=Decimal("50000"), currency="PHP")) == "₱50,000"
    assert SAY["en"].money(Money(amount=Decimal("2.5"), currency="USD")) == "US$2.50"
    assert SAY["vi"].money(Money(amount=Decimal("200000"), currency="VND")) == "200.000\xa0₫"
    assert "12,50,000" in SAY["en"].money(Money(amount=Decimal("1250000"), currency="INR"), "IN")


def test_foreign_money_is_in_thousands_and_never_a_bare_dollar() -> None:
    usd, twd = Money(amount=3_700_000, currency="USD"), Money(amount=7_500_000, currency="TWD")
    assert SAY["en"].money(usd, "IN") == "US$3,700,000"
    assert SAY["hi"].money(usd, "IN") == "US$3,700,000"
    assert SAY["bn"].money(usd, "BD") == "3,700,000\xa0US$"
    assert SAY["zh-Hant"].money(twd, "TW") == "NT$7,500,000"
    assert SAY["bn"].money(Money(amount=3_700_000, currency="BDT"), "BD") == "37,00,000৳"
    assert SAY["ms"].money(Money(amount=100, currency="MYR"), "MY") == "RM\xa0100"


def test_dates_are_in_the_readers_form() -> None:
    day = date(2026, 11, 21)
    assert SAY["en"].date(day) == "Nov 21, 2026"
    assert SAY["ja"].date(day) == "2026年11月21日"
    assert SAY["vi"].partial_date("2026-11") == "thg 11 2026"
    assert SAY["ko"].partial_date("2026") == "2026년"
    assert "2026" in SAY["th"].datetime(datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def test_lists_and_spans_of_time() -> None:
    assert SAY["en"].listing(["a", "b", "c"]) == "a, b, and c"
    assert SAY["ja"].listing(["a", "b"]) == "a、b"
    assert SAY["th"].listing([]) == ""
    assert SAY["th"].listing(["Bitkub", "Binance TH"]) == "Bitkub และ Binance TH"
    assert SAY["en"].days_ago(92) == "3 months ago"
    assert SAY["en"].days_ahead(3) == "in 3 days"
    assert SAY["vi"].duration(Duration(amount=24, unit="hour")) == "24 giờ"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name_and_a_flag(language: str) -> None:
    names = [SAY[language].country(code) for code in COUNTRIES]
    assert len(set(names)) == len(COUNTRIES)
    assert not set(names) & set(COUNTRIES)
    assert all(len(flag(code)) == 2 for code in COUNTRIES)


def test_urdu_isolates_what_is_filled_in() -> None:
    """UAX 9: a Latin name inside right-to-left text keeps its own direction."""
    shown = SAY["ur"]("Oldest fact: as of {date}", date="Coins.ph")
    assert isolate("Coins.ph") in shown
    assert isolate(isolate("a")) == isolate("a")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_what_is_filled_in_cannot_break_a_text(value: str, language: str) -> None:
    """Braces and percent signs of a member are text, never a placeholder."""
    assert value in SAY[language]("Oldest fact: as of {date}", date=value)


def test_thai_dates_may_count_from_the_buddhist_era() -> None:
    """2026 is 2569 there; no other language changes."""
    spoken = Languages(buddhist_years=True)
    day, moment = date(2026, 4, 13), datetime(2026, 4, 13, 9, 30, tzinfo=UTC)
    assert spoken["th"].date(day) == "13 เม.ย. 2569"
    assert spoken["th"].date(day, weekday=True) == "จ. 13 เม.ย. 2569"
    assert spoken["th"].partial_date("2026-04") == "เม.ย. 2569"
    assert spoken["th"].partial_date("2026") == "2569"
    assert spoken["th"].datetime(moment) == SAY["th"].datetime(moment).replace("2026", "2569")
    assert spoken["en"].date(day) == SAY["en"].date(day)
    assert SAY["th"].date(day) == "13 เม.ย. 2026"
