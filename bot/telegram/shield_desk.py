"""The moderators' side of the scam shield: cards, their buttons, and raids in one card."""

from __future__ import annotations

from datetime import timedelta

from bot.desk.roles import Task
from bot.i18n import Translator
from bot.shield.raids import QUIET
from bot.shield.reports import Barred, Card, Report, ReportBook, State
from bot.shield.rules import Evidence, Kind, Mode
from bot.shield.store import ShieldStore
from bot.telegram import shield_views as views
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.sender import Place
from bot.telegram.services import Services
from bot.telegram.shield_acts import Acts, GroupOfficials
from bot.telegram.views import View

MAX_PRIVATE_CARDS = 5
"""Administrators who get a card in private where there is no desk."""
MAX_AT_ONCE = 50
"""Reports of a raid that one press decides: each is a call or two to Telegram."""


class ShieldDesk:
    def __init__(
        self, services: Services, store: ShieldStore, book: ReportBook, acts: Acts,
        officials: GroupOfficials, keep: timedelta,
    ) -> None:  # fmt: skip
        self._s = services
        self._store = store
        self._book = book
        self._acts = acts
        self._officials = officials
        self._keep = keep
        self._busy: set[int] = set()

    # Cards

    def words(self, chat_id: int) -> Translator:
        """In the language of the member in private, else of the group."""
        if chat_id > 0:
            member = self._s.members.get(chat_id)
            candidates = [member.language, member.telegram_language]
        else:
            group = self._s.groups.get(chat_id)
            candidates = [group.language if group else None]
        return self._s.languages[self._s.languages.choose(candidates)]

    def title(self, chat_id: int) -> str:
        group = self._s.groups.get(chat_id)
        return group.title if group else str(chat_id)

    async def show(self, report: Report) -> None:
        """One card in the desk; without a desk, to those of the group who can be written to."""
        for chat_id in await self._where(report.suspect.chat_id):
            view = self._card(self.words(chat_id), report)
            sent = await self._s.sender.send(Place(chat_id), view.html, view.keyboard)
            if sent:
                self._book.add_card(Card(chat_id, sent), report_id=report.id)
        self._book.written(report.id)

    async def _where(self, group_id: int) -> list[int]:
        desk = self._s.desk_place.chat_id()
        if desk is not None:
            return [desk]
        officials = await self._officials.of(group_id)
        people = [*self._s.owners, *(one.person.user_id for one in officials)]
        started = [one for one in dict.fromkeys(people) if self._s.members.get(one).started]
        return started[:MAX_PRIVATE_CARDS]

    def _card(self, t: Translator, report: Report) -> View:
        return views.report_card(t, report, self.title(report.suspect.chat_id))

    async def _rewrite(self, report_id: int) -> None:
        report = self._book.get(report_id)
        if report is None:
            return
        for card in self._book.cards(report_id=report_id):
            view = self._card(self.words(card.chat_id), report)
            await self._s.sender.edit(card.chat_id, card.message_id, view.html, view.keyboard)
        self._book.written(report_id)

    async def show_raid(self, raid_id: int) -> None:
        raid = self._book.raids.get(raid_id)
        if raid is None:
            return
        cards = self._book.cards(raid_id=raid_id)
        for card in cards:
            view = views.raid_card(self.words(card.chat_id), raid, self.title(raid.chat_id))
            await self._s.sender.edit(card.chat_id, card.message_id, view.html, view.keyboard)
        if cards:
            return
        for chat_id in await self._where(raid.chat_id):
            view = views.raid_card(self.words(chat_id), raid, self.title(raid.chat_id))
            sent = await self._s.sender.send(Place(chat_id), view.html, view.keyboard)
            if sent:
                self._book.add_card(Card(chat_id, sent), raid_id=raid_id)

    async def tick(self) -> None:
        """Writes anew what changed: an edit counts towards a group's 20 messages a minute, so a
        card that many things happen to is written once a tick."""
        for raid_id in self._book.raids.take_changed(timedelta(seconds=QUIET)):
            await self.show_raid(raid_id)
        for report_id in self._book.take_changed():
            await self._rewrite(report_id)

    async def purge(self) -> None:
        self._book.purge(self._keep)

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        match action.verb, action.args:
            case "list", ():
                await self._s.sender.toast(press.query.id)
                if waiting := await self.waiting_view(press.t, press.user_id):
                    await self._show(press, waiting)
            case "appeal", (number,) if number.isdecimal() and len(number) < 16:
                await self._appeal(press, int(number))
            case (("rmute" | "rno"), (number,)) if number.isdecimal() and len(number) < 16:
                await self._all_of_raid(press, int(number), action.verb == "rmute")
            case verb, (number,) if verb in _VERBS and number.isdecimal() and len(number) < 16:
                await self._on_report(press, int(number), verb)
            case _:
                return False
        return None

    async def _on_report(self, press: Press, number: int, verb: str) -> None:
        report = self._book.get(number)
        if report is None:
            await self._toast(press, press.t("That report is too old."))
        elif not await self._may(press, report.suspect.chat_id):
            await self._toast(press, press.t("Only the moderators of that group can do that."))
        elif verb == "open":
            await self._s.sender.toast(press.query.id)
            await self._open(press, report)
        elif number in self._busy:
            await self._toast(press, press.t("Somebody is at it right now."))
        else:
            self._busy.add(number)
            try:
                await self._decide(press, report, verb)
            finally:
                self._busy.discard(number)

    async def _may(self, press: Press, group_id: int) -> bool:
        return await self._s.group_staff.may(group_id, press.user_id, Task.DESK)

    async def _toast(self, press: Press, text: str) -> None:
        await self._s.sender.toast(press.query.id, text, alert=True)

    async def _decide(self, press: Press, report: Report, verb: str) -> None:
        if not _fits(report, verb):
            await self._toast(press, press.t("That is decided already."))
            await self._rewrite(report.id)
            return
        problem = await self._carry_out(report, verb)
        self._s.audit.note(press.user_id, f"shield.{verb}", report.suspect.user_id,
                           report=report.id, group=report.suspect.chat_id, problem=problem)  # fmt: skip
        if problem:
            await self._toast(press, views.problems(press.t, problem)[0])
        else:
            await self._s.sender.toast(press.query.id, press.t("Done."))
        await self._rewrite(report.id)

    async def _carry_out(self, report: Report, verb: str) -> str:
        """Does it, notes what came of it, and says what Telegram refused."""
        match verb:
            case "del" | "mute" | "ban":
                return await self.bar(report, verb)
            case "ok":
                suspect = report.suspect
                self._store.trust(suspect.chat_id, suspect.user_id, suspect.name_hash)
                self._book.decide(report.id, "trusted")
            case "no":
                self._book.decide(report.id, "dismissed")
            case "undo":
                return await self._undo(report)
        return ""

    async def bar(self, report: Report, verb: str, *, by_bot: bool = False) -> str:
        """Deletes what they wrote, and mutes or bans them if asked.

        What Telegram refuses leaves the report open, with the reason in its card.
        """
        chat_id, user_id = report.suspect.chat_id, report.suspect.user_id
        refused: list[str] = []
        if report.messages and not (report.deleted and report.state == "done"):
            refused.append(await self._acts.delete(chat_id, report.messages))
        deleted = report.deleted or (bool(report.messages) and not any(refused))
        barred: Barred = report.barred
        if verb != "del":
            act = self._acts.mute if verb == "mute" else self._acts.ban
            problem = "channel" if user_id < 0 else await act(chat_id, user_id)
            refused.append(problem)
            barred = barred if problem else ("muted" if verb == "mute" else "banned")
        problems = ",".join(dict.fromkeys(p for p in refused if p))
        state: State = "done" if (barred or (verb == "del" and deleted)) else "open"
        self._book.decide(
            report.id, state, by_bot=by_bot, deleted=deleted, barred=barred, problem=problems
        )
        return problems

    async def _undo(self, report: Report) -> str:
        """Lifts what was done; a closed report that nothing was done about waits again."""
        suspect = report.suspect
        problem = ""
        if report.state == "trusted":
            self._store.distrust(suspect.chat_id, suspect.user_id, suspect.name_hash)
        if report.state in ("trusted", "dismissed"):
            self._book.decide(report.id, "open")
            return ""
        if report.barred:
            lift = self._acts.unmute if report.barred == "muted" else self._acts.unban
            problem = await lift(suspect.chat_id, suspect.user_id)
        if problem:
            self._book.decide(report.id, report.state, by_bot=report.by_bot, problem=problem)
        else:
            self._book.decide(report.id, "undone", barred="")
        return problem

    async def _all_of_raid(self, press: Press, raid_id: int, mute: bool) -> None:
        raid = self._book.raids.get(raid_id)
        if raid is None or not await self._may(press, raid.chat_id):
            await self._toast(press, press.t("Only the moderators of that group can do that."))
            return
        await self._s.sender.toast(press.query.id, press.t("Working on it."))
        for report in self._book.open_in_raid(raid_id, MAX_AT_ONCE):
            if mute:
                await self.bar(report, "mute")
            else:
                self._book.decide(report.id, "dismissed")
        self._s.audit.note(press.user_id, "shield.raid", raid_id, mute=mute, group=raid.chat_id)
        await self.show_raid(raid_id)

    async def _appeal(self, press: Press, number: int) -> None:
        report = self._book.get(number)
        if report is None or report.suspect.user_id != press.user_id:
            await self._toast(press, press.t("That report is too old."))
            return
        self._book.extend(report, [Evidence(Kind.APPEAL)])
        await self._toast(press, press.t("The moderators are told."))

    # Lists

    async def waiting_view(self, t: Translator, user_id: int) -> View | None:
        """Open reports of the groups that the person moderates. None for who moderates none."""
        mine: list[tuple[Report, str]] = []
        allowed: dict[int, bool] = {}
        for report in self._book.waiting():
            group_id = report.suspect.chat_id
            if group_id not in allowed:
                allowed[group_id] = await self._s.group_staff.may(group_id, user_id, Task.DESK)
            if allowed[group_id]:
                mine.append((report, self.title(group_id)))
        if not mine and not self._s.roles.may(user_id, Task.DESK, anywhere=True):
            return None
        return views.waiting_page(t, mine[: views.PAGE], len(mine))

    async def _open(self, press: Press, report: Report) -> None:
        """A card of its own, which the buttons then keep up."""
        view = self._card(press.t, report)
        chat_id = press.chat_id or press.user_id
        sent = await self._s.sender.send(Place(chat_id), view.html, view.keyboard)
        if sent:
            self._book.add_card(Card(chat_id, sent), report_id=report.id)

    async def _show(self, press: Press, view: View) -> None:
        await self._s.sender.send(Place(press.chat_id or press.user_id), view.html, view.keyboard)

    async def setting_view(self, t: Translator, chat_id: int) -> View:
        guarded = self._store.group(chat_id)
        return views.setting_page(
            t, guarded.mode if guarded else Mode.OFF, await self._acts.missing(chat_id),
            self._book.count_waiting(chat_id), self._s.desk_place.chat_id() is not None,
        )  # fmt: skip


_VERBS = frozenset({"del", "mute", "ban", "no", "ok", "undo", "open"})


def _fits(report: Report, verb: str) -> bool:
    """Whether the button still makes sense: cards may be old, and pressed twice."""
    match verb:
        case "undo":
            return report.state in ("done", "dismissed", "trusted")
        case "mute":
            return report.state == "open" or (report.state == "done" and not report.barred)
        case "ban":
            return report.state == "open" or (report.state == "done" and report.barred != "banned")
    return report.state == "open"
