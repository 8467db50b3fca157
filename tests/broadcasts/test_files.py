"""Campaigns in files, reports as CSV, and clicks counted on the way to an address."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.clicks import rewriter, routes
from bot.broadcasts.files import dump, read
from bot.broadcasts.model import (
    Audience,
    Button,
    Counts,
    Delivered,
    Delivery,
    Draft,
    Kind,
    Schedule,
    Tally,
    Variant,
    When,
)
from bot.broadcasts.report import as_csv, report, safe
from bot.broadcasts.store import BroadcastStore
from bot.cli import cli
from db import open_database

NOW = datetime(2027, 4, 1, tzinfo=UTC)
SONGKRAN = """
title: Songkran quiz
kind: promotion
language: en
audience: {countries: [TH, SG], members: false}
schedule: {when: festival, festival: songkran, days_before: 3, time: "09:00"}
variants:
  en: {text: "Happy {festival}!", buttons: [[{text: Terms, url: "https://example.com/t"}]]}
  th: {text: "สวัสดี {festival}"}
"""


@pytest.fixture
def store(tmp_path: Path) -> BroadcastStore:
    return BroadcastStore(open_database(tmp_path / "sampan.db"), lambda: NOW)


def test_a_file_becomes_a_draft_and_a_file_again(store: BroadcastStore) -> None:
    found = read(SONGKRAN)
    assert found.problems == () and found.draft is not None
    assert found.draft.audience == Audience(members=False, countries=frozenset({"TH", "SG"}))
    assert found.draft.schedule == Schedule(
        When.FESTIVAL, festival="songkran", days_before=3, time=time(9)
    )
    made = store.create(7, found.draft, found.variants)
    again = read(dump(made))
    assert again.draft == found.draft
    assert {v.language: v for v in again.variants} == dict(made.variants)


def test_every_problem_of_a_file_is_named_with_its_place() -> None:
    bad = SONGKRAN.replace("TH, SG", "TH, XX").replace("promotion", "spam").replace("{festival}!", "{oops}").replace("https", "ftp") + "extra: 1\n"  # fmt: skip
    problems = "\n".join(read(bad).problems)
    for place in ("extra:", "kind:", "audience.countries: XX", "variants.en.text: unknown oops", "variants.en.buttons"):  # fmt: skip
        assert place in problems


@given(st.text(max_size=300))
def test_junk_is_told_and_never_fails(text: str) -> None:
    assert read(text).problems


@pytest.mark.parametrize("text", ["- 1", "title: [", "audience: 3\ntitle: x\nvariants: 4", "schedule: {when: never}\ntitle: x", "title: x\nvariants: {en: {text: x, buttons: 3}}"])  # fmt: skip
def test_wrong_shapes_are_told(text: str) -> None:
    assert read(text).problems


def test_the_command_line_lists_shows_exports_cancels_and_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPAN_DATABASE", str(tmp_path / "cli.db"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songkran.yaml").write_text(SONGKRAN, "utf-8")
    (tmp_path / "bad.yaml").write_text("title: x", "utf-8")
    run = CliRunner().invoke
    made = run(cli, ["broadcast", "import", "songkran.yaml", "--author", "7"])
    assert made.exit_code == 0 and "draft 1: Songkran quiz" in made.output
    assert run(cli, ["broadcast", "import", "bad.yaml", "--author", "7"]).exit_code == 1
    assert "1\tdraft\tpromotion\t-\ten,th\tSongkran quiz" in run(cli, ["broadcast", "list"]).output
    assert '"author": 7' in run(cli, ["broadcast", "show", "1"]).output
    assert "days_before: 3" in run(cli, ["broadcast", "export", "1"]).output
    assert run(cli, ["broadcast", "export", "1", "--csv"]).exit_code == 1
    assert "cancelled" in run(cli, ["broadcast", "cancel", "1"]).output
    assert run(cli, ["broadcast", "cancel", "1"]).exit_code == 1
    assert run(cli, ["broadcast", "show", "99"]).exit_code == 1


def test_a_csv_holds_no_formula() -> None:
    rows = [
        Delivery(1, 0, -1002000000001, "TH", "th", Delivered.FAILED, "=HYPERLINK(1)"),
        Delivery(1, 0, 5, None, None, Delivered.SENT, None, None, 9, 1_800_000_000),
    ]
    read_back = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert read_back[1][0] == "-1002000000001" and read_back[1][4] == "'=HYPERLINK(1)"
    assert read_back[2][-1] == "2027-01-15T08:00:00+00:00"


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    shown = safe(text)
    number = shown[:1] == "-" and shown[1:].isdigit()
    assert number or not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_report_counts_by_reason_rule_and_country() -> None:
    tally = [
        Tally(Delivered.SENT, None, None, "TH", 7), Tally(Delivered.FAILED, "blocked", None, "TH", 2),
        Tally(Delivered.HELD, "rule", "cn.yinfa42.art7", "CN", 4),
    ]  # fmt: skip
    found = report(Counts(sent=7, failed=2, held=4), tally, [])
    assert found.failed == (("blocked", 2),) and found.held == (("CN", "cn.yinfa42.art7", 4),)
    assert found.by_country == (("TH", 7, 2), ("CN", 0, 4))


async def test_clicks_are_counted_and_lead_on(store: BroadcastStore) -> None:
    made = store.create(7, Draft("x", Kind.SERVICE), [Variant("en", "x", None, ((Button("T", "https://example.com/t"),),))])  # fmt: skip
    run = store.begin_run(made.id, "now")
    assert run is not None
    rewrite = rewriter(store, "https://go.example.com/r/", run.id)
    address = rewrite("en", "https://example.com/t")
    assert address == rewrite("en", "https://example.com/t")
    assert address.startswith("https://go.example.com/r/") and len(address) < 60
    app = web.Application()
    app.add_routes(routes(store))
    async with TestClient(TestServer(app)) as client:
        path = "/r/" + address.rpartition("/")[2]
        for _ in range(2):
            answer = await client.get(path, allow_redirects=False)
            assert answer.status == 302 and answer.headers["Location"] == "https://example.com/t"
        for wrong in ("/r/nope", "/r/%00", "/r/" + "x" * 500):
            assert (await client.get(wrong, allow_redirects=False)).status == 404
        assert (await client.head(path, allow_redirects=False)).status == 405
    assert [link.clicks for link in store.links(run.id)] == [2]
