"""Bot API, "Getting updates": the queue that getUpdates and the webhook empty."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass

from bot.sandbox.errors import SECOND_POLLER, ApiError
from bot.sandbox.model import Json

KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "message_reaction",
        "message_reaction_count",
        "guest_message",
    }
)
DEFAULT_KINDS = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
FIRST_UPDATE_ID = 100_000_001


@dataclass(slots=True, frozen=True)
class Pending:
    """An update as it was when it happened, ready to send."""

    id: int
    kind: str
    data: bytes


class UpdateQueue:
    """Unconfirmed updates in order; at most one long poll waits on it."""

    def __init__(self) -> None:
        self._pending: deque[Pending] = deque()
        self._next_id = FIRST_UPDATE_ID
        self._poller: asyncio.Future[None] | None = None
        self._fresh = asyncio.Event()
        self.allowed = DEFAULT_KINDS
        self.allowed_named: list[str] | None = None

    def __len__(self) -> int:
        return len(self._pending)

    def push(self, kind: str, body: Json) -> int:
        """Queue an update; 0 when the bot did not ask for this kind."""
        if kind in KINDS and kind not in self.allowed:
            return 0
        return self.push_raw({kind: body}, kind)

    def push_raw(self, update: Json, kind: str = "raw") -> int:
        """Queue whatever a tester gives, as it is, with the next update_id."""
        update_id = self._next_id
        self._next_id += 1
        update = {"update_id": update_id} | update
        data = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
        self._pending.append(Pending(update_id, kind, data.encode("utf-8", "surrogatepass")))
        self._wake()
        return update_id

    def allow(self, kinds: list[str] | None) -> None:
        """Remember `allowed_updates`; None keeps what was set before, empty means default."""
        if kinds is None:
            return
        wanted = frozenset(kinds) & KINDS
        self.allowed = wanted or DEFAULT_KINDS
        self.allowed_named = sorted(wanted) or None

    def _wake(self) -> None:
        self._fresh.set()
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    async def poll(self, offset: int, limit: int, seconds: float) -> list[bytes]:
        """Bot API, "getUpdates": confirm what is below `offset`, answer what is left."""
        self.end_poll(SECOND_POLLER)
        self.confirm(offset)
        if not self._pending and seconds > 0:
            await self._wait(seconds)
        return [one.data for one in self.peek(limit)]

    async def _wait(self, seconds: float) -> None:
        poller = self._poller = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(poller, seconds)
        finally:
            if self._poller is poller:
                self._poller = None

    def end_poll(self, why: str) -> None:
        """The poll that waits is refused with 409: it is the older one that loses."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(ApiError(409, why))
        self._poller = None

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps that many of the newest."""
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        while self._pending and self._pending[0].id < offset:
            self._pending.popleft()

    def peek(self, limit: int) -> list[Pending]:
        """The oldest `limit` updates, left in place."""
        if limit >= len(self._pending):
            return list(self._pending)
        return [self._pending[index] for index in range(limit)]

    def clear(self) -> None:
        """`drop_pending_updates`."""
        self._pending.clear()

    async def wait_fresh(self) -> None:
        """Until there is at least one update."""
        while not self._pending:
            self._fresh.clear()
            await self._fresh.wait()
