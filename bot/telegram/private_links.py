"""Links that take a member from an answer in a group to the same answer in private."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Protocol

_KEY = "links.secret"
_PAYLOAD = re.compile(r"a-(\d{1,15})-([0-9a-f]{16})")


class Meta(Protocol):
    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...


class PrivateLinks:
    """Anyone can type a start parameter: each is signed, so that only answers that were shown
    with their link can be asked for."""

    def __init__(self, meta: Meta, username: Callable[[], str]) -> None:
        secret = meta.get(_KEY)
        if secret is None:
            secret = secrets.token_hex(32)
            meta.set(_KEY, secret)
        self._secret = secret.encode()
        self._username = username

    def url(self, answer_id: int) -> str:
        return f"https://t.me/{self._username()}?start=a-{answer_id}-{self._sign(answer_id)}"

    def read(self, payload: str) -> int | None:
        """The answer that a start parameter asks for; None when it is no link of ours."""
        found = _PAYLOAD.fullmatch(payload)
        if found is None or not found[1].isascii():
            return None
        answer_id = int(found[1])
        return answer_id if hmac.compare_digest(found[2], self._sign(answer_id)) else None

    def _sign(self, answer_id: int) -> str:
        return hmac.new(self._secret, str(answer_id).encode(), hashlib.sha256).hexdigest()[:16]
