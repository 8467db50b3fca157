"""The translators' tools: extract, update, compile, check and report the gettext catalogs.

Two domains: `sampan` (what the program says, out of bot/) and `knowledge` (the prose of
db/knowledge). A language's knowledge catalog holds the countries whose members speak it, all
country cards, and what belongs to no country; see `SCOPE`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from bot.i18n import DOMAINS, LOCALES, folder
from bot.knowledge.faq import Faq, load_faqs
from bot.knowledge.load import Loaded, Problem, load_directory
from bot.knowledge.model import LANGUAGES, CommonFile, CountryFile
from bot.knowledge.store import KNOWLEDGE_DIR
from bot.settings import ROOT

SCOPE: dict[str, tuple[str, ...]] = {
    "vi": ("VN",), "th": ("TH",), "fil": ("PH",), "id": ("ID",), "ms": ("MY", "SG"),
    "ko": ("KR",), "ja": ("JP",), "zh-Hans": ("CN", "SG", "MY"), "zh-Hant": ("HK", "TW"),
    "hi": ("IN",), "ur": ("PK",), "bn": ("BD",),
}  # fmt: skip
"""Countries whose prose a language's catalog holds."""

LABEL_CHARS = 24
"""An English text this short is, or may become, a button or a line of a menu."""
LABEL_WIDTH = 48
"""Columns that Telegram's apps show of one on a phone before they cut it."""

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_KEYWORDS = {"t": None, "_t": None, "N_": None, "plural": (1, 2)}
_TAG = re.compile(r"</?[a-z-]+[^>]*>")
_NUMBER = re.compile(r"\d[\d.,]*")
_HEADER = "# Translations of Sampan ({domain}).\n# See docs/translators.md.\n"


def catalog_path(language: str, domain: str, root: Path = LOCALES) -> Path:
    return root / folder(language) / "LC_MESSAGES" / f"{domain}.po"


def template_path(domain: str, root: Path = LOCALES) -> Path:
    return root / f"{domain}.pot"


def _new_catalog(domain: str, language: str | None = None) -> Catalog:
    return Catalog(
        locale=folder(language) if language else None, domain=domain, project="Sampan",
        fuzzy=False, header_comment=_HEADER.format(domain=domain).strip(), charset="utf-8",
    )  # fmt: skip


def extract_interface() -> Catalog:
    """Every text that the program shows, from the calls that look it up."""
    catalog = _new_catalog("sampan")
    found = extract_from_dir(
        str(ROOT / "bot"), [("sandbox/**", "ignore"), ("**.py", "python")], {}, _KEYWORDS,
        comment_tags=("Translators:",), strip_comment_tags=True,
    )  # fmt: skip
    for filename, _, message, comments, context in found:
        catalog.add(
            message, locations=[(f"bot/{filename}", 0)], auto_comments=comments, context=context
        )
    return catalog


def _prose_of(file: CountryFile | CommonFile) -> Iterator[tuple[str, str]]:
    """(text, where it stands) of one knowledge file."""
    if isinstance(file, CountryFile):
        yield from _card_prose(file)
    for platform in file.platforms:
        yield platform.text, f"platform {platform.id}"
        if platform.stock and platform.stock.who:
            yield platform.stock.who, f"platform {platform.id}, who may use it"
    for fact in file.facts:
        yield fact.text, fact.id
        if fact.identity_check:
            yield fact.identity_check, f"{fact.id}, identity check"


def _card_prose(file: CountryFile) -> Iterator[tuple[str, str]]:
    yield file.card.sentence, f"card of {file.country}"
    yield file.card.warning, f"warning of {file.country}"


def extract_knowledge(
    loaded: Loaded, language: str | None = None, faqs: Iterable[Faq] = ()
) -> Catalog:
    """The knowledge's prose: all of it, or what a language's catalog holds."""
    catalog = _new_catalog("knowledge")
    for file in loaded.countries.values():
        whole = language is None or file.country in SCOPE[language]
        for text, place in _prose_of(file) if whole else _card_prose(file):
            catalog.add(
                text, auto_comments=[place], locations=[(f"{file.country.lower()}.yaml", 0)]
            )
    for name, common in zip(loaded.common_names, loaded.common, strict=True):
        for text, place in _prose_of(common):
            catalog.add(text, auto_comments=[place], locations=[(f"{name}.yaml", 0)])
    for faq in faqs:
        for text in (faq.about, faq.answer):
            catalog.add(text, auto_comments=[f"faq {faq.id}"], locations=[("faq.yaml", 0)])
    return catalog


def _write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalog,
            width=0,
            include_lineno=False,
            omit_header=False,
            ignore_obsolete=True,
            sort_by_file=True,
        )


def update(root: Path = LOCALES, knowledge: Path = KNOWLEDGE_DIR) -> None:
    """Writes the templates, and brings each language's catalogs up to them.

    A changed text is a new one: nothing is guessed, nothing becomes fuzzy.
    """
    interface = extract_interface()
    loaded, faqs = load_directory(knowledge), load_faqs(knowledge).faqs
    _write(template_path("sampan", root), _stable(interface))
    _write(template_path("knowledge", root), _stable(extract_knowledge(loaded, faqs=faqs)))
    for language in TRANSLATED:
        _bring_up(language, "sampan", interface, root)
        _bring_up(language, "knowledge", extract_knowledge(loaded, language, faqs), root)


