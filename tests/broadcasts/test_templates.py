"""Texts of broadcasts: what is filled in, how long it is then, and what is wrong, all at once."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.model import Button
from bot.broadcasts.templates import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    Fault,
    Problem,
    Values,
    fill,
    problems,
    read_buttons,
    utf16,
    visible,
)

VALUES = Values("Ploy <3", "สงกรานต์", "13 เม.ย. 2027", "https://t.me/SampanDeskBot?start=r1")


def faults(source: str, **more: object) -> set[Fault]:
    return {p.fault for p in problems(source, TEXT_LIMIT, [VALUES], **more)}  # type: ignore[arg-type]


def test_placeholders_are_filled_and_what_a_person_is_called_is_escaped() -> None:
    shown = fill("<b>Hi {first_name}</b>, {festival}: {local_date} {{sic}}", VALUES)
    assert shown == "<b>Hi Ploy &lt;3</b>, สงกรานต์: 13 เม.ย. 2027 {sic}"
    assert visible(shown) == "Hi Ploy <3, สงกรานต์: 13 เม.ย. 2027 {sic}"


def test_a_value_is_never_filled_again() -> None:
    assert fill("{first_name}", Values(first_name="{ref_link}")) == "{ref_link}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hello {name}", Fault.UNKNOWN),
        ("Hello {first_name", Fault.BRACE),
        ("Hello first_name}", Fault.BRACE),
        ("Hello {first<b>_name</b>}", Fault.UNKNOWN),
        ("Hello {}", Fault.UNKNOWN),
        ("  ", Fault.EMPTY),
        ("<b> </b>", Fault.EMPTY),
        ("<b>open", Fault.HTML),
        ("<script>x</script>", Fault.HTML),
        ("<b><i>x</b></i>", Fault.HTML),
        ("a<br/>b", Fault.HTML),
        ("x" * 4097, Fault.TOO_LONG),
    ],
)
def test_what_is_wrong_is_told(source: str, expected: Fault) -> None:
    assert expected in faults(source)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert faults("<b>{oops} {" + "x" * 5000) == {
        Fault.UNKNOWN, Fault.BRACE, Fault.HTML, Fault.TOO_LONG,
    }  # fmt: skip


def test_a_festival_placeholder_wants_a_festival() -> None:
    assert faults("{festival}!", festival=False) == {Fault.NO_FESTIVAL}
    assert faults("{festival}!", festival=True) == set()


def test_length_is_counted_in_utf16_after_filling_with_the_warning_below() -> None:
    """An emoji is two; markup is none; the longest name and the warning count."""
    long_name = Values(first_name="🧧" * 64)
    text = "<b>" + "x" * (CAPTION_LIMIT - 128) + "</b>{first_name}"
    assert problems(text, CAPTION_LIMIT, [VALUES, long_name]) == []
    (problem,) = problems(text, CAPTION_LIMIT, [VALUES, long_name], tail="\n")
    assert problem == Problem(Fault.TOO_LONG, length=CAPTION_LIMIT + 1, limit=CAPTION_LIMIT)


def test_buttons_are_read_a_line_each() -> None:
    links, wrong = read_buttons(
        "Terms - https://example.com/terms\n\nInvite a friend - {ref_link}\n"
        "Just words\nBad - javascript:alert(1)\nNo host - https://x\nLogin - https://a@evil.example/\n"
        + "x" * 65 + " - https://example.com"
    )  # fmt: skip
    assert links == [
        Button("Terms", "https://example.com/terms"), Button("Invite a friend", "{ref_link}"),
    ]  # fmt: skip
    assert [p.fault for p in wrong] == [Fault.BUTTON] * 5


def test_too_many_buttons() -> None:
    _, wrong = read_buttons("\n".join(f"B{n} - https://example.com/{n}" for n in range(9)))
    assert [p.fault for p in wrong] == [Fault.BUTTONS]


@given(st.text(max_size=200), st.text(max_size=64))
def test_any_text_and_any_name_can_be_written(words: str, name: str) -> None:
    """Escaped words with doubled braces are sound, and are read back as they were written."""
    source = html.escape(words.replace("{", "{{").replace("}", "}}"))
    shown = fill(source + "{first_name}", Values(first_name=name))
    assert visible(shown) == words + name
    assert utf16(visible(shown)) == utf16(words) + utf16(name)
    assert {p.fault for p in problems(source, TEXT_LIMIT, [VALUES])} <= {Fault.EMPTY}


@given(st.text(max_size=400))
def test_junk_never_fails(text: str) -> None:
    problems(text, TEXT_LIMIT, [VALUES])
    read_buttons(text)
    fill(text, VALUES)
