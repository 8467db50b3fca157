"""The part that steers one that runs, and shows it live in one message each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from markupsafe import Markup

from bot.broadcasts.delivery import Progress
from bot.broadcasts.model import Broadcast, Counts, RunState, State
from bot.desk.roles import Task
from bot.i18n import N_, Translator
from bot.knowledge.model import Duration
from bot.telegram.broadcasts.pages import ICON, STATE, again_row, back_row, confirm_page, note_text
from bot.telegram.broadcasts.parts import Case, Handler, Part, act, may_address
from bot.telegram.broadcasts.report import Reports
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.marketing import Person
from bot.telegram.promotions.views import bold, paragraphs
from bot.telegram.sender import Place
from bot.telegram.views import View

BAR = 12


class ProgressPart(Part):
    reports: Reports

    def verbs(self) -> Mapping[str, Handler]:
        return {
            "pg": self.progress, "pa": self.pause, "re": self.resume, "cx": self.cancel,
            "sk": self.skip, "ru": self.resend,
        }  # fmt: skip

    # Presses

    async def progress(self, case: Case) -> None:
        """From now on this is the message in which the person sees it live."""
        b = case.broadcast
        runs = self.tools.store.runs(b.id)
        progress = self.tools.engine.progress(runs[0].id) if runs else None
        shown = await self.answer(case.person, progress_page(case.t, b, progress, self._due(b)))
        if shown:
            self.tools.watches.put(b.id, case.person.chat_id, shown)

    def _due(self, b: Broadcast) -> datetime | None:
        """When the next recipients have their hour."""
        runs = self.tools.store.runs(b.id)
        due = self.tools.ledger.next_due(runs[0].id) if runs else None
        return datetime.fromtimestamp(due, UTC) if due is not None else None

    async def _steered(self, case: Case, what: str, done: bool) -> None:
        if done:
            self.noted(case, what)
        elif case.person.press:
            text = case.t("That does not fit what it does now: look again.")
            await self.toast(case.person.press, text, alert=True)
        await self.progress(self.fresh(case))

    async def pause(self, case: Case) -> None:
        done = self.tools.store.pause(case.broadcast.id)
        await self._steered(case, "broadcast.pause", done)

    async def resume(self, case: Case) -> None:
        done = self.tools.store.resume(case.broadcast.id)
        await self._steered(case, "broadcast.resume", done)

    async def skip(self, case: Case) -> None:
        done = self.tools.engine.skip(case.broadcast.id)
        await self._steered(case, "broadcast.skip", done)

    async def cancel(self, case: Case) -> None:
        t = case.t
        if case.args != ["1"]:
            question = t("Cancel it for good? What was not sent yet is not sent any more.")
            await self.answer(
                case.person, confirm_page(t, question, t("⏹ Cancel"), "cx", case.broadcast)
            )
            return
        if self.tools.store.cancel(case.broadcast.id):
            self.noted(case, "broadcast.cancel")
        await self.show(self.fresh(case), None)

    async def resend(self, case: Case) -> None:
        """The uncertain ones may get it twice: a person decides, after being told so."""
        runs = self.tools.store.runs(case.broadcast.id)
        if not runs:
            return
        if case.args != ["1"]:
            counts = self.tools.ledger.counts(runs[0].id)
            question = case.t.plural("{n} message may have arrived or not. Send it again? The reader may get it twice.", "{n} messages may have arrived or not. Send them again? Some readers may get it twice.", counts.uncertain)  # fmt: skip
            yes = case.t("🔁 Send again")
            await self.answer(
                case.person, confirm_page(case.t, question, yes, "ru", case.broadcast)
            )
            return
        number = self.tools.engine.resend_uncertain(runs[0].id)
        self.noted(case, "broadcast.resend", count=number)
        await self.progress(self.fresh(case))

    # Live

    async def watch(self, progress: Progress) -> None:
        """Called by the delivery every few seconds, and at the end of a run."""
        broadcast = self.tools.store.get(progress.run.broadcast_id)
        if broadcast is None:
            return
        for watcher in self.tools.watches.of(broadcast.id):
            t = self._translator(watcher.chat_id)
            if not self._may_see(watcher.chat_id, broadcast):
                continue
            view = progress_page(t, broadcast, progress, self._due(broadcast))
            await self._s.sender.edit(watcher.chat_id, watcher.message_id, view.html, view.keyboard)
            if progress.ended and self.tools.watches.tell(
                broadcast.id, watcher.chat_id, f"ended {progress.run.id} {progress.counts.sent}"
            ):
                person = Person(watcher.chat_id, watcher.chat_id, t)
                await self.reports.send(person, broadcast, progress.run)

    async def ask_about_missed(self) -> None:
        """A job: whoever watches one that missed its moment, or stopped, is told once."""
        for b in self.tools.store.find([State.OVERDUE, State.PAUSED]):
            if b.state is State.PAUSED and not b.note:
                continue  # a person paused it
            for watcher in self.tools.watches.of(b.id):
                told = f"{b.state} {b.changed_at.isoformat()}"
                if self._may_see(watcher.chat_id, b) and self.tools.watches.tell(
                    b.id, watcher.chat_id, told
                ):
                    t = self._translator(watcher.chat_id)
                    view = progress_page(t, b, None, None)
                    await self._s.sender.send(Place(watcher.chat_id), view.html, view.keyboard)

    def _may_see(self, user_id: int, b: Broadcast) -> bool:
        """A right that was taken away meanwhile is gone here too."""
        right = self._s.roles.may(user_id, Task.MARKETING, anywhere=True)
        return right and may_address(self.scope(user_id), b.draft.audience)

    def _translator(self, user_id: int) -> Translator:
        member = self._s.members.get(user_id)
        return self._s.languages[
            self._s.languages.choose([member.language, member.telegram_language])
        ]


def progress_page(
    t: Translator, b: Broadcast, progress: Progress | None, due: datetime | None
) -> View:
    """Bar, rate, time left; then what went wrong, if anything; then what one can do."""
    lines: list[str | Markup] = [
        Markup("{}\n{} {}").format(bold(b.draft.title), ICON[b.state], t(STATE[b.state]))
    ]
    if progress is not None:
        lines += [counts_text(t, progress.counts), _speed(t, progress, due)]
    trouble = (progress.trouble if progress else "") or b.note
    if trouble:
        lines.append(note_text(t, trouble))
    return View(paragraphs(*lines), keyboard(_rows(t, b, progress)))


def counts_text(t: Translator, counts: Counts) -> str:
    total = counts.total
    done = total - counts.pending - counts.sending
    full = round(BAR * done / total) if total else 0
    bar = "▓" * full + "░" * (BAR - full)
    share = t.percent(int(100 * done / total)) if total else ""
    parts = [t("sent {n} of {total}", n=t.number(counts.sent), total=t.number(total))]
    for name, number in (
        (N_("failed {n}"), counts.failed), (N_("held {n}"), counts.held),
        (N_("uncertain {n}"), counts.uncertain),
    ):  # fmt: skip
        if number:
            parts.append(t(name, n=t.number(number)))
    return f"{bar} {share}\n{' · '.join(parts)}"


def _speed(t: Translator, progress: Progress, due: datetime | None) -> str:
    if progress.run.state in (RunState.FINISHED, RunState.CANCELLED):
        return ""
    if progress.rate:
        rate = t("{rate} a second", rate=t.number(round(progress.rate, 1)))
        left = progress.seconds_left
        if left is None:
            return rate
        length = (
            Duration(amount=max(1, round(left)), unit="second")
            if left < 90
            else Duration(amount=round(left / 60), unit="minute")
        )
        return t("{rate}, about {time} left", rate=rate, time=t.duration(length))
    if due is not None and progress.counts.pending:
        return t("Next readers at {moment} UTC", moment=f"{t.date(due.date())} {due:%H:%M}")
    return ""


def _rows(t: Translator, b: Broadcast, progress: Progress | None) -> list[Row]:
    rows: list[Row] = []
    match b.state:
        case State.RUNNING:
            rows.append([act(t("⏸ Pause"), "pa", b.id), act(t("⏹ Cancel"), "cx", b.id)])
        case State.PAUSED:
            rows.append([act(t("▶️ Go on"), "re", b.id), act(t("⏹ Cancel"), "cx", b.id)])
        case State.OVERDUE:
            rows.append([act(t("📤 Send it still"), "re", b.id), act(t("⏭ Let it go"), "sk", b.id)])
        case _:
            pass
    if progress is not None:
        if progress.counts.uncertain and b.state is not State.CANCELLED:
            rows.append(again_row(t, b))
        rows.append([act(t("📊 Report"), "rp", b.id), act(t("📄 CSV"), "cv", b.id)])
    return [*rows, back_row(t, b)]
