"""Measures understanding on the questions that nothing was learned from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.answers.jsonl import asker_of
from bot.wiring import Core

QUESTIONS = Path(__file__).parent / "questions.jsonl"
OUTSIDE = Path(__file__).parent / "outside.jsonl"
"""By authors who had seen nothing of the project."""


@dataclass(frozen=True)
class Result:
    question: dict[str, Any]
    topic: str
    country: str | None
    entity: str | None
    language: str

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = self.question["expect"]
        return found

    @property
    def topic_right(self) -> bool:
        return self.topic == self.expected["topic"]

    @property
    def all_right(self) -> bool:
        return (
            self.topic_right
            and self.country == self.expected["country"]
            and self.entity == self.expected["entity"]
        )

    @property
    def language_right(self) -> bool:
        return self.language == str(self.question["lang"])


def read_questions(split: str = "measure") -> list[dict[str, Any]]:
    lines = QUESTIONS.read_text("utf-8").splitlines()
    return [q for q in map(json.loads, lines) if q["split"] == split]


def read_outside() -> list[dict[str, Any]]:
    return list(map(json.loads, OUTSIDE.read_text("utf-8").splitlines()))


def measure(core: Core, questions: Iterable[dict[str, Any]]) -> list[Result]:
    platforms = core.store.current.platforms
    results = []
    for question in questions:
        asker = asker_of(question["user_lang"], question["chat_country"])
        read = core.answers.understanding.understand(question["text"], asker)
        none = read.topic.value == "none"
        platform = platforms.get(read.platform or "")
        results.append(
            Result(
                question,
                read.topic.value,
                None if none else read.country,
                platform.name if platform and not none else None,
                read.language,
            )
        )
    return results


def share(results: Iterable[Result], right: Callable[[Result], bool]) -> float:
    found = [right(r) for r in results]
    return sum(found) / len(found) if found else 1.0


def figures(results: list[Result]) -> dict[str, float]:
    to_decline = [r for r in results if r.expected["topic"] == "none"]
    declined = [r for r in results if r.topic == "none"]
    return {
        "topic": share(results, lambda r: r.topic_right),
        "all": share(results, lambda r: r.all_right),
        "language": share(results, lambda r: r.language_right),
        "declined_of_those_to_decline": share(to_decline, lambda r: r.topic == "none"),
        "wrongly_declined_of_those_declined": 1 - share(declined, lambda r: r.topic_right),
    }


def confusion(results: list[Result]) -> Counter[tuple[str, str]]:
    return Counter((r.expected["topic"], r.topic) for r in results)
