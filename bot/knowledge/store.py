"""The knowledge in the database: baseline files as imported, and every edit as a revision."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database

from bot.knowledge.base import FactState, Knowledge
from bot.knowledge.load import Loaded, Problem, load_directory
from bot.knowledge.model import CommonFile, CountryFile, Fact, Source

log = logging.getLogger(__name__)

KNOWLEDGE_DIR = Path(__file__).resolve().parent.parent.parent / "db" / "knowledge"
COMMON_PARTS = ("platforms", "common")

Action = Literal["edit", "verify", "undo", "import"]


class NotUndoable(Exception):
    """There is no edit to take back."""


@dataclass(frozen=True)
class Revision:
    id: int
    fact_id: str
    country: str | None
    action: Action
    before: FactState
    after: FactState
    user_id: int | None
    at: str
    undone: bool


@dataclass(frozen=True)
class Conflict:
    """A moderator's edit and a newer baseline disagree; the edit stands until a person looks."""

    fact_id: str
    edited: Fact
    baseline: Fact


@dataclass(frozen=True)
class ImportReport:
    changed_parts: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]


def _dump(state: FactState) -> str:
    return json.dumps(
        {
            "fact": state.fact.model_dump(mode="json", exclude_defaults=True),
            "sources": {
                k: s.model_dump(mode="json", exclude_none=True) for k, s in state.sources.items()
            },
        },
        ensure_ascii=False,
    )


def _parse(data: str) -> FactState:
    raw = json.loads(data)
    return FactState(
        Fact.model_validate(raw["fact"]),
        {k: Source.model_validate(s) for k, s in raw["sources"].items()},
    )


def files_digest(root: Path) -> dict[str, str]:
    """Part name -> digest of its file."""
    paths = [
        *sorted((root / "countries").glob("*.yaml")),
        *(root / f"{p}.yaml" for p in COMMON_PARTS),
    ]
    return {p.stem: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths if p.exists()}


