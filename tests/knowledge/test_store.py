"""Edits are revisions; a newer baseline is merged without losing them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.knowledge.base import FactState
from bot.knowledge.export import export_directory
from bot.knowledge.load import load_directory
from bot.knowledge.model import Source
from bot.knowledge.store import KNOWLEDGE_DIR, KnowledgeStore, NotUndoable
from db import open_database

FACT = "ph.rule.trading"
MODERATOR = 42


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small copy of the shipped knowledge: one country and the common files."""
    target = tmp_path / "knowledge"
    (target / "countries").mkdir(parents=True)
    for name in ("countries/ph.yaml", "platforms.yaml", "common.yaml"):
        shutil.copy(KNOWLEDGE_DIR / name, target / name)
    return target


@pytest.fixture
def store(tmp_path: Path, root: Path, clock: FixedClock) -> KnowledgeStore:
    made = KnowledgeStore(open_database(tmp_path / "sampan.db"), clock.now)
    report = made.import_directory(root)
    assert report.problems == ()
    return made


def edited(store: KnowledgeStore, text: str) -> FactState:
    state = store.current.state(FACT)
    assert state is not None
    source = Source(name="The desk, by telephone", date="2026-11-20", kind="regulator")
    fact = state.fact.model_copy(update={"text": text, "source": ("desk",), "as_of": "2026-11-20"})
    return FactState(fact, {"desk": source})


def test_an_edit_shows_and_can_be_undone(store: KnowledgeStore) -> None:
    before = store.current.fact(FACT)
    store.revise(edited(store, "Trading is now simpler."), MODERATOR)
    fact = store.current.fact(FACT)
    assert fact is not None and fact.text == "Trading is now simpler."
    assert store.current.sources(fact)[0].name == "The desk, by telephone"
    store.undo(FACT, MODERATOR)
    assert store.current.fact(FACT) == before
    assert [r.action for r in store.history(FACT)] == ["undo", "edit"]


def test_undo_goes_back_one_edit_at_a_time(store: KnowledgeStore) -> None:
    store.revise(edited(store, "First edit."), MODERATOR)
    store.revise(edited(store, "Second edit."), MODERATOR)
    store.undo(FACT, MODERATOR)
    assert store.current.fact(FACT).text == "First edit."  # type: ignore[union-attr]
    store.undo(FACT, MODERATOR)
    with pytest.raises(NotUndoable):
        store.undo(FACT, MODERATOR)


def test_edits_outlive_a_restart(store: KnowledgeStore, tmp_path: Path, clock: FixedClock) -> None:
    store.revise(edited(store, "It stays."), MODERATOR)
    again = KnowledgeStore(open_database(tmp_path / "sampan.db"), clock.now)
    assert again.current.fact(FACT).text == "It stays."  # type: ignore[union-attr]


def replace_text(root: Path, store: KnowledgeStore, text: str) -> None:
    path = root / "countries" / "ph.yaml"
    old = store.current.fact(FACT).text  # type: ignore[union-attr]
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, text), "utf-8")


def test_a_newer_baseline_comes_in(store: KnowledgeStore, root: Path) -> None:
    replace_text(root, store, "The files know better.")
    report = store.import_directory(root)
    assert report.changed == (FACT,)
    assert store.current.fact(FACT).text == "The files know better."  # type: ignore[union-attr]


def test_an_edit_survives_a_newer_baseline_and_is_listed(store: KnowledgeStore, root: Path) -> None:
    replace_text(root, store, "The files know better.")
    store.revise(edited(store, "The desk knows best."), MODERATOR)
    assert [c.fact_id for c in store.import_directory(root, dry_run=True).conflicts] == [FACT]
    report = store.import_directory(root)
    assert [c.fact_id for c in report.conflicts] == [FACT]
    assert store.current.fact(FACT).text == "The desk knows best."  # type: ignore[union-attr]


def test_a_dry_run_changes_nothing(store: KnowledgeStore, root: Path) -> None:
    before = store.current.fact(FACT)
    replace_text(root, store, "The files know better.")
    store.import_directory(root, dry_run=True)
    assert store.current.fact(FACT) == before


def test_a_broken_file_leaves_the_last_good_one(store: KnowledgeStore, root: Path) -> None:
    (root / "countries" / "ph.yaml").write_text("country: [", "utf-8")
    report = store.import_directory(root)
    assert report.problems and report.removed == ()
    assert store.current.fact(FACT) is not None


def test_export_is_stable_and_reads_back_with_the_edit(
    store: KnowledgeStore, tmp_path: Path
) -> None:
    store.revise(edited(store, "Exported as edited."), MODERATOR)
    one, two = tmp_path / "one", tmp_path / "two"
    export_directory(store, one)
    export_directory(store, two)
    text = (one / "countries" / "ph.yaml").read_text("utf-8")
    assert text == (two / "countries" / "ph.yaml").read_text("utf-8")
    loaded = load_directory(one)
    assert loaded.problems == []
    assert {f.id: f for f in loaded.countries["PH"].facts}[FACT].text == "Exported as edited."


def test_an_edit_that_the_files_took_over_is_no_edit_any_more(
    store: KnowledgeStore, root: Path, tmp_path: Path
) -> None:
    store.revise(edited(store, "Taken over."), MODERATOR)
    export_directory(store, root)
    assert store.import_directory(root).conflicts == ()
    assert not store.current.is_edited(FACT)
    assert store.current.fact(FACT).text == "Taken over."  # type: ignore[union-attr]