def _bring_up(language: str, domain: str, template: Catalog, root: Path) -> None:
    path = catalog_path(language, domain, root)
    old = _read(path, language) if path.exists() else None
    new = _new_catalog(domain, language)
    for message in template:
        if message.id:
            known = old.get(message.id) if old else None
            new.add(
                message.id,
                known.string if known else "",
                locations=message.locations,
                auto_comments=message.auto_comments,
                user_comments=known.user_comments if known else (),
            )
    _write(path, _stable(new))


def _stable(catalog: Catalog) -> Catalog:
    """No times in the header: the same texts give the same file."""
    from datetime import UTC, datetime

    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalog


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=folder(language), abort_invalid=True)


def compile_all(root: Path = LOCALES) -> int:
    """Writes a .mo beside each .po. Returns how many; a broken catalog is left to `check`."""
    count = 0
    for language in TRANSLATED:
        for domain in DOMAINS:
            path = catalog_path(language, domain, root)
            if not path.exists():
                continue
            try:
                catalog = _read(path, language)
            except (PoFileError, ValueError):
                continue
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalog)
            count += 1
    return count


# Checks


@dataclass(frozen=True)
class Coverage:
    language: str
    domain: str
    done: int
    total: int


def placeholders(text: str) -> set[str]:
    """Names in {braces}. Raises ValueError for braces that do not pair."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def coverage(root: Path = LOCALES) -> list[Coverage]:
    rows = []
    for language in TRANSLATED:
        for domain in DOMAINS:
            path = catalog_path(language, domain, root)
            messages = [m for m in _read(path, language) if m.id] if path.exists() else []
            rows.append(
                Coverage(language, domain, sum(_translated(m) for m in messages), len(messages))
            )
    return rows


def _translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(forms) and all(forms) and not message.fuzzy


def check(root: Path = LOCALES) -> list[Problem]:
    """Every problem of every catalog, with file and line."""
    problems: list[Problem] = []
    for language in TRANSLATED:
        for domain in DOMAINS:
            problems += check_catalog(catalog_path(language, domain, root), language, root)
    return sorted(problems)


def check_catalog(path: Path, language: str, root: Path = LOCALES) -> list[Problem]:
    shown = str(path.relative_to(root.parent)) if path.is_relative_to(root.parent) else str(path)
    if not path.exists():
        return [Problem(shown, 1, "is missing: run `make i18n`")]
    try:
        catalog = _read(path, language)
    except PoFileError as error:
        return [Problem(shown, (error.lineno or 0) + 1, f"is not a valid catalog: {error}")]
    except (ValueError, UnicodeDecodeError) as error:
        return [Problem(shown, 1, f"is not a valid catalog: {error}")]
    problems = []
    for message in catalog:
        if message.id:
            problems += [
                Problem(shown, message.lineno or 1, text)
                for text in _check_message(message, catalog.num_plurals)
            ]
    return problems


def _check_message(message: Message, plural_forms: int) -> Iterator[str]:
    sources = message.id if isinstance(message.id, list | tuple) else (message.id,)
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    shown = repr(str(sources[0])[:50])
    if message.fuzzy:
        yield f"{shown} is fuzzy: read it again and take the mark away"
    if not _translated(message):
        yield f"{shown} is not translated"
        return
    if len(sources) > 1 and len(strings) != plural_forms:
        yield f"{shown} has {len(strings)} plural forms, expected {plural_forms}"
    wanted = placeholders(str(sources[-1]))
    for text in strings:
        if len(str(sources[-1])) <= LABEL_CHARS and _width(str(text)) > LABEL_WIDTH:
            yield f"{shown} is {_width(str(text))} columns wide: a button or menu shows at most {LABEL_WIDTH}"
        yield from _check_text(shown, str(sources[-1]), str(text), wanted)


def _width(text: str) -> int:
    """Columns on the screen: Han, kana and Hangul take two, vowel signs and isolates none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me", "Cf") for c in text)


def _check_text(shown: str, source: str, text: str, wanted: set[str]) -> Iterator[str]:
    try:
        given = placeholders(text)
    except ValueError as error:
        yield f"{shown}: the braces do not pair ({error})"
        return
    # "{n} day" may become "a day" where the language says so.
    for name in sorted((wanted - given) - {"n"}):
        yield f"{shown} lost the placeholder {{{name}}}"
    for name in sorted(given - wanted):
        yield f"{shown} has the unknown placeholder {{{name}}}"
    if sorted(_TAG.findall(source)) != sorted(_TAG.findall(text)):
        yield f"{shown} changes the HTML tags"
    if source.strip()[:1] == "/" and text.strip()[:1] != "/":
        yield f"{shown} begins with a command, and the translation must too"


def pseudo(root: Path = LOCALES) -> Catalog:
    """A catalog that wraps every text, so that one that slipped by shows."""
    catalog = _new_catalog("sampan", "en")
    for message in extract_interface():
        if message.id:
            ids = message.id if isinstance(message.id, list | tuple) else None
            catalog.add(message.id, tuple(f"⟦{i}⟧" for i in ids) if ids else f"⟦{message.id}⟧")
    return catalog
