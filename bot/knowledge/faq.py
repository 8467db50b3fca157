"""Reads `faq.yaml`: the general questions that people ask, each with its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from bot.knowledge.load import Document, Problem, parse, read_yaml
from bot.knowledge.model import (
    CommonFile,
    Country,
    Id,
    Language,
    PartialDate,
    Prose,
    Source,
    Strict,
    Topic,
)

FAQ_FILE = "faq.yaml"
Asked = Annotated[str, Field(min_length=2, max_length=200)]


class Faq(Strict):
    """One question of the baseline, in the words of several languages, and its answer."""

    id: Id
    topic: Topic
    about: Prose
    """The question in short: the answer's first line."""
    answer: Prose
    questions: Annotated[dict[Language, tuple[Asked, ...]], Field(min_length=1)]
    country: Country | None = None
    source: Annotated[
        tuple[Id, ...],
        Field(max_length=4),
        BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    ] = ()
    as_of: PartialDate | None = None
    about_bot: bool = False
    """Speaks of the bot itself, or explains a word: true without a source."""

    @model_validator(mode="after")
    def _sourced(self) -> Faq:
        if not self.about_bot and (not self.source or self.as_of is None):
            raise ValueError("expected source and as_of, or about_bot: true")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for texts in self.questions.values() for text in texts)


class FaqFile(Strict):
    faqs: tuple[Faq, ...]


@dataclass
class LoadedFaqs:
    faqs: list[Faq] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def sources_of(self, faq: Faq) -> tuple[Source, ...]:
        return tuple(self.sources[s] for s in faq.source if s in self.sources)


def load_faqs(root: Path) -> LoadedFaqs:
    """Reads `root/faq.yaml`; its sources are those of `common.yaml` beside it."""
    loaded = LoadedFaqs()
    if not (root / FAQ_FILE).exists():
        return loaded
    document, loaded.problems = read_yaml(root / FAQ_FILE, f"{root.name}/{FAQ_FILE}")
    if document is None:
        return loaded
    file, problems = parse(document, FaqFile)
    loaded.problems += problems
    if file is None:
        return loaded
    loaded.sources = _common_sources(root)
    loaded.problems += _check(document, file, loaded.sources)
    loaded.faqs = list(file.faqs)
    return loaded


def _common_sources(root: Path) -> dict[str, Source]:
    """What is wrong with common.yaml itself is told where the knowledge is loaded."""
    document, _ = read_yaml(root / "common.yaml", f"{root.name}/common.yaml")
    common = parse(document, CommonFile)[0] if document else None
    return dict(common.sources) if common else {}


def _check(document: Document, file: FaqFile, sources: dict[str, Source]) -> list[Problem]:
    problems: list[Problem] = []
    ids: set[str] = set()
    asked: dict[tuple[str, Country | None], str] = {}
    for i, faq in enumerate(file.faqs):
        line = document.line(("faqs", i))
        if faq.id in ids:
            problems.append(Problem(document.file, line, f"the faq {faq.id} stands twice"))
        ids.add(faq.id)
        problems += [
            Problem(document.file, line, f"{faq.id} names the source {s}, not in common.yaml")
            for s in faq.source
            if s not in sources
        ]
        problems += [
            Problem(
                document.file, line, f"{faq.id} asks {text!r}, as {asked[text, faq.country]} does"
            )
            for text in faq.texts
            if asked.get((text, faq.country), faq.id) != faq.id
        ]
        for text in faq.texts:
            asked.setdefault((text, faq.country), faq.id)
    return problems
