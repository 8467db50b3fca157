"""Bot API, "HTML style": one pass over the source; error texts and offsets are Telegram's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.errors import bad
from bot.sandbox.model import Json

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
}
TAGS = frozenset({*SIMPLE, "a", "blockquote", "tg-emoji", "tg-time"})
_SPECIAL = re.compile(r"[<&]")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));?")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


def utf16_len(text: str) -> int:
    """Length in UTF-16 code units, the Bot API's unit of offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` that an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    piece: int


class _HtmlParser:
    """One pass over the source; the error texts and offsets are Telegram's."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.found: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        at, source = 0, self.source
        while (special := _SPECIAL.search(source, at)) is not None:
            self._add(source[at : special.start()])
            at = self._special(special.start())
        self._add(source[at:])
        if self.open:
            tag = self.open[-1].tag
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return "".join(self.pieces), self.found

    def _add(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.length += utf16_len(text)

    def _special(self, at: int) -> int:
        """Deal with the `<` or `&` at `at`; answer where to go on."""
        if self.source[at] == "&":
            return self._reference(at)
        if self.source.startswith("</", at):
            return self._end_tag(at)
        return self._start_tag(at)

    def _reference(self, at: int) -> int:
        match = _REFERENCE.match(self.source, at)
        decoded = _decoded(match) if match else ""
        self._add(decoded or "&")
        return match.end() if match and decoded else at + 1

    def _start_tag(self, begin: int) -> int:
        name = _match(_TAG_NAME, self.source, begin + 1)
        at = begin + 1 + len(name)
        if at >= len(self.source):
            raise self._at(begin, "Unclosed start tag at byte offset {}")
        tag = name.lower()
        if tag not in TAGS:
            raise self._at(begin, f'Unsupported start tag "{tag}" at byte offset {{}}')
        at, argument = self._attributes(begin, at, tag)
        if tag == "span" and argument != "spoiler":
            raise self._at(begin, 'Tag "span" must have class "tg-spoiler" at byte offset {}')
        self.open.append(_Open(tag, argument, self.length, len(self.pieces)))
        return at

    def _attributes(self, begin: int, at: int, tag: str) -> tuple[int, str]:
        argument = ""
        while True:
            at = self._skip_space(at)
            if self.source.startswith(">", at):
                return at + 1, argument
            name = _match(_ATTRIBUTE, self.source, at)
            if not name:
                raise self._at(
                    begin,
                    f'Empty attribute name in the tag "{tag}" at byte offset {{}}',
                )
            at = self._skip_space(at + len(name))
            if at >= len(self.source):
                raise self._at(begin, f'Unclosed start tag "{tag}" at byte offset {{}}')
            value = "1"
            if self.source[at] == "=":
                at, value = self._value(begin, self._skip_space(at + 1), tag)
            argument = _argument(tag, name, value, argument)

    def _value(self, begin: int, at: int, tag: str) -> tuple[int, str]:
        source = self.source
        if at >= len(source):
            raise self._at(begin, f'Unclosed start tag "{tag}" at byte offset {{}}')
        if source[at] in "\"'":
            end = source.find(source[at], at + 1)
            if end < 0 or end + 1 >= len(source):
                raise self._at(begin, "Unclosed start tag at byte offset {}")
            raw = source[at + 1 : end]
            return end + 1, _REFERENCE.sub(lambda found: _decoded(found) or found[0], raw)
        token = _match(_TOKEN, source, at)
        end = at + len(token)
        if end >= len(source):
            raise self._at(begin, "Unclosed start tag at byte offset {}")
        if not (source[end].isspace() or source[end] == ">"):
            raise self._at(at, "Unexpected end of name token at byte offset {}")
        return end, token.lower()

    def _end_tag(self, begin: int) -> int:
        if not self.open:
            raise self._at(begin, "Unexpected end tag at byte offset {}")
        name = _match(_TAG_NAME, self.source, begin + 2)
        at = self._skip_space(begin + 2 + len(name))
        if not self.source.startswith(">", at):
            raise self._at(begin, "Unclosed end tag at byte offset {}")
        expected, found = self.open[-1].tag, name.lower()
        if found and found != expected:
            text = f'expected "</{expected}>", found "</{found}>"'
            raise self._at(begin, f"Unmatched end tag at byte offset {{}}, {text}")
        self._close(self.open.pop())
        return at + 1

    def _close(self, opened: _Open) -> None:
        length = self.length - opened.offset
        if length <= 0:
            return
        entity: Json = {"offset": opened.offset, "length": length}
        inner = "".join(self.pieces[opened.piece :])
        extra = _entity_type(opened, inner, entity, self.found)
        if extra is not None:
            self.found.append({"type": extra.pop("type"), **entity, **extra})

    def _skip_space(self, at: int) -> int:
        while at < len(self.source) and self.source[at].isspace():
            at += 1
        return at

    def _at(self, index: int, text: str) -> Exception:
        offset = len(self.source[:index].encode("utf-8", "surrogatepass"))
        return _cannot(text.format(offset))


def _cannot(text: str) -> Exception:
    return bad(f"can't parse entities: {text}")


def _match(pattern: re.Pattern[str], text: str, at: int) -> str:
    found = pattern.match(text, at)
    return found.group() if found else ""


def _decoded(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _argument(tag: str, name: str, value: str, before: str) -> str:
    """What a tag's attribute means; attributes without meaning are passed over."""
    match (tag, name):
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "1"
    return before


