"""Unfinished changes of facts, in SQL, so that a dialogue outlives a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.knowledge.editing import Changes, Draft
from bot.knowledge.model import Source

KEPT = timedelta(days=1)
"""After this long what a person writes is a question again, not the answer to an old prompt."""


class DraftStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        # Asked at every message of every group: most have none, and need no query to know it.
        self._writers = {user_id for (user_id,) in db.execute("SELECT user_id FROM fact_drafts")}

    def get(self, user_id: int, chat_id: int) -> Draft | None:
        if user_id not in self._writers:
            return None
        row = self._db.execute(
            """SELECT fact_id, action, asking, changes, message_id FROM fact_drafts
               WHERE user_id = ? AND chat_id = ? AND at >= ?""",
            [user_id, chat_id, self._oldest()],
        ).fetchone()
        if row is None:
            return None
        fact_id, action, asking, changes, message_id = row
        return Draft(user_id, chat_id, fact_id, action, asking, _parse(changes), message_id)

    def put(self, draft: Draft) -> None:
        """The person's only draft in that chat; an earlier one gives way."""
        self._writers.add(draft.user_id)
        with self._db.atomic():
            self._db.execute("DELETE FROM fact_drafts WHERE at < ?", [self._oldest()])
            self._db.execute(
                "DELETE FROM dialogues WHERE user_id = ? AND chat_id = ?",
                [draft.user_id, draft.chat_id],
            )
            self._db.execute(
                """INSERT OR REPLACE INTO fact_drafts
                   (user_id, chat_id, fact_id, action, asking, changes, message_id, at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                [draft.user_id, draft.chat_id, draft.fact_id, draft.action, draft.asking,
                 _dump(draft.changes), draft.message_id, self._now().isoformat(timespec="seconds")],
            )  # fmt: skip

    def drop(self, user_id: int, chat_id: int) -> bool:
        """Whether there was one."""
        cursor = self._db.execute(
            "DELETE FROM fact_drafts WHERE user_id = ? AND chat_id = ?", [user_id, chat_id]
        )
        return cursor.rowcount > 0

    def _oldest(self) -> str:
        return (self._now() - KEPT).isoformat(timespec="seconds")


def _dump(changes: Changes) -> str:
    sources = {
        key: source.model_dump(mode="json", exclude_none=True)
        for key, source in changes.sources.items()
    }
    return json.dumps({"fact": dict(changes.fact), "sources": sources}, ensure_ascii=False)


def _parse(data: str) -> Changes:
    raw = json.loads(data)
    return Changes(
        raw["fact"], {key: Source.model_validate(s) for key, s in raw["sources"].items()}
    )
