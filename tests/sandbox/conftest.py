"""A sandbox on a free port, a plain HTTP client to it, and python-telegram-bot's own Bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from telegram import Bot

from bot.sandbox import (
    DEFAULT_TOKEN,
    Clock,
    Faults,
    Limits,
    World,
    create_app,
    populate,
    start,
)

LINH, SOMCHAI, MARIA = 7_000_100_001, 7_000_100_002, 7_000_100_004
VIETNAM, DESK = -1_002_000_000_001, -1_002_000_000_100
OPEN_GROUP, MEETUP, NEWS = -1_002_000_000_101, -4_100_000_001, -1_002_000_000_102


@dataclass
class Time:
    """Time that moves only when a test says so."""

    now: float = 1_790_000_000.0

    def read(self) -> float:
        return self.now


@dataclass
class Sandbox:
    """The server as a client sees it."""

    world: World
    limits: Limits
    faults: Faults
    time: Time
    address: str
    http: aiohttp.ClientSession
    token: str = DEFAULT_TOKEN

    async def api(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a Bot API method with a JSON body; the whole answer."""
        async with self.http.post(self.url(method), json=params) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def ok(self, method: str, **params: Any) -> Any:
        """Call a method that must work; its result."""
        answer = await self.api(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        """Call a method that must be refused; the description."""
        answer = await self.api(method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def play(self, what: str, **given: Any) -> dict[str, Any]:
        """POST to the control API; must work."""
        async with self.http.post(f"{self.address}/sandbox/{what}", json=given) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def look(self, what: str, **query: Any) -> dict[str, Any]:
        """GET from the control API; must work."""
        async with self.http.get(f"{self.address}/sandbox/{what}", params=query) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def cannot(self, what: str, **given: Any) -> str:
        """POST what the control API must refuse; the reason."""
        async with self.http.post(f"{self.address}/sandbox/{what}", json=given) as response:
            assert response.status == 400
            return str((await response.json())["error"])

    async def updates(self, *allowed: str, offset: int = 0) -> list[dict[str, Any]]:
        """The updates that wait, confirming none."""
        params: dict[str, Any] = {"offset": offset}
        if allowed:
            params["allowed_updates"] = list(allowed)
        found: list[dict[str, Any]] = await self.ok("getUpdates", **params)
        return found

    async def fresh(self) -> list[dict[str, Any]]:
        """The updates that wait, confirmed at once."""
        found = await self.updates()
        if found:
            await self.updates(offset=found[-1]["update_id"] + 1)
        return found

    def url(self, method: str) -> str:
        """A method's address."""
        return f"{self.address}/bot{self.token}/{method}"


@pytest.fixture
def time() -> Time:
    """The test's own time."""
    return Time()


@pytest_asyncio.fixture
async def make_sandbox(time: Time) -> AsyncIterator[Callable[..., Any]]:
    """A factory of served sandboxes with the sample cast."""
    closing: list[Any] = []

    async def make(*, limits: bool = False, **world_options: Any) -> Sandbox:
        world = populate(World(clock=Clock(time.read, time.read), **world_options))
        allowances = Limits(world.clock.mono, enabled=limits)
        faults = Faults()
        app = create_app(world, limits=allowances, faults=faults, retry_webhook_after=0.01)
        runner, address = await start(app)
        http = aiohttp.ClientSession()
        closing.extend([http.close, runner.cleanup])
        return Sandbox(world, allowances, faults, time, address, http)

    yield make
    for close in closing:
        await close()


@pytest_asyncio.fixture
async def sandbox(make_sandbox: Callable[..., Any]) -> Sandbox:
    """A sandbox with the sample cast and no flood limits."""
    made: Sandbox = await make_sandbox()
    return made


@pytest_asyncio.fixture
async def ptb(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """python-telegram-bot's Bot, pointed at the sandbox."""
    base = f"{sandbox.address}/bot"
    async with Bot(
        sandbox.token, base_url=base, base_file_url=f"{sandbox.address}/file/bot"
    ) as bot:
        yield bot
