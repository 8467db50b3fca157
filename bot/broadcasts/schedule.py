"""When a broadcast is due, for every place. Pure: the time, the zones and the festivals come in.

An occasion is one moment of a schedule, such as "Monday 09:00" or "3 days before Tết 2027"; its
`key` names it for ever, so that it happens once whatever the clock does. Each place has its own
due moment of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from bot.broadcasts.model import Schedule, When
from bot.knowledge.festivals import Festival, Festivals, Occurrence

ZONES: Mapping[str, str] = {
    "VN": "Asia/Ho_Chi_Minh", "TH": "Asia/Bangkok", "PH": "Asia/Manila", "ID": "Asia/Jakarta",
    "MY": "Asia/Kuala_Lumpur", "SG": "Asia/Singapore", "KR": "Asia/Seoul", "JP": "Asia/Tokyo",
    "CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "TW": "Asia/Taipei", "IN": "Asia/Kolkata",
    "PK": "Asia/Karachi", "BD": "Asia/Dhaka",
}  # fmt: skip
"""Each country's zone; where it has several, that of its capital."""
ELSEWHERE = "Asia/Singapore"
"""For whom no country is known: the middle of ours."""
SAME_ROUND = timedelta(days=20)
"""Countries that keep a festival on different days do so within this."""
MIN_APART = timedelta(hours=1)
"""Repeats nearer to each other are refused."""


@dataclass(frozen=True)
class Place:
    """Where a recipient is: the country may be unknown, the zone never."""

    country: str | None
    zone: str

    @classmethod
    def of(cls, country: str | None, zone: str | None = None) -> Place:
        return cls(country, zone if zone and _known(zone) else ZONES.get(country or "", ELSEWHERE))


@dataclass(frozen=True)
class Quiet:
    """From `start` to `end` by the recipient's clock nothing is sent; the same twice: never quiet."""

    start: time = time(22, 0)
    end: time = time(8, 0)
    countries: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    """Countries with hours of their own."""

    def push(self, moment: datetime, place: Place) -> datetime:
        """The moment itself, or the end of the quiet hours that it falls into."""
        start, end = self.countries.get(place.country or "", (self.start, self.end))
        local = moment.astimezone(ZoneInfo(place.zone))
        clock = local.time()
        if start <= end:
            quiet, next_day = start <= clock < end, False
        else:
            quiet, next_day = clock >= start or clock < end, clock >= start
        if not quiet:
            return moment
        wall = datetime.combine(local.date() + timedelta(days=next_day), end)
        first = instant(wall, place.zone)
        return first if first > moment else instant(wall.replace(fold=1), place.zone)


@dataclass(frozen=True)
class Occasion:
    key: str
    wall: datetime
    """The wall clock's date and time, where no country has its own."""
    zone: str | None
    """Whose wall clock; None: each recipient's."""
    walls: Mapping[str, datetime] = field(default_factory=dict)
    """Countries that keep the festival on a day of their own."""
    estimated: bool = False
    """The festival's day depends on the moon being seen."""

    def moment(self, place: Place) -> datetime:
        """Its moment there, in UTC, before quiet hours."""
        return instant(self.walls.get(place.country or "", self.wall), self.zone or place.zone)

    def due(self, place: Place, quiet: Quiet | None) -> datetime:
        moment = self.moment(place)
        return quiet.push(moment, place) if quiet else moment


class Wrong(StrEnum):
    """Why a schedule cannot be used."""

    PAST = "past"
    INCOMPLETE = "incomplete"
    CRON = "cron"
    TOO_OFTEN = "too_often"
    ZONE = "zone"
    FESTIVAL = "festival"


def instant(wall: datetime, zone: str) -> datetime:
    """A wall clock's time in UTC. One that the clocks skip is as much later as they skip; of one
    that happens twice it is the first (the second with `fold`)."""
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def next_occasion(
    schedule: Schedule, after: datetime, places: Iterable[Place], festivals: Festivals
) -> Occasion | None:
    """The first that is still wholly ahead: no place's moment is at or before `after`."""
    where = tuple(places) or (Place.of(None),)
    for occasion in _occasions(schedule, after, festivals):
        if schedule.until and occasion.wall.date() > schedule.until:
            return None
        if schedule.when is When.NOW or earliest(occasion, where) > after:
            return occasion
    return None


def earliest(occasion: Occasion, places: Iterable[Place], quiet: Quiet | None = None) -> datetime:
    return min(occasion.due(place, quiet) for place in places)


def occasion_of(schedule: Schedule, key: str, festivals: Festivals) -> Occasion | None:
    """The occasion with that key: what a restart goes on with."""
    if schedule.when is When.NOW:
        return Occasion(key, datetime.fromisoformat(key), "UTC")
    if schedule.when is not When.FESTIVAL:
        return Occasion(key, datetime.fromisoformat(key), schedule.zone)
    name, _, year_and_number = key.rpartition(":")
    year = int(year_and_number.partition(".")[0])
    festival = _festival(schedule, festivals)
    if festival is None or festival.id != name:
        return None
    rounds = _rounds(schedule, festival, festivals, range(year - 1, year + 2))
    return next((o for o in rounds if o.key == key), None)


