"""A short run of `bench soak`: the process, flooded, disturbed and killed."""

from __future__ import annotations

import pytest

from bot.bench.soak import soak


@pytest.mark.slow
@pytest.mark.parametrize(("kills", "faulty", "webhook"), [(1, False, True), (0, True, False)])
async def test_a_flood_is_answered_once_each(kills: int, faulty: bool, webhook: bool) -> None:
    done = await soak(rate=60, seconds=4, kills=kills, faulty=faulty, webhook=webhook)
    assert done["asked"] == 240 and done["database"] == "ok"
    assert done["more_than_one_message"] == 0
    states = done["states"]
    assert isinstance(states, dict) and "received" not in states
    lost = done["unanswered"]
    assert isinstance(lost, int)
    if kills:
        assert lost <= states.get("replying", 0), "only answers that were on their way at the kill"
    else:
        assert lost == done["answers_in_doubt_by_faults"], "every other fault is mended"
