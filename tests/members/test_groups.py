"""A group's settings in the database, its zone, and its quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.model import COUNTRIES
from bot.members.group_rules import is_quiet, local_time, quiet_until, zone_name, zones_of
from bot.members.store import Group, GroupStore
from db import open_database
from db.migrations import migrations

JAKARTA = Group(-1, "g", country="ID", quiet_from=22, quiet_to=7)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
hours = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23))
groups = st.builds(
    lambda country, zone, quiet: Group(
        -1, "g", country=country, timezone=zone,
        quiet_from=quiet[0] if quiet else None, quiet_to=quiet[1] if quiet else None,
    ),
    st.none() | st.sampled_from(COUNTRIES),
    st.none() | st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    hours.filter(lambda pair: pair is None or pair[0] != pair[1]),
)  # fmt: skip


def test_every_country_has_a_zone_and_the_main_one_comes_first() -> None:
    assert all(zones_of(country) for country in COUNTRIES)
    assert zones_of("ID")[0] == "Asia/Jakarta" and "Asia/Jayapura" in zones_of("ID")
    assert zone_name(Group(-1, "g")) == "UTC"
    assert zone_name(replace(JAKARTA, timezone="Asia/Jayapura")) == "Asia/Jayapura"


def test_quiet_hours_go_past_midnight_in_local_time() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # 23:30 in Jakarta
    assert is_quiet(JAKARTA, late)
    assert quiet_until(JAKARTA, late) == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # 7:00 there
    assert not is_quiet(JAKARTA, late + timedelta(hours=9))
    assert not is_quiet(replace(JAKARTA, quiet_from=None), late)


@given(groups, moments)
def test_after_the_quiet_hours_it_is_not_quiet(group: Group, now: datetime) -> None:
    end = quiet_until(group, now)
    assert now <= end <= now + timedelta(hours=25)
    assert not is_quiet(group, end)
    assert (end == now) == (not is_quiet(group, now))
    assert local_time(group, now) == now


def test_settings_are_kept_and_unknown_ones_refused(tmp_path: Path) -> None:
    store = GroupStore(open_database(tmp_path / "s.db"), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    store.join(-1, "Sampan ไทย")
    store.configure(-1, country="TH", answering="off", festivals=False, quiet_from=1, quiet_to=5)
    store.configure(-1, clean_minutes=10, timezone="Asia/Bangkok")
    assert store.get(-1) == Group(
        -1, "Sampan ไทย", "TH", None, "Asia/Bangkok", "off", False, 1, 5, 10
    )
    with pytest.raises(ValueError):
        store.configure(-1, title="x")
    store.leave(-1)
    assert store.all() == []


def test_a_group_of_an_older_version_keeps_its_choice(tmp_path: Path) -> None:
    db = open_database(tmp_path / "s.db", migrate=False)
    migrations.apply(db, stop_before="m008_group_setup")
    db.execute("INSERT INTO groups (chat_id, title, auto_answer, joined_at) VALUES (-1, '', 1, '')")
    migrations.apply(db)
    found = GroupStore(db, lambda: datetime(2026, 1, 1, tzinfo=UTC)).get(-1)
    assert found is not None and found.answering == "confident"


def test_a_groups_one_language_becomes_the_first_of_several(tmp_path: Path) -> None:
    db = open_database(tmp_path / "s.db", migrate=False)
    migrations.apply(db, stop_before="m016_group_languages")
    for chat_id, language in ((-1, "ms"), (-2, None)):
        db.execute(
            "INSERT INTO groups (chat_id, title, language, joined_at) VALUES (?, '', ?, '')",
            [chat_id, language],
        )
    migrations.apply(db)
    store = GroupStore(db, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    malay, none = store.get(-1), store.get(-2)
    assert malay is not None and none is not None
    assert (malay.languages, none.languages) == (("ms",), ())
    store.configure(-1, more_languages=("zh-Hans", "en"))
    store.migrate(-1, -100_1)
    moved = store.get(-100_1)
    assert moved is not None and moved.languages == ("ms", "zh-Hans", "en")
