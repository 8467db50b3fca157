"""Reads a text once: what training and answering both look at, so that they never differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.understanding.concepts import ConceptIndex
from bot.understanding.features import features, mask
from bot.understanding.names import Mention, NameIndex, NameKind
from bot.understanding.normalise import fold, normalise


@dataclass(frozen=True, slots=True)
class Seen:
    normal: str
    folded: str
    mentions: list[Mention]
    concepts: list[str]
    rows: NDArray[np.int64]
    """The model's rows that the text touches."""


@dataclass(frozen=True)
class Reader:
    names: NameIndex
    concepts: ConceptIndex

    def concepts_of(self, text: str) -> frozenset[str]:
        """The concepts of a text alone."""
        return frozenset(self.concepts.find(fold(normalise(text))))

    def see(self, text: str) -> Seen:
        normal = normalise(text)
        folded = fold(normal)
        mentions = self.names.find(folded)
        masked_fold = mask(folded, mentions)
        masked = masked_fold if folded == normal else mask(normal, mentions)
        kinds = (f"name:{m.kind.value}" for m in mentions if m.kind is not NameKind.NEITHER)
        concepts = self.concepts.find(folded)
        rows = features(masked_fold, masked, concepts, kinds)
        return Seen(normal, folded, mentions, concepts, rows)
