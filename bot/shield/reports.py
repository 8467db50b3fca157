"""Reports: what was found, what was done about it, and where it is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from bot.shield.raid_book import RaidBook
from bot.shield.rules import Evidence, Kind

State = Literal["open", "done", "dismissed", "trusted", "undone"]
Barred = Literal["", "muted", "banned"]
MAX_TEXT = 700
MAX_MESSAGES = 50
"""Ids of one person's messages that a report keeps."""
MERGE = timedelta(hours=6)
"""What one person does within this time goes into one report."""


@dataclass(frozen=True)
class Suspect:
    """Whom a report is about, as they were when it was written."""

    chat_id: int
    user_id: int
    name: str
    username: str
    name_hash: str


@dataclass(frozen=True)
class Report:
    id: int
    suspect: Suspect
    text: str
    evidence: tuple[Evidence, ...]
    messages: tuple[int, ...]
    state: State
    deleted: bool
    barred: Barred
    problem: str
    by_bot: bool
    raid_id: int | None
    at: datetime
    reporters: int


@dataclass(frozen=True)
class Card:
    """A message of the bot's that shows a report or a raid."""

    chat_id: int
    message_id: int


_COLUMNS = """r.id, r.chat_id, r.user_id, r.name, r.username, r.name_hash, r.text, r.evidence,
    r.messages, r.state, r.deleted, r.barred, r.problem, r.by_bot, r.raid_id, r.at,
    (SELECT count(*) FROM shield_reporters s WHERE s.report_id = r.id)"""


def _report(row: Sequence[object]) -> Report:
    (number, chat, user, name, username, name_hash, text, evidence, messages, state, deleted,
     barred, problem, by_bot, raid, at, reporters) = row  # fmt: skip
    return Report(
        id=number, suspect=Suspect(chat, user, name, username, name_hash), text=text,  # type: ignore[arg-type]
        evidence=tuple(Evidence(Kind(k), d, s) for k, d, s in json.loads(str(evidence))),
        messages=tuple(json.loads(str(messages))), state=state, deleted=bool(deleted),  # type: ignore[arg-type]
        barred=barred, problem=problem, by_bot=bool(by_bot), raid_id=raid,  # type: ignore[arg-type]
        at=datetime.fromisoformat(str(at)), reporters=reporters,  # type: ignore[arg-type]
    )  # fmt: skip


