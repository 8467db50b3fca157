"""Messages that ask the reader for a seed phrase or a private key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.shield.words import Found, Phrases
from bot.understanding.normalise import fold, normalise

Ask = Literal["ask", "enter"]
NEAR = 40
"""Characters between what is asked for and the words that ask."""


def tells_of_it(text: str, phrases: Phrases) -> bool:
    """Whether a message asks about a scam, tells of one or warns of one."""
    folded = fold(normalise(text))
    return "?" in folded or _is_told(phrases.find(folded))


def asks_for_seed(text: str, phrases: Phrases) -> Ask | None:
    """Whether a message asks for the secret, rather than telling or warning of somebody who did:
    to be sent ('ask'), or to be entered somewhere ('enter'), which may be a member's advice.

    Who was asked, fears for their own, or warns others writes 'my', 'somebody', 'never': one such
    word is enough to leave the message alone, as a wrong report of a victim is the worse mistake.
    """
    found = phrases.find(fold(normalise(text)))
    if _is_told(found):
        return None
    for kind in ("ask", "enter"):
        if _near(found, kind):
            return kind
    return None


def _is_told(found: Sequence[Found]) -> bool:
    """A word of telling that is no part of a scammer's own offer ('send it to my dm'), nor of the
    secret's name: folded, the Vietnamese for secret is the Hindi for don't."""
    covers = [one for one in found if one.kind in ("offered", "secret")]
    return any(
        one.kind == "told" and not any(c.start <= one.start and one.end <= c.end for c in covers)
        for one in found
    )


def _near(found: Sequence[Found], kind: Ask) -> bool:
    secrets = [one for one in found if one.kind == "secret"]
    asks = [one for one in found if one.kind == kind]
    return any(
        max(secret.start - ask.end, ask.start - secret.end) <= NEAR
        for secret in secrets for ask in asks
    )  # fmt: skip
