"""When a broadcast is due: zones, clock changes, year ends, festivals that the moon decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.broadcasts.model import Schedule, When
from bot.broadcasts.schedule import (
    ZONES,
    Place,
    Quiet,
    Wrong,
    cron,
    earliest,
    instant,
    is_late,
    next_occasion,
    occasion_of,
    wrong,
)
from bot.knowledge.festivals import load_festivals
from bot.knowledge.store import KNOWLEDGE_DIR

FESTIVALS = load_festivals(KNOWLEDGE_DIR / "festivals.yaml")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
EVERYWHERE = [Place.of(country) for country in [*ZONES, None]]
CHANGING = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca"]
"""Zones of groups abroad: their clocks change, one by half an hour."""
zones = st.sampled_from([*ZONES.values(), *CHANGING, "Pacific/Kiritimati", "Asia/Kathmandu"])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1)).map(
    lambda d: d.replace(tzinfo=UTC, microsecond=0)
)
walls = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1)).map(
    lambda d: d.replace(second=0, microsecond=0)
)
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(walls, zones)
def test_a_wall_clock_shows_the_chosen_time_or_was_moved_over_a_gap(
    wall: datetime, zone: str
) -> None:
    there = instant(wall, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if there != wall:  # the clocks skip it
        assert timedelta(0) < there - wall <= timedelta(hours=1)


def test_a_time_that_the_clocks_skip_is_as_much_later() -> None:
    assert instant(datetime(2027, 3, 14, 2, 30), "America/New_York") == datetime(
        2027, 3, 14, 7, 30, tzinfo=UTC
    )


def test_a_time_that_happens_twice_is_the_first() -> None:
    assert instant(datetime(2026, 11, 1, 1, 30), "America/New_York") == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


@given(moments, zones, clocks, clocks)
def test_quiet_hours_push_later_to_their_end_and_never_earlier(
    moment: datetime, zone: str, start: time, end: time
) -> None:
    quiet, place = Quiet(start, end), Place("SG", zone)
    pushed = quiet.push(moment, place)
    assert moment <= pushed <= moment + timedelta(hours=26)
    if pushed != moment:
        local = pushed.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        wall = datetime.combine(local.date(), end)
        assert timedelta(0) <= local - wall <= timedelta(hours=1), "the end, or past a gap"
    if start == end:
        assert pushed == moment


def test_a_country_may_have_quiet_hours_of_its_own() -> None:
    quiet = Quiet(time(22), time(8), {"JP": (time(20), time(10))})
    at_nine_in_tokyo = datetime(2027, 1, 5, 0, 0, tzinfo=UTC)
    assert quiet.push(at_nine_in_tokyo, Place.of("JP")) == datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
    assert quiet.push(at_nine_in_tokyo, Place.of("KR")) == at_nine_in_tokyo


@given(walls, moments)
def test_local_time_is_the_same_on_every_clock(wall: datetime, now: datetime) -> None:
    schedule = Schedule(When.ONCE, wall)
    occasion = next_occasion(schedule, now, EVERYWHERE, FESTIVALS)
    if occasion is None:
        assert min(instant(wall, p.zone) for p in EVERYWHERE) <= now, "some place's has passed"
        return
    for place in EVERYWHERE:
        moment = occasion.moment(place)
        assert moment > now
        assert moment.astimezone(ZoneInfo(place.zone)).replace(tzinfo=None) == wall
    assert occasion_of(schedule, occasion.key, FESTIVALS) == occasion


crons = st.builds(
    "{} {} {} * {}".format,
    st.integers(0, 59), st.integers(0, 23), st.sampled_from(["*", "1", "28", "31"]),
    st.sampled_from(["*", "0", "1-5", "7", "mon"]),
)  # fmt: skip


@given(crons, moments, st.one_of(st.none(), zones))
@settings(max_examples=60)
def test_repeats_go_on_for_ever_each_once(text: str, now: datetime, zone: str | None) -> None:
    """Over clock changes and year ends: keys rise, moments rise, each is the cron's wall time."""
    schedule = Schedule(When.REPEAT, cron=text, zone=zone)
    seen: list[str] = []
    after = now
    for _ in range(6):
        occasion = next_occasion(schedule, after, EVERYWHERE, FESTIVALS)
        if occasion is None:
            break
        first = earliest(occasion, EVERYWHERE)
        assert first > after
        minute, hour = (int(part) for part in text.split()[:2])
        assert (occasion.wall.hour, occasion.wall.minute) == (hour, minute)
        assert occasion_of(schedule, occasion.key, FESTIVALS) == occasion
        seen.append(occasion.key)
        after = first
    assert seen == sorted(set(seen))


