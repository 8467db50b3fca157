"""Festivals and their dates, computed for any year, never typed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Festival:
    id: str
    names: Mapping[str, str]
    countries: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, order=True)
class Occurrence:
    day: date
    festival: Festival
    estimated: bool = False


class Festivals:
    def __init__(self, festivals: Iterable[Festival]) -> None:
        self.all = tuple(festivals)

    def of_year(self, festival: Festival, year: int) -> tuple[Occurrence, ...]:
        return ()

    def upcoming(self, country: str | None, today: date, days: int) -> list[Occurrence]:
        """Festivals of a country (None: of all) from today on, the nearest first."""
        last = today + timedelta(days=days)
        found = [
            occurrence
            for festival in self.all
            if country is None or country in festival.countries
            for year in range(today.year, last.year + 1)
            for occurrence in self.of_year(festival, year)
            if today <= occurrence.day <= last
        ]
        return sorted(found, key=lambda o: (o.day, o.festival.id))


def load_festivals(path: Path) -> Festivals:
    return Festivals(())