def wrong(
    schedule: Schedule, now: datetime, places: Sequence[Place], festivals: Festivals
) -> Wrong | None:
    """What is wrong with it, if anything: told to its author before anything is scheduled."""
    if schedule.zone is not None and not _known(schedule.zone):
        return Wrong.ZONE
    if schedule.when is When.ONCE and schedule.at is None:
        return Wrong.INCOMPLETE
    if schedule.when is When.REPEAT and (problem := _wrong_cron(schedule.cron, now)):
        return problem
    if schedule.when is When.FESTIVAL and _festival(schedule, festivals) is None:
        return Wrong.FESTIVAL
    return None if next_occasion(schedule, now, places, festivals) else Wrong.PAST


def is_late(due: datetime, now: datetime, limit: timedelta) -> bool:
    """Missed by more than the limit: not to be sent without asking a person."""
    return now - due > limit


# --- the four ways -----------------------------------------------------------------------------


def _occasions(schedule: Schedule, after: datetime, festivals: Festivals) -> Iterator[Occasion]:
    if schedule.when is When.NOW:
        key = after.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        yield Occasion(key.isoformat(), key, "UTC")
    elif schedule.when is When.ONCE:
        if schedule.at:
            yield Occasion(schedule.at.isoformat(), schedule.at, schedule.zone)
    elif schedule.when is When.REPEAT:
        yield from _repeats(schedule, after)
    elif festival := _festival(schedule, festivals):
        years = range(after.year - 1, after.year + 4)
        yield from _rounds(schedule, festival, festivals, years)


def _repeats(schedule: Schedule, after: datetime) -> Iterator[Occasion]:
    """By the wall clock: read as UTC, so that no clock change drops or doubles a repeat."""
    trigger = cron(schedule.cron or "")
    wall = after.astimezone(UTC) - timedelta(days=1)
    while fire := trigger.get_next_fire_time(None, wall):
        naive = fire.replace(tzinfo=None)
        yield Occasion(naive.isoformat(), naive, schedule.zone)
        wall = fire + timedelta(seconds=1)


def _rounds(
    schedule: Schedule, festival: Festival, festivals: Festivals, years: Iterable[int]
) -> Iterator[Occasion]:
    """A festival's rounds: the days of all countries that belong together. Some fall twice into a
    year (the Islamic year is shorter), so a round is named by its year and number in it."""
    days = sorted(o for year in years for o in festivals.of_year(festival, year))
    numbers: dict[int, int] = {}
    for together in _grouped(days):
        first = together[0].day
        numbers[first.year] = numbers.get(first.year, 0) + 1
        key = f"{festival.id}:{first.year}.{numbers[first.year]}"
        walls = {c: _wall(schedule, o.day) for o in together for c in o.countries}
        estimated = any(o.estimated for o in together)
        yield Occasion(key, _wall(schedule, first), schedule.zone, walls, estimated)


def _grouped(days: Sequence[Occurrence]) -> Iterator[list[Occurrence]]:
    together: list[Occurrence] = []
    for occurrence in days:
        if together and occurrence.day - together[0].day > SAME_ROUND:
            yield together
            together = []
        together.append(occurrence)
    if together:
        yield together


def _wall(schedule: Schedule, day: date) -> datetime:
    return datetime.combine(day - timedelta(days=schedule.days_before), schedule.time)


def _festival(schedule: Schedule, festivals: Festivals) -> Festival | None:
    return next((f for f in festivals.all if f.id == schedule.festival), None)


# --- cron --------------------------------------------------------------------------------------

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron(text: str) -> CronTrigger:
    """Five fields as in crontab. APScheduler counts weekdays from Monday, crontab from Sunday, so
    numbers become names. Raises ValueError."""
    fields = text.split()
    if len(fields) != 5:
        raise ValueError("expected five fields: minute hour day month weekday")
    fields[4] = re.sub(r"(?<![/\d])[0-7](?!\d)", lambda m: _WEEKDAYS[int(m.group())], fields[4])
    return CronTrigger.from_crontab(" ".join(fields), timezone=UTC)


def _wrong_cron(text: str | None, now: datetime) -> Wrong | None:
    if not text:
        return Wrong.INCOMPLETE
    try:
        trigger = cron(text)
    except ValueError:
        return Wrong.CRON
    moment, last = now, None
    for _ in range(60):
        fire = trigger.get_next_fire_time(None, moment)
        if fire is None:
            break
        if last is not None and fire - last < MIN_APART:
            return Wrong.TOO_OFTEN
        last, moment = fire, fire + timedelta(seconds=1)
    return None


@lru_cache(maxsize=1024)
def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError):  # malformed, unknown, a folder's name
        return False
    return True
