"""Bad knowledge is told with its file and line, all of it at once, and nothing half-imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.load import load_directory, read_yaml
from bot.knowledge.store import KNOWLEDGE_DIR

GOOD = """\
country: PH
languages: [fil, en]
time_zone: Asia/Manila
currency: PHP
card:
  status: licensed_only
  sentence: Only licensed companies may serve you.
  warning: Prices can fall to nothing.
  source: [law]
  as_of: 2025-05-30
regulators: []
sources:
  law: {name: The law itself, url: "https://www.sec.gov.ph/law", date: 2025-05-30, kind: law}
facts:
  - id: ph.rule.trading
    topic: regulation
    kind: rule
    activity: trading
    status: licensed_only
    text: Trading is for licensed companies.
    source: law
    as_of: 2025-05-30
    confidence: high
    review_by: 2026-12-31
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "countries").mkdir()
    (tmp_path / "countries" / "ph.yaml").write_text(text, "utf-8")
    return [str(p).split("countries/")[1] for p in load_directory(tmp_path).problems]


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    source: law\n", "    source: nowhere\n", "ph.yaml:15: the source nowhere is not defined"),
        ("    source: law\n", "", "ph.yaml:15: facts.0.source is missing"),
        ("    as_of: 2025-05-30\n    confidence", "    as_of: 2025-13-01\n    confidence", "ph.yaml:22: facts.0.as_of"),
        ("    status: licensed_only\n    text", "    status: fine\n    text", "ph.yaml:19: facts.0.status"),
        ("    kind: rule\n", "    kind: rule\n    colour: red\n", "ph.yaml:18: unknown key facts.0.colour"),
        ("    activity: trading\n", "", "ph.yaml:15: facts.0: a fact of kind rule also needs activity"),
        ("currency: PHP\n", "currency: PHP\ncurrency: VND\n", "ph.yaml:5: the key 'currency' stands twice"),
        ("languages: [fil, en]", "languages: [fil, en", "ph.yaml:3: is not valid YAML"),
        ("Trading is for licensed companies.", "x" * 500, "ph.yaml:20: facts.0.text"),
        ("    topic: regulation\n", "    topic: regulation\n    platform: nobody\n", "names the platform nobody"),
        ("id: ph.rule.trading", "id: vn.rule.trading", "should start with ph."),
        ("country: PH", "country: XX", "ph.yaml:1: country"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    assert any(expected in p for p in found), found


def test_a_duplicate_id_is_told(tmp_path: Path) -> None:
    fact = GOOD[GOOD.index("  - id: ph.rule.trading") :]
    assert any("stands twice" in p for p in problems(tmp_path, GOOD + fact))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("confidence: high", "confidence: sure").replace(
        "kind: law}", "kind: rumour}"
    )
    assert len(problems(tmp_path, text)) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"a: &x [1]\nb: *x\n",
        b"k: " + b"y" * 10_000_000,
        b"[" * 5000,
        b"- 1\n",
    ],
)
def test_bytes_that_are_no_knowledge_are_refused_and_do_not_crash(
    tmp_path: Path, raw: bytes
) -> None:
    (tmp_path / "countries").mkdir()
    (tmp_path / "countries" / "ph.yaml").write_bytes(raw)
    loaded = load_directory(tmp_path)
    assert loaded.countries == {} and loaded.problems


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    document, found = read_yaml(tmp_path / "none.yaml", "none.yaml")
    assert document is None and "cannot be read" in str(found[0])


def test_the_shipped_knowledge_is_whole() -> None:
    loaded = load_directory(KNOWLEDGE_DIR)
    assert loaded.problems == []
    assert len(loaded.countries) == 14
    facts = [f for part in [*loaded.countries.values(), *loaded.common] for f in part.facts]
    assert len(facts) >= 900
    assert all(f.source and f.as_of for f in facts)
