"""Who watches a broadcast, and in which message, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True)
class Watcher:
    chat_id: int
    message_id: int
    told: str


class WatchStore:
    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, broadcast_id: int, chat_id: int, message_id: int) -> None:
        """A newer message takes the older one's place."""
        self._db.execute(
            """INSERT INTO broadcast_watches (broadcast_id, chat_id, message_id) VALUES (?, ?, ?)
               ON CONFLICT (broadcast_id, chat_id) DO UPDATE SET message_id = excluded.message_id""",
            [broadcast_id, chat_id, message_id],
        )

    def of(self, broadcast_id: int) -> list[Watcher]:
        rows = self._db.execute(
            "SELECT chat_id, message_id, told FROM broadcast_watches WHERE broadcast_id = ?",
            [broadcast_id],
        )
        return [Watcher(*row) for row in rows]

    def tell(self, broadcast_id: int, chat_id: int, what: str) -> bool:
        """Notes that a thing is told in a new message. False when it was told last time too."""
        return (
            self._db.execute(
                """UPDATE broadcast_watches SET told = ?
                   WHERE broadcast_id = ? AND chat_id = ? AND told != ?""",
                [what, broadcast_id, chat_id, what],
            ).rowcount
            > 0
        )
