"""`make audit` says nothing is known where nothing is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.audit import LOCK, verdict

CLEAN = {"name": "a", "version": "1", "vulns": []}
FAULTY = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "words", "code"),
    [
        ([CLEAN], "1 looked up, 0 known faults", 0),
        ([CLEAN, FAULTY], "b 2: CVE-1, mended in 3", 1),
        ([CLEAN, UNKNOWN], "NOT AUDITED: 1 of 2", 1),
        ([], "0 looked up", 1),
    ],
)
def test_the_verdict_is_good_only_when_all_are_known(
    found: list[dict[str, Any]], words: str, code: int
) -> None:
    lines, ended = verdict(found)
    assert words in "\n".join(lines) and ended == code


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_dependency_is_pinned_with_its_hash(lock: str) -> None:
    text = (LOCK.parent / lock).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 20
    assert not [
        x for x in lines if not re.match(r"[\w.\[\]-]+==\S+", x) or "--hash=sha256:" not in x
    ]
