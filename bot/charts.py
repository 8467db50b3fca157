"""Charts as PNG pictures, drawn by matplotlib in a process of their own.

The bot never imports matplotlib: drawing would hold up answers for a moment and its memory would
stay. Labels come translated from the caller; fonts for every script are those of the system
(the image installs Noto), and what has no glyph there should stay out of a picture.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Literal

SECONDS = 30.0
"""How long drawing may take."""
_FONTS = ["DejaVu Sans", "Noto Sans", "Noto Sans Thai", "Noto Sans Devanagari", "Noto Sans Bengali",
          "Noto Sans Arabic", "Noto Nastaliq Urdu", "Noto Sans CJK SC"]  # fmt: skip


class ChartFailed(Exception):
    """The picture could not be drawn; its text says why."""


@dataclass(frozen=True)
class Series:
    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Chart:
    """`labels` name the points of the x axis (bars: of the y axis); all series are as long."""

    kind: Literal["lines", "columns", "bars", "funnel"]
    title: str
    labels: Sequence[str]
    series: Sequence[Series]


@dataclass(frozen=True)
class Span:
    """A row of a calendar: `first` and `last` are days, counted from the calendar's first."""

    label: str
    first: float
    last: float
    note: str = ""


@dataclass(frozen=True)
class Calendar:
    title: str
    ticks: Sequence[tuple[float, str]]
    """Days from the first, with what to write there."""
    days: int
    spans: Sequence[Span]


async def draw(picture: Chart | Calendar) -> bytes:
    """The PNG. Raises ChartFailed."""
    request = {"what": type(picture).__name__, **asdict(picture)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.charts", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        png, errors = await asyncio.wait_for(
            process.communicate(json.dumps(request).encode()), SECONDS
        )
    except TimeoutError:
        process.kill()
        await process.wait()
        raise ChartFailed(f"drawing took longer than {SECONDS:.0f} s") from None
    if process.returncode != 0:
        raise ChartFailed(errors.decode(errors="replace").strip().rpartition("\n")[2])
    return png


def _plain(text: str) -> str:
    """A dollar sign would begin a formula; emoji and isolates have no glyph."""
    kept = (
        c
        for c in text
        if c.isprintable() and ord(c) < 0x1F000 and c not in "\ufe0f\u2066\u2067\u2068\u2069"
    )
    return "".join(kept).replace("$", r"\$").strip()


def _draw(request: dict[str, Any]) -> bytes:
    import matplotlib as mpl
    from cycler import cycler

    mpl.use("Agg")
    from matplotlib import font_manager
    from matplotlib import pyplot as plt

    have = {font.name for font in font_manager.fontManager.ttflist}
    mpl.rcParams.update({
        "font.family": [name for name in _FONTS if name in have] or ["sans-serif"],
        "axes.spines.top": False, "axes.spines.right": False, "font.size": 11, "axes.grid": True,
        "grid.alpha": 0.25, "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=["#1d6f8f", "#e08e1b", "#5b9b4c", "#b8475f", "#6d5aa8"]),
    })  # fmt: skip
    figure = _calendar(plt, request) if request["what"] == "Calendar" else _chart(plt, request)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=120, bbox_inches="tight", facecolor="white")
    return out.getvalue()


def _chart(plt: Any, request: dict[str, Any]) -> Any:
    labels = [_plain(label) for label in request["labels"]]
    level = request["kind"] in ("bars", "funnel")
    figure, axes = plt.subplots(figsize=(9, max(3.0, 0.45 * len(labels) + 1.5) if level else 4.5))
    places = range(len(labels))
    count = max(1, len(request["series"]))
    for number, series in enumerate(request["series"]):
        label, values = _plain(series["label"]), series["values"]
        if request["kind"] == "lines":
            axes.plot(places, values, marker="o", markersize=3, label=label)
        elif request["kind"] == "columns":
            width = 0.8 / count
            axes.bar(
                [p + (number - (count - 1) / 2) * width for p in places], values, width, label=label
            )
        else:
            height = 0.7 / count
            drawn = axes.barh(
                [p + (number - (count - 1) / 2) * height for p in places],
                values,
                height,
                label=label,
            )
            axes.bar_label(drawn, fmt="{:,.0f}", padding=4)
    if level:
        axes.set_yticks(list(places), labels)
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
    else:
        step = max(1, len(labels) // 12)
        axes.set_xticks(list(places)[::step], labels[::step], rotation=30 if len(labels) > 7 else 0)
        axes.set_ylim(bottom=0)
    if count > 1 or any(s["label"] for s in request["series"]):
        axes.legend(frameon=False)
    axes.set_title(_plain(request["title"]), loc="left", fontweight="bold")
    return figure


def _calendar(plt: Any, request: dict[str, Any]) -> Any:
    spans = request["spans"]
    figure, axes = plt.subplots(figsize=(9, max(2.5, 0.42 * len(spans) + 1.4)))
    for row, span in enumerate(spans):
        wide = max(1.0, span["last"] - span["first"])
        axes.barh(row, wide, left=span["first"], height=0.55)
        text = "  ".join(filter(None, (_plain(span["label"]), _plain(span["note"]))))
        late = span["first"] > request["days"] * 0.6
        axes.text(
            span["first"] - 0.6 if late else span["first"] + wide + 0.6, row, text, va="center",
            ha="right" if late else "left", fontsize=10,
        )  # fmt: skip
    axes.set_xlim(0, request["days"])
    axes.set_ylim(len(spans) - 0.5, -0.5)
    axes.set_xticks([t[0] for t in request["ticks"]], [_plain(t[1]) for t in request["ticks"]])
    axes.set_yticks([])
    axes.grid(axis="y", visible=False)
    axes.set_title(_plain(request["title"]), loc="left", fontweight="bold")
    return figure


if __name__ == "__main__":
    sys.stdout.buffer.write(_draw(json.load(sys.stdin)))
