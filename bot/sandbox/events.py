"""What happens in the world, told to the chat page as it happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from bot.sandbox.model import Json

MAX_BEHIND = 500


class EventHub:
    """Fans events out to the pages that listen; costs nothing when nobody does."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json]] = set()
        self._changed = asyncio.Event()

    @contextlib.contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of events for as long as the context is open."""
        queue: asyncio.Queue[Json] = asyncio.Queue(MAX_BEHIND)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def tell(self, kind: str, **details: object) -> None:
        """Send an event to every listener; one that is too far behind is told to reload."""
        self._changed.set()
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"event": "reload"})
            else:
                queue.put_nowait({"event": kind, **details})

    async def changed(self) -> None:
        """Until the next event."""
        self._changed = asyncio.Event() if self._changed.is_set() else self._changed
        await self._changed.wait()
