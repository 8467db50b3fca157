"""Scheduled work. APScheduler drives it; what is due is read from the database each time."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.busy import Busy

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


class Jobs:
    """Short jobs that each ask the clock and the database what is due, so that a restart, a
    missed run or a moved clock changes nothing. A job that fails is logged and runs again."""

    def __init__(self, busy: Busy | None = None) -> None:
        """`busy`: jobs wait while the database cannot be written."""
        self._busy = busy
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1}
        )
        self._jobs: dict[str, Job] = {}

    def every(self, seconds: float, name: str, job: Job, *, always: bool = False) -> None:
        """`always`: also while the database cannot be written."""

        async def guarded() -> None:
            if self._busy and not always:
                await self._busy.over()
            try:
                await job()
            except Exception as error:
                if self._busy and self._busy.noticed(error):
                    return
                log.exception("the job %s failed; it runs again in %s s", name, seconds)

        self._jobs[name] = job
        self._scheduler.add_job(guarded, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @property
    def running(self) -> bool:
        return bool(self._scheduler.running)

    async def run(self, name: str) -> None:
        """Runs one now (tests, and `doctor`)."""
        await self._jobs[name]()
