"""`bench all`: every bench, one after another, so that their figures are of one machine and hour."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.bench import (
    answers,
    broadcast,
    combot,
    matrix,
    memory,
    referrals,
    restart,
    size,
    soak,
    understanding,
)
from bot.running import loop_factory

Result = dict[str, object]
Work = Callable[[], Result | Awaitable[Result]]


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `of(0.01)` is a look whether all of them run."""

    messages: int = 2_000
    rows: int = 1_000_000
    updates: int = 1_000_000
    groups: int = combot.GROUPS
    rate: int = combot.RATE
    seconds: int = 60
    restart_mib: int = 1_024
    referrals: int = 1_000_000
    recipients: int = 10_000

    def of(self, share: float) -> Sizes:
        def less(number: int, least: int) -> int:
            return max(least, int(number * share))

        return Sizes(
            messages=less(self.messages, 20), rows=less(self.rows, 1_000),
            updates=less(self.updates, 1_000), groups=less(self.groups, 50),
            rate=less(self.rate, 20), seconds=less(self.seconds, 2),
            restart_mib=less(self.restart_mib, 2), referrals=less(self.referrals, 2_000),
            recipients=less(self.recipients, 100),
        )  # fmt: skip


def benches(sizes: Sizes) -> Mapping[str, Work]:
    """By name, in the order in which they run."""
    return {
        "answers": lambda: answers.run(sizes.messages, max(1, sizes.messages // 4)),
        "matrix": lambda: matrix.run(sizes.messages),
        "understanding": understanding.run,
        "size": lambda: size.run((0, sizes.rows), sizes.messages, min(10, sizes.seconds)),
        "combot": lambda: combot.run(combot.Load(sizes.groups, sizes.rate, sizes.seconds)),
        "memory": lambda: memory.run(sizes.updates, groups=sizes.groups),
        "restart": lambda: restart.run(sizes.restart_mib),
        "broadcast": lambda: broadcast.run(
            broadcast.Sizes(
                min(600, sizes.recipients),
                sizes.recipients,
                sizes.recipients,
                sizes.recipients // 5,
                sizes.recipients * 100,
                sizes.recipients * 2,
            )
        ),
        "referrals": lambda: referrals.run(sizes.referrals, max(10, sizes.referrals // 10)),
        "soak": lambda: soak.run(min(200, sizes.rate), sizes.seconds),
    }


def execute(work: Work) -> Result:
    """Runs one bench, on the loop that the server is quickest on."""
    found = work()
    if isinstance(found, dict):
        return found

    async def main() -> Result:
        return await found

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(main())


def run(
    sizes: Sizes, only: frozenset[str] = frozenset(), say: Callable[[str], None] = lambda _: None,
    save: Path | None = None,
) -> dict[str, Result]:  # fmt: skip
    """A bench that fails is told of in its place, and the others go on. What is found is written
    to `save` after each."""
    results: dict[str, Result] = {"machine": machine()}
    for name, work in benches(sizes).items():
        if only and name not in only:
            continue
        say(f"{name} ...")
        begun = time.monotonic()
        try:
            found = execute(work)
        except (RuntimeError, OSError) as error:
            found = {"bench": name, "failed": str(error)}
        results[name] = found | {"took_s": round(time.monotonic() - begun, 1)}
        if save:
            save.write_text(json.dumps(results, indent=1), "utf-8")
    return results


def machine() -> Result:
    return {
        "processor_cores": os.cpu_count() or 0, "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
    }  # fmt: skip
