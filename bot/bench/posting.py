"""Posts updates to a webhook as Telegram does: several at once, each until it is taken."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp

from bot.bench.process import SECRET

CONNECTIONS = 40
"""Posts under way at once: setWebhook's default."""
_HEADERS = {
    "Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET,
}  # fmt: skip
AGAIN_SECONDS = 0.02


class Poster:
    """`handed`: when the first post of a chat's update left, in monotonic seconds."""

    def __init__(self, url: str, handed: dict[int, float]) -> None:
        self._url = url
        self._handed = handed
        self._updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._next_id = int(time.time() * 10_000)
        self._session = aiohttp.ClientSession(headers=_HEADERS)
        self._tasks = [asyncio.create_task(self._work()) for _ in range(CONNECTIONS)]

    def put(self, message: dict[str, Any]) -> None:
        self._next_id += 1
        self._updates.put_nowait({"update_id": self._next_id, "message": message})

    @property
    def waiting(self) -> int:
        return self._updates.qsize()

    async def _work(self) -> None:
        while True:
            update = await self._updates.get()
            data = json.dumps(update, ensure_ascii=False).encode()
            self._handed.setdefault(update["message"]["chat"]["id"], time.monotonic())
            while not await self._taken(data):  # noqa: ASYNC110 - what else would tell
                await asyncio.sleep(AGAIN_SECONDS)

    async def _taken(self, data: bytes) -> bool:
        try:
            async with self._session.post(self._url, data=data) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False  # the bot is only starting

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
