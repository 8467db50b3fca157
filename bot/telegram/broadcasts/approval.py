"""The part that checks a broadcast, country by country, and lets a second person approve it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.broadcasts import templates
from bot.broadcasts.audience import Reach
from bot.broadcasts.check import Checked, Error, Finding
from bot.broadcasts.model import Broadcast, State
from bot.broadcasts.schedule import Place as Where
from bot.broadcasts.schedule import Wrong
from bot.desk.roles import Task
from bot.i18n import LANGUAGE_NAMES, N_, Translator
from bot.telegram.broadcasts.pages import back_row
from bot.telegram.broadcasts.parts import Case, Handler, Part, act, may_address
from bot.telegram.broadcasts.texts import problem_text
from bot.telegram.broadcasts.when import wrong_text
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import bold, paragraphs
from bot.telegram.rulings import place_name, ruling_lines
from bot.telegram.sender import Place
from bot.telegram.views import View

ERROR = {
    Error.NO_TEXT: N_("There is no text yet."),
    Error.NO_DEFAULT: N_("There is no text in the main language, {language}, and some readers have no other."),
    Error.PLATFORM: N_("{language}: the text names {platform}, but the broadcast is not for it. Choose it as the platform, or take the name out."),
    Error.NOBODY: N_("Nobody would get it: no group or subscriber fits."),
    Error.ALL_HELD: N_("Nobody would get it: every country holds it back."),
}  # fmt: skip
LIMIT = 4000
"""UTF-16 units of the check's page; a longer one names the rules by their ids alone."""
MAX_ERRORS = 12


