"""Each bench at the smallest size: that it runs to its end and finds what it looks for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.bench import answers, combot, matrix, memory, restart, size
from bot.bench.all import Sizes, benches, run
from bot.bench.filling import fill
from bot.bench.process import Variant, install_grammy
from bot.bench.tables import as_markdown
from bot.cli import cli
from db import open_database
from tests.conftest import NOW
from tests.process import LONG

pytestmark = pytest.mark.slow


def below(found: object, *names: str) -> Any:
    for name in names:
        assert isinstance(found, dict)
        found = found[name]
    return found


@LONG
async def test_answers_beside_echoes() -> None:
    found = await answers.run(messages=20, warm_up=5)
    assert below(found, "bots", "sampan", "replies_per_second") > 0
    assert "sampan_to_ptb" in below(found, "ratios")


@pytest.mark.parametrize(
    "variant",
    [
        Variant("sampan", "asyncio", "httpx", "polling"),
        Variant("sampan", mode="webhook"),
        Variant("ptb", "asyncio", "httpx", "webhook"),
        Variant("aiogram", "uvloop", "aiohttp", "webhook"),
    ],
    ids=lambda v: f"{v.kind}-{v.loop}-{v.transport}-{v.mode}",
)
async def test_each_way_of_running_answers(tmp_path: Path, variant: Variant) -> None:
    if variant.kind == "aiogram":
        pytest.importorskip("aiogram")
    rows = await matrix.measure(variant, tmp_path, 8, (1, 4))
    assert [row["open"] for row in rows] == [1, 4]


@pytest.mark.parametrize(
    ("kind", "mode"), [("grammy", "polling"), ("grammy", "webhook"), ("grammy-runner", "polling")]
)
async def test_grammy_answers(tmp_path: Path, kind: str, mode: Any) -> None:
    if why := install_grammy():
        pytest.skip(why)
    rows = await matrix.measure(Variant(kind, "node", "node", mode), tmp_path, 8, (4,))
    assert len(rows) == 1


def test_without_node_grammy_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    chosen, left_out = matrix.variants()
    assert not any(v.kind.startswith("grammy") for v in chosen)
    assert any("node" in line for line in left_out)


@LONG
async def test_size() -> None:
    found = await size.measure(500, messages=10, seconds=1)
    assert found["file_mib"] > 0 and found["purge_rows"] > 0


def test_a_filled_database_is_one_that_the_bot_could_have_written(tmp_path: Path) -> None:
    rows = fill(tmp_path / "sampan.db", 500, NOW, groups=20)
    db = open_database(tmp_path / "sampan.db")
    assert {table: db[table].count for table in rows} == rows
    assert db["groups"].count == 20
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not db.execute("PRAGMA foreign_key_check").fetchall()
    oldest, newest = db.execute("SELECT min(received_at), max(received_at) FROM updates").fetchone()
    assert newest == NOW.isoformat(timespec="seconds")
    assert oldest > (NOW - timedelta(hours=24, seconds=1)).isoformat(timespec="seconds")


@LONG
@pytest.mark.parametrize("webhook", [False, True])
async def test_combot(webhook: bool) -> None:
    found = await combot.run(combot.Load(groups=50, rate=40, seconds=2, webhook=webhook))
    usual, peak = below(found, "loads", "usual"), below(found, "loads", "peak")
    assert peak["answers"] > 0 and usual["cpu_ms_per_message"] > 0
    assert peak["waiting_at_the_end"] >= 0


def test_a_share_stays_below_the_bound_of_a_bucket() -> None:
    before = {0.01: 10.0, 0.1: 10.0, float("inf"): 10.0}
    after = {0.01: 109.0, 0.1: 110.0, float("inf"): 110.0}
    assert combot.below(before, after, 0.99) == 10.0
    assert combot.below(before, after, 0.999) == 100.0


@LONG
async def test_memory() -> None:
    found = await memory.run(updates=200, slices=2, groups=20)
    slices: Any = found["slices"]
    assert [row["updates"] for row in slices] == [0, 100, 200]


@LONG
async def test_restart() -> None:
    found = await restart.measure(mib=1, times=1)
    assert below(found, "median_s") > 0


def test_all_tells_of_a_bench_that_fails_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> dict[str, object]:
        raise RuntimeError("the bot does not answer")

    works = {"first": fails, "second": lambda: {"bench": "second", "figure": 1}}
    monkeypatch.setattr("bot.bench.all.benches", lambda sizes: works)
    found = run(Sizes())
    assert found["first"]["failed"] == "the bot does not answer"
    assert found["second"]["figure"] == 1


def test_all_knows_every_bench_of_the_command_line() -> None:
    group = cli.commands["bench"]
    assert set(group.commands) == {"all", *benches(Sizes())}  # type: ignore[attr-defined]


def test_all_refuses_a_bench_that_it_does_not_have() -> None:
    done = CliRunner().invoke(cli, ["bench", "all", "--only", "nothing"])
    assert done.exit_code == 2 and "nothing" in done.output


def test_results_are_shown_as_tables() -> None:
    shown = as_markdown(
        {
            "one": {
                "bench": "one", "took_s": 1.5, "list": ["a", "b"],
                "rows": [{"bot": "x", "p50_ms": 1}, {"bot": "y", "cpu": 2}],
                "named": {"large": {"n": 1000}},
            }
        }
    )  # fmt: skip
    assert shown.splitlines() == [
        "## one", "", "- took_s: 1.5", "- list: a, b", "",
        "rows:", "", "| bot | p50 ms | cpu |", "| --- | --- | --- |", "| x | 1 |  |", "| y |  | 2 |",
        "", "named:", "", "|  | n |", "| --- | --- |", "| large | 1,000 |",
    ]  # fmt: skip


def test_a_wide_table_is_turned() -> None:
    wide = {"bench": "one", "named": {"a": {f"c{n}": n for n in range(10)}}}
    lines = as_markdown({"one": wide}).splitlines()
    assert "|  | a |" in lines and "| c9 | 9 |" in lines
