"""Names that are ordinary words elsewhere: "mas" is more in Manila and the MAS in Singapore."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from bot.knowledge.model import Topic
from bot.understanding.model import MODEL_FILE
from bot.understanding.names import Mention, NameKind

LOCAL_NAMES_FILE = MODEL_FILE.parent / "local_names.yaml"
_ABOUT_PLATFORMS = frozenset({Topic.ONRAMP, Topic.PLATFORM})
"""Elsewhere "coins" and "tokenize" are what they say: "tax on coins", "to tokenize a share"."""


class _Office(BaseModel):
    model_config = ConfigDict(extra="forbid")
    country: str
    languages: frozenset[str]


class _Platform(BaseModel):
    model_config = ConfigDict(extra="forbid")
    country: str
    platform: str
    any_topic: bool = False
    """The word is hardly used there but for the platform."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    in_language: dict[str, _Office] = {}
    at_home: dict[str, _Platform] = {}
    no_country_in: dict[str, frozenset[str]] = {}


@dataclass(frozen=True)
class LocalNames:
    offices: dict[str, _Office]
    platforms: dict[str, _Platform]
    no_country_in: dict[str, frozenset[str]]

    @cached_property
    def _word(self) -> re.Pattern[str]:
        words = "|".join(map(re.escape, sorted(self.offices | self.platforms, key=len)[::-1]))
        return re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])" if words else r"(?!)")

    def country_of_office(self, folded: str, language: str) -> str | None:
        """The country of an office that is named in a folded text of this language."""
        for word in self._word.findall(folded):
            office = self.offices.get(word)
            if office and language in office.languages:
                return office.country
        return None

    def without_words(
        self, mentions: Iterable[Mention], folded: str, likely_languages: Iterable[str]
    ) -> list[Mention]:
        """The mentions but those of words that name no country in these languages."""
        likely = frozenset(likely_languages)
        return [
            m
            for m in mentions
            if m.kind is not NameKind.COUNTRY
            or likely.isdisjoint(self.no_country_in.get(folded[m.start : m.end], ()))
        ]

    def with_platforms(
        self, mentions: Iterable[Mention], folded: str, topic: Topic, country: str | None
    ) -> list[Mention]:
        """The mentions and the platforms at home there, in order of place."""
        found = list(mentions)
        if topic is Topic.NONE:
            return found
        taken = [(m.start, m.end) for m in found]
        for hit in self._word.finditer(folded):
            named, start, end = self.platforms.get(hit.group()), hit.start(), hit.end()
            if not named or named.country != country:
                continue
            if topic not in _ABOUT_PLATFORMS and not named.any_topic:
                continue
            if not any(start < e and s < end for s, e in taken):
                found.append(Mention(NameKind.PLATFORM, named.platform, country, start, end))
        return sorted(found, key=lambda m: m.start)


def read_local_names(path: Path = LOCAL_NAMES_FILE) -> LocalNames:
    """Raises OSError, yaml.YAMLError or pydantic.ValidationError."""
    data = _File.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
    return LocalNames(data.in_language, data.at_home, data.no_country_in)
