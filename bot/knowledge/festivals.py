"""Festivals and their dates, computed for any year, never typed in.

A festival has rules; a rule answers for a country and a Gregorian year, by one of `calendars`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from dateutil.easter import easter
from pydantic import AfterValidator, Field, ValidationError, model_validator

from bot.knowledge.calendars import (
    _FEASTS,
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    Feast,
    HinduMonth,
    PartOfDay,
    Sign,
    Star,
    _islamic_years,
    _new_moon_days,
    _zone,
    full_moon_day,
    hindu_days,
    islamic_month,
    library_day,
    lunisolar_day,
    sankranti,
    solar_term,
    star_day,
)
from bot.knowledge.load import MAX_FILE_BYTES, Document, Problem, parse, read_yaml
from bot.knowledge.model import COUNTRIES, LANGUAGES, Strict

log = logging.getLogger(__name__)

# --- the rules of the file ---------------------------------------------------------------------


def _known_country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError(f"{code} is not one of our countries")
    return code


Country = Annotated[str, AfterValidator(_known_country)]
Dated = tuple[date, bool]
"""A day, and whether it is an estimate."""


class Rule(Strict):
    """How the days of a festival are found. `countries`: for whom, else for all the rest."""

    countries: tuple[Country, ...] = ()
    offset: Annotated[int, Field(ge=-60, le=60)] = 0
    """Days from what the rule finds to the festival's day."""
    days: Annotated[int, Field(ge=1, le=40)] = 1
    """How many days it lasts."""

    def found(self, year: int, country: str) -> Iterable[Dated]:
        raise NotImplementedError

    def dates(self, year: int, country: str) -> Iterator[Dated]:
        """The days in a Gregorian year: none, one or two."""
        years = (year - 1, year, year + 1) if self.offset else (year,)
        for each in years:
            for day, estimated in self.found(each, country):
                shifted = day + self.offset * DAY
                if shifted.year == year:
                    yield shifted, estimated


class FixedRule(Rule):
    """The same day of the Gregorian calendar each year."""

    kind: Literal["fixed"]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]

    @model_validator(mode="after")
    def _exists(self) -> Self:
        date(2023, self.month, self.day)
        return self

    def found(self, year: int, country: str) -> Iterable[Dated]:
        yield date(year, self.month, self.day), False


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeekdayRule(Rule):
    """The nth weekday of a month; -1 is the last."""

    kind: Literal["weekday"]
    month: Annotated[int, Field(ge=1, le=12)]
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    nth: Literal[-1, 1, 2, 3, 4]

    def found(self, year: int, country: str) -> Iterable[Dated]:
        first = date(year, self.month, 1)
        ahead = (_WEEKDAYS.index(self.weekday) - first.weekday()) % 7
        days = [first + (ahead + 7 * k) * DAY for k in range(5)]
        in_month = [day for day in days if day.month == self.month]
        yield in_month[self.nth if self.nth < 0 else self.nth - 1], False


class EasterRule(Rule):
    """Western Easter (dateutil.easter), from which `offset` counts."""

    kind: Literal["easter"]

    def found(self, year: int, country: str) -> Iterable[Dated]:
        yield easter(year), False


class LunarRule(Rule):
    """A day of the lunisolar calendar, in the time zone of the country that keeps it."""

    kind: Literal["lunar"]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=29)] | Literal["full_moon"]
    not_after: Annotated[int, Field(ge=1, le=12)] | None = None
    """A Gregorian month; beyond it, the same day of the lunation before is kept."""

    def found(self, year: int, country: str) -> Iterable[Dated]:
        for each in (year - 1, year):
            day = self._in_lunar_year(each, _zone(country))
            if day.year == year:
                yield day, False

    def _in_lunar_year(self, year: int, zone: float) -> date:
        if self.day == "full_moon":
            return full_moon_day(year, self.month, zone)
        first = lunisolar_day(year, self.month, 1, zone)
        after_first = (self.day - 1) * DAY
        if self.not_after and (first + after_first).month > self.not_after:
            (first,) = _new_moon_days(first - DAY, first - DAY, zone)
        return first + after_first


class SolarRule(Rule):
    """A solar term: the day on which the sun reaches an ecliptic longitude."""

    kind: Literal["solar"]
    longitude: Annotated[int, Field(ge=0, le=345, multiple_of=15)]

    def found(self, year: int, country: str) -> Iterable[Dated]:
        yield solar_term(year, self.longitude, _zone(country)), False


class IslamicRule(Rule):
    """A day of the Islamic calendar; the crescent has the last word, so it is an estimate."""

    kind: Literal["islamic"]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=29)]

    def found(self, year: int, country: str) -> Iterable[Dated]:
        for each in _islamic_years(year):
            day = islamic_month(each, self.month, country) + (self.day - 1) * DAY
            if day.year == year:
                yield day, True


