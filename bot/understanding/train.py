"""Builds the model from the example questions: the same data give the same file.

Needs scikit-learn (the `dev` extra); the bot itself does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import LANGUAGES, Topic
from bot.understanding.concepts import fold_words, read_concepts
from bot.understanding.features import SIZE
from bot.understanding.model import MODEL_FILE, Meta, Prediction, save_model
from bot.understanding.question import Understanding
from bot.understanding.reader import Reader

EXAMPLES = MODEL_FILE.parent / "examples"


@dataclass(frozen=True)
class Example:
    language: str
    topic: str
    text: str


class ExampleError(Exception):
    """A line of the examples is wrong; its text names file and line."""


def read_examples(root: Path = EXAMPLES) -> list[Example]:
    """Reads `<language>.tsv` files: a topic, a tab, and a text a line; # starts a comment.

    Raises ExampleError with the file and line of the first wrong one.
    """
    examples = []
    topics = {t.value for t in Topic}
    for path in sorted(root.glob("*.tsv")):
        language = path.stem.split(".")[0]
        if language not in LANGUAGES:
            raise ExampleError(f"{path}:1: {language} is not a language of ours")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            topic, tab, text = line.partition("\t")
            if not tab or topic not in topics or not text.strip():
                raise ExampleError(f"{path}:{number}: expected a topic, a tab and a text")
            examples.append(Example(language, topic, text.strip()))
    return examples


def digest(examples: Iterable[Example]) -> str:
    """Tells whether a model was built from these examples."""
    sha = hashlib.sha256()
    for e in sorted(examples, key=lambda e: (e.language, e.topic, e.text)):
        sha.update(f"{e.language}\t{e.topic}\t{e.text}\n".encode())
    for concept, words in sorted(read_concepts().items()):
        sha.update(f"{concept}: {sorted(words)}\n".encode())
    return sha.hexdigest()[:16]


def matrix(texts: list[str], reader: Reader):  # type: ignore[no-untyped-def]
    from scipy.sparse import csr_matrix

    all_rows = [reader.see(text).rows for text in texts]
    pointers = np.concatenate([[0], np.cumsum([len(r) for r in all_rows])])
    values = np.concatenate(
        [np.full(len(r), 1 / np.sqrt(len(r)), dtype=np.float32) for r in all_rows]
    )
    return csr_matrix((values, np.concatenate(all_rows), pointers), shape=(len(texts), SIZE))


@dataclass(frozen=True)
class Head:
    labels: list[str]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


def train_head(x, labels: list[str], strength: float, bayes: float) -> Head:  # type: ignore[no-untyped-def]
    """A linear support vector machine, leaning on naive Bayes for what it has seen little of.

    `strength` is scikit-learn's C; `bayes` the share of naive Bayes beside it. Both are linear,
    so their sum is one set of weights (docs/understanding.md has the figures).
    """
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=strength, dual=True, random_state=7).fit(x, labels)
    weights, bias = machine.coef_.T.astype(np.float32), machine.intercept_.astype(np.float32)
    prior = ComplementNB(alpha=0.3).fit(x, labels).feature_log_prob_.T
    prior = (prior - prior.mean(axis=1, keepdims=True)).astype(np.float32)
    seen = np.asarray((x > 0).sum(axis=0)).ravel() >= SEEN_OFTEN
    prior[~seen] = 0.0
    scale = (x @ weights).std(axis=1).mean() / (x @ prior).std(axis=1).mean()
    return Head([str(c) for c in machine.classes_], weights + bayes * scale * prior, bias)


SEEN_OFTEN = 2
"""Naive Bayes speaks only of features that this many examples have."""
TOPIC_BAYES = 0.6
LANGUAGE_BAYES = 0.2
TOPIC_STRENGTH = 8.0
LANGUAGE_STRENGTH = 4.0


def build(reader: Reader, path: Path = MODEL_FILE, root: Path = EXAMPLES) -> dict[str, object]:
    """Trains both heads and writes the model. Returns figures for the person who ran it."""
    examples = read_examples(root)
    x = matrix([e.text for e in examples], reader)
    topics = train_head(x, [e.topic for e in examples], TOPIC_STRENGTH, TOPIC_BAYES)
    languages = train_head(x, [e.language for e in examples], LANGUAGE_STRENGTH, LANGUAGE_BAYES)
    temperature = calibrate(x, [e.topic for e in examples], TOPIC_STRENGTH, TOPIC_BAYES)
    language_temperature = calibrate(
        x, [e.language for e in examples], LANGUAGE_STRENGTH, LANGUAGE_BAYES, folds=3
    )
    meta = Meta(
        size=SIZE,
        topics=tuple(topics.labels),
        languages=tuple(languages.labels),
        temperature=temperature,
        language_temperature=language_temperature,
        digest=digest(examples),
    )
    weights = np.concatenate([topics.weights, languages.weights], axis=1)
    bias = np.concatenate([topics.bias, languages.bias])
    save_model(path, weights, bias, meta, fold_words(read_concepts()))
    return {
        "examples": len(examples),
        "temperature": round(temperature, 3),
        "bytes": path.stat().st_size,
    }


def calibrate(x, labels: list[str], strength: float, bayes: float, folds: int = 5) -> float:  # type: ignore[no-untyped-def]
    """The temperature that makes held-out probabilities honest (least log loss)."""
    from sklearn.model_selection import StratifiedKFold

    wanted = np.array(labels)
    scores = np.zeros((len(labels), len(set(labels))), dtype=np.float64)
    order: list[str] = []
    for fit, held in StratifiedKFold(folds, shuffle=True, random_state=7).split(wanted, wanted):
        head = train_head(x[fit], [labels[i] for i in fit], strength, bayes)
        scores[held] = x[held] @ head.weights + head.bias
        order = head.labels
    index = np.array([order.index(label) for label in labels])

    def loss(temperature: float) -> float:
        z = scores / temperature
        z -= z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return float(-log_p[np.arange(len(index)), index].mean())

    return min((float(t) for t in np.arange(0.05, 3.0, 0.01)), key=loss)


class Uniform:
    """A model that knows nothing, to find names with before one is built."""

    def predict(self, rows: NDArray[np.int64]) -> Prediction:
        n = len(Topic)
        return Prediction(
            {t.value: 1 / n for t in Topic}, {lang: 1 / len(LANGUAGES) for lang in LANGUAGES}
        )


def unbuilt(reader: Reader) -> Understanding:
    return Understanding(reader, Uniform())
