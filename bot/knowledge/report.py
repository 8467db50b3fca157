"""How much is known, and how old it is: countries by topics, as text and as a heat map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median

from markupsafe import Markup

from bot.knowledge.base import Knowledge, first_day
from bot.knowledge.model import Topic

TOPICS = (
    Topic.REGULATION, Topic.TAX, Topic.ONRAMP, Topic.P2P, Topic.PLATFORM, Topic.STOCKS,
    Topic.SAFETY, Topic.PROMO, Topic.REFERRAL,
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    country: str | None
    counts: dict[Topic, int]
    total: int
    median_age_days: int
    stale_share: float


def coverage(knowledge: Knowledge, today: date) -> list[Row]:
    """One row a country, and one for what belongs to none."""
    return [_row(knowledge, code, today) for code in (*knowledge.countries, None)]


def _row(knowledge: Knowledge, country: str | None, today: date) -> Row:
    facts = [f for f in knowledge.all_facts() if knowledge.country_of(f.id) == country]
    ages = [(today - first_day(f.as_of)).days for f in facts]
    stale = sum(first_day(f.review_by) < today for f in facts)
    return Row(
        country, {t: sum(f.topic is t for f in facts) for t in TOPICS}, len(facts),
        int(median(ages)) if ages else 0, stale / len(facts) if facts else 0.0,
    )  # fmt: skip


def as_text(rows: list[Row]) -> str:
    head = ["", *(t.value[:8] for t in TOPICS), "facts", "age d", "stale"]
    lines = ["  ".join(f"{h:>8}" for h in head)]
    for row in rows:
        cells = [row.country or "none", *(str(row.counts[t]) for t in TOPICS), str(row.total),
                 str(row.median_age_days), f"{row.stale_share:.0%}"]  # fmt: skip
        lines.append("  ".join(f"{c:>8}" for c in cells))
    lines.append(f"{sum(r.total for r in rows)} facts in all")
    return "\n".join(lines)


def _shade(count: int, most: int) -> str:
    """White for nothing, then ever deeper green."""
    if count == 0:
        return "#fff"
    light = 92 - round(52 * (count / most) ** 0.5)
    return f"hsl(160 45% {light}%)"


_STYLE = """
body{font:15px/1.4 system-ui,sans-serif;margin:2rem;color:#123;background:#fff}
table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.4rem 0}
th,td{padding:.45rem .7rem;text-align:right;border:1px solid #dde4e8}
th:first-child{text-align:left}td.stale{background:#ffe3d8}p{max-width:46rem}
"""


def as_html(rows: list[Row], today: date) -> str:
    most = max(max(row.counts.values()) for row in rows) or 1
    head = Markup("").join(Markup("<th scope=col>{}</th>").format(t.value) for t in TOPICS)
    body = Markup("").join(_html_row(row, most) for row in rows)
    page = Markup(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sampan: what is known</title>"
        "<meta name=viewport content='width=device-width'><style>{style}</style>"
        "<h1>What Sampan knows</h1><p>Facts by country and topic on {day}; the deeper the green, the more. "
        "Age is the median of the facts' dates in days; stale is the share past its review date.</p>"
        "<table><caption>{total} facts</caption><tr><th scope=col>country</th>{head}"
        "<th scope=col>facts</th><th scope=col>age (days)</th><th scope=col>stale</th></tr>{body}</table></html>"
    )
    total = sum(r.total for r in rows)
    return str(
        page.format(style=Markup(_STYLE), day=today.isoformat(), total=total, head=head, body=body)
    )


def _html_row(row: Row, most: int) -> Markup:
    cells = Markup("").join(
        Markup("<td style='background:{}'>{}</td>").format(
            _shade(row.counts[t], most), row.counts[t] or ""
        )
        for t in TOPICS
    )
    stale = Markup("<td{}>{:.0%}</td>").format(
        Markup(" class=stale") if row.stale_share > 0.25 else "", row.stale_share
    )
    return Markup("<tr><th scope=row>{}</th>{}<td>{}</td><td>{}</td>{}</tr>").format(
        row.country or "no country", cells, row.total, row.median_age_days, stale
    )
