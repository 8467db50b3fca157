"""The bot's own messages in groups that matter later, in SQL: notices to tidy, answers to link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlite_utils import Database

DELETABLE = timedelta(hours=47)
"""Telegram lets a bot delete its messages for 48 hours; one hour is left for waiting our turn."""


class GroupMessages:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self, ago: timedelta = timedelta()) -> str:
        return (self._now() - ago).isoformat(timespec="seconds")

    def notice(self, chat_id: int, message_id: int) -> None:
        """A message to tidy away; noted again, its time starts anew."""
        self._note(chat_id, message_id, None, "notice", "")

    def answer(self, chat_id: int, message_id: int, thread_id: int | None, content: str) -> None:
        """An answer, by the digest of what it says."""
        self._note(chat_id, message_id, thread_id, "answer", content)

    def _note(
        self, chat_id: int, message_id: int, thread_id: int | None, kind: str, content: str
    ) -> None:
        self._db.execute(
            """INSERT OR REPLACE INTO group_messages
               (chat_id, message_id, thread_id, kind, content, at) VALUES (?, ?, ?, ?, ?, ?)""",
            [chat_id, message_id, thread_id, kind, content, self._at()],
        )

    def earlier(
        self, chat_id: int, thread_id: int | None, content: str, within: timedelta
    ) -> int | None:
        """The newest message of the same place that said the same, if it is recent."""
        row = self._db.execute(
            """SELECT message_id FROM group_messages WHERE chat_id = ? AND content = ?
               AND at >= ? AND kind = 'answer' AND thread_id IS ?
               ORDER BY at DESC, message_id DESC LIMIT 1""",
            [chat_id, content, self._at(within), thread_id],
        ).fetchone()
        return int(row[0]) if row else None

    def due(self) -> dict[int, list[int]]:
        """Notices whose group wants them gone by now, by chat."""
        rows = self._db.execute(
            """SELECT m.chat_id, m.message_id FROM group_messages m
               JOIN groups g ON g.chat_id = m.chat_id
               WHERE m.kind = 'notice' AND g.left_at IS NULL AND g.clean_minutes IS NOT NULL
                 AND unixepoch(m.at) + g.clean_minutes * 60 <= unixepoch(?) AND m.at > ?
               ORDER BY m.chat_id, m.message_id""",
            [self._at(), self._at(DELETABLE)],
        )
        found: dict[int, list[int]] = {}
        for chat_id, message_id in rows:
            found.setdefault(chat_id, []).append(message_id)
        return found

    def forget(self, chat_id: int, message_ids: list[int]) -> None:
        with self._db.atomic():
            for message_id in message_ids:
                self._db.execute(
                    "DELETE FROM group_messages WHERE chat_id = ? AND message_id = ?",
                    [chat_id, message_id],
                )

    def purge(self) -> int:
        """Forgets what can't be deleted, and linked, any more. Returns how many."""
        return self._db.execute(
            "DELETE FROM group_messages WHERE kind IN ('notice', 'answer') AND at <= ?",
            [self._at(DELETABLE)],
        ).rowcount
