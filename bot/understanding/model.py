"""The trained model: two linear heads (topic, language) over hashed n-grams."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from bot.understanding.concepts import Table
from bot.understanding.features import SIZE

MODEL_FILE = Path(__file__).resolve().parent.parent.parent / "db" / "understanding" / "model.npz"


class ModelError(Exception):
    """The model's file is missing or does not fit this program."""


class Meta(BaseModel):
    """What a model's file says of itself."""

    model_config = ConfigDict(frozen=True)
    size: int
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    temperature: float
    language_temperature: float
    digest: str
    """Of the examples and concepts that it was built from."""


@dataclass(frozen=True)
class Prediction:
    topics: dict[str, float]
    """Topic -> probability; they sum to one."""
    languages: dict[str, float]


class Model:
    """Reads messages in well under a millisecond; holds some 15 MB.

    Only rows that training touched are kept: `index` maps a hashed feature to its row, and row 0
    is all noughts. Weights are 8-bit steps of one scale a column.
    """

    def __init__(
        self,
        index: NDArray[np.int32],
        weights: NDArray[np.int8],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        meta: Meta,
        concepts: Table,
    ) -> None:
        self.concepts = concepts
        """The concept files' words, folded when the model was built: that takes half a second."""
        self._index = index
        self._weights = weights
        self._scale = scale
        self._bias = bias
        self.topics = meta.topics
        self.languages = meta.languages
        self._temperature = meta.temperature
        self._language_temperature = meta.language_temperature
        self.digest = meta.digest

    @classmethod
    def load(cls, path: Path = MODEL_FILE) -> Model:
        """Raises ModelError with what to do, when the file cannot be used."""
        try:
            with np.load(path, allow_pickle=False) as data:
                meta = Meta.model_validate_json(str(data["meta"]))
                rows, weights = data["rows"], data["weights"]
                scale, bias = data["scale"], data["bias"]
                concepts = json.loads(str(data["concepts"]))
        except (OSError, KeyError, ValueError) as error:
            raise ModelError(
                f"{path} cannot be read ({error}): build it with `python -m bot understanding build`"
            ) from error
        if meta.size != SIZE:
            raise ModelError(
                f"{path} was built for another version: run `python -m bot understanding build`"
            )
        index = np.zeros(SIZE, dtype=np.int32)
        index[rows] = np.arange(1, len(rows) + 1, dtype=np.int32)
        padded = np.vstack([np.zeros((1, weights.shape[1]), dtype=np.int8), weights])
        return cls(index, padded, scale, bias, meta, concepts)

    def predict(self, rows: NDArray[np.int64]) -> Prediction:
        touched = self._weights.take(self._index.take(rows), axis=0)
        summed = touched.astype(np.float32).sum(axis=0)  # whole numbers: exact below 2**24
        scores = (summed * self._scale / math.sqrt(len(rows)) + self._bias).tolist()
        cut = len(self.topics)
        return Prediction(
            _softmax(self.topics, scores[:cut], self._temperature),
            _softmax(self.languages, scores[cut:], self._language_temperature),
        )


def _softmax(names: Sequence[str], scores: Sequence[float], temperature: float) -> dict[str, float]:
    """On some twenty numbers Python is faster than NumPy."""
    highest = max(scores)
    exponents = [math.exp((score - highest) / temperature) for score in scores]
    total = sum(exponents)
    return {name: e / total for name, e in zip(names, exponents, strict=True)}


def save_model(
    path: Path, weights: NDArray[np.float32], bias: NDArray[np.float32], meta: Meta, concepts: Table
) -> None:
    """Writes the rows that are not nought."""
    scale = np.abs(weights).max(axis=0) / 127
    packed = np.round(weights / scale).astype(np.int8)
    rows = np.flatnonzero(packed.any(axis=1)).astype(np.int32)
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            rows=rows,
            weights=packed[rows],
            scale=scale.astype(np.float32),
            bias=bias.astype(np.float32),
            meta=np.array(meta.model_dump_json()),
            concepts=np.array(json.dumps(concepts, ensure_ascii=False, sort_keys=True)),
        )
