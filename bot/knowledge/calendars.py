"""The calendars behind the festivals: the sky (`ephem`) and what follows it. Pure arithmetic.

Where only people decide (a crescent must be sighted, an almanac not yet published) the rules in
`festivals` say that the day is an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from itertools import pairwise
from math import cos, degrees, floor, radians
from typing import Final, Literal

import ephem
from hijridate import Gregorian, Hijri

Moment = float
"""Days of universal time since 1899-12-31 12:00, as ephem counts them."""

DAY: Final = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1930, 2075
"""What the Umm al-Qura calendar of hijridate covers; no rule answers beyond."""

# --- the sky -----------------------------------------------------------------------------------

_EPOCH: Final = date(1899, 12, 31).toordinal()


def _civil(moment: Moment, zone: float) -> date:
    return date.fromordinal(_EPOCH + floor(moment + 0.5 + zone / 24))


def _midnight(day: date, zone: float) -> Moment:
    return day.toordinal() - _EPOCH - 0.5 - zone / 24


def _longitude(body: Callable[[Moment], ephem.Body], moment: Moment) -> float:
    """The apparent ecliptic longitude of date, in degrees."""
    seen = body(moment)
    place = ephem.Ecliptic(ephem.Equatorial(seen.g_ra, seen.g_dec, epoch=moment))
    return degrees(place.lon)


def _sun(moment: Moment) -> float:
    return _longitude(ephem.Sun, moment)


def _elongation(moment: Moment) -> float:
    """How far the moon is ahead of the sun: 0 at new moon, 180 at full moon."""
    return _longitude(ephem.Moon, moment) - _sun(moment)


def _precession(moment: Moment) -> float:
    """Lahiri's ayanamsa, by which the Indian zodiac lags behind the equinox."""
    return 23.853 + 50.28 / 3600 * (moment - 36525) / 365.25


def _sidereal_sun(moment: Moment) -> float:
    return _sun(moment) - _precession(moment)


def _sidereal_moon(moment: Moment) -> float:
    return _longitude(ephem.Moon, moment) - _precession(moment)


def _when(angle: Callable[[Moment], float], target: float, near: Moment, per_day: float) -> Moment:
    """The moment near the given one at which an angle reaches its target (Newton's method)."""
    for _ in range(6):
        near -= ((angle(near) - target + 180) % 360 - 180) / per_day
    return near


SUN_PER_DAY, MOON_PER_DAY, ELONGATION_PER_DAY = 0.9856, 13.176, 12.19


@lru_cache(maxsize=1024)
def solar_term(year: int, longitude: int, zone: float) -> date:
    """The day of a solar term: the sun at a longitude (Qingming 15, Dongzhi 270)."""
    spring = _midnight(date(year, 3, 20), zone)
    ahead = longitude if longitude < 285 else longitude - 360
    return _civil(_when(_sun, longitude, spring + ahead / SUN_PER_DAY, SUN_PER_DAY), zone)


# --- the East Asian lunisolar calendar ---------------------------------------------------------

ZONES: Final[Mapping[str, float]] = {
    "VN": 7, "TH": 7, "ID": 7, "KR": 9, "JP": 9, "IN": 5.5, "PK": 5, "BD": 6,
}  # fmt: skip
CHINA: Final = 8.0


def _zone(country: str) -> float:
    return ZONES.get(country, CHINA)


def _new_moon_days(first: date, last: date, zone: float) -> list[date]:
    """First days of the months, from the one in which `first` lies to that of `last`."""
    moment = float(ephem.previous_new_moon(_midnight(first + DAY, zone)))
    days = []
    while (day := _civil(moment, zone)) <= last:
        days.append(day)
        moment = float(ephem.next_new_moon(moment + 1))
    return days


