"""Links: those of the moderators' list, however they are written, and newcomers' first ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from bot.shield.names import latin_shapes

MAX_TEXT = 4096
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_SPELLED_DOT = re.compile(
    r"\s*(?:[\[({<]\s*(?:dot|\.)\s*[\])}>]|[。．｡․‧∙·•]|(?<=[a-z0-9])\s+dot\s+(?=[a-z]))\s*"
)  # fmt: skip
_SPACED_DOT = re.compile(r"(?<=[a-z0-9])(?:\s+\.\s*|\s*\.\s+)(?=[a-z]{2,}(?:[/\s]|$))")
_ADDRESS = re.compile(r"(?:[\w-]{1,63}\.){1,6}[\w-]{2,63}(?:/[\w.~%+@-]{1,100})?")
_UNSPACED = "\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af"
_SCRIPT_CHANGE = re.compile(f"(?<=[a-z0-9])(?=[{_UNSPACED}])|(?<=[{_UNSPACED}])(?=[a-z0-9])")
"""Where an address touches the words around it: 看evil.com领取."""
_ENTRY = re.compile(r"(?:[\w-]{1,63}\.){1,6}[\w-]{2,63}(?:/[\w.~%+-]{1,100})?")


def plain_addresses(text: str) -> str:
    """The text with addresses as a browser takes them: evil [dot] com, ｅｖｉｌ．ｃｏｍ, hxxp."""
    shown = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:MAX_TEXT]))
    shown = latin_shapes(shown)
    shown = _SPELLED_DOT.sub(".", shown)
    return _SCRIPT_CHANGE.sub(" ", _SPACED_DOT.sub(".", shown).replace("hxxp", "http"))


def addresses(text: str, hidden: Iterable[str] = ()) -> list[str]:
    """The addresses in a text and behind its words (`hidden`), as host or host/first-step."""
    found: dict[str, None] = {}
    for part in (text, *hidden):
        for match in _ADDRESS.finditer(plain_addresses(part)):
            found[_decoded(match.group())] = None
    return list(found)


def _decoded(address: str) -> str:
    """xn-- names as they are shown, with their look-alike letters made Latin."""
    host, slash, path = address.partition("/")
    if "xn--" in host:
        try:
            host = latin_shapes(host.encode("ascii").decode("idna"))
        except (UnicodeError, ValueError):
            return address
    return f"{host.removeprefix('www.')}{slash}{path}"


def as_entry(written: str) -> str | None:
    """A moderator's entry as it is kept: 'https://Evil[.]com/x' is evil.com/x. None when it is no
    address, or one of Telegram's own without the name behind it."""
    text = plain_addresses(written.strip())
    text = re.sub(r"^[a-z]+://", "", text).removeprefix("www.").split("?")[0].rstrip("/")
    match = _ENTRY.fullmatch("/".join(text.split("/")[:2]))
    if match is None or text in ("t.me", "telegram.me"):
        return None
    return _decoded(match.group())


def bad_address(found: Iterable[str], bad: Collection[str]) -> str | None:
    """The first entry of the list that one of the addresses is, or is a part of."""
    for address in found:
        host, _, path = address.partition("/")
        labels = host.split(".")
        for start in range(len(labels) - 1):
            parent = ".".join(labels[start:])
            if parent in bad:
                return parent
            if path and f"{parent}/{path}" in bad:
                return f"{parent}/{path}"
    return None
