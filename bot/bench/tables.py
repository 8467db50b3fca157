"""What a bench found, as Markdown: nested figures become tables, single ones lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Found = Mapping[str, Any]
WIDE = 8
"""Columns, above which a table of named rows is turned on its side."""


def as_markdown(results: Mapping[str, Found]) -> str:
    """All benches' results, a heading each."""
    return "\n".join(line for name, found in results.items() for line in _section(name, found, 2))


def _section(name: str, found: Found, depth: int) -> Iterator[str]:
    yield f"{'#' * depth} {name}"
    yield ""
    single = {key: value for key, value in found.items() if _is_single(value) and key != "bench"}
    yield from (f"- {key}: {_shown(value)}" for key, value in single.items())
    if single:
        yield ""
    for key, value in found.items():
        if _is_single(value):
            continue
        if isinstance(value, Mapping) and not all(_is_flat(row) for row in value.values()):
            yield from _section(key, value, depth + 1)
        else:
            yield from (f"{key}:", "", *_table(_rows(value)), "")


def _rows(value: Mapping[str, Any] | Sequence[Found]) -> list[Found]:
    if isinstance(value, Mapping):
        return [{"": name, **row} for name, row in value.items()]
    return list(value)


def _table(rows: Sequence[Found]) -> Iterator[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > WIDE and "" in names:
        rows = _turned(rows, names)
        names = list(rows[0])
    yield f"| {' | '.join(name.replace('_', ' ') for name in names)} |"
    yield f"| {' | '.join('---' for _ in names)} |"
    for row in rows:
        yield f"| {' | '.join(_shown(row.get(name, '')) for name in names)} |"


def _turned(rows: Sequence[Found], names: Sequence[str]) -> list[Found]:
    """Its columns as rows: few things with many figures each."""
    return [
        {"": name.replace("_", " "), **{str(row[""]): row.get(name, "") for row in rows}}
        for name in names
        if name
    ]


def _is_flat(value: object) -> bool:
    """Whether it can be a row of a table."""
    return isinstance(value, Mapping) and all(_is_single(one) for one in value.values())


def _is_single(value: object) -> bool:
    if isinstance(value, Mapping):
        return False
    return not isinstance(value, list) or not any(isinstance(one, Mapping) for one in value)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "nothing"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
