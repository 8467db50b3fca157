"""Who is being helped by a person right now, so that the bot does not talk over them."""

from __future__ import annotations

from collections import OrderedDict

HELD_SECONDS = 300.0
"""After a person's reply, for whom they replied to; after staff's, for their whole topic."""
MAX_HELD = 5_000


class Talk:
    """Kept in memory: after a restart the bot is at worst a little too helpful."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, int | None, int | None], float] = OrderedDict()

    def replied(
        self, chat: int, thread: int | None, to: int, now: float, *, staff: bool = False
    ) -> None:
        """Somebody answered the person `to`. `now` is in monotonic seconds."""
        self._hold((chat, thread, to), now)
        if staff and thread is not None:
            self._hold((chat, thread, None), now)

    def _hold(self, key: tuple[int, int | None, int | None], now: float) -> None:
        self._held[key] = now + HELD_SECONDS
        self._held.move_to_end(key)
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)

    def is_held(self, chat: int, thread: int | None, person: int, now: float) -> bool:
        """Whether what `person` writes there is better left to people."""
        return any(self._held.get((chat, thread, who), now) > now for who in (person, None))