class IndianRule(Rule):
    """`published`: the almanac's days in the holidays library, which win where they are known."""

    published: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None

    def computed(self, year: int, country: str) -> Iterable[date]:
        raise NotImplementedError

    def found(self, year: int, country: str) -> Iterable[Dated]:
        return ((day, True) for day in self.computed(year, country))

    def dates(self, year: int, country: str) -> Iterator[Dated]:
        known = self.published and library_day("hindu", "_HinduLunisolar", self.published, year)
        if known:
            yield known, False
        else:
            yield from super().dates(year, country)


class HinduRule(IndianRule):
    """A lunar day (tithi) of a lunar month (amanta), ruling a part of the day."""

    kind: Literal["hindu"]
    month: HinduMonth
    tithi: Annotated[int, Field(ge=1, le=30)]
    at: PartOfDay = "sunrise"

    def computed(self, year: int, country: str) -> Iterable[date]:
        return hindu_days(year, self.month, self.tithi, self.at, _almanac(country))


class SankrantiRule(IndianRule):
    """The day on which the sun enters a sign of the Indian zodiac."""

    kind: Literal["sankranti"]
    sign: Sign
    until: Literal["sunset", "midnight"] = "midnight"

    def computed(self, year: int, country: str) -> Iterable[date]:
        yield sankranti(year, self.sign, self.until, _almanac(country))


class StarRule(IndianRule):
    """The day of a lunar mansion in a solar month."""

    kind: Literal["star"]
    sign: Sign
    star: Star

    def computed(self, year: int, country: str) -> Iterable[date]:
        yield star_day(year, self.sign, self.star, _almanac(country))


def _almanac(country: str) -> str:
    """Where a country's Hindus look at the sky: Delhi, or their own place."""
    return country if country in ("MY", "SG") else "IN"


class LibraryRule(Rule):
    """A feast of the Thai or the Balinese calendar, as the holidays library has it."""

    kind: Literal["library"]
    feast: Feast

    def found(self, year: int, country: str) -> Iterable[Dated]:
        day = library_day(*_FEASTS[self.feast], self.feast, year)
        if day:
            yield day, False


