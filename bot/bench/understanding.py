"""`bench understanding`: reading one message, beside a bare hash of the same text."""

from __future__ import annotations

import resource
import time
import unicodedata
import zlib
from collections.abc import Callable

from bot.bench import faqs
from bot.bench.server import QUESTIONS, percentile
from bot.understanding.question import Asker
from bot.wiring import build_core

CHATTER = (
    "gm",
    "lol ok",
    "good morning everyone have a nice day",
    "haha nice one bro",
    "ok thanks",
    "🚀🚀🚀",
)
ROUNDS = 300


def timed(read: Callable[[str], object], texts: list[str]) -> list[float]:
    """Milliseconds a text, each timed alone."""
    spent = []
    for _ in range(ROUNDS):
        for text in texts:
            begun = time.perf_counter()
            read(text)
            spent.append(1000 * (time.perf_counter() - begun))
    return spent


def baseline(text: str) -> int:
    """What any reader does at least: even the text out and hash it."""
    return zlib.crc32(unicodedata.normalize("NFKC", text).casefold().encode())


def run() -> dict[str, object]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    core = build_core(":memory:")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    understand = core.answers.understanding.understand
    asker = Asker(group_country="PH")
    rows: dict[str, object] = {}
    sets = {
        "questions": [q for _, q in QUESTIONS],
        "chatter": list(CHATTER),
        "4096_characters": ["usdt ở đâu " * 372],
    }
    for name, texts in sets.items():
        spent = timed(lambda text: understand(text, asker), texts)
        base = timed(baseline, texts)
        rows[name] = {
            "p50_ms": round(percentile(spent, 0.5), 4),
            "p99_ms": round(percentile(spent, 0.99), 4),
            "baseline_p50_ms": round(percentile(base, 0.5), 5),
            "ratio": round(percentile(spent, 0.5) / percentile(base, 0.5), 1),
        }
    rows["look_up"] = faqs.measure(
        core.answers.understanding, {name: sets[name] for name in ("questions", "chatter")}
    )
    return {"bench": "understanding", "memory_mib": round((after - before) / 1024, 1), **rows}