def test_weekdays_count_as_in_crontab() -> None:
    """0 and 7 are Sunday, 1 is Monday (APScheduler itself counts from Monday)."""
    for field, weekday in (("0", 6), ("1", 0), ("5", 4), ("7", 6)):
        fire = cron(f"0 9 * * {field}").get_next_fire_time(None, NOW)
        assert fire.weekday() == weekday


@given(
    st.sampled_from(FESTIVALS.all), st.integers(-30, 60), moments, clocks,
    st.sampled_from([None, "Asia/Bangkok"]),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_a_festival_is_met_each_year_on_each_countrys_own_day(
    festival: object, days: int, now: datetime, clock: time, zone: str | None
) -> None:
    schedule = Schedule(
        When.FESTIVAL,
        festival=festival.id,
        days_before=days,
        time=clock,
        zone=zone,  # type: ignore[attr-defined]
    )
    occasion = next_occasion(schedule, now, EVERYWHERE, FESTIVALS)
    assert occasion is not None
    assert now < earliest(occasion, EVERYWHERE) < now + timedelta(days=800)
    for country, wall in occasion.walls.items():
        day = (wall + timedelta(days=days)).date()
        kept = FESTIVALS.of_year(festival, day.year, country)  # type: ignore[arg-type]
        assert day in {o.day for o in kept} and wall.time() == clock
    assert occasion_of(schedule, occasion.key, FESTIVALS) == occasion
    following = next_occasion(schedule, earliest(occasion, EVERYWHERE), EVERYWHERE, FESTIVALS)
    assert following is not None and following.key != occasion.key


def test_three_days_before_songkran_at_nine_everywhere() -> None:
    schedule = Schedule(When.FESTIVAL, festival="songkran", days_before=3, time=time(9))
    places = [Place.of(c) for c in ("TH", "SG", "CN", "VN")]
    occasion = next_occasion(schedule, NOW, places, FESTIVALS)
    assert occasion is not None and occasion.wall == datetime(2027, 4, 10, 9)
    assert occasion.moment(Place.of("TH")) == datetime(2027, 4, 10, 2, tzinfo=UTC)
    assert occasion.moment(Place.of("SG")) == datetime(2027, 4, 10, 1, tzinfo=UTC)


def test_a_festival_on_new_years_first_days_is_announced_in_the_old_year() -> None:
    """Eid al-Fitr comes twice in 2033 (January and December): two rounds, two names."""
    schedule = Schedule(When.FESTIVAL, festival="eid_al_fitr", days_before=10, time=time(9))
    after, keys, days = datetime(2032, 6, 1, tzinfo=UTC), [], []
    for _ in range(2):
        occasion = next_occasion(schedule, after, EVERYWHERE, FESTIVALS)
        assert occasion is not None and occasion.estimated
        keys.append(occasion.key)
        days.append(occasion.wall.date())
        after = earliest(occasion, EVERYWHERE)
    assert keys == ["eid_al_fitr:2033.1", "eid_al_fitr:2033.2"]
    assert days[0].year == 2032 and days[1].year == 2033


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        (Schedule(When.ONCE, datetime(2026, 11, 21, 9)), Wrong.PAST),  # 09:00 in Tokyo is over
        (Schedule(When.ONCE), Wrong.INCOMPLETE),
        (Schedule(When.ONCE, datetime(2027, 1, 1), zone="Asia/Atlantis"), Wrong.ZONE),
        (Schedule(When.ONCE, datetime(2027, 1, 1), zone="../etc/passwd"), Wrong.ZONE),
        (Schedule(When.REPEAT, cron="every day"), Wrong.CRON),
        (Schedule(When.REPEAT, cron="61 9 * * *"), Wrong.CRON),
        (Schedule(When.REPEAT, cron="* * * * *"), Wrong.TOO_OFTEN),
        (Schedule(When.REPEAT, cron="0 9 30 2 *"), Wrong.PAST),  # never
        (Schedule(When.REPEAT, cron="0 9 * * 1", until=date(2026, 11, 22)), Wrong.PAST),
        (Schedule(When.FESTIVAL, festival="towel_day"), Wrong.FESTIVAL),
        (Schedule(When.REPEAT, cron="0 9 * * 1"), None),
        (Schedule(When.NOW), None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_before(schedule: Schedule, problem: Wrong | None) -> None:
    assert wrong(schedule, NOW, EVERYWHERE, FESTIVALS) is problem


def test_late_is_past_the_limit() -> None:
    assert not is_late(NOW, NOW + timedelta(minutes=30), timedelta(minutes=30))
    assert is_late(NOW, NOW + timedelta(minutes=31), timedelta(minutes=30))
