"""Bot API, "Formatting options": a text with its entities as Telegram keeps it, in UTF-16 units,
and what is found in plain text (commands, mentions, links)."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.sandbox.errors import bad
from bot.sandbox.html import parse_html, utf16_len
from bot.sandbox.model import Json
from bot.sandbox.params import whole

MAX_ENTITIES = 100
SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
FIXED = frozenset({"code", "pre"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_AUTO = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»”'])"
    r"|(?<![\w/@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z][A-Za-z0-9_]{2,31})?)(?![\w/])"
    r"|(?<![\w@./])(?P<mention>@[A-Za-z][A-Za-z0-9_]{2,31})(?!\w)"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w@./-])(?P<link>(?:[A-Za-z0-9-]+\.)+(?:com|org|net|io|me|co|app|xyz|vn|th|ph|id|my"
    r"|sg|kr|jp|cn|hk|tw|in|pk|bd)(?:/[^\s<>\"]*[^\s<>\".,;:!?)])?)(?![\w@])"
)


def formatted(text: str, parse_mode: str, entities: object) -> tuple[str, list[Json]]:
    """A message's or caption's text as Telegram would keep it, with all entities."""
    mode = parse_mode.lower()
    given: list[Json] = []
    if mode == "html":
        text, given = parse_html(text)
    elif mode in ("markdown", "markdownv2"):
        raise bad(f"the sandbox has no {parse_mode}: use HTML or explicit entities")
    elif mode not in ("", "none"):
        raise bad("unsupported parse_mode")
    elif isinstance(entities, list):
        given = explicit(text, entities)
    return _trimmed(text, given)


def explicit(text: str, entities: list[object]) -> list[Json]:
    """Bot API, "MessageEntity": the ones a caller lists itself."""
    units = utf16_len(text)
    kept: list[Json] = []
    for entity in entities:
        if not isinstance(entity, dict):
            raise bad("can't parse MessageEntity: MessageEntity must be an Object")
        for name in ("offset", "length", "type"):
            if name not in entity:
                raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
        offset, length = whole(entity["offset"], "offset"), whole(entity["length"], "length")
        if offset < 0 or length <= 0 or offset + length > units:
            continue
        _check_boundaries(text, offset, length)
        kept.append({**entity, "offset": offset, "length": length})
    return kept


def _check_boundaries(text: str, offset: int, length: int) -> None:
    if text.isascii():
        return
    raw = text.encode("utf-16-le", "surrogatepass")
    for place, word in ((offset, "begins"), (offset + length, "ends")):
        low = int.from_bytes(raw[place * 2 : place * 2 + 2], "little")
        if 0xDC00 <= low <= 0xDFFF:
            before = raw[: (place - 1) * 2].decode("utf-16-le", "surrogatepass")
            at = len(before.encode("utf-8", "surrogatepass"))
            raise bad(f"entity {word} in a middle of a UTF-16 symbol at byte offset {at}")


def _trimmed(text: str, given: list[Json]) -> tuple[str, list[Json]]:
    """Cut blank ends as Telegram does, fix nesting, add what plain text shows."""
    body = text.strip()
    if body != text and given:
        cut = utf16_len(text[: len(text) - len(text.lstrip())])
        given = _shifted(given, cut, utf16_len(body))
    found = _nested(given) if len(given) > 1 else given
    if any(mark in body for mark in "/@#."):
        found = found + [one for one in detect(body) if not _covered(one, found)]
    if len(found) > 1:
        found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    for entity in found:
        if entity["type"] == "code":
            entity.pop("language", None)
    return body, found[:MAX_ENTITIES]


def _shifted(given: list[Json], cut: int, units: int) -> list[Json]:
    moved: list[Json] = []
    for entity in given:
        start = max(0, entity["offset"] - cut)
        end = min(units, entity["offset"] + entity["length"] - cut)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return moved


def _nested(given: list[Json]) -> list[Json]:
    """Nothing inside code or pre, no quote inside a quote ("Formatting options", nesting)."""
    fixed = [entity for entity in given if entity["type"] in FIXED]
    quotes = [entity for entity in given if entity["type"] in QUOTES]
    outer = [one for one in quotes if not any(_inside(one, it) for it in quotes if it is not one)]
    kept = [entity for entity in given if entity["type"] not in QUOTES] + outer
    result: list[Json] = []
    for entity in kept:
        if entity["type"] in SPLITTABLE:
            result.extend(_cut_around(entity, fixed))
        else:
            result.append(entity)
    return result


def _inside(one: Json, other: Json) -> bool:
    start, end = one["offset"], one["offset"] + one["length"]
    return bool(other["offset"] <= start and end <= other["offset"] + other["length"])


def _cut_around(entity: Json, fixed: list[Json]) -> list[Json]:
    pieces = [(entity["offset"], entity["offset"] + entity["length"])]
    for hole in fixed:
        start, end = hole["offset"], hole["offset"] + hole["length"]
        split: list[tuple[int, int]] = []
        for left, right in pieces:
            split += [(left, min(right, start)), (max(left, end), right)]
        pieces = [(left, right) for left, right in split if right > left]
    return [{**entity, "offset": left, "length": right - left} for left, right in pieces]


def _covered(one: Json, found: list[Json]) -> bool:
    """Whether a detected entity touches a link, code or mention that is already there."""
    end = one["offset"] + one["length"]
    for other in found:
        if other["type"] in SPLITTABLE or other["type"] in QUOTES:
            continue
        if one["offset"] < other["offset"] + other["length"] and other["offset"] < end:
            return True
    return False


def detect(text: str) -> list[Json]:
    """Commands, mentions, hashtags and links in plain text (Bot API, "MessageEntity")."""
    return [
        {"type": kind, "offset": offset, "length": length} for kind, offset, length in _auto(text)
    ]


@lru_cache(maxsize=256)
def _auto(text: str) -> tuple[tuple[str, int, int], ...]:
    found = []
    for match in _AUTO.finditer(text):
        kind = match.lastgroup or "url"
        kind = "url" if kind == "link" else kind
        found.append((kind, utf16_len(text[: match.start()]), utf16_len(match.group())))
    return tuple(found)
