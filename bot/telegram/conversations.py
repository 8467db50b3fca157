"""What each conversation was last about, for follow-ups. Kept in memory only."""

from __future__ import annotations

from collections import OrderedDict

from bot.understanding.question import Question

REMEMBERED = 5_000
Key = tuple[int, int | None]
"""Chat and person."""


class Conversations:
    def __init__(self) -> None:
        self._last: OrderedDict[Key, Question] = OrderedDict()

    def last(self, key: Key) -> Question | None:
        return self._last.get(key)

    def remember(self, key: Key, question: Question) -> None:
        self._last[key] = question
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def forget(self, user_id: int) -> None:
        """What a person asked before they changed or deleted their settings leads nothing any more."""
        for key in [key for key in self._last if key[1] == user_id]:
            del self._last[key]
