"""What the tests of strangers share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import FixedClock
from tests.conftest import Harness, run_bot_in_sandbox
from tests.telegram.house import OLA


@pytest.fixture
async def open_house(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    """Without Telegram's rates and the bot's cool-downs: thousands of calls in a moment."""
    async with run_bot_in_sandbox(
        tmp_path, clock, limited=False, owners=str(OLA), answers_per_minute=600,
        updates_per_minute=1_000_000,
    ) as running:  # fmt: skip
        yield running
