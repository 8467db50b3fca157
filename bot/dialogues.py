"""Dialogues under way, in SQL, so that they outlive a restart: one a person and chat."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

KEPT = timedelta(days=1)
"""After this long what a person writes is a question again, not the answer to an old prompt."""


@dataclass(frozen=True)
class Dialogue:
    """What a feature (`room`) waits for from one person in one chat."""

    user_id: int
    chat_id: int
    room: str
    asking: str
    data: Mapping[str, Any] = field(default_factory=dict)
    message_id: int | None = None
    """The bot's message that asks: in a group only a reply to it is taken."""


class DialogueStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        # Asked at every message of every group: most have none, and need no query to know it.
        self._writers = {user_id for (user_id,) in db.execute("SELECT user_id FROM dialogues")}

    def get(self, user_id: int, chat_id: int) -> Dialogue | None:
        if user_id not in self._writers:
            return None
        row = self._db.execute(
            """SELECT room, asking, data, message_id FROM dialogues
               WHERE user_id = ? AND chat_id = ? AND at >= ?""",
            [user_id, chat_id, self._oldest()],
        ).fetchone()
        if row is None:
            return None
        room, asking, data, message_id = row
        return Dialogue(user_id, chat_id, room, asking, json.loads(data), message_id)

    def put(self, dialogue: Dialogue) -> None:
        """An earlier dialogue of that person in that chat (a fact's edit too) gives way."""
        self._writers.add(dialogue.user_id)
        with self._db.atomic():
            self._db.execute("DELETE FROM dialogues WHERE at < ?", [self._oldest()])
            self._db.execute(
                "DELETE FROM fact_drafts WHERE user_id = ? AND chat_id = ?",
                [dialogue.user_id, dialogue.chat_id],
            )
            self._db.execute(
                """INSERT OR REPLACE INTO dialogues
                   (user_id, chat_id, room, asking, data, message_id, at)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                [dialogue.user_id, dialogue.chat_id, dialogue.room, dialogue.asking,
                 json.dumps(dict(dialogue.data), ensure_ascii=False), dialogue.message_id,
                 self._now().isoformat(timespec="seconds")],
            )  # fmt: skip

    def drop(self, user_id: int, chat_id: int) -> bool:
        """Whether there was one."""
        return (
            self._db.execute(
                "DELETE FROM dialogues WHERE user_id = ? AND chat_id = ?", [user_id, chat_id]
            ).rowcount
            > 0
        )

    def _oldest(self) -> str:
        return (self._now() - KEPT).isoformat(timespec="seconds")
