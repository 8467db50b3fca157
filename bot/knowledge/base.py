"""The knowledge as it stands now: one immutable snapshot with its look-ups."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.knowledge.model import (
    Activity,
    Card,
    CommonFile,
    CountryFile,
    Fact,
    Kind,
    Platform,
    Rail,
    Regulator,
    Source,
    Topic,
)


def first_day(partial: str) -> date:
    """The earliest day that a partial date can mean."""
    parts = [int(p) for p in partial.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)


def fact_key(fact_id: str) -> str:
    """A fact's short name for button data, which holds 64 bytes."""
    return hashlib.sha256(fact_id.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class FactState:
    """A fact with the sources that it names: what a revision stores."""

    fact: Fact
    sources: Mapping[str, Source]


class Knowledge:
    """Look-ups over all facts. Built anew after every change; never changed in place."""

    def __init__(
        self,
        countries: Mapping[str, CountryFile],
        common: Iterable[CommonFile] = (),
        edited: Mapping[str, FactState] | None = None,
        version: int = 0,
    ) -> None:
        common = tuple(common)
        self.version = version
        self._files = dict(countries)
        self._edited = dict(edited or {})
        self.platforms: dict[str, Platform] = {}
        self.rails: dict[str, Rail] = {}
        self._platform_sources: dict[str, tuple[Source, ...]] = {}
        self._states: dict[str, FactState] = {}
        self._country_of: dict[str, str | None] = {}
        self._by_topic: dict[tuple[str | None, Topic], list[Fact]] = defaultdict(list)
        self._by_platform: dict[tuple[str | None, str], list[Fact]] = defaultdict(list)
        for code, file in countries.items():
            self._add(code, file)
        for part in common:
            self._add(None, part)
        for facts in self._by_topic.values():
            facts.sort(key=lambda f: f.id)

    def _add(self, code: str | None, file: CountryFile | CommonFile) -> None:
        for platform in file.platforms:
            self.platforms[platform.id] = platform
            self._platform_sources[platform.id] = tuple(
                file.sources[s] for s in platform.source if s in file.sources
            )
        if isinstance(file, CountryFile):
            self.rails.update((rail.id, rail) for rail in file.rails)
        for baseline in file.facts:
            state = self._edited.get(baseline.id) or FactState(
                baseline, {s: file.sources[s] for s in baseline.source if s in file.sources}
            )
            fact = state.fact
            self._states[fact.id] = state
            self._country_of[fact.id] = code
            self._by_topic[code, fact.topic].append(fact)
            for platform_id in dict.fromkeys(p for p in (fact.platform, *fact.platforms) if p):
                self._by_platform[code, platform_id].append(fact)

    # Countries

    @property
    def countries(self) -> tuple[str, ...]:
        return tuple(self._files)

    def card(self, country: str) -> Card | None:
        file = self._files.get(country)
        return file.card if file else None

    def card_sources(self, country: str) -> tuple[Source, ...]:
        file = self._files[country]
        return tuple(file.sources[s] for s in file.card.source if s in file.sources)

    def file(self, country: str) -> CountryFile:
        """The country's baseline file: its languages, currency, time zone, regulators."""
        return self._files[country]

    def regulators(self) -> Iterator[tuple[str, Regulator]]:
        for code, file in self._files.items():
            for regulator in file.regulators:
                yield code, regulator

    # Facts

    def fact(self, fact_id: str) -> Fact | None:
        state = self._states.get(fact_id)
        return state.fact if state else None

    def state(self, fact_id: str) -> FactState | None:
        return self._states.get(fact_id)

    @cached_property
    def _keys(self) -> dict[str, str]:
        return {fact_key(fact_id): fact_id for fact_id in self._states}

    def by_key(self, key: str) -> FactState | None:
        """The fact whose `fact_key` this is."""
        return self.state(self._keys.get(key, ""))

    def country_of(self, fact_id: str) -> str | None:
        return self._country_of.get(fact_id)

    def is_edited(self, fact_id: str) -> bool:
        return fact_id in self._edited

    def sources(self, fact: Fact) -> tuple[Source, ...]:
        known = self._states[fact.id].sources
        return tuple(known[s] for s in fact.source if s in known)

    def platform_sources(self, platform_id: str) -> tuple[Source, ...]:
        return self._platform_sources.get(platform_id, ())

    def all_sources(self) -> Iterator[Source]:
        return (source for state in self._states.values() for source in state.sources.values())

    def all_facts(self) -> Iterator[Fact]:
        return (state.fact for state in self._states.values())

    def facts(self, country: str | None, topic: Topic, *kinds: Kind) -> list[Fact]:
        """Facts of one topic in one country (None: those of no country), in order of id."""
        found = self._by_topic.get((country, topic), [])
        return [f for f in found if f.kind in kinds] if kinds else list(found)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {fact_id: place for place, fact_id in enumerate(self._states)}

    def as_written(self, facts: Iterable[Fact]) -> list[Fact]:
        """In the order of the files, whose authors put first what matters most."""
        return sorted(facts, key=lambda f: self._places[f.id])

    def of_kind(self, country: str | None, *kinds: Kind) -> list[Fact]:
        return [
            fact
            for (code, _), facts in self._by_topic.items()
            if code == country
            for fact in facts
            if fact.kind in kinds
        ]

    def about_platform(self, country: str | None, platform: str) -> list[Fact]:
        return list(self._by_platform.get((country, platform), []))

    def standing(self, country: str | None, platform: str) -> Fact | None:
        """Where a platform stands in a country: the newest fact that says so."""
        if country is None:
            return None
        found = [
            f for f in self._by_platform.get((country, platform), []) if f.kind is Kind.STANDING
        ]
        return max(found, key=lambda f: f.as_of, default=None)

    def standings_of(self, platform: str) -> dict[str, Fact]:
        return {
            code: fact
            for code in self._files
            if (fact := self.standing(code, platform)) is not None
        }

    def rule(self, country: str, activity: Activity) -> Fact | None:
        """What the law of a country says of an activity: its newest rule."""
        found = [fact for fact in self.of_kind(country, Kind.RULE) if fact.activity is activity]
        return max(found, key=lambda f: f.as_of, default=None)

    def rules(self, country: str) -> list[Fact]:
        """All rules of a country, in the order of `Activity`."""
        order = list(Activity)
        return sorted(
            self.of_kind(country, Kind.RULE),
            key=lambda f: (order.index(f.activity) if f.activity else 99, f.id),
        )

    def stale(self, today: date, country: str | None = None) -> list[Fact]:
        """Facts past their review date, the longest overdue first."""
        late = [
            fact
            for fact in self.all_facts()
            if first_day(fact.review_by) < today
            and (country is None or self._country_of[fact.id] == country)
        ]
        return sorted(late, key=lambda f: (f.review_by, f.id))

    def search(
        self,
        words: Iterable[str],
        countries: Collection[str] = (),
        platforms: Collection[str] = (),
        limit: int = 8,
    ) -> list[Fact]:
        """Facts of these countries and platforms, those with most of the words first."""
        wanted = [word.casefold() for word in words]
        ranked: list[tuple[int, str]] = []
        for fact in self.all_facts():
            if countries and self._country_of[fact.id] not in countries:
                continue
            if platforms and not any(fact.about(p) for p in platforms):
                continue
            haystack = f"{fact.id} {fact.topic} {fact.text}".casefold()
            hits = sum(word in haystack for word in wanted)
            if hits or not wanted:
                ranked.append((-hits, fact.id))
        return [self._states[fact_id].fact for _, fact_id in sorted(ranked)[:limit]]
