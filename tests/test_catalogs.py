"""Every language is whole, and what a translator breaks is told with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import catalogs
from bot.i18n import LOCALES, Languages

LABEL = 'msgid "Saved."\nmsgstr "{}"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the catalogs' tree with one small Vietnamese catalog."""
    (tmp_path / "locales" / "vi" / "LC_MESSAGES").mkdir(parents=True)
    return tmp_path / "locales"


def problems_of(root: Path, body: str) -> list[str]:
    head = 'msgid ""\nmsgstr ""\n"Language: vi\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    path = root / "vi" / "LC_MESSAGES" / "sampan.po"
    path.write_text(head + body, "utf-8")
    return [str(problem) for problem in catalogs.check_catalog(path, "vi", root)]


def test_every_language_is_complete() -> None:
    """No text missing, none fuzzy, no placeholder or tag lost, no label too wide."""
    assert catalogs.check() == []
    for coverage in catalogs.coverage():
        assert coverage.done == coverage.total > 0, coverage


def test_the_catalogs_hold_what_the_program_says() -> None:
    """`make i18n` was run: nothing that is extracted now is missing from a catalog."""
    said = {
        str(m.id[0] if isinstance(m.id, tuple) else m.id)
        for m in catalogs.extract_interface()
        if m.id
    }
    for language in catalogs.TRANSLATED:
        catalog = catalogs._read(catalogs.catalog_path(language, "sampan"), language)
        held = {str(m.id[0] if isinstance(m.id, tuple) else m.id) for m in catalog if m.id}
        assert said <= held, (language, sorted(said - held)[:3])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('msgid "Saved."\nmsgstr ""\n', "'Saved.' is not translated"),
        ('#, fuzzy\nmsgid "Saved."\nmsgstr "Xong."\n', "is fuzzy"),
        ('msgid "Oldest fact: as of {date}"\nmsgstr "Nguồn cũ nhất"\n', "lost the placeholder {date}"),
        ('msgid "Oldest fact: as of {date}"\nmsgstr "Cũ: {date} {who}"\n', "unknown placeholder {who}"),
        ('msgid "Oldest fact: as of {date}"\nmsgstr "Cũ: {date"\n', "the braces do not pair"),
        ('msgid "<b>Saved</b>"\nmsgstr "Đã lưu"\n', "changes the HTML tags"),
        (LABEL.format("Đã lưu lại tất cả những gì bạn vừa thay đổi trong phần cài đặt"), "columns wide"),
    ],
)  # fmt: skip
def test_a_broken_translation_is_told_with_its_line(root: Path, body: str, told: str) -> None:
    found = problems_of(root, body)[0]
    assert told in found
    assert found.startswith("locales/vi/LC_MESSAGES/sampan.po:")


def test_a_file_that_is_no_catalog_is_told(root: Path) -> None:
    found = problems_of(root, "this is no catalog")[0]
    assert "is not a valid catalog" in found


def test_a_missing_catalog_is_told(root: Path) -> None:
    path = root / "th" / "LC_MESSAGES" / "sampan.po"
    (found,) = catalogs.check_catalog(path, "th", root)
    assert "is missing: run `make i18n`" in str(found)


def test_a_broken_catalog_means_english_at_run_time(root: Path) -> None:
    problems_of(root, "this is no catalog")
    t = Languages(root)["vi"]
    assert t("Saved.") == "Saved."
    assert t.prose("Some text") == ("Some text", False)


def test_a_lost_placeholder_means_english_at_run_time(root: Path) -> None:
    problems_of(root, 'msgid "Oldest fact: as of {date}"\nmsgstr "Cũ: {lúc}"\n')
    assert Languages(root)["vi"]("Oldest fact: as of {date}", date="x") == "Oldest fact: as of x"


def test_the_pseudo_locale_marks_every_text() -> None:
    marked = [m for m in catalogs.pseudo() if m.id]
    assert len(marked) > 200
    for message in marked:
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        assert all(str(form).startswith("⟦") for form in forms)


def test_updating_keeps_translations(tmp_path: Path) -> None:
    """Extract and merge on a copy: what was translated stays, and twice changes nothing."""
    copy = tmp_path / "locales"
    shutil.copytree(LOCALES, copy, ignore=shutil.ignore_patterns("*.mo"))
    catalogs.update(copy)
    path = catalogs.catalog_path("th", "sampan", copy)
    kept = [p for p in catalogs.check_catalog(path, "th", copy) if "not translated" not in str(p)]
    assert kept == []
    assert Languages(copy)["th"]("Saved.") == Languages()["th"]("Saved.") != "Saved."
    once = path.read_bytes()
    catalogs.update(copy)
    assert path.read_bytes() == once
