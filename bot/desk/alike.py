"""Which waiting questions are the same in other words, so that one answer reaches all askers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.knowledge.model import Topic
from bot.understanding.faq import FaqEntry, FaqIndex, Look
from bot.understanding.normalise import normalise
from bot.understanding.question import Question

SAME = 0.9
"""Far above what finds a taught answer (0.65): who is put to the wrong question gets a wrong answer,
who is not put to the right one costs a moderator a minute. On tests/eval/paraphrases.jsonl it finds
half of the paraphrases, and none of 2,675 pairs that are not the same."""
SURE = 0.8
"""Two topics that were told with this confidence make two questions."""
MOST = 500
"""Waiting cases of one language and country that are compared; the oldest give way."""
_NUMBER = re.compile(r"(?<!\w)\d[\d.,]*(?:k|m|jt|rb|tr|%)?(?!\w)")

Group = tuple[str, str | None]
"""Language and country: what else makes questions the same."""


@dataclass(frozen=True)
class Asking:
    text: str
    language: str
    topic: str
    country: str | None
    confidence: float

    def question(self) -> Question:
        topic = Topic(self.topic) if self.topic in set(Topic) else Topic.NONE
        return Question(self.text, self.language, topic, self.confidence, self.country)


class Paraphrases:
    """An index of the cases of each group, made when it is first needed."""

    def __init__(self, new_index: Callable[[], FaqIndex], look: Callable[[str], Look]) -> None:
        self._new_index = new_index
        self._look = look
        self._indexes: dict[Group, FaqIndex] = {}
        self._held: dict[Group, dict[int, Question]] = {}

    def knows(self, group: Group) -> bool:
        return group in self._indexes

    def start(self, group: Group, cases: Iterable[tuple[int, Asking]]) -> None:
        """Takes the group's waiting cases, the oldest first."""
        self._indexes[group], self._held[group] = self._new_index(), {}
        for case_id, asking in cases:
            self.add(group, case_id, asking)

    def add(self, group: Group, case_id: int, asking: Asking) -> None:
        question = asking.question()
        entry = FaqEntry(str(case_id), (question.text,), question.topic)
        self._indexes[group].add(entry, [self._look(question.text)])
        held = self._held[group]
        held[case_id] = question
        if len(held) > MOST:
            self.remove(group, next(iter(held)))

    def remove(self, group: Group, case_id: int) -> None:
        self._indexes[group].remove(str(case_id))
        self._held[group].pop(case_id, None)

    def find(self, group: Group, asking: Asking) -> list[int]:
        """Cases that ask the same, the likest first."""
        question = asking.question()
        hits = self._indexes[group].alike(self._look(question.text), question, SAME)
        held = self._held[group]
        return [int(h.id) for h in hits if _may_be_same(held[int(h.id)], question)]


def _may_be_same(a: Question, b: Question) -> bool:
    if _NUMBER.findall(normalise(a.text)) != _NUMBER.findall(normalise(b.text)):
        return False
    if a.topic is b.topic:
        return True
    return Topic.NONE in (a.topic, b.topic) and min(a.confidence, b.confidence) < SURE