def _has_major_term(first: date, following: date, zone: float) -> bool:
    """Whether the sun enters a new twelfth of its path within the month."""
    begin, end = (_sun(_midnight(day, zone)) // 30 for day in (first, following))
    return begin != end


@lru_cache(maxsize=512)
def _months_before_solstice(year: int, zone: float) -> Mapping[int, date]:
    """Months from the 11th of last year to the 10th of this one, leap months left out.

    The rule since 1645 (GB/T 33661-2017): the winter solstice lies in month 11; where 13
    months lie between two of them, the first without a major solar term is the leap month.
    """
    days = _new_moon_days(solar_term(year - 1, 270, zone), solar_term(year, 270, zone), zone)
    pairs = list(pairwise(days))
    leap = next((a for a, b in pairs if not _has_major_term(a, b, zone)), None)
    regular = [a for a, _ in pairs if len(pairs) == 12 or a != leap]
    return dict(zip((11, 12, *range(1, 11)), regular, strict=True))


def lunisolar_day(year: int, month: int, day: int, zone: float) -> date:
    """A day of the lunar year that begins in a Gregorian year: (2027, 1, 1, 8) -> 2027-02-06.

    China counts in UTC+8, Vietnam in UTC+7 (since 1968), Korea in UTC+9: so their
    festivals fall apart when a new moon falls into the hour around midnight.
    """
    months = _months_before_solstice(year if month < 11 else year + 1, zone)
    return months[month] + (day - 1) * DAY


def full_moon_day(year: int, month: int, zone: float) -> date:
    """The day of the true full moon of a lunar month, which may be its 15th to 17th."""
    first = _midnight(lunisolar_day(year, month, 10, zone), zone)
    return _civil(float(ephem.next_full_moon(first)), zone)


# --- the Islamic calendar ----------------------------------------------------------------------

Place = tuple[str, str]
PLACES: Final[Mapping[str, Place]] = {
    "IN": ("28.61", "77.21"), "PK": ("24.86", "67.00"), "BD": ("23.81", "90.41"),
    "MY": ("5.28", "100.22"), "SG": ("1.29", "103.85"), "ID": ("5.55", "95.32"),
}  # fmt: skip
"""Delhi, Karachi, Dhaka, Penang, Singapore, and Banda Aceh, Indonesia's westernmost town."""


def _observer(place: Place, moment: Moment) -> ephem.Observer:
    observer = ephem.Observer()
    observer.lat, observer.lon = place
    observer.pressure, observer.horizon = 0, "-0:50"
    observer.date = moment
    return observer


def _meets_mabims(altitude: float, elongation: float) -> bool:
    """The criterion of Brunei, Indonesia, Malaysia and Singapore since 2021/2022."""
    return altitude >= 3 and elongation >= 6.4


def _meets_yallop(height: float, elongation: float, radius: float) -> bool:
    """Visible in good conditions (B. D. Yallop, NAO Technical Note 69, 1997, types A and B).

    `height` is the arc between sun and moon in degrees, `radius` the moon's in minutes.
    """
    width = radius * (1 - cos(radians(elongation)))
    return height - (11.8371 - 6.3226 * width + 0.7319 * width**2 - 0.1018 * width**3) > -0.14


def _crescent_seen(evening: date, country: str) -> bool:
    observer = _observer(PLACES[country], _midnight(evening, _zone(country)) + 0.5)
    observer.date = observer.next_setting(ephem.Sun())
    moon, sun = ephem.Moon(observer), ephem.Sun(observer)
    altitude, elongation = degrees(moon.alt), degrees(ephem.separation(moon, sun))
    if country in ("ID", "MY", "SG"):
        return _meets_mabims(altitude, elongation)
    return _meets_yallop(altitude - degrees(sun.alt), elongation, degrees(moon.radius) * 60)


@lru_cache(maxsize=2048)
def islamic_month(year: int, month: int, country: str) -> date:
    """The first day of an Islamic month, as a country is expected to see its crescent.

    Around the Saudi Umm al-Qura calendar: with the MABIMS criterion for Indonesia, Malaysia
    and Singapore, with Yallop's for India, Pakistan and Bangladesh (usually a day later).
    """
    saudi = date.fromordinal(Hijri(year, month, 1).to_gregorian().toordinal())
    if country not in PLACES:
        return saudi
    evenings = (saudi + k * DAY for k in range(-3, 3))
    return next((e + DAY for e in evenings if _crescent_seen(e, country)), saudi + DAY)


def _islamic_years(year: int) -> range:
    first, last = (Gregorian(year, m, d).to_hijri().year for m, d in ((1, 1), (12, 31)))
    return range(first - 1, last + 2)


# --- the Indian calendars ----------------------------------------------------------------------

HinduMonth = Literal[
    "chaitra", "vaishakha", "jyeshtha", "ashadha", "shravana", "bhadrapada",
    "ashvina", "kartika", "margashirsha", "pausha", "magha", "phalguna",
]  # fmt: skip
HINDU_MONTHS: Final[tuple[HinduMonth, ...]] = HinduMonth.__args__  # type: ignore[attr-defined]
Sign = Literal["mesha", "simha", "makara"]
SIGNS: Final[Mapping[Sign, int]] = {"mesha": 0, "simha": 4, "makara": 9}
Star = Literal["pushya", "shravana"]
STARS: Final[Mapping[Star, int]] = {"pushya": 7, "shravana": 21}
PartOfDay = Literal["sunrise", "forenoon", "noon", "afternoon", "sunset", "midnight"]
_PARTS: Final[Mapping[PartOfDay, tuple[float, float]]] = {
    "sunrise": (0, 1e-4), "forenoon": (0, 0.5), "noon": (0.4, 0.6), "afternoon": (0.6, 0.8),
    "sunset": (1, 1.2), "midnight": (1.467, 1.533),
}  # fmt: skip
"""Begin and end: 0 is sunrise, 1 sunset, 2 the next sunrise."""


@lru_cache(maxsize=4096)
def _sun_times(day: date, country: str) -> tuple[Moment, Moment, Moment]:
    """Sunrise, sunset and the next sunrise of a day."""
    observer = _observer(PLACES[country], _midnight(day, _zone(country)))
    rise = observer.date = observer.next_rising(ephem.Sun())
    fall = observer.date = observer.next_setting(ephem.Sun())
    return float(rise), float(fall), float(observer.next_rising(ephem.Sun()))


def _part(day: date, part: PartOfDay, country: str) -> tuple[Moment, Moment]:
    rise, fall, rise_again = _sun_times(day, country)

    def at(share: float) -> Moment:
        night = share - 1
        if night < 0:
            return rise + share * (fall - rise)
        return fall + night * (rise_again - fall)

    begin, end = _PARTS[part]
    return at(begin), at(end)


def _day_of(begin: Moment, end: Moment, part: PartOfDay, country: str) -> date:
    """The day whose part is covered most by a span of the moon; else that in which it begins."""

    def covered(day: date) -> float:
        first, last = _part(day, part, country)
        return round(min(end, last) - max(begin, first), 6)

    start = _civil(begin, _zone(country))
    best = max((start + k * DAY for k in range(-1, 3)), key=covered)
    if covered(best) > 0:
        return best
    return start if begin >= _sun_times(start, country)[0] else start - DAY


@lru_cache(maxsize=256)
def _hindu_months(year: int) -> Mapping[HinduMonth, tuple[Moment, ...]]:
    """New moons that begin the months (amanta), leap months (adhika) left out.

    A month is named after the sign that the sun enters in it; if it enters none, it is a
    leap month (Calendar Reform Committee, 1955).
    """
    months: dict[HinduMonth, tuple[Moment, ...]] = {}
    moon, last = ephem.Date((year - 1, 11, 1)), float(ephem.Date((year + 1, 1, 1)))
    moon = float(ephem.next_new_moon(moon))
    while moon < last:
        following = float(ephem.next_new_moon(moon + 1))
        sign, entered = (int(_sidereal_sun(m) % 360 // 30) for m in (moon, following))
        if sign != entered:
            name = HINDU_MONTHS[entered]
            months[name] = (*months.get(name, ()), moon)
        moon = following
    return months


@lru_cache(maxsize=1024)
def hindu_days(
    year: int, month: HinduMonth, tithi: int, part: PartOfDay, country: str
) -> tuple[date, ...]:
    """Days of a lunar day (tithi 1 to 30, from the new moon) that rules a part of the day."""
    days = []
    for moon in _hindu_months(year).get(month, ()):
        begin, end = (
            _when(_elongation, 12 * t, moon + 29.530588 * t / 30, ELONGATION_PER_DAY)
            for t in (tithi - 1, tithi)
        )
        days.append(_day_of(begin, end, part, country))
    return tuple(days)


@lru_cache(maxsize=512)
def _sun_enters(year: int, sign: int) -> Moment:
    new_year = float(ephem.Date((year, 1, 1)))
    ahead = (sign * 30 + _precession(new_year) - 280) % 360
    return _when(_sidereal_sun, sign * 30, new_year + ahead / SUN_PER_DAY, SUN_PER_DAY)


def sankranti(year: int, sign: Sign, until: Literal["sunset", "midnight"], country: str) -> date:
    """The day on which the sun enters a sign; after `until`, the next day is kept."""
    moment = _sun_enters(year, SIGNS[sign])
    day = _civil(moment, _zone(country))
    late = until == "sunset" and moment > _sun_times(day, country)[1]
    return day + DAY if late else day


@lru_cache(maxsize=512)
def star_day(year: int, sign: Sign, star: Star, country: str) -> date:
    """The noon that the moon spends in a lunar mansion (nakshatra) in a solar month.

    Where the month has two of them, the later is kept.
    """
    begin_month = _sun_enters(year, SIGNS[sign])
    target = STARS[star] * 40 / 3
    ahead = (target - _sidereal_moon(begin_month)) % 360 / MOON_PER_DAY
    begin = _when(_sidereal_moon, target, begin_month + ahead, MOON_PER_DAY)
    again = _when(_sidereal_moon, target, begin + 27.32, MOON_PER_DAY)
    if (_sidereal_sun(again + 1) - SIGNS[sign] * 30) % 360 < 30:
        begin = again
    end = _when(_sidereal_moon, target + 40 / 3, begin + 1, MOON_PER_DAY)
    return _day_of(begin, end, "noon", country)


# --- calendars that the holidays library keeps -------------------------------------------------

Feast = Literal["makha_bucha", "visakha_bucha", "asarnha_bucha", "loy_krathong", "nyepi"]
_FEASTS: Final[Mapping[Feast, tuple[str, str]]] = {
    "makha_bucha": ("thai", "_ThaiLunisolar"),
    "visakha_bucha": ("thai", "_ThaiLunisolar"),
    "asarnha_bucha": ("thai", "_ThaiLunisolar"),
    "loy_krathong": ("thai", "_ThaiLunisolar"),
    "nyepi": ("balinese_saka", "_BalineseSakaLunar"),
}


@lru_cache(maxsize=1024)
def library_day(module: str, calendar: str, feast: str, year: int) -> date | None:
    """A day from a calendar of the holidays library, which is slow to import: so only now."""
    keeper = getattr(import_module(f"holidays.calendars.{module}"), calendar)()
    found: date | tuple[date | None, bool] | None = getattr(keeper, f"{feast}_date")(year)
    return found[0] if isinstance(found, tuple) else found
