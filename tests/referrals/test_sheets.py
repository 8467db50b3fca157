"""Spreadsheets run nothing that a stranger wrote."""

from __future__ import annotations

import csv
import io

import pytest

from bot.referrals.sheets import sheet


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "＝1"]
)
def test_formulas_are_texts(evil: str) -> None:
    content = sheet(["a", "b"], [[evil, -5], [None, 'x,"y"\n']]).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows == [["a", "b"], ["'" + evil, "-5"], ["", 'x,"y"\n']]
