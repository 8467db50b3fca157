"""Messages that ask the reader for a seed phrase or a private key."""

from __future__ import annotations

from bot.shield.words import Phrases
from bot.understanding.normalise import fold, normalise

NEAR = 40
"""Characters between what is asked for and the words that ask."""


def tells_of_it(text: str, phrases: Phrases) -> bool:
    """Whether a message asks about a scam, tells of one or warns of one."""
    folded = fold(normalise(text))
    return "?" in folded or any(one.kind == "told" for one in phrases.find(folded))


def asks_for_seed(text: str, phrases: Phrases) -> bool:
    """Whether a message asks for the secret, rather than telling or warning of somebody who did.

    Who was asked, fears for their own, or warns others writes 'my', 'somebody', 'never': one such
    word is enough to leave the message alone, as a wrong report of a victim is the worse mistake.
    """
    found = phrases.find(fold(normalise(text)))
    kinds = {one.kind for one in found}
    if "told" in kinds or not {"secret", "ask"} <= kinds:
        return False
    secrets = [one for one in found if one.kind == "secret"]
    asks = [one for one in found if one.kind == "ask"]
    return any(
        max(secret.start - ask.end, ask.start - secret.end) <= NEAR
        for secret in secrets for ask in asks
    )  # fmt: skip
