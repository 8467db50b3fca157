"""The part that reports: numbers and a chart as a picture, and every recipient as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.broadcasts.model import Broadcast, Run, State
from bot.broadcasts.report import Report, as_csv, report
from bot.charts import Chart, ChartFailed, Series, draw
from bot.i18n import Translator
from bot.telegram.broadcasts.pages import again_row
from bot.telegram.broadcasts.parts import Case, Handler, Part, act
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.marketing import Person
from bot.telegram.promotions.views import bold, paragraphs
from bot.telegram.rulings import place_name
from bot.telegram.sender import Place
from bot.telegram.views import View

SHOWN = 6
MAX_ROWS = 200_000
"""Rows of a CSV that Telegram takes with room to spare: some 15 MB."""


class Reports(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {"rp": self.pressed_report, "cv": self.csv}

    def _run(self, b: Broadcast) -> Run | None:
        runs = self.tools.store.runs(b.id)
        return runs[0] if runs else None

    async def pressed_report(self, case: Case) -> None:
        run = self._run(case.broadcast)
        if case.person.press:
            text = None if run else case.t("Nothing was sent yet.")
            await self.toast(case.person.press, text)
        if run:
            await self.send(case.person, case.broadcast, run)

    async def send(self, person: Person, b: Broadcast, run: Run) -> None:
        ledger = self.tools.ledger
        found = report(
            ledger.counts(run.id), ledger.tally(run.id), self.tools.store.links(run.id),
            run.started_at, run.finished_at,
        )  # fmt: skip
        view = report_page(person.t, b, found)
        picture = await self._chart(person.t, b, found)
        place = Place(person.chat_id)
        if picture is None or not await self._s.sender.send_photo(
            place, picture, view.html, view.keyboard
        ):
            await self._s.sender.send(place, view.html, view.keyboard)

    async def _chart(self, t: Translator, b: Broadcast, found: Report) -> bytes | None:
        if not found.by_country:
            return None
        rows = found.by_country[:14]
        labels = [t.country(c) if c else t("No country set") for c, _, _ in rows]
        series = (
            Series(t("sent"), [n for _, n, _ in rows]),
            Series(t("not sent"), [n for _, _, n in rows]),
        )
        try:
            return await draw(Chart("bars", b.draft.title, labels, series))
        except ChartFailed:
            return None

    async def csv(self, case: Case) -> None:
        run = self._run(case.broadcast)
        if run is None or run.total > MAX_ROWS:
            text = (
                case.t("Nothing was sent yet.")
                if run is None
                else case.t(
                    "It is too large for Telegram: python -m bot broadcast export writes it."
                )
            )
            if case.person.press:
                await self.toast(case.person.press, text, alert=True)
            return
        if case.person.press:
            await self.toast(case.person.press)
        data = as_csv(self.tools.ledger.rows(run.id))
        self.noted(case, "broadcast.export")
        name = f"broadcast-{case.broadcast.id}-{run.id}.csv"
        await self._s.sender.send_document(
            Place(case.person.chat_id), name, data, case.broadcast.draft.title
        )


def report_page(t: Translator, b: Broadcast, found: Report) -> View:
    counts = found.counts
    lines = [t("Sent: {n} of {total}", n=t.number(counts.sent), total=t.number(counts.total))]
    if counts.pending or counts.sending:
        lines.append(t("Not sent yet: {n}", n=t.number(counts.pending + counts.sending)))
    if counts.uncertain:
        lines.append(t("Uncertain: {n}", n=t.number(counts.uncertain)))
    lines += [
        t("Failed: {n} ({reason})", n=t.number(n), reason=reason)
        for reason, n in found.failed[:SHOWN]
    ]
    lines += [
        t("Held in {country}: {n} ({rule})", country=place_name(t, c), n=t.number(n), rule=rule or "-")
        for c, rule, n in found.held[:SHOWN]
    ]  # fmt: skip
    clicks = [
        t.plural("{n} click: {address}", "{n} clicks: {address}", link.clicks,
                 address=urlsplit(link.url).netloc)
        for link in found.links[:SHOWN]
    ]  # fmt: skip
    rows: list[Row] = [[act(t("📄 CSV"), "cv", b.id), act(t("📋 Duplicate"), "dp", b.id)]]
    if counts.uncertain and b.state is not State.CANCELLED:
        rows.insert(0, again_row(t, b))
    html = paragraphs(bold(b.draft.title), "\n".join(lines), "\n".join(clicks))
    return View(html, keyboard(rows))