class ReportBook:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self.raids = RaidBook(db, now)

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # Reports

    def add(
        self, suspect: Suspect, evidence: Iterable[Evidence], text: str, message_id: int | None,
        raid_id: int | None = None,
    ) -> tuple[Report, bool]:  # fmt: skip
        """The report, and whether it is new: an open one of the same person takes more in."""
        with self._db.atomic():
            known = self.open_of(suspect)
            if known:
                return self.extend(known, evidence, text, message_id), False
            kept = json.dumps(
                [[e.kind.value, e.detail, e.sure] for e in evidence], ensure_ascii=False
            )
            number = self._db.execute(
                """INSERT INTO shield_reports (chat_id, user_id, name, username, name_hash, text,
                   evidence, messages, raid_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [suspect.chat_id, suspect.user_id, suspect.name, suspect.username, suspect.name_hash,
                 text[:MAX_TEXT], kept, json.dumps([message_id] if message_id else []), raid_id,
                 self._at()],
            ).lastrowid  # fmt: skip
            found = self.get(int(number or 0))
            assert found is not None
            return found, True

    def open_of(self, suspect: Suspect) -> Report | None:
        """The open report that would take in more of the same person."""
        since = (self._now() - MERGE).isoformat(timespec="seconds")
        row = self._db.execute(
            f"""SELECT {_COLUMNS} FROM shield_reports r WHERE chat_id = ? AND user_id = ?
                AND state = 'open' AND at >= ? ORDER BY id DESC LIMIT 1""",
            [suspect.chat_id, suspect.user_id, since],
        ).fetchone()
        return _report(row) if row else None

    def extend(
        self, known: Report, evidence: Iterable[Evidence], text: str = "",
        message_id: int | None = None,
    ) -> Report:  # fmt: skip
        """Takes more in; its cards are written anew at the next tick."""
        every = list(dict.fromkeys([*known.evidence, *evidence]))[:12]
        messages = list(dict.fromkeys([*known.messages, *([message_id] if message_id else [])]))
        self._db.execute(
            """UPDATE shield_reports SET evidence = ?, messages = ?, changed = 1,
               text = CASE WHEN text = '' THEN ? ELSE text END WHERE id = ?""",
            [json.dumps([[e.kind.value, e.detail, e.sure] for e in every], ensure_ascii=False),
             json.dumps(messages[:MAX_MESSAGES]), text[:MAX_TEXT], known.id],
        )  # fmt: skip
        found = self.get(known.id)
        assert found is not None
        return found

    def get(self, number: int) -> Report | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM shield_reports r WHERE id = ?", [number]
        ).fetchone()
        return _report(row) if row else None

    def waiting(self, limit: int = 200) -> list[Report]:
        """Open reports, the newest first."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM shield_reports r WHERE state = 'open' ORDER BY id DESC LIMIT ?",
            [limit],
        )
        return [_report(row) for row in rows]

    def count_waiting(self, chat_id: int) -> int:
        return int(
            self._db.execute(
                "SELECT count(*) FROM shield_reports WHERE state = 'open' AND chat_id = ?",
                [chat_id],
            ).fetchone()[0]
        )

    def decide(
        self, number: int, state: State, *, by_bot: bool = False, deleted: bool | None = None,
        barred: Barred | None = None, problem: str = "",
    ) -> None:  # fmt: skip
        self._db.execute(
            """UPDATE shield_reports SET state = ?, by_bot = ?, deleted = coalesce(?, deleted),
               barred = coalesce(?, barred), problem = ?, changed = 1,
               closed_at = CASE WHEN ? = 'open' THEN NULL ELSE ? END WHERE id = ?""",
            [state, int(by_bot), None if deleted is None else int(deleted), barred, problem, state,
             self._at(), number],
        )  # fmt: skip

    def reported_by(self, number: int, user_id: int) -> bool:
        """Notes a member who reported it. False when they had done so."""
        return (
            self._db.execute(
                "INSERT OR IGNORE INTO shield_reporters (report_id, user_id, at) VALUES (?, ?, ?)",
                [number, user_id, self._at()],
            ).rowcount
            > 0
        )

    def reports_of(self, user_id: int, within: timedelta) -> int:
        """How many reports a member made lately."""
        since = (self._now() - within).isoformat(timespec="seconds")
        return int(
            self._db.execute(
                "SELECT count(*) FROM shield_reporters WHERE user_id = ? AND at > ?",
                [user_id, since],
            ).fetchone()[0]
        )

    # Cards

    def add_card(
        self, card: Card, *, report_id: int | None = None, raid_id: int | None = None
    ) -> None:
        self._db.execute(
            """INSERT OR REPLACE INTO shield_cards (report_id, raid_id, chat_id, message_id)
               VALUES (?, ?, ?, ?)""",
            [report_id, raid_id, card.chat_id, card.message_id],
        )

    def cards(self, *, report_id: int | None = None, raid_id: int | None = None) -> list[Card]:
        rows = self._db.execute(
            "SELECT chat_id, message_id FROM shield_cards WHERE report_id = ? OR raid_id = ?",
            [report_id, raid_id],
        )
        return [Card(*row) for row in rows]

    def take_changed(self, limit: int = 20) -> list[int]:
        """Reports that changed since their cards were written; they count as written from now."""
        rows = self._db.execute(
            "SELECT id FROM shield_reports WHERE changed = 1 ORDER BY id LIMIT ?", [limit]
        )
        found = [int(number) for (number,) in rows]
        for number in found:
            self._db.execute("UPDATE shield_reports SET changed = 0 WHERE id = ?", [number])
        return found

    def written(self, number: int) -> None:
        self._db.execute("UPDATE shield_reports SET changed = 0 WHERE id = ?", [number])

    def open_in_raid(self, raid_id: int, limit: int = 100) -> list[Report]:
        rows = self._db.execute(
            f"""SELECT {_COLUMNS} FROM shield_reports r WHERE raid_id = ? AND state = 'open'
                ORDER BY id LIMIT ?""",
            [raid_id, limit],
        )
        return [_report(row) for row in rows]

    def purge(self, keep: timedelta) -> int:
        """Forgets closed reports that are older than `keep`. Returns how many."""
        oldest = (self._now() - keep).isoformat(timespec="seconds")
        return self._db.execute(
            "DELETE FROM shield_reports WHERE state <> 'open' AND closed_at < ?", [oldest]
        ).rowcount
