"""What became of a broadcast: numbers, and a CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.broadcasts.model import Counts, Delivered, Delivery, Link, Tally

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = ("chat_id", "country", "language", "state", "reason", "rule", "message_id", "at_utc")


@dataclass(frozen=True)
class Report:
    counts: Counts
    failed: tuple[tuple[str, int], ...]
    """Reasons, the commonest first."""
    held: tuple[tuple[str | None, str | None, int], ...]
    """Country, rule (a fact's id), how many."""
    by_country: tuple[tuple[str | None, int, int], ...]
    """Country, sent, not sent; the largest first."""
    links: tuple[Link, ...]
    seconds: float | None = None

    @property
    def clicks(self) -> int:
        return sum(link.clicks for link in self.links)


def report(
    counts: Counts, tally: Iterable[Tally], links: Sequence[Link],
    started: datetime | None = None, finished: datetime | None = None,
) -> Report:  # fmt: skip
    failed: Counter[str] = Counter()
    held: Counter[tuple[str | None, str | None]] = Counter()
    sent: Counter[str | None] = Counter()
    other: Counter[str | None] = Counter()
    for row in tally:
        if row.state is Delivered.FAILED:
            failed[row.reason or "?"] += row.count
        elif row.state is Delivered.HELD:
            held[row.country, row.rule] += row.count
        (sent if row.state is Delivered.SENT else other)[row.country] += row.count
    places = sorted({*sent, *other}, key=lambda c: (-sent[c] - other[c], c or "~"))
    seconds = (finished - started).total_seconds() if started and finished else None
    return Report(
        counts, tuple(failed.most_common()),
        tuple((c, r, n) for (c, r), n in sorted(held.items(), key=lambda i: (i[0][0] or "~", -i[1]))),
        tuple((c, sent[c], other[c]) for c in places), tuple(links), seconds,
    )  # fmt: skip


def safe(cell: object) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP,
    CSV injection); a plain negative number stays one."""
    text = "" if cell is None else str(cell)
    number = text[1:].isdigit() and text[0] == "-"
    return f"'{text}" if text.startswith(_DANGEROUS) and not number else text


def as_csv(rows: Iterable[Delivery]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to see that it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        at = datetime.fromtimestamp(row.at, UTC).isoformat() if row.at else ""
        cells = (row.chat_id, row.country, row.language, row.state.value, row.reason, row.rule, row.message_id, at)  # fmt: skip
        writer.writerow([safe(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")