def _entity_type(opened: _Open, inner: str, span: Json, found: list[Json]) -> Json | None:
    """The entity of a closed tag; None when it adds none."""
    tag, argument = opened.tag, opened.argument
    if tag == "a":
        return _link(argument or inner)
    if tag == "blockquote":
        return {"type": "expandable_blockquote" if argument else "blockquote"}
    if tag == "tg-emoji":
        if not argument.isdigit() or int(argument) == 0:
            raise bad("invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": argument}
    if tag == "tg-time":
        return {"type": "date_time", "unix_time": int(argument)} if argument.isdigit() else None
    if tag == "pre":
        return _pre(span, found)
    if tag == "code" and argument:
        return {"type": "code", "language": argument}
    return {"type": SIMPLE[tag]}


def _pre(span: Json, found: list[Json]) -> Json:
    """`<pre><code class="language-x">` is one entity with a language."""
    last = found[-1] if found else None
    if last and last["type"] == "code" and "language" in last and _same_span(last, span):
        found.pop()
        return {"type": "pre", "language": last["language"]}
    return {"type": "pre"}


def _same_span(one: Json, other: Json) -> bool:
    return bool(one["offset"] == other["offset"] and one["length"] == other["length"])


def _link(url: str) -> Json | None:
    parts = urlsplit(url)
    if parts.scheme == "tg" and parts.netloc == "user":
        identifier = parse_qs(parts.query).get("id", [""])[0]
        if identifier.isdigit():
            return {"type": "text_mention", "user": {"id": int(identifier)}}
    checked = checked_url(url)
    return {"type": "text_link", "url": checked} if checked else None


def checked_url(url: str) -> str:
    """The URL as Telegram keeps it; empty when it is none that it accepts."""
    if len(url.split(None, 1)) != 1 or url != url.strip():
        return ""
    try:
        parts = urlsplit(
            url if "://" in url or url.startswith(("tg:", "mailto:")) else f"http://{url}"
        )
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme == "tg":
        return url
    if parts.scheme not in ("http", "https", "ton", "tonsite", "ftp") or "." not in host:
        return ""
    return parts.geturl() if parts.path else parts._replace(path="/").geturl()


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Bot API, "HTML style"."""
    if _SPECIAL.search(source) is None:
        return source, []
    return _HtmlParser(source).parse()
