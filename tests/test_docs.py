"""The documentation keeps to what there is: links, commands and settings that it names."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from pydantic import AliasChoices, AliasPath

from bot.cli import cli
from bot.settings import ROOT, Settings

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
)
pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))

_LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)[^)]*\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_MAKE = re.compile(r"\bmake ([a-z][a-z0-9_-]*)")
_BOT = re.compile(r"python -m bot((?: +[\w-]+)*)")
_TARGET = re.compile(r"^([a-z][a-z0-9_-]*):", re.MULTILINE)
_SETTING = re.compile(r"\b((?:SAMPAN|TELEGRAM)_[A-Z0-9_]+)\b")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def code_of(page: Path) -> list[str]:
    """The fenced blocks and code spans of a page."""
    return [match.group() for match in _CODE.finditer(page.read_text("utf-8"))]


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub links to them."""
    headings = _HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    inside = target.is_relative_to(ROOT) and target.exists()
    return inside and (not anchor or anchor in anchors(target))


def settings() -> set[str]:
    names = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        assert not isinstance(alias, AliasChoices | AliasPath)
        names.add(alias or f"SAMPAN_{name.upper()}")
    return names


def command(words: list[str]) -> click.Command | None:
    """The command that the words name, as far as they name groups; None when there is none."""
    found: click.Command = cli
    for word in words:
        if not isinstance(found, click.Group):
            break
        if word not in found.commands:
            return None
        found = found.commands[word]
    return found


def test_there_are_pages() -> None:
    assert len(PAGES) > 8
    assert any(code_of(page) for page in PAGES)


@pages
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        link
        for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8")))
        if not re.match(r"[a-z]+:", link) and not leads_somewhere(page, link)
    ]
    assert broken == []


@pages
def test_make_targets_exist(page: Path) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    assert "demo" in targets
    assert {name for code in code_of(page) for name in _MAKE.findall(code)} <= targets


@pages
def test_commands_exist(page: Path) -> None:
    named = [words.split() for code in code_of(page) for words in _BOT.findall(code)]
    assert [words for words in named if command(words) is None] == []


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert command(["knowledge", "report"]) is not None
    assert command(["knowledge", "no-such"]) is None and command(["no-such"]) is None


@pytest.mark.parametrize("name", ["docs/operators.md", ".env.example"])
def test_every_setting_is_named_and_every_name_is_a_setting(name: str) -> None:
    assert set(_SETTING.findall((ROOT / name).read_text("utf-8"))) == settings()


def test_no_page_names_an_unknown_setting() -> None:
    named = {s for page in PAGES for s in _SETTING.findall(page.read_text("utf-8"))}
    assert named <= settings()


def test_defaults_in_the_example_are_the_real_ones() -> None:
    """What a line of .env.example shows as the default is what holds without it."""
    shown = dict(re.findall(r"^# (SAMPAN_\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    for name in ("database", "default_language", "log_level", "log_format", "concurrent_updates",
                 "poll_timeout", "answers_per_minute", "answer_retention_days"):  # fmt: skip
        assert shown[f"SAMPAN_{name.upper()}"] == str(Settings.model_fields[name].default)


def test_the_glossary_holds_each_languages_file() -> None:
    """Made by the one line in docs/translators.md."""
    whole = (ROOT / "locales" / "GLOSSARY.md").read_text("utf-8")
    for path in sorted((ROOT / "locales" / "glossary").glob("*.md")):
        text = re.sub(r"^# ", "## ", path.read_text("utf-8"), flags=re.MULTILINE)
        assert text.strip() in whole, f"{path.name} is newer: see docs/translators.md"
