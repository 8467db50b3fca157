"""The trained model: two linear heads (topic, language) over hashed n-grams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding.features import SIZE

MODEL_FILE = Path(__file__).resolve().parent.parent.parent / "db" / "understanding" / "model.npz"


class ModelError(Exception):
    """The model's file is missing or does not fit this program."""


@dataclass(frozen=True)
class Prediction:
    topics: dict[str, float]
    """Topic -> probability; they sum to one."""
    languages: dict[str, float]


class Model:
    """Reads messages in well under a millisecond; holds some 25 MB."""

    def __init__(
        self, weights: NDArray[np.float32], bias: NDArray[np.float32],
        topics: tuple[str, ...], languages: tuple[str, ...], temperature: float, digest: str,
    ) -> None:  # fmt: skip
        self._weights = weights
        self._bias = bias
        self.topics = topics
        self.languages = languages
        self._temperature = temperature
        self.digest = digest

    @classmethod
    def load(cls, path: Path = MODEL_FILE) -> Model:
        """Raises ModelError with what to do, when the file cannot be used."""
        try:
            with np.load(path, allow_pickle=False) as data:
                meta = json.loads(str(data["meta"]))
                rows = data["rows"]
                packed = data["weights"].astype(np.float32) * data["scale"].astype(np.float32)
                bias = data["bias"].astype(np.float32)
        except (OSError, KeyError, ValueError) as error:
            raise ModelError(
                f"{path} cannot be read ({error}): build it with `python -m bot understanding build`"
            ) from error
        if meta["size"] != SIZE:
            raise ModelError(f"{path} was built for another version: run `python -m bot understanding build`")
        weights = np.zeros((SIZE, packed.shape[1]), dtype=np.float32)
        weights[rows] = packed
        return cls(weights, bias, tuple(meta["topics"]), tuple(meta["languages"]), meta["temperature"], meta["digest"])

    def predict(self, rows: NDArray[np.int64]) -> Prediction:
        scores = self._weights[rows].sum(axis=0) / np.sqrt(len(rows)) + self._bias
        cut = len(self.topics)
        return Prediction(
            dict(zip(self.topics, _softmax(scores[:cut] / self._temperature), strict=True)),
            dict(zip(self.languages, _softmax(scores[cut:]), strict=True)),
        )


def _softmax(scores: NDArray[np.float32]) -> list[float]:
    exponents = np.exp(scores - scores.max())
    return [float(p) for p in exponents / exponents.sum()]


def save_model(
    path: Path, weights: NDArray[np.float32], bias: NDArray[np.float32],
    topics: list[str], languages: list[str], temperature: float, digest: str,
) -> None:  # fmt: skip
    """Writes the rows that are not nought, as 8-bit steps of one scale a column."""
    scale = np.abs(weights).max(axis=0) / 127
    packed = np.round(weights / scale).astype(np.int8)
    rows = np.flatnonzero(packed.any(axis=1)).astype(np.int32)
    meta = {"size": SIZE, "topics": topics, "languages": languages, "temperature": temperature, "digest": digest}
    with path.open("wb") as file:
        np.savez_compressed(
            file, rows=rows, weights=packed[rows], scale=scale.astype(np.float32),
            bias=bias.astype(np.float32), meta=np.array(json.dumps(meta)),
        )  # fmt: skip
