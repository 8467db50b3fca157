"""The part that chooses the schedule: now, once, again and again, or by a festival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from telegram import Message

from bot.broadcasts.model import Schedule, When
from bot.broadcasts.schedule import ELSEWHERE, ZONES, Wrong, wrong
from bot.i18n import N_, Translator
from bot.telegram.broadcasts.pages import back_row, when_line
from bot.telegram.broadcasts.parts import Case, Handler, Listener, Part, act
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import bold, grid, paragraphs
from bot.telegram.views import View

WRONG = {
    Wrong.PAST: N_("That moment is over, for some readers at least."),
    Wrong.INCOMPLETE: N_("The date and time are missing."),
    Wrong.CRON: N_("I need five fields as in crontab: minute hour day month weekday, such as 0 9 * * 1."),
    Wrong.TOO_OFTEN: N_("That is more often than once an hour."),
    Wrong.ZONE: N_("I don't know that time zone."),
    Wrong.FESTIVAL: N_("I don't know that festival."),
}  # fmt: skip
PRESETS = ("0 9 * * *", "0 9 * * 1", "0 9 1 * *")
DAYS_BEFORE = (0, 1, 3, 7, 14)
AHEAD_DAYS = 370


def wrong_text(t: Translator, fault: Wrong) -> str:
    return t(WRONG[fault])


class WhenChoice(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {
            "wh": self.overview, "wn": self.choose, "wc": self.preset, "wf": self.festival,
            "wd": self.days, "wt": self.ask_time, "wz": self.toggle_zone, "wq": self.toggle_quiet,
        }  # fmt: skip

    def prompts(self) -> Mapping[str, Listener]:
        return {"once": self.once_written, "cron": self.cron_written, "time": self.time_written}

    async def overview(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        schedule = b.draft.schedule
        rows: list[Row] = [
            [act(t("⚡ Now"), "wn", b.id, "now"), act(t("📅 Once"), "wn", b.id, "once")],
            [act(t("🔁 Again and again"), "wn", b.id, "repeat"), act(t("🎉 By a festival"), "wn", b.id, "festival")],
        ]  # fmt: skip
        if schedule.when is When.FESTIVAL:
            rows += [
                [act(t.plural("{n} day before", "{n} days before", d) if d else t("That day"), "wd", b.id, d) for d in DAYS_BEFORE[:3]],
                [act(t.plural("{n} day before", "{n} days before", d), "wd", b.id, d) for d in DAYS_BEFORE[3:]],
                [act(t("🕘 Time of day"), "wt", b.id)],
            ]  # fmt: skip
        if schedule.when is not When.NOW:
            zone = t("🌏 One clock for all") if schedule.zone is None else t("🌏 Each reader's own time")  # fmt: skip
            rows.append([act(zone, "wz", b.id)])
        quiet = t("🌙 Quiet hours: kept") if schedule.quiet else t("🌙 Quiet hours: not kept")
        rows += [[act(quiet, "wq", b.id)], back_row(t, b)]
        text = [bold(t("When?")), self.line(case), *self._moments(case)]
        await self.answer(case.person, View(paragraphs(*text), keyboard(rows)))

    def line(self, case: Case) -> str:
        festival = self.tools.writer.festival_name(case.draft.schedule.festival, case.t.language)
        return when_line(case.t, case.draft.schedule, festival)

    def _moments(self, case: Case) -> list[str]:
        fault = self.fault(case, case.draft.schedule)
        return [f"❗ {wrong_text(case.t, fault)}"] if fault else []

    def fault(self, case: Case, schedule: Schedule) -> Wrong | None:
        places = self.tools.audience.places(case.draft.audience)
        return wrong(schedule, self.now, places, self.tools.core.festivals)

    async def _set(self, case: Case, schedule: Schedule) -> None:
        saved = await self.save(case, replace(case.draft, schedule=schedule))
        if saved:
            await self.overview(saved)

    async def choose(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        match case.args:
            case ["now"]:
                kept = Schedule(quiet=b.draft.schedule.quiet)
                await self._set(case, kept)
            case ["once"]:
                text = t("On which day, at what time? Write it as 2027-04-10 09:00. It holds in each reader's own time zone.")  # fmt: skip
                await self._ask(case, "once", text)
            case ["repeat"]:
                names = (t("Every day, 09:00"), t("Mondays, 09:00"), t("The 1st of each month, 09:00"))  # fmt: skip
                rows: list[Row] = [[act(n, "wc", b.id, i)] for i, n in enumerate(names)]
                text = t("How often? Choose, or write five fields as in crontab: minute hour day month weekday.")  # fmt: skip
                await self._ask(case, "cron", text, rows)
            case ["festival"]:
                await self._festivals(case)

    async def _ask(self, case: Case, asking: str, text: str, rows: list[Row] | None = None) -> None:
        t, b = case.t, case.broadcast
        buttons = keyboard([*(rows or []), [act(t("⬅️ Back"), "wh", b.id)]])
        view = View(paragraphs(text, t("/cancel leaves it as it is.")), buttons)
        await self.ask(case.person, view, asking, {"id": b.id})

    async def once_written(
        self, case: Case, message: Message, data: Mapping[str, Any]
    ) -> str | None:
        moment = read_moment(message.text or "")
        if moment is None:
            return case.t("I need a day and a time, such as 2027-04-10 09:00.")
        return await self._taken(case, replace(case.draft.schedule, when=When.ONCE, at=moment))

    async def cron_written(
        self, case: Case, message: Message, data: Mapping[str, Any]
    ) -> str | None:
        text = " ".join((message.text or "").split())[:80]
        return await self._taken(case, replace(case.draft.schedule, when=When.REPEAT, cron=text))

    async def time_written(
        self, case: Case, message: Message, data: Mapping[str, Any]
    ) -> str | None:
        clock = read_time(message.text or "")
        if clock is None:
            return case.t("I need a time of day, such as 09:30.")
        return await self._taken(case, replace(case.draft.schedule, time=clock))

    async def _taken(self, case: Case, schedule: Schedule) -> str | None:
        fault = self.fault(case, schedule)
        if fault:
            return wrong_text(case.t, fault)
        self._s.dialogues.drop(case.person.user_id, case.person.chat_id)
        await self._set(case, schedule)
        return None

    async def preset(self, case: Case) -> None:
        if case.args in (["0"], ["1"], ["2"]):
            self._s.dialogues.drop(case.person.user_id, case.person.chat_id)
            cron = PRESETS[int(case.args[0])]
            await self._set(case, replace(case.draft.schedule, when=When.REPEAT, cron=cron))

    async def _festivals(self, case: Case) -> None:
        """The coming ones of the audience's countries, each once."""
        t, b = case.t, case.broadcast
        countries = b.draft.audience.countries
        coming: dict[str, tuple[str, Any]] = {}
        for o in self.tools.core.festivals.upcoming(None, self.now.date(), AHEAD_DAYS):
            if not countries or countries & set(o.countries):
                name = f"{o.festival.name(t.language)} · {t.date(o.day)}"
                coming.setdefault(o.festival.id, act(name, "wf", b.id, o.festival.id))
        rows: list[Row] = [*grid(list(coming.values())[:40], 2), [act(t("⬅️ Back"), "wh", b.id)]]
        text = t("By which festival? It is sent anew each year, on the day of each reader's country.")  # fmt: skip
        await self.answer(case.person, View(paragraphs(text), keyboard(rows)))

    async def festival(self, case: Case) -> None:
        known = {f.id for f in self.tools.core.festivals.all}
        if len(case.args) == 1 and case.args[0] in known:
            old = case.draft.schedule
            days = old.days_before if old.when is When.FESTIVAL else 3
            await self._set(
                case,
                replace(old, when=When.FESTIVAL, festival=case.args[0], days_before=days, at=None),
            )

    async def days(self, case: Case) -> None:
        if len(case.args) == 1 and case.args[0] in map(str, DAYS_BEFORE):
            await self._set(case, replace(case.draft.schedule, days_before=int(case.args[0])))

    async def ask_time(self, case: Case) -> None:
        await self._ask(case, "time", case.t("At what time of day? Write it as 09:30."))

    async def toggle_zone(self, case: Case) -> None:
        """One clock is that of the person's own country."""
        own = ZONES.get(self._s.members.get(case.person.user_id).country or "", ELSEWHERE)
        zone = own if case.draft.schedule.zone is None else None
        await self._set(case, replace(case.draft.schedule, zone=zone))

    async def toggle_quiet(self, case: Case) -> None:
        await self._set(case, replace(case.draft.schedule, quiet=not case.draft.schedule.quiet))


def read_moment(text: str) -> datetime | None:
    """'2027-04-10 09:00' as a wall clock's, without a zone."""
    try:
        moment = datetime.fromisoformat("T".join(text.replace("/", "-").split()))
    except ValueError:
        return None
    return moment if moment.tzinfo is None and ":" in text else None


def read_time(text: str) -> time | None:
    try:
        clock = time.fromisoformat(text.strip().zfill(5))
    except ValueError:
        return None
    return clock.replace(second=0, microsecond=0) if clock.tzinfo is None else None
