"""`ask`, `ask --jsonl`, `check` and `knowledge`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli


@pytest.fixture
def cli_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SAMPAN_DATABASE", str(tmp_path / "sampan.db"))

    def run(*arguments: str, text: str | bytes | None = None):  # type: ignore[no-untyped-def]
        return CliRunner().invoke(cli, arguments, input=text)

    return run


def test_ask_prints_the_answer(cli_run) -> None:  # type: ignore[no-untyped-def]
    done = cli_run("ask", "is Binance allowed in the Philippines")
    assert done.exit_code == 0
    assert done.stdout.startswith("🇵🇭 Binance in the Philippines: not licensed, access blocked")


def test_ask_takes_language_and_country(cli_run) -> None:  # type: ignore[no-untyped-def]
    done = cli_run("ask", "--language", "vi", "--country", "VN", "crypto tax?")
    assert "🇻🇳" in done.stdout and "thuế" in done.stdout.lower()


@pytest.mark.parametrize(
    "arguments", [("ask",), ("ask", "--language", "xx", "hi"), ("ask", "--country", "ZZ", "hi")]
)
def test_ask_refuses_what_it_does_not_know(cli_run, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert cli_run(*arguments).exit_code == 2


def test_jsonl_answers_each_line_in_order_and_survives_bad_ones(cli_run) -> None:  # type: ignore[no-untyped-def]
    lines = [
        json.dumps({"id": "a", "text": "is Binance allowed in the Philippines", "user_lang": "en", "chat_country": None}),
        "not json at all",
        json.dumps({"id": "b"}),
        json.dumps(["a list"]),
        json.dumps({"id": "c", "text": "will btc hit 200k", "user_lang": None, "chat_country": "SG"}),
        json.dumps({"id": 7, "text": "how do i buy usdt by bank transfer", "user_lang": "en", "chat_country": None}),
        "[" * 100_000,
        json.dumps({"id": "d", "text": "x" * 100_000, "user_lang": "zz", "chat_country": "ZZ"}),
    ]  # fmt: skip
    done = cli_run("ask", "--jsonl", text="\n".join(lines) + "\n\n")
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(out) == len(lines)
    assert out[0]["id"] == "a" and out[0]["answered"] and out[0]["topic"] == "regulation"
    assert (out[0]["country"], out[0]["entity"], out[0]["lang"]) == ("PH", "Binance", "en")
    assert out[0]["sources"] and set(out[0]["sources"][0]) == {"name", "url", "as_of"}
    assert all("error" in out[i] for i in (1, 2, 3, 6))
    assert out[2]["id"] == "b"
    assert out[4]["topic"] == "none" and not out[4]["answered"] and out[4]["country"] is None
    assert out[5]["needs"] == "country" and not out[5]["answered"]
    assert "error" not in out[7]


def test_knowledge_report_names_every_country(cli_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = cli_run("knowledge", "report", "--html", str(tmp_path / "report.html"))
    assert done.exit_code == 0
    assert all(code in done.stdout for code in ("VN", "TH", "PH", "KR", "JP", "SG", "IN", "CN"))
    assert "<table>" in (tmp_path / "report.html").read_text("utf-8")


def test_knowledge_export_can_be_imported_again(cli_run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert cli_run("knowledge", "export", str(tmp_path / "out")).exit_code == 0
    done = cli_run("knowledge", "import", "--dry-run")
    assert done.exit_code == 0 and "0 new, 0 changed, 0 removed, 0 conflicts" in done.stdout
