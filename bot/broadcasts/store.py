"""Broadcasts, their variants, runs and links, in SQL. The ledger's own SQL is in `ledger`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.broadcasts.model import (
    EDITABLE,
    Broadcast,
    Button,
    Draft,
    Kind,
    Link,
    Media,
    Run,
    RunState,
    State,
    Variant,
    audience_data,
    audience_of,
    schedule_data,
    schedule_of,
)

_COLUMNS = """id, title, kind, state, author_id, approver_id, platform, promotion_id, language,
    audience, schedule, paid, note, next_key, next_at, copied_from, created_at, changed_at"""
_RUN = "id, broadcast_id, key, state, note, total, started_at, touched_at, finished_at"


class NotEditable(Exception):
    """The broadcast runs or is over: duplicate it instead."""


class BroadcastStore:
    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now

    def _at(self) -> str:
        return self._now().isoformat(timespec="seconds")

    # --- drafts ------------------------------------------------------------------------------

    def create(
        self,
        author_id: int | None,
        draft: Draft,
        variants: Iterable[Variant] = (),
        *,
        copied_from: int | None = None,
    ) -> Broadcast:
        at = self._at()
        with self._db.atomic():
            broadcast_id = self._db.execute(
                """INSERT INTO broadcasts (title, kind, author_id, platform, promotion_id, language,
                       audience, schedule, paid, copied_from, created_at, changed_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                [draft.title, draft.kind, author_id, draft.platform, draft.promotion_id,
                 draft.language, json.dumps(audience_data(draft.audience)),
                 json.dumps(schedule_data(draft.schedule)), int(draft.paid), copied_from, at, at],
            ).lastrowid  # fmt: skip
            assert broadcast_id is not None
            for variant in variants:
                self._write_variant(broadcast_id, variant)
        return self._existing(broadcast_id)

    def update(self, broadcast_id: int, draft: Draft) -> Broadcast:
        """Back to a draft without approval. Raises NotEditable once it runs or is over."""
        with self._db.atomic():
            self._reopen(broadcast_id)
            self._db.execute(
                """UPDATE broadcasts SET title = ?, kind = ?, platform = ?, promotion_id = ?,
                   language = ?, audience = ?, schedule = ?, paid = ? WHERE id = ?""",
                [draft.title, draft.kind, draft.platform, draft.promotion_id, draft.language,
                 json.dumps(audience_data(draft.audience)), json.dumps(schedule_data(draft.schedule)),
                 int(draft.paid), broadcast_id],
            )  # fmt: skip
        return self._existing(broadcast_id)

    def put_variant(self, broadcast_id: int, variant: Variant) -> None:
        """Back to a draft without approval. Raises NotEditable once it runs or is over."""
        with self._db.atomic():
            self._reopen(broadcast_id)
            self._write_variant(broadcast_id, variant)

    def drop_variant(self, broadcast_id: int, language: str) -> None:
        with self._db.atomic():
            self._reopen(broadcast_id)
            self._db.execute(
                "DELETE FROM broadcast_variants WHERE broadcast_id = ? AND language = ?",
                [broadcast_id, language],
            )

    def duplicate(self, broadcast_id: int, author_id: int) -> Broadcast:
        """A new draft with the same content, audience and schedule."""
        old = self._existing(broadcast_id)
        return self.create(author_id, old.draft, old.variants.values(), copied_from=old.id)

    def delete(self, broadcast_id: int) -> None:
        """A draft that was never sent. Raises NotEditable for any other."""
        with self._db.atomic():
            self._reopen(broadcast_id)
            self._db.execute(
                """DELETE FROM broadcasts WHERE id = ?
                   AND NOT EXISTS (SELECT 1 FROM broadcast_runs WHERE broadcast_id = ?)""",
                [broadcast_id, broadcast_id],
            )

    def _reopen(self, broadcast_id: int) -> None:
        changed = self._db.execute(
            f"""UPDATE broadcasts SET state = 'draft', approver_id = NULL, next_key = NULL,
                next_at = NULL, changed_at = ? WHERE id = ?
                AND state IN ({", ".join("?" * len(EDITABLE))})""",
            [self._at(), broadcast_id, *EDITABLE],
        ).rowcount
        if not changed:
            raise NotEditable(broadcast_id)

    def _write_variant(self, broadcast_id: int, variant: Variant) -> None:
        media = variant.media
        self._db.execute(
            """INSERT OR REPLACE INTO broadcast_variants
               (broadcast_id, language, text, media, buttons) VALUES (?, ?, ?, ?, ?)""",
            [broadcast_id, variant.language, variant.text,
             json.dumps({"kind": media.kind, "file_id": media.file_id, "name": media.name})
             if media else None,
             json.dumps([[[b.text, b.url] for b in row] for row in variant.buttons],
                        ensure_ascii=False)],
        )  # fmt: skip

    # --- reading -----------------------------------------------------------------------------

    def get(self, broadcast_id: int) -> Broadcast | None:
        found = self._read("WHERE id = ?", [broadcast_id])
        return found[0] if found else None

    def _existing(self, broadcast_id: int) -> Broadcast:
        found = self.get(broadcast_id)
        if found is None:
            raise KeyError(broadcast_id)
        return found

    def find(
        self, states: Iterable[State] = (), *, author_id: int | None = None, limit: int = 50,
        offset: int = 0,
    ) -> Sequence[Broadcast]:  # fmt: skip
        """The newest first; of these states (all when none is given)."""
        wanted = list(states)
        where, values = ["1"], list[Any]()
        if wanted:
            where.append(f"state IN ({', '.join('?' * len(wanted))})")
            values += wanted
        if author_id is not None:
            where.append("author_id = ?")
            values.append(author_id)
        return self._read(
            f"WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )

    def due(self, now: datetime) -> Sequence[Broadcast]:
        """Scheduled ones whose first recipient's moment has come."""
        return self._read(
            "WHERE state = 'scheduled' AND next_at <= ? ORDER BY next_at",
            [now.isoformat(timespec="seconds")],
        )

    def _read(self, rest: str, values: Sequence[Any]) -> list[Broadcast]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM broadcasts {rest}", values).fetchall()
        return [_broadcast(row, self._variants(row[0])) for row in rows]

    def _variants(self, broadcast_id: int) -> Mapping[str, Variant]:
        rows = self._db.execute(
            """SELECT language, text, media, buttons FROM broadcast_variants
               WHERE broadcast_id = ? ORDER BY language""",
            [broadcast_id],
        )
        return {row[0]: _variant(row) for row in rows}

    # --- states ------------------------------------------------------------------------------

    def submit(self, broadcast_id: int) -> bool:
        """A draft now waits for approval. False when it is no draft."""
        return self._move(broadcast_id, (State.DRAFT,), State.WAITING)

    def approve(self, broadcast_id: int, approver_id: int) -> bool:
        """Notes the approver of one that waits; `schedule` comes next. False when it doesn't
        wait, or was approved already. Whether the approver may be the author is the caller's."""
        return (
            self._db.execute(
                """UPDATE broadcasts SET approver_id = ?, changed_at = ?
                   WHERE id = ? AND state = 'waiting' AND approver_id IS NULL""",
                [approver_id, self._at(), broadcast_id],
            ).rowcount
            > 0
        )

    def reject(self, broadcast_id: int, note: str) -> bool:
        return self._move(broadcast_id, (State.WAITING,), State.DRAFT, note)

    def schedule(self, broadcast_id: int, key: str, at: datetime) -> bool:
        """From a draft, or once approved: sends itself at the moment (schedule.next_occasion)."""
        return (
            self._db.execute(
                """UPDATE broadcasts SET state = 'scheduled', next_key = ?, next_at = ?, note = '',
                   changed_at = ? WHERE id = ? AND state IN ('draft', 'waiting', 'running', 'overdue')""",
                [key, at.isoformat(timespec="seconds"), self._at(), broadcast_id],
            ).rowcount
            > 0
        )

    def set_state(self, broadcast_id: int, state: State, note: str = "") -> None:
        """Without asking where it comes from: for the delivery."""
        self._db.execute(
            "UPDATE broadcasts SET state = ?, note = ?, changed_at = ? WHERE id = ?",
            [state, note, self._at(), broadcast_id],
        )

    def pause(self, broadcast_id: int) -> bool:
        """One that runs; what is on its way still arrives. False when it doesn't run."""
        return self._steer(
            broadcast_id, (State.RUNNING,), State.PAUSED, (RunState.RUNNING,), RunState.PAUSED
        )

    def resume(self, broadcast_id: int) -> bool:
        """One that is paused, or overdue: a person's word that it is not too late. False when
        there is nothing to go on with."""
        return self._steer(
            broadcast_id, (State.PAUSED, State.OVERDUE), State.RUNNING,
            (RunState.PAUSED, RunState.OVERDUE), RunState.RUNNING,
        ) or self._begin_late(broadcast_id)  # fmt: skip

    def cancel(self, broadcast_id: int) -> bool:
        """For good, all coming moments included. False when it is over already."""
        open_states = [s for s in State if s not in (State.FINISHED, State.CANCELLED)]
        with self._db.atomic():
            done = self._move(broadcast_id, open_states, State.CANCELLED)
            if done:
                self._end_runs(broadcast_id)
        return done

    def skip(self, broadcast_id: int, key: str | None, at: datetime | None) -> bool:
        """A missed moment is let go: on to the next one, or finished when there is none."""
        with self._db.atomic():
            found = self.get(broadcast_id)
            if found is None or found.state is not State.OVERDUE:
                return False
            self._end_runs(broadcast_id)
            if key is not None and at is not None:
                return self.schedule(broadcast_id, key, at)
            return self._move(broadcast_id, (State.OVERDUE,), State.FINISHED)

    def _begin_late(self, broadcast_id: int) -> bool:
        found = self.get(broadcast_id)
        if found is None or found.state is not State.OVERDUE or found.next_key is None:
            return False
        return self.begin_run(broadcast_id, found.next_key) is not None

    def _steer(
        self, broadcast_id: int, old: Sequence[State], new: State, runs: Sequence[RunState],
        run: RunState,
    ) -> bool:  # fmt: skip
        with self._db.atomic():
            changed = self._db.execute(
                f"""UPDATE broadcast_runs SET state = ?, note = '', touched_at = ?
                    WHERE broadcast_id = ? AND state IN ({", ".join("?" * len(runs))})""",
                [run, self._at(), broadcast_id, *runs],
            ).rowcount
            return bool(changed) and self._move(broadcast_id, old, new)

    def _end_runs(self, broadcast_id: int) -> None:
        self._db.execute(
            """UPDATE broadcast_runs SET state = 'cancelled', finished_at = ?
               WHERE broadcast_id = ? AND state IN ('choosing', 'running', 'paused', 'overdue')""",
            [self._at(), broadcast_id],
        )

    def _move(self, broadcast_id: int, old: Sequence[State], new: State, note: str = "") -> bool:
        return (
            self._db.execute(
                f"""UPDATE broadcasts SET state = ?, note = ?, changed_at = ?,
                    approver_id = CASE WHEN ? IN ('draft', 'waiting') THEN NULL ELSE approver_id END
                    WHERE id = ? AND state IN ({", ".join("?" * len(old))})""",
                [new, note, self._at(), new, broadcast_id, *old],
            ).rowcount
            > 0
        )

    # --- runs --------------------------------------------------------------------------------

    def begin_run(self, broadcast_id: int, key: str) -> Run | None:
        """The moment's run, still choosing. None when that moment had its run already."""
        at = self._at()
        with self._db.atomic():
            cursor = self._db.execute(
                """INSERT OR IGNORE INTO broadcast_runs
                   (broadcast_id, key, state, started_at, touched_at)
                   VALUES (?, ?, 'choosing', ?, ?)""",
                [broadcast_id, key, at, at],
            )
            if not cursor.rowcount:
                return None
            self.set_state(broadcast_id, State.RUNNING)
        assert cursor.lastrowid is not None
        return self.run(cursor.lastrowid)

    def run(self, run_id: int) -> Run | None:
        row = self._db.execute(
            f"SELECT {_RUN} FROM broadcast_runs WHERE id = ?", [run_id]
        ).fetchone()
        return _run(row) if row else None

    def runs(self, broadcast_id: int) -> Sequence[Run]:
        """The newest first."""
        rows = self._db.execute(
            f"SELECT {_RUN} FROM broadcast_runs WHERE broadcast_id = ? ORDER BY id DESC",
            [broadcast_id],
        )
        return [_run(row) for row in rows]

    def open_runs(self) -> Sequence[Run]:
        """Those that are neither finished nor cancelled, the oldest first."""
        rows = self._db.execute(
            f"""SELECT {_RUN} FROM broadcast_runs
                WHERE state IN ('choosing', 'running', 'paused', 'overdue') ORDER BY id"""
        )
        return [_run(row) for row in rows]

    def set_run(
        self, run_id: int, state: RunState, note: str = "", *, total: int | None = None
    ) -> None:
        at = self._at()
        ended = at if state in (RunState.FINISHED, RunState.CANCELLED) else None
        self._db.execute(
            """UPDATE broadcast_runs SET state = ?, note = ?, total = coalesce(?, total),
               touched_at = ?, finished_at = ? WHERE id = ?""",
            [state, note, total, at, ended, run_id],
        )

    def touch(self, run_id: int) -> None:
        """The delivery is at work on it."""
        self._db.execute(
            "UPDATE broadcast_runs SET touched_at = ? WHERE id = ?", [self._at(), run_id]
        )

    # --- links -------------------------------------------------------------------------------

    def link(self, run_id: int, language: str, url: str) -> str:
        """The token under which clicks on a button of a run are counted."""
        self._db.execute(
            """INSERT OR IGNORE INTO broadcast_links (token, run_id, language, url)
               VALUES (?, ?, ?, ?)""",
            [secrets.token_urlsafe(9), run_id, language, url],
        )
        row = self._db.execute(
            "SELECT token FROM broadcast_links WHERE run_id = ? AND language = ? AND url = ?",
            [run_id, language, url],
        ).fetchone()
        return str(row[0])

    def click(self, token: str) -> str | None:
        """Counts one click; where it leads, or None for a token that is none."""
        row = self._db.execute(
            "UPDATE broadcast_links SET clicks = clicks + 1 WHERE token = ? RETURNING url", [token]
        ).fetchone()
        return str(row[0]) if row else None

    def links(self, run_id: int) -> Sequence[Link]:
        rows = self._db.execute(
            """SELECT token, language, url, clicks FROM broadcast_links
               WHERE run_id = ? ORDER BY language, url""",
            [run_id],
        )
        return [Link(*row) for row in rows]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _broadcast(row: Sequence[Any], variants: Mapping[str, Variant]) -> Broadcast:
    (number, title, kind, state, author, approver, platform, promotion, language, audience,
     schedule, paid, note, next_key, next_at, copied_from, created, changed) = row  # fmt: skip
    draft = Draft(
        title, Kind(kind), platform, promotion, language, audience_of(json.loads(audience)),
        schedule_of(json.loads(schedule)), bool(paid),
    )  # fmt: skip
    return Broadcast(
        number, draft, State(state), author, approver, variants, note, next_key, _moment(next_at),
        datetime.fromisoformat(created), datetime.fromisoformat(changed), copied_from,
    )  # fmt: skip


def _variant(row: Sequence[Any]) -> Variant:
    language, text, media, buttons = row
    rows = tuple(tuple(Button(*b) for b in line) for line in json.loads(buttons))
    return Variant(language, text, Media(**json.loads(media)) if media else None, rows)


def _run(row: Sequence[Any]) -> Run:
    number, broadcast_id, key, state, note, total, started, touched, finished = row
    return Run(
        number, broadcast_id, key, RunState(state), note, total, datetime.fromisoformat(started),
        datetime.fromisoformat(touched), _moment(finished),
    )  # fmt: skip
