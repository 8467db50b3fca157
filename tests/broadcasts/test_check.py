"""What a broadcast is checked for, and the message that a reader gets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.broadcasts.check import Checked, Error, check
from bot.broadcasts.message import Recipient, Writer
from bot.broadcasts.model import Broadcast, Button, Draft, Kind, Schedule, State, Variant, When
from bot.clock import FixedClock
from bot.understanding.names import NameKind
from bot.wiring import Core, build_core

NOW = datetime(2027, 4, 1, tzinfo=UTC)
SONGKRAN = Schedule(When.FESTIVAL, festival="songkran", days_before=3, time=time(9))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Core:
    path: Path = tmp_path_factory.mktemp("check") / "sampan.db"
    return build_core(path, clock=FixedClock(NOW))


@pytest.fixture
def writer(own: Core) -> Writer:
    return Writer(
        own.store,
        own.festivals,
        own.languages,
        own.promotions,
        lambda chat: f"https://t.me/x?{chat}",
    )


def broadcast(draft: Draft, *variants: Variant) -> Broadcast:
    found = {v.language: v for v in variants}
    return Broadcast(1, draft, State.DRAFT, 7, None, found, "", None, None, NOW, NOW)


def checked(own: Core, writer: Writer, b: Broadcast, **countries: int) -> Checked:
    def names(text: str) -> set[str]:
        mentions = own.answers.understanding.read(text).mentions
        return {m.id for m in mentions if m.kind is NameKind.PLATFORM}

    return check(b, writer, names, countries, {"en": sum(countries.values())}, None)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [(Kind.PROMOTION, True), (Kind.FESTIVAL, True), (Kind.EDUCATION, True), (Kind.SERVICE, False)],
)
def test_only_a_notice_may_name_a_platform_that_it_is_not_for(
    own: Core, writer: Writer, kind: Kind, refused: bool
) -> None:
    b = broadcast(Draft("x", kind), Variant("en", "Binance says hello."))
    found = checked(own, writer, b, TH=1)
    assert (Error.PLATFORM in {f.error for f in found.errors}) is refused


def test_a_greeting_for_a_platform_is_a_promotion(own: Core, writer: Writer) -> None:
    b = broadcast(Draft("x", Kind.FESTIVAL, "binance"), Variant("en", "Binance says hello."))
    assert [f.error for f in checked(own, writer, b, CN=3, KR=1).errors] == [Error.ALL_HELD]


def test_readers_without_a_text_of_their_own_need_one_in_the_main_language(
    own: Core, writer: Writer
) -> None:
    thai_alone = broadcast(Draft("x", Kind.SERVICE, language="en"), Variant("th", "สวัสดี"))
    found = checked(own, writer, thai_alone, TH=3)
    assert {f.error for f in found.errors} == {Error.NO_DEFAULT}
    both = broadcast(Draft("x", Kind.SERVICE, language="th"), Variant("th", "สวัสดี"))
    found = checked(own, writer, both, TH=3)
    assert found.sound and found.defaults == {"en": 3}, "told, but sent"


def test_nobody_and_everybody_held_are_told(own: Core, writer: Writer) -> None:
    b = broadcast(Draft("x"), Variant("en", "Hello"))
    assert Error.NOBODY in {f.error for f in checked(own, writer, b).errors}
    assert Error.ALL_HELD in {f.error for f in checked(own, writer, b, CN=9).errors}
    assert checked(own, writer, b, CN=9, TH=1).sound


def test_a_reader_gets_their_language_name_date_warning_and_link(writer: Writer) -> None:
    thai = Variant("th", "{first_name}: {festival} {local_date}", None, ((Button("ลิงก์", "{ref_link}"), Button("T", "https://example.com/t")),))  # fmt: skip
    b = broadcast(Draft("x", schedule=SONGKRAN, language="th"), thai)
    seen: list[str] = []

    def rewrite(language: str, url: str) -> str:
        seen.append(url)
        return "https://go.example.com/1"

    out = writer.write(b, Recipient(5, "TH", "vi", "Ploy <3"), date(2027, 4, 10), rewrite)
    assert out is not None and out.language == "th"
    assert out.html.startswith("Ploy &lt;3: สงกรานต์ 13 เม.ย. 2027") and "⚠️ <i>" in out.html
    assert [x.url for row in out.buttons for x in row] == [
        "https://t.me/x?5", "https://go.example.com/1",
    ]  # fmt: skip
    assert seen == ["https://example.com/t"]


def test_the_warning_of_the_country_counts_towards_the_limit(own: Core, writer: Writer) -> None:
    b = broadcast(Draft("x"), Variant("en", "x" * 4090))
    assert checked(own, writer, b, CN=1, TH=1).errors[0].error is Error.TEMPLATE
    notice = broadcast(Draft("x", Kind.SERVICE), Variant("en", "x" * 4090))
    assert checked(own, writer, notice, TH=1).sound
