"""A broadcast's text: placeholders, lengths as Telegram counts them, HTML, URL buttons. Pure.

Texts are HTML as Telegram's, with `{first_name}`-like placeholders; `{{` and `}}` are braces.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markupsafe import escape

from bot.broadcasts.model import Button

PLACEHOLDERS = ("first_name", "festival", "local_date", "ref_link")
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
"""UTF-16 code units after the entities are parsed (Bot API, sendMessage and sendPhoto)."""
MAX_BUTTONS = 8
MAX_LABEL = 64
MAX_URL = 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""What a bot may fetch again (Bot API, getFile); a larger one could not be checked."""

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TAGS = frozenset({
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code",
    "pre", "blockquote", "tg-emoji",
})  # fmt: skip


@dataclass(frozen=True)
class Values:
    """What the placeholders stand for: plain text, escaped when it is filled in."""

    first_name: str = ""
    festival: str = ""
    local_date: str = ""
    ref_link: str = ""


class Fault(StrEnum):
    EMPTY = "empty"
    UNKNOWN = "unknown"
    """A placeholder that there is none of; `detail` is what stands between the braces."""
    BRACE = "brace"
    """A brace that is opened and not closed, or the other way round."""
    NO_FESTIVAL = "no_festival"
    """{festival} in a broadcast that has none."""
    TOO_LONG = "too_long"
    HTML = "html"
    """A tag that Telegram does not know, or that is not closed; `detail` names it."""
    BUTTON = "button"
    """A line that is no 'Label - https://address'; `detail` is the line."""
    BUTTONS = "buttons"
    """More buttons than MAX_BUTTONS."""


@dataclass(frozen=True)
class Problem:
    fault: Fault
    detail: str = ""
    length: int = 0
    limit: int = 0
    """For TOO_LONG: UTF-16 code units."""


def utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible(source: str) -> str:
    """What a reader sees of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", source))


def placeholders(source: str) -> set[str]:
    return {m.group(1) for m in _PART.finditer(source) if m.group(1) in PLACEHOLDERS}


def fill(source: str, values: Values) -> str:
    """HTML with every placeholder replaced; unknown ones stay as they are written."""
    known = asdict(values)

    def put(found: re.Match[str]) -> str:
        whole, name = found.group(), found.group(1)
        if whole in ("{{", "}}"):
            return whole[0]
        return str(escape(known[name])) if name in known else whole

    return _PART.sub(put, source)


def fill_url(url: str, values: Values) -> str:
    return url.replace("{ref_link}", values.ref_link)


def problems(
    source: str, limit: int, widest: Iterable[Values], *, tail: str = "", festival: bool = True
) -> list[Problem]:
    """All that is wrong with a text. `widest`: the longest values that recipients may have;
    `tail`: HTML that the bot adds below (a risk warning); `limit`: see TEXT_LIMIT."""
    found = [*_brace_problems(source), *_html_problems(source)]
    if not visible(source).strip():
        found.append(Problem(Fault.EMPTY))
    if not festival and "festival" in placeholders(source):
        found.append(Problem(Fault.NO_FESTIVAL))
    longest = max((utf16(visible(fill(source, v) + tail)) for v in widest), default=0)
    if longest > limit:
        found.append(Problem(Fault.TOO_LONG, length=longest, limit=limit))
    return found


def _brace_problems(source: str) -> list[Problem]:
    found: dict[Problem, None] = {}
    for part in _PART.finditer(source):
        if part.group() in ("{", "}"):
            found[Problem(Fault.BRACE)] = None
        elif part.group(1) is not None and part.group(1) not in PLACEHOLDERS:
            found[Problem(Fault.UNKNOWN, visible(part.group(1))[:40])] = None
    return list(found)


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _TAGS:
            self.wrong[tag] = None
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.wrong[tag] = None

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong[tag] = None


def _html_problems(source: str) -> list[Problem]:
    checker = _Checker()
    checker.feed(source)
    checker.close()
    wrong = [*checker.wrong, *checker.open]
    return [Problem(Fault.HTML, tag[:40]) for tag in dict.fromkeys(wrong)]


_BETWEEN = re.compile(r"\s+[-–—|]\s+(?=\S+$)")


def read_buttons(text: str) -> tuple[list[Button], list[Problem]]:
    """One button a line: 'Label - https://address' (the address may be {ref_link})."""
    links: list[Button] = []
    wrong: list[Problem] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        parts = _BETWEEN.split(line, maxsplit=1)
        link = Button(parts[0].strip(), parts[1]) if len(parts) == 2 else None
        if link and is_label(link.text) and is_url(link.url):
            links.append(link)
        else:
            wrong.append(Problem(Fault.BUTTON, line[:80]))
    if len(links) > MAX_BUTTONS:
        wrong.append(Problem(Fault.BUTTONS, limit=MAX_BUTTONS))
    return links, wrong


def is_label(text: str) -> bool:
    return 1 <= len(text) <= MAX_LABEL


def is_url(url: str) -> bool:
    """An address that Telegram takes for a button and a person can open."""
    if url == "{ref_link}":
        return True
    if len(url) > MAX_URL or any(c.isspace() or not c.isprintable() for c in url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and "@" not in parts.netloc
