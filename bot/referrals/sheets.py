"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP)."""
    if isinstance(value, str) and value.lstrip(" \n\u00a0\u200b\ufeff").startswith(_FORMULA):
        return "'" + value
    return value


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell("" if v is None else v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