class KnowledgeStore:
    """The one place that reads and writes knowledge in SQL.

    `current` is the snapshot in use; it is replaced (never changed) by every write.
    """

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db = db
        self._now = now
        self._version = 0
        self._parts = self._read_parts()
        self.current = self._snapshot()

    # Baseline

    def _read_parts(self) -> dict[str, CountryFile | CommonFile]:
        parts: dict[str, CountryFile | CommonFile] = {}
        for part, data in self._db.execute("SELECT part, data FROM knowledge_parts ORDER BY part"):
            model = CommonFile if part in COMMON_PARTS else CountryFile
            parts[part] = model.model_validate_json(data)
        return parts

    def is_up_to_date(self, root: Path = KNOWLEDGE_DIR) -> bool:
        stored = dict(self._db.execute("SELECT part, digest FROM knowledge_parts").fetchall())
        return bool(stored) and stored == files_digest(root)

    def import_directory(
        self, root: Path = KNOWLEDGE_DIR, *, dry_run: bool = False
    ) -> ImportReport:
        """Merges the files into the database. Edits are kept; where a newer baseline says
        otherwise than an edit, the edit stands and a Conflict is listed. A file with a problem
        is left as it was last imported. All or nothing.
        """
        digests = files_digest(root)
        loaded = load_directory(root)
        bad = {Path(p.file).stem for p in loaded.problems}
        incoming = {k: v for k, v in _parts_of(loaded, root).items() if k not in bad}
        before = _baseline_facts(self._parts)
        merged = {**{k: v for k, v in self._parts.items() if k in digests}, **incoming}
        after = _baseline_facts(merged)
        report = ImportReport(
            changed_parts=tuple(k for k, v in incoming.items() if self._parts.get(k) != v),
            added=tuple(sorted(after.keys() - before.keys())),
            removed=tuple(sorted(before.keys() - after.keys())),
            changed=tuple(sorted(k for k in after.keys() & before.keys() if after[k] != before[k])),
            conflicts=tuple(self._conflicts(before, after)),
            problems=tuple(loaded.problems),
        )
        if dry_run:
            return report
        with self._db.atomic():
            self._close_merged_edits(after)
            for part in self._parts.keys() - merged.keys():
                self._db.execute("DELETE FROM knowledge_parts WHERE part = ?", [part])
            for part, file in incoming.items():
                self._db.execute(
                    "INSERT OR REPLACE INTO knowledge_parts (part, digest, data) VALUES (?, ?, ?)",
                    [part, digests[part], file.model_dump_json(exclude_defaults=True)],
                )
        self._parts = merged
        self._refresh()
        return report

    def _conflicts(
        self, before: dict[str, FactState], after: dict[str, FactState]
    ) -> list[Conflict]:
        found = []
        for fact_id, edited in self._edits().items():
            new = after.get(fact_id)
            if new and new.fact != before.get(fact_id, new).fact and new.fact != edited.fact:
                found.append(Conflict(fact_id, edited.fact, new.fact))
        return found

    def _close_merged_edits(self, after: dict[str, FactState]) -> None:
        """An edit that the maintainer has taken over is no longer an edit."""
        for fact_id, edited in self._edits().items():
            new = after.get(fact_id)
            if new and new.fact == edited.fact:
                self._write(fact_id, "import", edited, new, None)

    # Edits

    def _edits(self) -> dict[str, FactState]:
        """The standing edit of each fact that has one."""
        rows = self._db.execute(
            """SELECT fact_id, action, after FROM fact_revisions
               WHERE id IN (SELECT max(id) FROM fact_revisions
                            WHERE undone_by IS NULL AND action != 'undo' GROUP BY fact_id)"""
        ).fetchall()
        return {fact_id: _parse(after) for fact_id, action, after in rows if action != "import"}

    def _snapshot(self) -> Knowledge:
        countries: dict[str, CountryFile] = {
            f.country: f for f in self._parts.values() if isinstance(f, CountryFile)
        }
        common = [f for f in self._parts.values() if isinstance(f, CommonFile)]
        return Knowledge(countries, common, self._edits(), self._version)

    def _refresh(self) -> None:
        self._version += 1
        self.current = self._snapshot()

    def _write(
        self, fact_id: str, action: Action, before: FactState, after: FactState, user_id: int | None
    ) -> int:
        cursor = self._db.execute(
            """INSERT INTO fact_revisions (fact_id, country, action, before, after, user_id, at)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [fact_id, self.current.country_of(fact_id), action, _dump(before), _dump(after),
             user_id, self._now().isoformat(timespec="seconds")],
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def revise(
        self, after: FactState, user_id: int, action: Literal["edit", "verify"] = "edit"
    ) -> int:
        """Stores a new state of a fact and makes it current. Returns the revision's number.

        Raises KeyError for a fact that is not there.
        """
        before = self.current.state(after.fact.id)
        if before is None:
            raise KeyError(after.fact.id)
        with self._db.atomic():
            revision = self._write(after.fact.id, action, before, after, user_id)
        self._refresh()
        return revision

    def undo(self, fact_id: str, user_id: int) -> Revision:
        """Takes the newest standing edit of a fact back. Raises NotUndoable when none stands."""
        standing = [
            r for r in self.history(fact_id) if not r.undone and r.action in ("edit", "verify")
        ]
        if not standing:
            raise NotUndoable(fact_id)
        last = standing[0]
        with self._db.atomic():
            undo_id = self._write(fact_id, "undo", last.after, last.before, user_id)
            self._db.execute(
                "UPDATE fact_revisions SET undone_by = ? WHERE id = ?", [undo_id, last.id]
            )
        self._refresh()
        return last

    def history(self, fact_id: str | None = None, limit: int = 50) -> list[Revision]:
        """Revisions, the newest first: of one fact, or of all."""
        where, values = ("WHERE fact_id = ?", [fact_id]) if fact_id else ("", [])
        rows = self._db.execute(
            f"""SELECT id, fact_id, country, action, before, after, user_id, at, undone_by
                FROM fact_revisions {where} ORDER BY id DESC LIMIT ?""",
            [*values, limit],
        )
        return [
            Revision(
                r[0], r[1], r[2], r[3], _parse(r[4]), _parse(r[5]), r[6], r[7], r[8] is not None
            )
            for r in rows
        ]

    # Export

    def export(self) -> dict[str, dict[str, Any]]:
        """Each part as plain data with the standing edits in it, ready to be written as YAML."""
        edits = self._edits()
        return {part: _with_edits(file, edits) for part, file in self._parts.items()}


def _parts_of(loaded: Loaded, root: Path) -> dict[str, CountryFile | CommonFile]:
    parts: dict[str, CountryFile | CommonFile] = {
        code.lower(): file for code, file in loaded.countries.items()
    }
    present = [p for p in COMMON_PARTS if p in loaded.common_names]
    parts.update(zip(present, loaded.common, strict=True))
    return parts


def _baseline_facts(parts: dict[str, CountryFile | CommonFile]) -> dict[str, FactState]:
    return {
        fact.id: FactState(fact, {s: file.sources[s] for s in fact.source if s in file.sources})
        for file in parts.values()
        for fact in file.facts
    }


def _with_edits(file: CountryFile | CommonFile, edits: dict[str, FactState]) -> dict[str, Any]:
    data: dict[str, Any] = file.model_dump(mode="json", exclude_defaults=True)
    facts = []
    for fact in file.facts:
        state = edits.get(fact.id)
        shown = state.fact if state else fact
        if state:
            data["sources"].update(
                {k: s.model_dump(mode="json", exclude_none=True) for k, s in state.sources.items()}
            )
        facts.append(shown.model_dump(mode="json", exclude_defaults=True))
    data["facts"] = facts
    return data
