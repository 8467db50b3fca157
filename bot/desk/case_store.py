"""Cases in SQL. Every change of state is one statement that also checks the state, so that of two
people who press at once only one succeeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.desk.cases import CLAIM, Case, State, question_key

_FREE = "(claimed_by IS NULL OR claimed_by = :user OR claimed_at <= :expired)"
_COLUMNS = """id, text, language, topic, country, confidence, state, opened_at, claimed_by,
    claimed_name, claimed_at, closed_by, closed_name, closed_at, answer, answer_language, faq_id,
    card_chat, card_message"""
_TIMES = frozenset({"opened_at", "claimed_at", "closed_at"})
_NAMES = [name.strip() for name in _COLUMNS.split(",")]
SHOWN_WORDINGS = 3
SHOWN_CHATS = 20
"""Chats of a case that are looked up: more are not shown."""


class CaseStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # Reading

    def get(self, case_id: int) -> Case | None:
        return next(iter(self._read("WHERE id = :id", id=case_id)), None)

    def of_card(self, chat_id: int, message_id: int) -> int | None:
        """The case whose card this message is."""
        row = self._db.execute(
            "SELECT id FROM desk_cases WHERE card_chat = ? AND card_message = ?",
            [chat_id, message_id],
        ).fetchone()
        return int(row[0]) if row else None

    def waiting(self) -> list[Case]:
        """The oldest first, at most 1,000."""
        return self._read("WHERE state = 'waiting' ORDER BY opened_at, id LIMIT 1000")

    def without_card(self, desk: int) -> Case | None:
        """The oldest that the desk's group has not seen yet."""
        found = self._read(
            """WHERE state = 'waiting' AND (card_message IS NULL OR card_chat != :desk)
               ORDER BY opened_at, id LIMIT 1""",
            desk=desk,
        )
        return next(iter(found), None)

    def outdated_card(self, desk: int) -> Case | None:
        """One whose card no longer says how things stand; closed ones first."""
        found = self._read(
            """WHERE card_dirty = 1 AND card_message IS NOT NULL AND card_chat = :desk
               ORDER BY state = 'waiting', id LIMIT 1""",
            desk=desk,
        )
        return next(iter(found), None)

    def _read(self, rest: str, **values: object) -> list[Case]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM desk_cases {rest}", values).fetchall()
        return [self._case(dict(zip(_NAMES, row, strict=True))) for row in rows]

    def _case(self, row: dict[str, Any]) -> Case:
        for name in _TIMES:
            row[name] = datetime.fromisoformat(row[name]) if row[name] else None
        reasons = self._db.execute(
            """SELECT reason, count(*) FROM desk_questions WHERE case_id = ?
               GROUP BY reason ORDER BY count(*) DESC, reason""",
            [row["id"]],
        ).fetchall()
        places = self._db.execute(
            """SELECT chat_id, min(message_id) FROM desk_questions WHERE case_id = ?
               GROUP BY chat_id ORDER BY min(id) LIMIT ?""",
            [row["id"], SHOWN_CHATS],
        ).fetchall()
        texts = self._db.execute(
            "SELECT text FROM desk_questions WHERE case_id = ? GROUP BY text ORDER BY min(id) LIMIT 50",
            [row["id"]],
        ).fetchall()
        others = {question_key(text): text for (text,) in reversed(texts)}
        others.pop(question_key(row["text"]), None)
        return Case(
            **row, also=tuple(reversed(others.values()))[:SHOWN_WORDINGS], askers=sum(n for _, n in reasons),
            reasons=tuple(reasons), asked_in=tuple(places),
        )  # fmt: skip

    # Changing

    def _change(self, case_id: int, user_id: int, changes: str, **values: object) -> bool:
        """Of a waiting case that nobody else holds."""
        expired = (self._now() - CLAIM).isoformat(timespec="seconds")
        cursor = self._db.execute(
            f"""UPDATE desk_cases SET {changes}, card_dirty = 1
                WHERE id = :id AND state = 'waiting' AND {_FREE}""",
            {"id": case_id, "user": user_id, "expired": expired, "now": self._stamp(), **values},
        )
        return cursor.rowcount > 0

    def claim(self, case_id: int, user_id: int, name: str) -> bool:
        """Theirs for half an hour from now. False when it is somebody else's, or closed."""
        return self._change(
            case_id, user_id, "claimed_by = :user, claimed_name = :name, claimed_at = :now",
            name=name[:64],
        )  # fmt: skip

    def release(self, case_id: int, user_id: int) -> bool:
        return self._change(
            case_id, user_id, "claimed_by = NULL, claimed_name = '', claimed_at = NULL"
        )

    def pass_on(self, case_id: int, user_id: int, country: str | None) -> bool:
        """To the people of another country: nobody's, and with a new card there."""
        return self._change(
            case_id, user_id,
            """claimed_by = NULL, claimed_name = '', claimed_at = NULL, country = :country,
               card_message = NULL""",
            country=country,
        )  # fmt: skip

    def dismiss(self, case_id: int, user_id: int, name: str) -> bool:
        with self._db.atomic():
            return self._close(case_id, user_id, name, "dismissed")

    def answer(self, case_id: int, user_id: int, name: str, text: str, language: str) -> bool:
        """Closes the case and queues the answer to everybody who asked, all or nothing."""
        with self._db.atomic():
            if not self._close(case_id, user_id, name, "answered", text, language):
                return False
            self._db.execute("UPDATE desk_cases SET untold = 1 WHERE id = ?", [case_id])
            # Two who asked a person about the same message get one reply to it.
            self._db.execute(
                """INSERT INTO desk_deliveries (question_id, case_id, at)
                   SELECT min(id), case_id, ? FROM desk_questions WHERE case_id = ?
                   GROUP BY chat_id, message_id ORDER BY min(id)""",
                [self._stamp(), case_id],
            )
        return True

    def _close(
        self, case_id: int, user_id: int, name: str, state: State,
        answer: str | None = None, language: str | None = None,
    ) -> bool:  # fmt: skip
        closed = self._change(
            case_id, user_id,
            """state = :state, closed_by = :user, closed_name = :name, closed_at = :now,
               answer = :answer, answer_language = :language""",
            state=state, name=name[:64], answer=answer, language=language,
        )  # fmt: skip
        if closed:
            self._db.execute(
                "UPDATE desk_questions SET state = ? WHERE case_id = ?", [state, case_id]
            )
        return closed

    def taught(self, case_id: int, faq_id: int) -> None:
        self._db.execute(
            "UPDATE desk_cases SET faq_id = ?, card_dirty = 1 WHERE id = ?", [faq_id, case_id]
        )

    # Cards

    def carded(self, case: Case, chat_id: int, message_id: int) -> None:
        """It stands there now, as `case` is."""
        self._db.execute(
            "UPDATE desk_cases SET card_chat = ?, card_message = ?, card_dirty = 0 WHERE id = ?",
            [chat_id, message_id, case.id],
        )

    def shown(self, case_id: int) -> None:
        """Called before the card is drawn: a change that comes meanwhile marks it again."""
        self._db.execute("UPDATE desk_cases SET card_dirty = 0 WHERE id = ?", [case_id])

    def expire_claims(self) -> None:
        """Marks the cards of claims that have run out, and drops the claims."""
        expired = (self._now() - CLAIM).isoformat(timespec="seconds")
        self._db.execute(
            """UPDATE desk_cases SET claimed_by = NULL, claimed_name = '', claimed_at = NULL,
               card_dirty = 1 WHERE state = 'waiting' AND claimed_at <= ?""",
            [expired],
        )

    # The forum's topics

    def topic(self, desk: int, country: str | None) -> int | None:
        row = self._db.execute(
            "SELECT thread_id FROM desk_topics WHERE chat_id = ? AND country = ?",
            [desk, country or ""],
        ).fetchone()
        return int(row[0]) if row else None

    def set_topic(self, desk: int, country: str | None, thread_id: int | None) -> None:
        self._db.execute(
            "DELETE FROM desk_topics WHERE chat_id = ? AND country = ?", [desk, country or ""]
        )
        if thread_id is not None:
            self._db.execute(
                "INSERT INTO desk_topics (chat_id, country, thread_id) VALUES (?, ?, ?)",
                [desk, country or "", thread_id],
            )
