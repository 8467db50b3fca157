"""A group's own time: its zone, and the hours in which nothing unasked is said there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.core import get_global

from bot.members.store import Group

_MAIN_ZONE = {"ID": "Asia/Jakarta", "MY": "Asia/Kuala_Lumpur", "CN": "Asia/Shanghai"}
"""Where a country has several: that of most of its people."""


def zones_of(country: str) -> tuple[str, ...]:
    """The IANA zones of a country, the main one first (CLDR by way of Babel)."""
    found = tuple(sorted(get_global("territory_zones").get(country, ())))
    main = _MAIN_ZONE.get(country)
    return (main, *(z for z in found if z != main)) if main else found


def zone_name(group: Group) -> str:
    """The zone that was chosen, else the country's main one, else UTC."""
    if group.timezone:
        return group.timezone
    zones = zones_of(group.country) if group.country else ()
    return zones[0] if zones else "UTC"


def local_time(group: Group, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(zone_name(group)))


def is_quiet(group: Group, now: datetime) -> bool:
    """Whether it is one of the group's quiet hours. From 22 to 7 goes past midnight."""
    if group.quiet_from is None or group.quiet_to is None:
        return False
    hour = local_time(group, now).hour
    if group.quiet_from < group.quiet_to:
        return group.quiet_from <= hour < group.quiet_to
    return hour >= group.quiet_from or hour < group.quiet_to


def quiet_until(group: Group, now: datetime) -> datetime:
    """When something may next be said unasked (UTC): `now` itself outside the quiet hours."""
    if not is_quiet(group, now) or group.quiet_to is None:
        return now
    local = local_time(group, now)
    end = local.replace(hour=group.quiet_to, minute=0, second=0, microsecond=0, fold=0)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(UTC)