class Approval(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {"ck": self.check, "sb": self.submit, "ap": self.approve, "rj": self.reject}

    async def check(self, case: Case) -> None:
        found, reach = await self.checked(case.broadcast)
        await self.answer(case.person, self._page(case, found, reach))

    def _page(self, case: Case, found: Checked, reach: Reach) -> View:
        t, b = case.t, case.broadcast
        errors = "\n".join(
            f"❗ {error_text(t, f, self._platform(f))}" for f in found.errors[:MAX_ERRORS]
        )
        notes = "\n".join(
            t.plural("{language} has no text: {n} reader gets {main}.", "{language} has no text: {n} readers get {main}.", n, language=LANGUAGE_NAMES[code], main=LANGUAGE_NAMES[b.draft.language])
            for code, n in sorted(found.defaults.items())
        )  # fmt: skip
        count = t.plural("{n} would get it now.", "{n} would get it now.", reach.total)
        known, moments = self.tools.core.store.current, self._moments(t, b, reach)

        def page(brief: bool) -> str:
            gate = ruling_lines(t, known, found.rulings, brief=brief)
            return paragraphs(bold(b.draft.title), count, gate, moments, notes, errors)

        html = page(brief=False)
        if templates.utf16(templates.visible(html)) > LIMIT:
            html = page(brief=True)
        return View(html, keyboard(self._rows(case, found)))

    def _platform(self, finding: Finding) -> str:
        platform = self._s.answers.platform(finding.detail)
        return platform.name if platform else finding.detail

    def _moments(self, t: Translator, b: Broadcast, reach: Reach) -> Markup:
        """When it goes out in each country, by its own clock, quiet hours counted."""
        occasion = self.occasion(b)
        if occasion is None:
            return Markup("")
        quiet = self.tools.quiet if b.draft.schedule.quiet else None
        lines = []
        for country in sorted(reach.countries, key=lambda c: c or "~"):
            if self.tools.writer.ruling(b.draft, country).held:
                continue
            where = Where.of(country)
            moment = occasion.due(where, quiet).astimezone(ZoneInfo(where.zone))
            lines.append(escape(t("🕘 {country}: {moment}", country=place_name(t, country), moment=clock(t, moment))))  # fmt: skip
        if occasion.estimated and lines:
            lines.append(escape(t("≈ depends on the sighting of the moon.")))
        return Markup("\n").join(lines)

    def _rows(self, case: Case, found: Checked) -> list[Row]:
        t, b = case.t, case.broadcast
        rows: list[Row] = []
        seal = seal_of(b)
        if b.state is State.DRAFT and found.sound:
            word = t("📨 Ask for approval") if self.tools.approval else t("✅ Schedule it")
            rows.append([act(word, "sb", b.id, seal)])
        if b.state is State.WAITING:
            yes = [act(t("✅ Approve"), "ap", b.id, seal)] if found.sound else []
            rows.append([*yes, act(t("↩️ Send back"), "rj", b.id, seal)])
            rows.append([act(t("👁 Preview"), "pv", b.id)])
        return [*rows, back_row(t, b)]

    async def _stale(self, case: Case) -> bool:
        """A button under what was changed since is refused: nobody approves what they did not see."""
        if case.args == [seal_of(case.broadcast)]:
            return False
        if case.person.press:
            text = case.t("It has changed meanwhile: look again.")
            await self.toast(case.person.press, text, alert=True)
        await self.check(case)
        return True

    async def submit(self, case: Case) -> None:
        """Once more through every check, then to a second person, or onto the schedule."""
        if case.broadcast.state is not State.DRAFT or await self._stale(case):
            return
        found, reach = await self.checked(case.broadcast)
        if not found.sound:
            await self.answer(case.person, self._page(case, found, reach))
            return
        if not self.tools.approval:
            await self._schedule(case)
            return
        if self.tools.store.submit(case.broadcast.id):
            self.noted(case, "broadcast.submit")
            asked = await self._ask_others(self.fresh(case))
            text = (
                case.t.plural("{n} person was asked to approve it.", "{n} people were asked to approve it.", asked)
                if asked
                else case.t("Nobody else may approve it yet: the owner can add people with /staff.")
            )  # fmt: skip
            await self.show(self.fresh(case), text)

    async def _ask_others(self, case: Case) -> int:
        """Writes to everybody who may approve it, but its author. How many."""
        others = {g.user_id for g in self._s.staff.all()} | self._s.owners
        asked = 0
        for user_id in sorted(others - {case.broadcast.author_id}):
            if not self._may_approve(user_id, case.broadcast):
                continue
            member = self._s.members.get(user_id)
            t = self._s.languages[
                self._s.languages.choose([member.language, member.telegram_language])
            ]
            text = paragraphs(
                bold(case.draft.title),
                t("A broadcast waits for a second person. Look at what it says and where it goes."),
            )
            buttons = keyboard([[act(t("👀 Check and approve"), "ck", case.broadcast.id)]])
            asked += bool(await self._s.sender.send(Place(user_id), text, buttons))
        return asked

    def _may_approve(self, user_id: int, b: Broadcast) -> bool:
        right = self._s.roles.may(user_id, Task.MARKETING, anywhere=True)
        return right and may_address(self.scope(user_id), b.draft.audience)

    async def approve(self, case: Case) -> None:
        b, t, press = case.broadcast, case.t, case.person.press
        if press is None or b.state is not State.WAITING:
            if press:
                await self.toast(press, t("It does not wait for approval any more."), alert=True)
            return
        if b.author_id == case.person.user_id:
            text = t("You wrote it: a second person has to approve it.")
            await self.toast(press, text, alert=True)
            return
        if await self._stale(case):
            return
        found, reach = await self.checked(b)
        if not found.sound:
            await self.answer(case.person, self._page(case, found, reach))
        elif self.tools.store.approve(b.id, case.person.user_id):
            self.noted(case, "broadcast.approve")
            await self._schedule(self.fresh(case))
            await self._tell_author(b, N_("✅ {title}: approved and scheduled."))
        else:
            await self.toast(press, t("Somebody approved it already."), alert=True)

    async def _schedule(self, case: Case) -> None:
        """Onto the schedule: the first moment that is wholly ahead."""
        occasion = self.tools.engine.schedule(case.broadcast.id)
        if occasion is None:
            if case.person.press:
                text = wrong_text(case.t, Wrong.PAST)
                await self.toast(case.person.press, text, alert=True)
            return
        self.noted(case, "broadcast.schedule", key=occasion.key)
        await self.show(self.fresh(case), case.t("Scheduled."))

    async def reject(self, case: Case) -> None:
        if case.broadcast.state is State.WAITING and not await self._stale(case):
            name = case.person.press.query.from_user.first_name if case.person.press else ""
            note = case.t("sent back by {name}", name=name[:40])
            if self.tools.store.reject(case.broadcast.id, note):
                self.noted(case, "broadcast.reject")
                await self._tell_author(case.broadcast, N_("↩️ {title}: sent back to you."))
            await self.show(self.fresh(case), None)

    async def _tell_author(self, b: Broadcast, text: str) -> None:
        if b.author_id is None:
            return
        member = self._s.members.get(b.author_id)
        t = self._s.languages[self._s.languages.choose([member.language, member.telegram_language])]
        buttons = keyboard([[act(t("Open it"), "op", b.id)]])
        html = paragraphs(t(text, title=b.draft.title))
        told = await self._s.sender.send(Place(b.author_id), html, buttons)
        if told:  # the progress will be shown in it
            self.tools.watches.put(b.id, b.author_id, told)


def error_text(t: Translator, finding: Finding, platform: str) -> str:
    language = LANGUAGE_NAMES.get(finding.language, "")
    if finding.problem is not None:
        return f"{language}: {problem_text(t, finding.problem)}"
    if finding.error is Error.SCHEDULE:
        return wrong_text(t, Wrong(finding.detail))
    return t(ERROR[finding.error], language=language, platform=platform)


def seal_of(b: Broadcast) -> str:
    """Changes whenever the broadcast does."""
    return str(int(b.changed_at.timestamp()))


def clock(t: Translator, moment: datetime) -> str:
    return f"{t.date(moment.date(), weekday=True)} {moment:%H:%M}"
