"""Plans broadcasts, starts what is due, and takes up what a restart interrupted."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from bot.broadcasts.audience import AudienceStore
from bot.broadcasts.delivery import Delivering, Parts, Progress, guarded
from bot.broadcasts.model import Broadcast, Run, RunState, Schedule, State, When
from bot.broadcasts.schedule import (
    Occasion,
    Quiet,
    Wrong,
    earliest,
    is_late,
    next_occasion,
    occasion_of,
    wrong,
)
from bot.knowledge.festivals import Festivals

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
STILL_ALIVE = timedelta(minutes=1)
"""How often a run that waits for its next recipients' hour notes that nobody forgot it."""


class Broadcasts:
    """`tick` is called every few seconds; all it knows is in the database."""

    def __init__(
        self, parts: Parts, audience: AudienceStore, festivals: Festivals, quiet: Quiet,
        late: timedelta,
    ) -> None:  # fmt: skip
        self._p = parts
        self.audience = audience
        self._festivals = festivals
        self._quiet = quiet
        self._late = late
        self._working: dict[int, Delivering] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._sleeping: dict[int, int] = {}
        """Runs whose next recipients are due later, and when (seconds since 1970)."""
        self._telling: set[asyncio.Task[None]] = set()
        self._begun = False
        self._stopped = False

    # --- planning ----------------------------------------------------------------------------

    def check(self, broadcast: Broadcast) -> Wrong | None:
        """What is wrong with its schedule now."""
        draft = broadcast.draft
        places = self.audience.places(draft.audience)
        return wrong(draft.schedule, self._p.now(), places, self._festivals)

    def coming(self, broadcast: Broadcast, after: datetime | None = None) -> Occasion | None:
        """Its next occasion."""
        draft = broadcast.draft
        places = self.audience.places(draft.audience)
        return next_occasion(draft.schedule, after or self._p.now(), places, self._festivals)

    def dues(self, broadcast: Broadcast, occasion: Occasion) -> dict[str, datetime]:
        """Each place (its country or zone) with its own moment, in UTC: for the preview."""
        quiet = self._quiet_of(broadcast.draft.schedule)
        return {
            f"{place.country or ''} {place.zone}".strip(): occasion.due(place, quiet)
            for place in self.audience.places(broadcast.draft.audience)
        }

    def schedule(self, broadcast_id: int, after: datetime | None = None) -> Occasion | None:
        """Puts a draft (or an approved one, or a repeat) on its next occasion. None when there
        is none, or when it is over."""
        broadcast = self._p.store.get(broadcast_id)
        occasion = self.coming(broadcast, after) if broadcast else None
        if broadcast is None or occasion is None:
            return None
        at = self._first(broadcast, occasion)
        return occasion if self._p.store.schedule(broadcast_id, occasion.key, at) else None

    def skip(self, broadcast_id: int) -> bool:
        """The missed moment of an overdue one is let go: on to the next, if there is one."""
        broadcast = self._p.store.get(broadcast_id)
        if broadcast is None:
            return False
        occasion = self._following(broadcast)
        at = self._first(broadcast, occasion) if occasion else None
        return self._p.store.skip(broadcast_id, occasion.key if occasion else None, at)

    def resend_uncertain(self, run_id: int) -> int:
        """On a person's word: they may get it twice. How many."""
        run = self._p.store.run(run_id)
        if run is None or run.state in (RunState.CHOOSING, RunState.CANCELLED):
            return 0
        number = self._p.ledger.resend_uncertain(run_id)
        if number and run.state is RunState.FINISHED:
            self._p.store.set_run(run_id, RunState.RUNNING)
            self._p.store.set_state(run.broadcast_id, State.RUNNING)
        self._sleeping.pop(run_id, None)
        return number

    def progress(self, run_id: int) -> Progress | None:
        """Of a run, at work or not."""
        if working := self._working.get(run_id):
            return working.progress
        run = self._p.store.run(run_id)
        return Progress(run, self._p.ledger.counts(run_id), 0.0, None) if run else None

    def _first(self, broadcast: Broadcast, occasion: Occasion) -> datetime:
        places = self.audience.places(broadcast.draft.audience)
        return earliest(occasion, places, self._quiet_of(broadcast.draft.schedule))

    def _quiet_of(self, schedule: Schedule) -> Quiet | None:
        return self._quiet if schedule.quiet else None

    # --- at work -----------------------------------------------------------------------------

    async def tick(self) -> None:
        if self._stopped:
            return
        if not self._begun:
            self._begin()
        for broadcast in self._p.store.due(self._p.now()):
            self._due(broadcast)
        for run in self._p.store.open_runs():
            if run.id in self._tasks:
                continue
            if run.state is RunState.CHOOSING:
                await self._choose(run)
            elif run.state is RunState.RUNNING:
                await self._go_on(run)

    async def stop(self) -> None:
        """What is on its way is finished and written; the rest goes on at the next start."""
        self._stopped = True
        for working in self._working.values():
            working.stop()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def idle(self) -> None:
        """Until no run is at work (tests, and the bench)."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    def _begin(self) -> None:
        """Once a start, before anything is sent."""
        uncertain = self._p.ledger.interrupted(int(self._p.now().timestamp()))
        if uncertain:
            log.warning(
                "%s deliveries were interrupted: they are uncertain, not repeated", uncertain
            )
        self._begun = True

    def _due(self, broadcast: Broadcast) -> None:
        assert broadcast.next_at is not None and broadcast.next_key is not None
        if is_late(broadcast.next_at, self._p.now(), self._late):
            log.warning("broadcast %s missed its moment: a person is asked", broadcast.id)
            self._p.store.set_state(broadcast.id, State.OVERDUE, "missed")
        elif self._p.store.begin_run(broadcast.id, broadcast.next_key) is None:
            self._after_run(broadcast.id)  # this moment had its run: the clock went back

    async def _choose(self, run: Run) -> None:
        broadcast = self._p.store.get(run.broadcast_id)
        assert broadcast is not None
        draft = broadcast.draft
        occasion = occasion_of(draft.schedule, run.key, self._festivals)
        if occasion is None:
            self._p.store.set_run(run.id, RunState.PAUSED, "schedule")
            self._p.store.set_state(broadcast.id, State.PAUSED, "schedule")
            return
        quiet = self._quiet_of(draft.schedule)
        try:
            total = await self.audience.choose(run.id, draft.audience, draft.kind, occasion, quiet)
        except sqlite3.OperationalError as error:
            log.error("the broadcast waits: its recipients cannot be written down: %s", error)
            self._tell(replace(run, note="database"), trouble="database")
            return
        now = self._p.store.run(run.id)
        if now and now.state is RunState.CHOOSING:  # not cancelled meanwhile
            self._p.store.set_run(run.id, RunState.RUNNING, total=total)
            await self._go_on(now)

    async def _go_on(self, run: Run) -> None:
        """Starts the run's delivery if somebody is due, ends the run if nobody is left."""
        now = self._p.now()
        due = self._sleeping.get(run.id) or self._p.ledger.next_due(run.id)
        if due is None:
            await self._ended(run)
        elif due > now.timestamp():
            self._sleeping[run.id] = due
            if now - run.touched_at > STILL_ALIVE:
                self._p.store.touch(run.id)
        elif is_late(max(datetime.fromtimestamp(due, now.tzinfo), run.touched_at), now, self._late):
            log.warning("run %s was interrupted for long: a person is asked", run.id)
            self._p.store.set_run(run.id, RunState.OVERDUE, "interrupted")
            self._p.store.set_state(run.broadcast_id, State.OVERDUE, "interrupted")
        else:
            self._sleeping.pop(run.id, None)
            self._start(run)

    def _start(self, run: Run) -> None:
        broadcast = self._p.store.get(run.broadcast_id)
        assert broadcast is not None
        working = self._working[run.id] = Delivering(self._p, broadcast, run)
        self._tasks[run.id] = asyncio.create_task(self._work(working), name=f"broadcast {run.id}")

    async def _work(self, working: Delivering) -> None:
        run = working.run
        try:
            if await working.work():
                await self._ended(run)
            elif working.refused:
                self._p.store.set_run(run.id, RunState.PAUSED, working.refused)
                self._p.store.set_state(run.broadcast_id, State.PAUSED, working.refused)
        except Exception:
            log.exception("run %s stopped: it is paused", run.id)
            self._p.store.set_run(run.id, RunState.PAUSED, "error")
            self._p.store.set_state(run.broadcast_id, State.PAUSED, "error")
        finally:
            self._working.pop(run.id, None)
            self._tasks.pop(run.id, None)
            if not self._stopped:
                self._tell(run)

    async def _ended(self, run: Run) -> None:
        await self._p.ledger.summarise(run.id)
        self._p.store.set_run(run.id, RunState.FINISHED)
        self._after_run(run.broadcast_id)

    def _after_run(self, broadcast_id: int) -> None:
        """On to the next occasion, or finished."""
        broadcast = self._p.store.get(broadcast_id)
        if broadcast is None or broadcast.state in (State.CANCELLED, State.FINISHED):
            return
        occasion = self._following(broadcast)
        if occasion is None:
            self._p.store.set_state(broadcast_id, State.FINISHED)
        else:
            self._p.store.set_state(broadcast_id, State.RUNNING)
            self._p.store.schedule(broadcast_id, occasion.key, self._first(broadcast, occasion))

    def _following(self, broadcast: Broadcast) -> Occasion | None:
        """The occasion after this one; those that were missed meanwhile are let go."""
        schedule = broadcast.draft.schedule
        if schedule.when in (When.NOW, When.ONCE):
            return None
        return self.coming(broadcast)

    def _tell(self, run: Run, trouble: str = "") -> None:
        """The last word on a run, or why it cannot begin."""
        if self._p.watch is None:
            return
        latest = self._p.store.run(run.id) or run
        over = latest.state in (RunState.FINISHED, RunState.CANCELLED)
        counts = self._p.ledger.counts(run.id)
        progress = Progress(latest, counts, 0.0, None, trouble, over)
        task = asyncio.create_task(guarded(self._p.watch, progress))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
