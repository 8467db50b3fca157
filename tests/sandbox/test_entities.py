"""HTML and plain text to text and entities, as Telegram's own parser has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import detect, formatted
from bot.sandbox.errors import ApiError
from bot.sandbox.html import utf16_len, utf16_slice
from bot.sandbox.render import to_html

TAGS = st.sampled_from(["b", "i", "u", "s", "tg-spoiler", "code", "blockquote"])
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="<>&/@#."),
    min_size=1,
)


def spans(html: str) -> list[tuple[str, str]]:
    """(type, covered text) of each entity."""
    text, entities = formatted(html, "HTML", None)
    return [(it["type"], utf16_slice(text, it["offset"], it["length"])) for it in entities]


def refusal(html: str) -> str:
    with pytest.raises(ApiError) as caught:
        formatted(html, "HTML", None)
    return caught.value.description.removeprefix("Bad Request: can't parse entities: ")


@given(st.lists(st.tuples(TAGS, WORDS, WORDS), max_size=8))
def test_offsets_are_utf16_and_html_round_trips(
    parts: list[tuple[str, str, str]],
) -> None:
    html = "".join(f"{between}<{tag}>{word}</{tag}>" for tag, word, between in parts) + "x"
    text, entities = formatted(html, "HTML", None)
    covered = [utf16_slice(text, it["offset"], it["length"]) for it in entities]
    assert covered == [word for _, word, _ in parts]
    assert formatted(to_html(text, entities), "HTML", None) == (text, entities)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert formatted(html, "HTML", None)[0] == text.strip()


def test_all_tags_of_html_style() -> None:
    assert spans("<strong>a</strong><em>b</em><ins>c</ins><del>d</del><strike>e</strike>") == [
        ("bold", "a"),
        ("italic", "b"),
        ("underline", "c"),
        ("strikethrough", "d"),
        ("strikethrough", "e"),
    ]
    assert spans('<span class="tg-spoiler">x</span>') == [("spoiler", "x")]
    assert spans("<blockquote expandable>x</blockquote>") == [("expandable_blockquote", "x")]
    assert spans("<blockquote>x</blockquote>") == [("blockquote", "x")]


def test_pre_with_language_and_link() -> None:
    _, (pre,) = formatted('<pre><code class="language-python">x=1</code></pre>', "HTML", None)
    assert pre == {"type": "pre", "offset": 0, "length": 3, "language": "python"}
    _, (link,) = formatted('<a href="https://sbv.gov.vn?a=1&amp;b=2">SBV</a>', "HTML", None)
    assert link["url"] == "https://sbv.gov.vn/?a=1&b=2"
    _, (mention,) = formatted('<a href="tg://user?id=42">Linh</a>', "HTML", None)
    assert mention["type"] == "text_mention" and mention["user"]["id"] == 42


def test_a_bad_link_leaves_plain_text() -> None:
    assert formatted('<a href="javascript:alert(1)">x</a>', "HTML", None) == ("x", [])


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("hello world <x>", 'Unsupported start tag "x" at byte offset 12'),
        ("ưu <x>", 'Unsupported start tag "x" at byte offset 4'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_refusals_in_telegrams_words(html: str, reason: str) -> None:
    assert refusal(html) == reason


def test_only_four_named_references_are_decoded() -> None:
    assert (
        formatted("&lt;&gt;&amp;&quot;&#128241;&#x41; &nbsp;&", "HTML", None)[0]
        == '<>&"📱A &nbsp;&'
    )


def test_markdown_is_refused_with_the_reason() -> None:
    with pytest.raises(ApiError, match="the sandbox has no MarkdownV2"):
        formatted("*x*", "MarkdownV2", None)


def test_explicit_entities_are_kept_and_checked() -> None:
    bold = {"type": "bold", "offset": 3, "length": 2}
    assert formatted("🇻🇳x", "", [{"type": "bold", "offset": 4, "length": 1}])[1][0]["offset"] == 4
    with pytest.raises(ApiError, match="begins in a middle of a UTF-16 symbol at byte offset 4"):
        formatted("🇻🇳x", "", [bold])


def test_blank_ends_are_cut_and_offsets_follow() -> None:
    text, (bold,) = formatted("\n  <b> x</b>  ", "HTML", None)
    assert (text, bold["offset"], bold["length"]) == ("x", 0, 1)


def test_code_takes_no_other_formatting() -> None:
    assert spans("<b>a<code>b</code>c</b>") == [
        ("bold", "a"),
        ("code", "b"),
        ("bold", "c"),
    ]


def test_a_quote_inside_a_quote_is_dropped() -> None:
    html = "<blockquote>a<blockquote>b</blockquote></blockquote>"
    assert spans(html) == [("blockquote", "ab")]


def test_at_most_a_hundred_entities() -> None:
    assert len(formatted("<b>x</b>y" * 150, "HTML", None)[1]) == 100


def test_commands_mentions_and_links_are_found_in_plain_text() -> None:
    text = (
        "/p2p@SampanDeskBot hỏi @nok_mod về https://sec.gov.ph/x, #scam và coins.ph nhé a/b c@d.vn"
    )
    found = [(it["type"], utf16_slice(text, it["offset"], it["length"])) for it in detect(text)]
    assert found == [
        ("bot_command", "/p2p@SampanDeskBot"),
        ("mention", "@nok_mod"),
        ("url", "https://sec.gov.ph/x"),
        ("hashtag", "#scam"),
        ("url", "coins.ph"),
    ]


@given(st.text())
def test_length_in_utf16_units(text: str) -> None:
    assert utf16_len(text) == sum(2 if ord(char) > 0xFFFF else 1 for char in text)
