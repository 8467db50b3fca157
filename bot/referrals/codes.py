"""Codes in links, masked names, and the keyed hash that stands for a person."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

PREFIX = "ref_"
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 11
"""57 ** 11 is about 2 ** 64: a code cannot be guessed, only looked up."""
_PAYLOAD = re.compile(rf"{PREFIX}([{_ALPHABET}]{{{LENGTH}}})", re.ASCII)


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def payload(code: str) -> str:
    """What follows `?start=` (Bot API: at most 64 of A-Z a-z 0-9 _ -)."""
    return PREFIX + code


def read_payload(text: str) -> str | None:
    """The code, or None for anything that this bot did not write."""
    found = _PAYLOAD.fullmatch(text)
    return found.group(1) if found else None


def mask(name: str) -> str:
    """The first letter alone: 'S•••'."""
    shown = [c for c in unicodedata.normalize("NFC", name) if c.isalnum()]
    return f"{shown[0].upper()}•••" if shown else "•••"


def person_key(secret: bytes, user_id: int) -> str:
    return hmac.new(secret, str(user_id).encode(), hashlib.sha256).hexdigest()[:24]


def name_key(secret: bytes, name: str) -> str | None:
    """The same for names that look the same: case, width, digits and spaces do not count."""
    folded = "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalpha())
    if len(folded) < 3:
        return None
    return hmac.new(secret, b"name:" + folded.encode(), hashlib.sha256).hexdigest()[:16]
