"""Reads the knowledge files; a problem is a value with its file and line, never a crash."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.knowledge.model import (
    CommonFile,
    CountryFile,
    Fact,
    Platform,
    Rail,
    Source,
)

MAX_FILE_BYTES = 2_000_000
"""A country's file is some 100 kB; anything far beyond is a mistake, not knowledge."""

M = TypeVar("M", bound=BaseModel)


class Loader(yaml.CSafeLoader):
    """Safe YAML in which dates stay text, so that a wrong one is told with its line."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Document:
    """A parsed file with the line of each of its nodes, by path."""

    file: str
    data: object
    lines: dict[tuple[str | int, ...], int]

    def line(self, path: tuple[str | int, ...]) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass
class Loaded:
    countries: dict[str, CountryFile] = field(default_factory=dict)
    common: list[CommonFile] = field(default_factory=list)
    common_names: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _index(
    node: yaml.Node,
    path: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    duplicates: list[tuple[int, str]],
) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                duplicates.append((key.start_mark.line + 1, name))
            seen.add(name)
            _index(value, (*path, name), lines, duplicates)
            lines[(*path, name)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _index(value, (*path, i), lines, duplicates)


def read_yaml(path: Path, shown: str) -> tuple[Document | None, list[Problem]]:
    """Parses one file. Anchors are refused: they make a small file unfold without bound."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(shown, 1, f"cannot be read: {error.strerror}")]
    if len(raw) > MAX_FILE_BYTES:
        return None, [Problem(shown, 1, f"is {len(raw)} bytes, expected at most {MAX_FILE_BYTES}")]
    try:
        text = raw.decode("utf-8")
        if any(isinstance(t, yaml.AliasToken) for t in yaml.scan(text, Loader=Loader)):
            return None, [Problem(shown, 1, "uses a YAML alias (*name): write the value out")]
        node = yaml.compose(text, Loader=Loader)
        data = yaml.load(text, Loader=Loader)  # noqa: S506 - it is a CSafeLoader
    except UnicodeDecodeError as error:
        return None, [Problem(shown, raw[: error.start].count(b"\n") + 1, "is not UTF-8 text")]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [Problem(shown, line, f"is not valid YAML: {error.problem or error.context}")]
    except (yaml.YAMLError, ValueError) as error:
        return None, [Problem(shown, 1, f"is not valid YAML: {error}")]
    if node is None:
        return None, [Problem(shown, 1, "is empty")]
    lines: dict[tuple[str | int, ...], int] = {}
    duplicates: list[tuple[int, str]] = []
    _index(node, (), lines, duplicates)
    problems = [Problem(shown, line, f"the key {name!r} stands twice") for line, name in duplicates]
    return Document(shown, data, lines), problems


def _explain(error: ValidationError, document: Document) -> list[Problem]:
    problems = []
    for item in error.errors():
        loc = tuple(p for p in item["loc"])
        at = document.line(loc)
        where = ".".join(str(p) for p in loc)
        given = item.get("input")
        shown = f", given {str(given)[:60]!r}" if isinstance(given, str | int | float) else ""
        if item["type"] == "extra_forbidden":
            text = f"unknown key {where}"
        elif item["type"] == "missing":
            text = f"{where} is missing"
        else:
            text = f"{where}: {item['msg'].removeprefix('Value error, ')}{shown}"
        problems.append(Problem(document.file, at, text))
    return problems


def parse(document: Document, model: type[M]) -> tuple[M | None, list[Problem]]:
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, _explain(error, document)


def load_directory(root: Path) -> Loaded:
    """Reads `root/countries/*.yaml` and the common files beside them, checking references."""
    loaded = Loaded()
    documents: list[tuple[Document, CountryFile | CommonFile]] = []
    for path in sorted((root / "countries").glob("*.yaml")):
        shown = f"{root.name}/countries/{path.name}"
        document, problems = read_yaml(path, shown)
        loaded.problems += problems
        if document is None:
            continue
        country, problems = parse(document, CountryFile)
        loaded.problems += problems
        if country is None:
            continue
        if path.stem.upper() != country.country:
            loaded.problems.append(
                Problem(shown, 1, f"holds {country.country}, expected {path.stem.upper()}")
            )
            continue
        loaded.countries[country.country] = country
        documents.append((document, country))
    for name in ("platforms.yaml", "common.yaml"):
        path = root / name
        if not path.exists():
            continue
        document, problems = read_yaml(path, f"{root.name}/{name}")
        loaded.problems += problems
        if document is None:
            continue
        common, problems = parse(document, CommonFile)
        loaded.problems += problems
        if common is not None:
            loaded.common.append(common)
            loaded.common_names.append(path.stem)
            documents.append((document, common))
    loaded.problems += _check_references(documents)
    loaded.problems.sort()
    return loaded


def _check_references(documents: list[tuple[Document, CountryFile | CommonFile]]) -> list[Problem]:
    problems: list[Problem] = []
    platforms: dict[str, Platform] = {}
    rails: dict[str, Rail] = {}
    facts: dict[str, Fact] = {}
    for document, part in documents:
        for i, platform in enumerate(part.platforms):
            if platform.id in platforms:
                problems.append(
                    Problem(
                        document.file,
                        document.line(("platforms", i)),
                        f"the platform {platform.id} is already defined",
                    )
                )
            platforms[platform.id] = platform
        for i, rail in enumerate(getattr(part, "rails", ())):
            if rail.id in rails:
                problems.append(
                    Problem(
                        document.file,
                        document.line(("rails", i)),
                        f"the rail {rail.id} is already defined",
                    )
                )
            rails[rail.id] = rail
    for document, part in documents:
        for i, platform in enumerate(part.platforms):
            problems += _missing_sources(document, ("platforms", i), platform.source, part.sources)
        if isinstance(part, CountryFile):
            problems += _missing_sources(document, ("card",), part.card.source, part.sources)
        for i, fact in enumerate(part.facts):
            at = ("facts", i)
            if fact.id in facts:
                problems.append(
                    Problem(document.file, document.line(at), f"the fact {fact.id} stands twice")
                )
            facts[fact.id] = fact
            problems += _missing_sources(document, at, fact.source, part.sources)
            named = [p for p in (fact.platform, *fact.platforms) if p]
            problems += [
                Problem(
                    document.file,
                    document.line(at),
                    f"{fact.id} names the platform {p}, which is not defined",
                )
                for p in named
                if p not in platforms
            ]
            problems += [
                Problem(
                    document.file,
                    document.line(at),
                    f"{fact.id} names the rail {r}, which is not defined",
                )
                for r in (fact.rail, *fact.rails)
                if r and r not in rails
            ]
            if isinstance(part, CountryFile) and not fact.id.startswith(part.country.lower() + "."):
                problems.append(
                    Problem(
                        document.file,
                        document.line(at),
                        f"{fact.id} should start with {part.country.lower()}.",
                    )
                )
    return problems


def _missing_sources(
    document: Document, at: tuple[str | int, ...], ids: tuple[str, ...], sources: dict[str, Source]
) -> list[Problem]:
    return [
        Problem(document.file, document.line(at), f"the source {s} is not defined in this file")
        for s in ids
        if s not in sources
    ]