class CycleRule(Rule):
    """Every so many days from a known one, such as the 210 days of the Balinese Pawukon."""

    kind: Literal["cycle"]
    first: date
    every: Annotated[int, Field(ge=100, le=400)]

    def found(self, year: int, country: str) -> Iterable[Dated]:
        behind = (date(year, 1, 1) - self.first).days
        day = self.first + -(-behind // self.every) * self.every * DAY
        while day.year == year:
            yield day, False
            day += self.every * DAY


AnyRule = Annotated[
    FixedRule | WeekdayRule | EasterRule | LunarRule | SolarRule | IslamicRule | HinduRule
    | SankrantiRule | StarRule | LibraryRule | CycleRule,
    Field(discriminator="kind"),
]  # fmt: skip


# --- festivals ---------------------------------------------------------------------------------

Tone = Literal["joyful", "solemn"]


class FestivalSource(Strict):
    name: Annotated[str, Field(min_length=3, max_length=140)]
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


@dataclass(frozen=True)
class Festival:
    id: str
    names: Mapping[str, str]
    countries: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    customs: str = ""
    tone: Tone = "joyful"
    """On a solemn day nothing is promoted."""
    sources: tuple[FestivalSource, ...] = ()

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def __hash__(self) -> int:
        return hash(self.id)

    def __lt__(self, other: Festival) -> bool:
        return self.id < other.id


@dataclass(frozen=True)
class Occurrence:
    day: date
    festival: Festival
    estimated: bool = False
    end: date | None = None
    """The last day, where it lasts several."""
    countries: tuple[str, ...] = ()
    """Who keeps it on this day; others may keep it on another."""

    def __lt__(self, other: Occurrence) -> bool:
        return (self.day, self.festival) < (other.day, other.festival)


def _rule_countries(
    rules: Iterable[Rule], countries: tuple[str, ...]
) -> Iterator[tuple[Rule, str]]:
    """Which rule is for whom: a rule without countries is for those whom no other names."""
    rules = tuple(rules)
    named = {country for rule in rules for country in rule.countries}
    for rule in rules:
        for country in rule.countries or tuple(c for c in countries if c not in named):
            yield rule, country


@lru_cache(maxsize=16384)
def occurrences(festival: Festival, year: int) -> tuple[Occurrence, ...]:
    """All days of a festival in a year; countries that keep the same day stand together."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    found: dict[tuple[date, date | None, bool], list[str]] = {}
    for rule, country in _rule_countries(festival.rules, festival.countries):
        for day, estimated in rule.dates(year, country):
            end = day + (rule.days - 1) * DAY if rule.days > 1 else None
            found.setdefault((day, end, estimated), []).append(country)
    return tuple(
        sorted(
            Occurrence(day, festival, estimated, end, tuple(countries))
            for (day, end, estimated), countries in found.items()
        )
    )


MAX_SPAN = timedelta(days=60)
"""No festival lasts longer."""


class Festivals:
    def __init__(self, festivals: Iterable[Festival]) -> None:
        self.all = tuple(festivals)

    def of_year(
        self, festival: Festival, year: int, country: str | None = None
    ) -> tuple[Occurrence, ...]:
        found = occurrences(festival, year)
        return tuple(o for o in found if country is None or country in o.countries)

    def upcoming(self, country: str | None, today: date, days: int) -> list[Occurrence]:
        """Festivals of a country (None: of all) from today on, the nearest first."""
        last = today + timedelta(days=days)
        return [o for o in self._around(country, today, last) if today <= o.day <= last]

    def running(self, country: str | None, today: date) -> list[Occurrence]:
        """Festivals of several days that began before today and are not over."""
        return [o for o in self._around(country, today, today) if o.end and o.day < today <= o.end]

    def _around(self, country: str | None, first: date, last: date) -> list[Occurrence]:
        found = [
            occurrence
            for festival in self.all
            if country is None or country in festival.countries
            for year in range((first - MAX_SPAN).year, last.year + 1)
            for occurrence in self.of_year(festival, year, country)
        ]
        return sorted(found, key=lambda o: (o.day, o.festival.id))


# --- the file ----------------------------------------------------------------------------------


def _lower(text: str) -> str:
    if text != text.lower():
        raise ValueError("an alias is written in lower case")
    return text


class FestivalEntry(Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    names: dict[str, Annotated[str, Field(min_length=1, max_length=80)]]
    aliases: tuple[Annotated[str, AfterValidator(_lower)], ...] = ()
    countries: tuple[Country, ...]
    rules: tuple[AnyRule, ...]
    customs: Annotated[str, Field(min_length=10, max_length=300)]
    tone: Tone
    source: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [language for language in LANGUAGES if language not in self.names]
        if missing:
            raise ValueError(f"has no name in {', '.join(missing)}")
        unknown = [language for language in self.names if language not in LANGUAGES]
        if unknown:
            raise ValueError(f"has names in unknown languages: {', '.join(unknown)}")
        if not self.countries:
            raise ValueError("is kept in no country")
        served = {country for _, country in _rule_countries(self.rules, self.countries)}
        if served != set(self.countries):
            wrong = ", ".join(sorted(served ^ set(self.countries)))
            raise ValueError(f"the rules and the countries disagree about {wrong}")
        return self


class FestivalsFile(Strict):
    sources: dict[str, FestivalSource]
    festivals: tuple[FestivalEntry, ...]


class _Shell(Strict):
    """The file without its festivals, which are judged one by one when one of them is wrong."""

    sources: dict[str, FestivalSource]
    festivals: list[object]


def _part_of(document: Document, index: int, data: object) -> Document:
    start = ("festivals", index)
    lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == start}
    return Document(document.file, data, lines)


def _entries(document: Document) -> tuple[_Shell | None, dict[int, FestivalEntry], list[Problem]]:
    whole, _ = parse(document, FestivalsFile)
    if whole:
        return _Shell(sources=whole.sources, festivals=[]), dict(enumerate(whole.festivals)), []
    shell, problems = parse(document, _Shell)
    entries = {}
    for index, data in enumerate(shell.festivals if shell else ()):
        entry, wrong = parse(_part_of(document, index, data), FestivalEntry)
        problems += wrong
        if entry:
            entries[index] = entry
    return shell, entries, problems


def read_festivals(path: Path) -> tuple[Festivals, list[Problem]]:
    """The good festivals of a file, and what is wrong with the others."""
    document, problems = read_yaml(path, f"{path.parent.name}/{path.name}")
    if document is None:
        return Festivals(()), problems
    shell, entries, wrong = _entries(document)
    problems += wrong
    sources = shell.sources if shell else {}
    good: dict[str, Festival] = {}
    for index, entry in entries.items():
        line = document.line(("festivals", index))
        if entry.id in good:
            problems.append(Problem(document.file, line, f"the festival {entry.id} stands twice"))
            continue
        unknown = [source for source in entry.source if source not in sources]
        problems += [Problem(document.file, line, f"{entry.id}: the source {s} is not defined")
                     for s in unknown]  # fmt: skip
        good[entry.id] = _festival(entry, sources)
    return Festivals(good.values()), sorted(problems)


def _festival(entry: FestivalEntry, sources: Mapping[str, FestivalSource]) -> Festival:
    return Festival(
        id=entry.id, names=entry.names, countries=entry.countries, aliases=entry.aliases,
        rules=entry.rules, customs=entry.customs, tone=entry.tone,
        sources=tuple(sources[s] for s in entry.source if s in sources),
    )  # fmt: skip


def _sound_file(path: Path) -> FestivalsFile | None:
    """The file read in one pass, if nothing at all is wrong with it: lines cost twice as much."""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_FILE_BYTES or b"*" in raw:
            return None  # it may hold a YAML alias, which `read_yaml` refuses
        return FestivalsFile.model_validate(yaml.load(raw, Loader=yaml.CSafeLoader))
    except (OSError, ValueError, yaml.YAMLError, ValidationError):
        return None


def load_festivals(path: Path) -> Festivals:
    """The good festivals; what is wrong with the others is logged."""
    sound = _sound_file(path)
    if sound:
        good = {entry.id: _festival(entry, sound.sources) for entry in sound.festivals}
        return Festivals(good.values())
    festivals, problems = read_festivals(path)
    for problem in problems:
        log.warning("%s", problem)
    return festivals
