"""Gathers every name that members use: from the knowledge, from CLDR, and from names.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from bot.i18n import country_name
from bot.knowledge.festivals import Festival
from bot.knowledge.model import COUNTRIES, LANGUAGES, Platform, Rail, Regulator
from bot.understanding.model import MODEL_FILE
from bot.understanding.names import Name, NameIndex, NameKind

NAMES_FILE = MODEL_FILE.parent / "names.yaml"
ORDINARY_FILE = MODEL_FILE.parent / "ordinary.txt"


class _Currency(BaseModel):
    model_config = ConfigDict(extra="forbid")
    country: str
    aliases: list[str]


class _Names(BaseModel):
    model_config = ConfigDict(extra="forbid")
    countries: dict[str, list[str]]
    people: dict[str, list[str]]
    currencies: dict[str, _Currency]
    authorities: dict[str, list[str]]
    festivals: dict[str, list[str]]
    neither: list[str]


def country_names(path: Path = NAMES_FILE) -> Iterator[tuple[str, Name]]:
    names = _Names.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
    for code in COUNTRIES:
        for language in LANGUAGES:
            yield country_name(code, language), Name(NameKind.COUNTRY, code, code)
        for alias in names.countries.get(code, []):
            yield alias, Name(NameKind.COUNTRY, code, code)
        for alias in names.people.get(code, []):
            yield alias, Name(NameKind.PEOPLE, code, code)
    for code, currency in names.currencies.items():
        for alias in currency.aliases:
            yield alias, Name(NameKind.CURRENCY, code, currency.country)
    for kind, groups in (
        (NameKind.REGULATOR, names.authorities),
        (NameKind.FESTIVAL, names.festivals),
    ):
        for code, aliases in groups.items():
            for alias in aliases:
                yield alias, Name(kind, f"{kind}.{code.lower()}", code)
    for alias in names.neither:
        yield alias, Name(NameKind.NEITHER, "neither", None)


def platform_names(platforms: Iterable[Platform]) -> Iterator[tuple[str, Name]]:
    for platform in platforms:
        name = Name(NameKind.PLATFORM, platform.id, platform.home)
        if getattr(platform, "bare", True):
            yield platform.name, name
        for alias in platform.aliases:
            yield alias, name


def rail_names(rails: Iterable[Rail]) -> Iterator[tuple[str, Name]]:
    for rail in rails:
        name = Name(NameKind.RAIL, rail.id, rail.country)
        for alias in ((rail.name,) if rail.bare else ()) + rail.aliases:
            yield alias, name


def regulator_names(regulators: Iterable[tuple[str, Regulator]]) -> Iterator[tuple[str, Name]]:
    for country, regulator in regulators:
        name = Name(NameKind.REGULATOR, regulator.id, country)
        for alias in regulator.aliases:
            yield alias, name


def ordinary_words(path: Path = ORDINARY_FILE) -> frozenset[str]:
    """Words that a misspelt name must not be taken for."""
    return frozenset(path.read_text("utf-8").split()) if path.exists() else frozenset()


def name_index(*groups: Iterable[tuple[str, Name]]) -> NameIndex:
    return NameIndex((pair for group in groups for pair in group), ordinary_words())


def festival_names(festivals: Iterable[Festival]) -> Iterator[tuple[str, Name]]:
    """A festival of one country tells the country; one of many does not."""
    for festival in festivals:
        home = festival.countries[0] if len(festival.countries) == 1 else None
        name = Name(NameKind.FESTIVAL, festival.id, home)
        for alias in (*festival.names.values(), *festival.aliases):
            yield alias, name
