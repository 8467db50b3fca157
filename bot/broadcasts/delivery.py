"""Sends one run: takes rows from the ledger, paces, sends, writes what came of it.

The order that makes a kill harmless: a row is `sending` in the database before its request
leaves, and `sent` once the answer came. Both are written in batches, many rows a transaction, and
no more than `window` rows are ever on their way.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import sqlite3
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot.broadcasts.ledger import START, Ledger, Position
from bot.broadcasts.model import Broadcast, Counts, Delivered, Delivery, Run, RunState
from bot.broadcasts.outcome import Came, Outcome, Transport
from bot.broadcasts.pacer import Pacer
from bot.broadcasts.packet import Compose, Gate, Held, Packet
from bot.broadcasts.store import BroadcastStore

log = logging.getLogger(__name__)

WINDOW = 64
"""Requests on their way at most: what a kill can make uncertain."""
FETCH = 500
LOOK_SECONDS = 0.5
"""How often a person's pause or cancel (of another process too) is looked for."""
TOUCH_SECONDS = 5.0
PROGRESS_SECONDS = 3.0
MAX_TRIES = 5
"""Refusals for speed that one recipient is tried through."""
BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between tries when there is no connection at all."""
DATABASE_WAIT = 0.25
BATCH_SECONDS = 0.005
GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Progress:
    """`rate`: messages a second lately; `seconds_left`: None while nobody can tell."""

    run: Run
    counts: Counts
    rate: float
    seconds_left: float | None
    trouble: str = ""
    """Why it stands still at the moment, in one line: no_connection, database, flood."""
    ended: bool = False


Watch = Callable[[Progress], Awaitable[None]]


@dataclass(frozen=True)
class Parts:
    """What every run's delivery shares."""

    store: BroadcastStore
    ledger: Ledger
    pacer: Pacer
    transport: Transport
    compose: Compose
    gate: Gate
    retire: Callable[[int], None]
    """Notes a chat that cannot be written to any more."""
    moved: Callable[[int, int], None]
    """Notes a group's new id."""
    now: Callable[[], datetime]
    watch: Watch | None = None
    window: int = WINDOW
    may_pay: bool = False
    """Whether the owner allows paid broadcasts; else a paid one goes at the free pace."""


