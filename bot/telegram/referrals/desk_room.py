"""/referrals: campaigns from the first question to the payout, for those who do the marketing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.charts import Chart, ChartFailed, draw
from bot.i18n import Translator
from bot.knowledge.base import Knowledge
from bot.referrals import sheets
from bot.referrals.model import Campaign
from bot.referrals.service import Referrals
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.referrals import desk_views as views
from bot.telegram.referrals.desk import Desk
from bot.telegram.referrals.member_views import html
from bot.telegram.referrals.planning import Planning
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
CHART_DAYS = 60
_HEAD = ("referral", "inviter_id", "inviter", "inviter_country", "invited", "invited_country", "via",
         "state", "opened_at", "joined_at", "messages", "rules", "reason")  # fmt: skip
_PAYOUT_HEAD = ("inviter_id", "inviter", "country", "count", "paid", "to_pay", "reward")


class DeskRoom(Desk):
    def __init__(
        self, services: Services, referrals: Referrals, knowledge: Callable[[], Knowledge]
    ) -> None:
        super().__init__(services, referrals)
        self._planning = Planning(services, referrals, knowledge)
        self.heard = self._planning.heard

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("referrals", self.command)]

    # The command

    async def command(self, update: Update, context: Ctx) -> None:
        """/referrals, /referrals new, or a word and a campaign's number: /referrals payout 3."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if user is None or not self.may(user.id):
            await self.say(message, View(html(views.refusal(t))))
            return
        if message.chat.type != PRIVATE:
            await self.say(message, View(html(t("Write /referrals to me in private."))))
            return
        words = [word.lower() for word in context.args or []]
        verb = _WORDS.get(words[0]) if words else None
        number = words[1] if len(words) > 1 else ""
        campaign = self.campaign(user.id, number)
        if words[:1] == ["new"]:
            await self._planning.ask(t, user.id, message.chat.id, {})
        elif verb and campaign:
            await self._do[verb](self, t, Place(message.chat.id), user.id, campaign)
        else:
            await self.say(message, self._listing(t, user.id))

    def _listing(self, t: Translator, user_id: int) -> View:
        mine = [c for c in self._r.campaigns.all() if self.may(user_id, c)]
        return views.listing(t, mine, [c.id for c in mine if c.runs(self._r.now())])

    async def _save(self, press: Press) -> bool:
        saved = await self._planning.save(press)
        if isinstance(saved, Campaign):
            await self._dashboard(press.t, Place(press.chat_id or 0), press.user_id, saved)
        return bool(saved)

    def _get(self, number: int) -> Campaign:
        found = self._r.campaigns.get(number)
        assert found is not None
        return found

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        if not press.private:
            return False
        if not self.may(press.user_id):
            await self._s.sender.toast(press.query.id, views.refusal(press.t), alert=True)
            return True
        place = Place(press.chat_id or 0)
        match action.verb, action.args:
            case "nw", ():
                await self._s.sender.toast(press.query.id)
                await self._planning.ask(press.t, press.user_id, place.chat_id, {})
                return True
            case "lv", ():
                self._s.dialogues.drop(press.user_id, place.chat_id)
                await self._s.sender.toast(press.query.id, press.t("Left as it was."))
                return True
            case "sv", ():
                return await self._save(press)
            case "an", (step, group, option):
                return await self._planning.picked(press, step, group, option)
            case "ag", (step,):
                return await self._planning.picked(press, step)
            case "ok" | "no" | "bn" as verb, (number,):
                return await self._judge(press, verb, number)
            case verb, (number, *rest):
                campaign = self.campaign(press.user_id, number)
                if campaign is None:
                    return False
                return await self._on_campaign(press, place, verb, campaign, rest)
        return False

    async def _on_campaign(
        self, press: Press, place: Place, verb: str, campaign: Campaign, rest: list[str]
    ) -> bool:
        do = self._do.get(verb)
        match verb, rest:
            case "rv", [after] if after.isascii() and after.isdigit() and len(after) < 16:
                await self._s.sender.toast(press.query.id)
                await self._review(press.t, place, press.user_id, campaign, int(after))
            case "en", ["0"]:
                await self._s.sender.toast(press.query.id)
                await self._show(place, views.sure_to_end(press.t, campaign))
            case "en", ["1"]:
                await self._end(press.t, place, press.user_id, campaign)
                await self._s.sender.toast(press.query.id, press.t("Saved."))
            case "pd", [expected] if (
                expected.isascii() and expected.isdigit() and len(expected) < 9
            ):
                await self._pay(press, place, campaign, int(expected))
            case _, [] if do is not None:
                await self._s.sender.toast(press.query.id)
                await do(self, press.t, place, press.user_id, campaign)
            case _:
                return False
        return True

    async def _judge(self, press: Press, verb: str, number: str) -> bool:
        referral = (
            self._r.ledger.get(int(number))
            if number.isascii() and number.isdigit() and len(number) < 16
            else None
        )
        campaign = self.campaign(press.user_id, str(referral.campaign_id)) if referral else None
        if referral is None or campaign is None:
            return False
        decide = {"ok": self._r.accept, "no": self._r.reject, "bn": self._r.ban}[verb]
        if referral.state != "held" or not decide(referral.id, press.user_id):
            await self._s.sender.toast(press.query.id, press.t("It was decided meanwhile."))
        else:
            self._s.audit.note(press.user_id, f"referrals.{_DECISIONS[verb]}", referral.id)
            await self._s.sender.toast(press.query.id, press.t("Saved."))
        await self._review(press.t, Place(press.chat_id or 0), press.user_id, campaign, referral.id)
        return True

    async def _pay(self, press: Press, place: Place, campaign: Campaign, expected: int) -> None:
        paid = self._r.reward(campaign.id, expected, press.user_id)
        if paid is None:
            await self._s.sender.toast(
                press.query.id, press.t("It has changed meanwhile: look again."), alert=True
            )
        else:
            self._s.audit.note(press.user_id, "referrals.paid", campaign.id, number=paid)
            await self._s.sender.toast(press.query.id, press.t("Saved."))
        await self._payout(press.t, place, press.user_id, campaign)

    # What can be done with a campaign

    async def _show(self, place: Place, view: View) -> None:
        await self._s.sender.send(place, view.html, view.keyboard)

    async def _dashboard(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        totals = self._r.board.totals(c.id)
        await self._show(place, views.dashboard(t, c, totals, c.runs(self._r.now())))

    async def _growth(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        last = self._r.now().date()
        first = max(c.starts_at.date(), last - timedelta(days=CHART_DAYS))
        days = self._r.board.growth(c.id, min(first, last), last)
        await self._draw(t, place, views.growth_chart(t, c, days))

    async def _funnel(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        await self._draw(t, place, views.funnel_chart(t, c, self._r.board.funnel(c.id)))

    async def _draw(self, t: Translator, place: Place, chart: Chart) -> None:
        try:
            png = await draw(chart)
        except ChartFailed:
            await self._show(
                place, View(html(t("The picture could not be drawn. Please try again.")))
            )
            return
        await self._s.sender.send_photo(place, png, html(chart.title))

    async def _review(
        self, t: Translator, place: Place, user_id: int, c: Campaign, after: int = 0
    ) -> None:
        one = self._r.board.suspect(c.id, after)
        await self._show(place, views.suspect(t, one) if one else views.none_held(t, c.id))

    async def _payout(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        await self._show(place, views.payouts(t, c, self._r.board.payouts(c.id)))

    async def _payout_csv(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        from bot.referrals.rules import reached

        rows = []
        for p in self._r.board.payouts(c.id):
            tier = reached(c.tiers, p.qualified)
            rows.append((p.user_id, p.name, p.country, p.qualified, p.rewarded,
                         p.qualified - p.rewarded, tier.reward if tier else ""))  # fmt: skip
        await self._file(place, f"payouts-{c.id}.csv", sheets.sheet(_PAYOUT_HEAD, rows), c.name)
        self._s.audit.note(user_id, "referrals.payouts", c.id)

    async def _csv(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        content = sheets.sheet(_HEAD, self._r.board.rows(c.id))
        await self._file(place, f"referrals-{c.id}.csv", content, c.name)
        self._s.audit.note(user_id, "referrals.csv", c.id)

    async def _file(self, place: Place, name: str, content: bytes, caption: str) -> None:
        await self._s.sender.send_document(place, name, content, caption)

    async def _end(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        if self._r.campaigns.end(c.id):
            self._s.audit.note(user_id, "referrals.end", c.id)
        await self._dashboard(t, place, user_id, self._get(c.id))

    async def _archive(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        if self._r.campaigns.archive(c.id):
            self._s.audit.note(user_id, "referrals.archive", c.id)
        await self._show(place, self._listing(t, user_id))

    async def _sure(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        await self._show(place, views.sure_to_end(t, c))

    async def _rules(self, t: Translator, place: Place, user_id: int, c: Campaign) -> None:
        await self._planning.ask_rules(t, user_id, place.chat_id, c)

    _do: dict[str, Callable[[DeskRoom, Translator, Place, int, Campaign], Awaitable[None]]] = {
        "d": _dashboard, "gr": _growth, "fn": _funnel, "review": _review, "po": _payout,
        "pc": _payout_csv, "cs": _csv, "ar": _archive, "end": _sure, "ru": _rules,
    }  # fmt: skip


_DECISIONS = {"ok": "accept", "no": "reject", "bn": "ban"}
_WORDS = {
    "dashboard": "d", "review": "review", "payout": "po", "csv": "cs", "end": "end", "archive": "ar",
    "rules": "ru",
}  # fmt: skip
