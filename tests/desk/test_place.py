"""Where the desk is: the owner's word, else the settings', also after the group moved."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.desk.place import DeskPlace
from bot.members.store import GroupStore
from bot.meta import MetaStore
from db import open_database


def test_the_desk_is_where_the_owner_put_it_and_follows_a_move(tmp_path: Path) -> None:
    db = open_database(tmp_path / "s.db")
    groups = GroupStore(db, lambda: datetime(2026, 11, 21, tzinfo=UTC))
    place = DeskPlace(MetaStore(db), -1)
    assert DeskPlace(MetaStore(db), None).chat_id() is None
    assert place.chat_id() == -1
    groups.join(-1, "desk")
    groups.migrate(-1, -100)
    assert place.chat_id() == -100
    place.set(-2)
    assert place.chat_id() == -2
    groups.join(-2, "new desk")
    groups.migrate(-2, -200)
    assert DeskPlace(MetaStore(db), -1).chat_id() == -200
