"""Promotions: their window in each country's own days, the gate, and festivals without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.model import ShowTopic
from bot.clock import FixedClock
from bot.knowledge.model import Topic
from bot.promotions.board import unplanned
from bot.promotions.model import BadWindow, Missing, Phase, Promotion, missing, read_window
from bot.wiring import Core, build_core

TODAY = date(2027, 4, 1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2027, 4, 10, 10, 0, tzinfo=UTC))


@pytest.fixture
def own(tmp_path: Path, clock: FixedClock) -> Core:
    return build_core(tmp_path / "sampan.db", clock=clock)


def songkran(core: Core, **values: object) -> Promotion:
    p = core.promotions.create("Songkran quiz", 1)
    given = {"countries": ("TH", "SG", "CN", "VN"), "starts_on": date(2027, 4, 11),
             "ends_on": date(2027, 4, 15), "terms_url": "https://example.com/t",
             "festival": "songkran"}  # fmt: skip
    core.promotions.change(p.id, **{**given, **values})
    core.promotions.put_text(p.id, "en", "Answer three questions, win a T-shirt.")
    core.promotions.put_text(p.id, "th", "ตอบสามคำถาม รับเสื้อ")
    return core.promotions.publish(p.id)


def test_it_starts_at_midnight_of_each_country(own: Core, clock: FixedClock) -> None:
    """17:00 UTC on the 10th is already the 11th in Bangkok; in Singapore it came an hour before."""
    songkran(own)
    clock.moment += timedelta(hours=6, minutes=30)
    assert [p.title for p in own.board.shown("SG").running] == ["Songkran quiz"]
    assert own.board.shown("TH").running == () and len(own.board.shown("TH").coming) == 1
    before = own.board.fingerprint()
    clock.moment += timedelta(hours=1)
    assert len(own.board.shown("TH").running) == 1
    assert own.board.fingerprint() != before
    clock.moment += timedelta(days=5)
    assert own.board.shown("TH").running == ()


def test_the_gate_keeps_it_from_countries_that_forbid_it(own: Core, clock: FixedClock) -> None:
    songkran(own)
    clock.moment += timedelta(days=2)
    shown = {c: len(own.board.shown(c).running) for c in ("TH", "SG", "CN", "VN", "PH")}
    assert shown == {"TH": 1, "SG": 1, "CN": 0, "VN": 0, "PH": 0}
    assert own.board.shown(None).running == ()


def test_a_platform_is_shown_only_where_it_is_licensed_and_proven(
    own: Core, clock: FixedClock
) -> None:
    p = songkran(own, platform="upbit")
    clock.moment += timedelta(days=2)
    assert own.board.shown("TH").running == () == own.board.shown("SG").running
    own.promotions.change(p.id, proof="MAS licence; the group is linked from upbit.sg")
    assert len(own.board.shown("SG").running) == 1


def test_members_read_it_in_their_language_with_terms_and_warning(
    own: Core, clock: FixedClock
) -> None:
    songkran(own)
    clock.moment += timedelta(days=2)
    today = clock.now().date()
    thai = own.answers.show(ShowTopic(Topic.PROMO, "TH"), "th", today)[1].text
    assert "ตอบสามคำถาม" in thai and "https://example.com/t" in thai
    english = own.answers.show(ShowTopic(Topic.PROMO, "SG"), "en", today)[1].text
    assert "until Thu, Apr 15, 2027" in english and "lose all your money" in english
    china = own.answers.show(ShowTopic(Topic.PROMO, "CN"), "en", today)[1].text
    assert "T-shirt" not in china and "article" in china


def test_an_ended_promotion_is_gone(own: Core, clock: FixedClock) -> None:
    p = songkran(own)
    clock.moment += timedelta(days=2)
    assert own.promotions.end(p.id).phase(date(2027, 4, 12)) is Phase.OVER
    assert own.board.shown("TH").running == ()


def test_what_is_missing_is_told_all_at_once() -> None:
    assert missing(Promotion(1, "x"), TODAY) == [
        Missing.WINDOW, Missing.COUNTRIES, Missing.TERMS, Missing.TEXT,
    ]  # fmt: skip
    past = Promotion(1, "x", starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 2))
    assert Missing.OVER in missing(past, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-04-10 to 2027-04-16", (date(2027, 4, 10), date(2027, 4, 16))),
        ("2027/04/10, 2027/04/16", (date(2027, 4, 10), date(2027, 4, 16))),
        ("2027-04-10", BadWindow.UNREADABLE),
        ("2027-02-30 2027-04-16", BadWindow.UNREADABLE),
        ("2027-04-16 2027-04-10", BadWindow.BACKWARDS),
        ("2027-03-01 2027-03-02", BadWindow.PAST),
        ("2027-04-10 2029-04-10", BadWindow.TOO_LONG),
    ],
)
def test_windows_are_read(text: str, expected: object) -> None:
    assert read_window(text, TODAY) == expected


@given(st.text(max_size=60))
def test_junk_is_no_window(text: str) -> None:
    read_window(text, TODAY)


def test_a_festival_without_a_campaign_is_unplanned_and_reminded_of_once(own: Core) -> None:
    soon = unplanned(own.festivals, own.promotions, date(2027, 3, 23), 21)
    found = next(o for o in soon if o.festival.id == "songkran")
    assert own.promotions.remind("songkran", found.day)
    assert not own.promotions.remind("songkran", found.day)
    songkran(own)
    later = unplanned(own.festivals, own.promotions, date(2027, 3, 23), 21)
    assert "songkran" not in {o.festival.id for o in later}
    assert all(o.festival.tone == "joyful" for o in soon)
