"""What Telegram may send is read and kept, half a surrogate pair too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import jsons

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(VALUES)
def test_everything_comes_back_as_it_was(value: object) -> None:
    assert jsons.loads(jsons.dumps(value)) == value
    assert jsons.loads(jsons.dumps(value).decode()) == value


def test_bytes_that_are_not_utf8_are_read_with_a_mark() -> None:
    assert jsons.loads(b'{"text": "a\xff"}') == {"text": "a\ufffd"}


@pytest.mark.parametrize("data", [b"", b"<html>", '{"a":'])
def test_what_is_not_json_is_a_value_error(data: bytes | str) -> None:
    with pytest.raises(ValueError):
        jsons.loads(data)
