"""Bad links are found however they are written; others are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.shield.links import addresses, as_entry, bad_address

BAD = frozenset({"evil.com", "t.me/badgroup"})


def bad(text: str, *hidden: str) -> str | None:
    return bad_address(addresses(text, hidden), BAD)


@pytest.mark.parametrize(
    "text",
    ["evil.com", "EVIL.COM", "http://evil.com/win", "hxxps://evil.com", "evil [dot] com", "evil(dot)com", "evil{.}com",
     "evil dot com", "evil . com", "ｅｖｉｌ．ｃｏｍ", "evil。com", "e\u200bvil.com", "еvil.com", "www.evil.com",
     "login.evil.com/x?y=1", "看evil.com领取", "xn--vil-qdd.com"],
)  # fmt: skip
def test_a_bad_link_is_found(text: str) -> None:
    assert bad(f"join {text} now") == "evil.com"


def test_the_address_behind_a_word_counts() -> None:
    assert bad("press here", "https://evil.com/claim") == "evil.com"


def test_a_telegram_group_is_told_by_its_name() -> None:
    assert bad("https://t.me/BadGroup") == "t.me/badgroup"
    assert bad("https://t.me/goodgroup") is None


@pytest.mark.parametrize(
    "text",
    [
        "notevil.com",
        "evil.company",
        "evil.com.vn",
        "devil.comic",
        "evil, come on",
        "no links. commonly",
        "",
    ],
)
def test_others_are_left_alone(text: str) -> None:
    assert bad(text) is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [("https://www.Evil[.]com/", "evil.com"), ("evil.com/x/y?z", "evil.com/x"), ("t.me/BadGroup", "t.me/badgroup"),
     ("t.me", None), ("nonsense", None), ("", None), ("a b c", None), ("javascript:alert(1)", None)],
)  # fmt: skip
def test_what_a_moderator_writes_is_evened_out(written: str, kept: str | None) -> None:
    assert as_entry(written) == kept


@given(st.text(max_size=5000))
def test_no_text_is_too_much(text: str) -> None:
    bad(text)
    as_entry(text)


@pytest.mark.parametrize(
    "text", ["a." * 3000, "-" * 5000, "evil dot " * 600, "." * 5000, " . " * 1500, "1.1" * 1500]
)
def test_hostile_text_costs_little(text: str) -> None:
    import time

    before = time.process_time()
    bad(text)
    assert (
        time.process_time() - before < 0.5
    )  # a moment even on a busy machine; milliseconds in fact