class Delivering:
    """One run at work."""

    def __init__(self, parts: Parts, broadcast: Broadcast, run: Run) -> None:
        self._p = parts
        self._paid = broadcast.draft.paid and parts.may_pay
        self._broadcast = replace(broadcast, draft=replace(broadcast.draft, paid=self._paid))
        self.run = run
        self._counts = Counter(
            {Delivered(k): n for k, n in vars(parts.ledger.counts(run.id)).items()}
        )
        self._ready: deque[Delivery] = deque()
        self._later: list[tuple[float, int, Delivery]] = []
        """Rows to be tried again, by monotonic time."""
        self._after: Position = START
        self._read_all = False
        self._tries: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._unwritten: list[Delivery] = []
        self._afterwards: list[Callable[[], None]] = []
        """Notes on chats, written together with the rows."""
        self._rulings: dict[str | None, Held | None] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._failures = 0
        self._trouble = ""
        self.refused = ""
        """Why Telegram takes nothing from this bot any more."""
        self._looked = self._touched = self._shown = -1e9
        self._sent_at: deque[tuple[float, int]] = deque()

    def stop(self) -> None:
        """Starts nothing new; `work` ends when what is on its way is done."""
        self._stopping = True
        self._wake.set()

    @property
    def progress(self) -> Progress:
        counts = Counts(**{str(state): max(0, n) for state, n in self._counts.items()})
        rate = self._rate()
        left = (counts.pending + counts.sending) / rate if rate else None
        return Progress(self.run, counts, rate, left, self._trouble)

    async def work(self) -> bool:
        """Until nothing more is due, or a person or `stop` ends it. True when all are done."""
        try:
            while not self._stopping and self._look():
                started = self._begin_some()
                self._show()
                if not (started or self._tasks or self._ready or self._later or self._unwritten):
                    if self._read_all:
                        break
                    continue
                await self._rest()
        finally:
            await self._finish()
        pending = self._counts[Delivered.PENDING] > 0
        return not pending and not self._stopping and not self._unwritten

    # --- a step ------------------------------------------------------------------------------

    def _look(self) -> bool:
        """Whether it may go on: reads the run's state every now and then."""
        now = self._p.pacer.mono()
        if self.refused:
            return False
        if now - self._looked < LOOK_SECONDS:
            return True
        self._looked = now
        self._rulings.clear()  # the knowledge may have been corrected meanwhile
        with suppress(sqlite3.OperationalError):
            run = self._p.store.run(self.run.id)
            if run is None or run.state is not RunState.RUNNING:
                return False
            self.run = run
            if now - self._touched >= TOUCH_SECONDS:
                with self._p.ledger.impatient():
                    self._p.store.touch(run.id)
                self._touched = now
        return True

    def _begin_some(self) -> bool:
        """Writes what came in and marks the next ones, in one transaction; then sends them."""
        room = min(self._p.window - len(self._tasks), self._p.pacer.slots(self._paid))
        batch = self._take(room) if room > 0 else []
        if not batch and not self._unwritten:
            return False
        going = [(row, out) for row, out in batch if out is not None]
        if not self._write([row for row, _ in batch]):
            self._ready.extendleft(
                replace(row, state=Delivered.PENDING, reason=None, rule=None, at=None)
                for row, _ in reversed(batch)
            )
            return False
        for row, out in going:
            self._p.pacer.took(row.chat_id, self._paid)
            task = asyncio.create_task(self._send(row, out))
            self._tasks.add(task)
            task.add_done_callback(self._sent)
        return bool(batch)

    def _take(self, room: int) -> list[tuple[Delivery, Packet | None]]:
        """The next rows as they are to be written: on their way, or held by the gate, or failed."""
        now, at = self._p.pacer.mono(), int(self._p.now().timestamp())
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        if len(self._ready) < room and not self._read_all:
            self._read(at)
        batch: list[tuple[Delivery, Packet | None]] = []
        while room > 0 and self._ready and len(batch) < FETCH:
            row = self._ready.popleft()
            wait = self._p.pacer.chat_wait(row.chat_id)
            if wait > 0:
                heapq.heappush(self._later, (now + wait, row.chat_id, row))
                continue
            marked, out = self._judge(row, at)
            batch.append((marked, out))
            room -= out is not None
        return batch

    def _read(self, at: int) -> None:
        rows = self._p.ledger.next(self.run.id, self._after, at, FETCH)
        self._read_all = len(rows) < FETCH
        if rows:
            self._after = (rows[-1].due, rows[-1].chat_id)
        self._ready.extend(rows)

    def _judge(self, row: Delivery, at: int) -> tuple[Delivery, Packet | None]:
        held = self._held(row.country)
        if held:
            return replace(
                row, state=Delivered.HELD, reason=held.reason, rule=held.rule, at=at
            ), None
        out = self._p.compose(self._broadcast, self.run, row)
        if out is None:
            return replace(row, state=Delivered.FAILED, reason="no_variant", at=at), None
        return replace(row, state=Delivered.SENDING, at=at), out

    def _held(self, country: str | None) -> Held | None:
        """The gate's word, asked again every LOOK_SECONDS."""
        if country not in self._rulings:
            self._rulings[country] = self._p.gate(self._broadcast, country)
        return self._rulings[country]

    def _write(self, batch: list[Delivery]) -> bool:
        """Everything known so far, durably. False when the database cannot be written now:
        nothing is forgotten, and nothing leaves."""
        try:
            with self._p.ledger.impatient():
                self._p.ledger.mark(self._unwritten)
                for note in self._afterwards:
                    note()
                self._p.ledger.mark(batch)
        except sqlite3.OperationalError as error:
            if self._trouble != "database":
                log.error("the broadcast waits: the database cannot be written: %s", error)
            self._trouble = "database"
            return False
        if self._trouble == "database":
            log.info("the database can be written again: the broadcast goes on")
            self._trouble = ""
        for row in batch:
            self._counts[Delivered.PENDING] -= 1
            self._counts[row.state] += 1
        self._unwritten, self._afterwards = [], []
        return True

    async def _rest(self) -> None:
        """Until something comes in, or something may leave."""
        self._wake.clear()
        if self._trouble == "database":
            await asyncio.sleep(DATABASE_WAIT)
            return
        seconds = LOOK_SECONDS
        if len(self._tasks) < self._p.window:
            if self._ready or not self._read_all:
                seconds = min(seconds, max(0.0, self._p.pacer.wait(self._paid)))
                if self._p.pacer.paces(self._paid):
                    # Few transactions of several rows cost less than one for each.
                    await asyncio.sleep(max(seconds, BATCH_SECONDS))
                    return
            elif self._later:
                seconds = min(seconds, max(0.0, self._later[0][0] - self._p.pacer.mono()))
        if self._unwritten:
            seconds = min(seconds, 0.02)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    # --- what comes back ---------------------------------------------------------------------

    async def _send(self, row: Delivery, out: Packet) -> None:
        self._came(row, await self._p.transport.send(out, row.chat_id))

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a delivery failed", exc_info=task.exception())
        self._wake.set()

    def _came(self, row: Delivery, outcome: Outcome) -> None:
        """Notes what came of a row; `_write` makes it durable."""
        came = outcome.came
        if came is not Came.NOT_SENT:
            self._failures = 0
            if self._trouble == "no_connection":
                self._trouble = ""
        if came is Came.ARRIVED:
            self._end(row, Delivered.SENT, message_id=outcome.message_id)
        elif came is Came.TOO_FAST:
            self._too_fast(row, outcome.seconds)
        elif came is Came.MOVED:
            self._moved(row, outcome.chat_id)
        elif came is Came.GONE:
            self._afterwards.append(lambda: self._p.retire(row.chat_id))
            self._end(row, Delivered.FAILED, outcome.reason)
        elif came is Came.REFUSED:
            self._end(row, Delivered.FAILED, outcome.reason)
        elif came is Came.NOT_SENT:
            self._no_connection(row)
        elif came is Came.SHUT_OUT:
            self.refused = outcome.reason
            self._again(row, 0.0)
        else:
            self._end(row, Delivered.UNCERTAIN, outcome.reason)

    def _end(
        self, row: Delivery, state: Delivered, reason: str | None = None,
        message_id: int | None = None,
    ) -> None:  # fmt: skip
        at = int(self._p.now().timestamp())
        self._unwritten.append(
            Delivery(row.run_id, row.due, row.chat_id, row.country, row.language, state, reason,
                     None, message_id, at)
        )  # fmt: skip
        self._counts[Delivered.SENDING] -= 1
        self._counts[state] += 1

    def _again(self, row: Delivery, seconds: float) -> None:
        """Not delivered for certain: pending again, and tried after so many seconds."""
        waiting = replace(row, state=Delivered.PENDING, at=None)
        self._unwritten.append(waiting)
        self._counts[Delivered.SENDING] -= 1
        self._counts[Delivered.PENDING] += 1
        heapq.heappush(self._later, (self._p.pacer.mono() + seconds, row.chat_id, waiting))

    def _too_fast(self, row: Delivery, seconds: float) -> None:
        if self._p.pacer.flood(row.chat_id, seconds):
            log.warning("flood wait of %.0f s for the whole bot", seconds)
        self._tries[row.chat_id] += 1
        if self._tries[row.chat_id] >= MAX_TRIES:
            self._end(row, Delivered.FAILED, "too_many_requests")
        else:
            self._again(row, seconds)

    def _no_connection(self, row: Delivery) -> None:
        """The server is gone: nobody's fault, so nobody is given up; everything waits."""
        if self._trouble != "no_connection":
            log.warning("the broadcast waits: the Bot API server cannot be reached")
            self._trouble = "no_connection"
        if not self._p.pacer.held:
            self._p.pacer.hold(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
            self._failures += 1
        self._again(row, 0.0)

    def _moved(self, row: Delivery, new: int) -> None:
        """The row goes on under the group's new id; once, if that has a row of its own."""

        def follow() -> None:
            self._p.moved(row.chat_id, new)
            self._p.ledger.migrate(row.run_id, row.due, row.chat_id, new)

        if self._p.ledger.has(row.run_id, new):
            self._end(row, Delivered.FAILED, "moved")
            return
        self._afterwards.append(follow)
        moved = replace(row, chat_id=new, state=Delivered.PENDING, at=None)
        self._unwritten.append(replace(row, state=Delivered.PENDING, at=None))
        self._counts[Delivered.SENDING] -= 1
        self._counts[Delivered.PENDING] += 1
        heapq.heappush(self._later, (self._p.pacer.mono() + 0.05, new, moved))

    # --- telling -----------------------------------------------------------------------------

    def _rate(self) -> float:
        """Sent a second over the last samples."""
        if len(self._sent_at) < 2:
            return 0.0
        (first, before), (last, now) = self._sent_at[0], self._sent_at[-1]
        return (now - before) / (last - first) if last > first else 0.0

    def _show(self) -> None:
        now = self._p.pacer.mono()
        if now - self._shown < PROGRESS_SECONDS:
            return
        self._shown = now
        self._sent_at.append((now, self._counts[Delivered.SENT]))
        while len(self._sent_at) > 8:
            self._sent_at.popleft()
        if self._p.watch:
            telling = asyncio.create_task(guarded(self._p.watch, self.progress))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def _finish(self) -> None:
        """Waits for what is on its way, then writes it, through a locked database too."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        for _ in range(int(GRACE_SECONDS / DATABASE_WAIT)):
            if not self._unwritten or self._write([]):
                return
            await asyncio.sleep(DATABASE_WAIT)
        log.error("%s outcomes could not be written: they are uncertain", len(self._unwritten))


async def guarded(watch: Watch, progress: Progress) -> None:
    try:
        await watch(progress)
    except Exception:
        log.exception("telling the progress failed; the broadcast goes on")
