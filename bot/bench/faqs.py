"""What a look-up costs beside 10, 1,000 and 100,000 taught answers."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.bench.sending import memory_mib
from bot.bench.server import percentile
from bot.knowledge.model import Topic
from bot.understanding.concepts import ConceptIndex, fold_words
from bot.understanding.faq import FaqEntry, FaqIndex, Glance, read_ordinary, read_words
from bot.understanding.normalise import fold, normalise
from bot.understanding.question import Question, Understanding
from bot.understanding.train import read_examples

SIZES = (10, 1_000, 100_000)
ROUNDS = 60


def taught_questions(seed: int = 7) -> Iterator[tuple[str, str]]:
    """Endless questions with their topics: the examples, then halves of two of one topic."""
    examples = read_examples()
    random.Random(seed).shuffle(examples)
    yield from ((e.text, e.topic) for e in examples)
    for step in itertools.count(1):
        for first, second in zip(examples, examples[step:], strict=False):
            if first.language == second.language:
                head, tail = len(first.text) // 2, len(second.text) // 2
                yield first.text[:head] + second.text[tail:], first.topic


def measure(understanding: Understanding, sets: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """By the number of taught answers: their memory, and the milliseconds that a look-up adds to
    reading a message."""
    reader = understanding.reader

    def glance(text: str) -> Glance:
        folded = fold(normalise(text))
        return Glance(folded, reader.names.find(folded))

    index = FaqIndex(
        reader.concepts, ConceptIndex(fold_words(read_words())), ordinary=read_ordinary()
    )
    asked = {
        name: [(t, understanding.understand(t)) for t in texts] for name, texts in sets.items()
    }
    questions = taught_questions()
    first_one = next(questions)  # reading them all is no memory of the index's
    idle = memory_mib()
    rows: dict[str, dict[str, float]] = {}
    for size in SIZES:
        while len(index) < size:
            text, topic = next(questions) if len(index) else first_one
            index.add(FaqEntry(str(len(index)), (text,), Topic(topic)), [glance(text)])
        row = rows[f"taught_{size}"] = {"memory_mib": round(memory_mib() - idle, 1)}
        for name, texts in asked.items():
            spent = list(_timed(lambda text, q: index.find(glance(text), q), texts))
            row[f"{name}_p50_ms"] = round(percentile(spent, 0.5), 4)
            row[f"{name}_p99_ms"] = round(percentile(spent, 0.99), 4)
    first, *_, last = (row["questions_p50_ms"] for row in rows.values())
    return {**rows, f"ratio_{SIZES[-1]}_to_{SIZES[0]}": round(last / first, 1)}


def _timed(
    find: Callable[[str, Question], object], asked: Sequence[tuple[str, Question]]
) -> Iterator[float]:
    for _ in range(ROUNDS):
        for text, question in asked:
            begun = time.perf_counter()
            find(text, question)
            yield 1000 * (time.perf_counter() - begun)
