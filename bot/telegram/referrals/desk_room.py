"""/referrals: campaigns from the first question to the payout, for those who do the marketing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.charts import Chart, ChartFailed, draw
from bot.desk.roles import Task
from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.knowledge.base import Knowledge
from bot.knowledge.model import COUNTRIES
from bot.referrals import plans, sheets
from bot.referrals.model import Campaign, Plan
from bot.referrals.plans import STEPS, Unclear
from bot.referrals.service import Referrals
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.referrals import desk_views as views
from bot.telegram.referrals.member_views import ROOM, html
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.views import View
from bot.understanding.names import NameKind

Ctx = ContextTypes.DEFAULT_TYPE
CHART_DAYS = 60
_HEAD = ("referral", "inviter_id", "inviter", "inviter_country", "invited", "invited_country", "via",
         "state", "opened_at", "joined_at", "messages", "rules", "reason")  # fmt: skip
_PAYOUT_HEAD = ("inviter_id", "inviter", "country", "count", "paid", "to_pay", "reward")


class DeskRoom:
    def __init__(
        self, services: Services, referrals: Referrals, knowledge: Callable[[], Knowledge]
    ) -> None:
        self._s = services
        self._r = referrals
        self._knowledge = knowledge

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("referrals", self.command)]

    def _may(self, user_id: int, campaign: Campaign | Plan | None = None) -> bool:
        """In any scope to open the list; a campaign needs the right in each of its countries."""
        may = self._s.roles.may
        if campaign is None:
            return may(user_id, Task.MARKETING, anywhere=True)
        if not campaign.countries:
            return may(user_id, Task.MARKETING)
        return all(may(user_id, Task.MARKETING, country=c) for c in campaign.countries)

    # The command

    async def command(self, update: Update, context: Ctx) -> None:
        """/referrals, /referrals new, or a word and a campaign's number: /referrals payout 3."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if user is None or not self._may(user.id):
            await self._say(message, View(html(views.refusal(t))))
            return
        if message.chat.type != PRIVATE:
            await self._say(message, View(html(t("Write /referrals to me in private."))))
            return
        words = [word.lower() for word in context.args or []]
        verb = _WORDS.get(words[0]) if words else None
        number = words[1] if len(words) > 1 else ""
        campaign = self._campaign(user.id, number)
        if words[:1] == ["new"]:
            await self._ask(t, user.id, message.chat.id, {})
        elif verb and campaign:
            await self._do[verb](self, t, Place(message.chat.id), user.id, campaign)
        else:
            await self._say(message, self._listing(t, user.id))

    async def _say(self, message: Message, view: View) -> None:
        await self._s.sender.send(place_of(message), view.html, view.keyboard)

    def _campaign(self, user_id: int, number: str) -> Campaign | None:
        """One that exists and that the person may see."""
        if not number.isascii() or not number.isdigit() or len(number) > 15:
            return None
        found = self._r.campaigns.get(int(number))
        return found if found and self._may(user_id, found) else None

    def _listing(self, t: Translator, user_id: int) -> View:
        mine = [c for c in self._r.campaigns.all() if self._may(user_id, c)]
        return views.listing(t, mine, [c.id for c in mine if c.runs(self._r.now())])

    # A new campaign, a question at a time

    async def _ask(
        self, t: Translator, user_id: int, chat_id: int, given: dict[str, str],
        wrong: str | None = None,
    ) -> None:  # fmt: skip
        step = next(step for step in STEPS if step not in given)
        view = views.prompt(t, step, wrong)
        asked = await self._s.sender.send(Place(chat_id), view.html, view.keyboard)
        self._s.dialogues.put(Dialogue(user_id, chat_id, ROOM, step, given, asked))

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """An answer to a question of the dialogue."""
        t = self._s.translator(self._s.asker(update))
        if not self._may(dialogue.user_id):
            self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
            await self._say(message, View(html(views.refusal(t))))
            return
        text = (message.text or "")[:1_000]
        given = {str(k): str(v) for k, v in dialogue.data.items()}
        if "campaign" in given:
            await self._new_rules(t, message, dialogue, given["campaign"], text)
            return
        try:
            given[dialogue.asking] = self._checked(dialogue.asking, text)
        except Unclear as unclear:
            await self._ask(t, dialogue.user_id, dialogue.chat_id, given, str(unclear))
            return
        if any(step not in given for step in STEPS):
            await self._ask(t, dialogue.user_id, dialogue.chat_id, given)
            return
        self._s.dialogues.put(Dialogue(dialogue.user_id, dialogue.chat_id, ROOM, "save", given))
        try:
            plan = self._plan(given)
        except Unclear as unclear:  # the days went by while they wrote
            del given["window"]
            await self._ask(t, dialogue.user_id, dialogue.chat_id, given, str(unclear))
            return
        await self._say(message, views.preview(t, plan, self._no_links(plan)))

    def _checked(self, step: str, text: str) -> str:
        """The text, if it can be read. Raises Unclear."""
        match step:
            case "name":
                return plans.name(text)
            case "countries":
                plans.countries(text)
            case "platform":
                return self._platform(text) or "none"
            case "window":
                plans.window(text, self._r.now())
            case "rules":
                plans.rules(text, in_group=True)
            case "tiers":
                plans.tiers(text)
            case "limits":
                plans.limits(text)
            case _:
                raise Unclear("limits")
        return text

    def _platform(self, text: str) -> str | None:
        if text.strip().casefold() in ("none", "-", ""):
            return None
        if text.strip() in self._knowledge().platforms:
            return text.strip()
        found = self._s.answers.understanding.read(text).mentions
        ids = {m.id for m in found if m.kind is NameKind.PLATFORM}
        if len(ids) != 1:
            raise Unclear("platform")
        return ids.pop()

    def _plan(self, given: dict[str, str]) -> Plan:
        platform = None if given["platform"] == "none" else given["platform"]
        here = [g.country for g in self._s.groups.all() if g.country]
        wanted = plans.countries(given["countries"])
        in_group = any(not wanted or c in wanted for c in here)
        return plans.plan(given, platform, self._r.now(), in_group=in_group)

    def _no_links(self, plan: Plan) -> list[str]:
        return [
            country
            for country in sorted(plan.countries or COUNTRIES)
            if not self._r.allowed(country, plan.platform).allowed
        ]

    async def _save(self, press: Press) -> bool:
        dialogue = self._s.dialogues.get(press.user_id, press.chat_id or 0)
        if dialogue is None or dialogue.room != ROOM or dialogue.asking != "save":
            return False
        try:
            plan = self._plan({str(k): str(v) for k, v in dialogue.data.items()})
        except Unclear:
            return False
        if not self._may(press.user_id, plan):
            await self._s.sender.toast(press.query.id, views.refusal(press.t), alert=True)
            return True
        self._s.dialogues.drop(press.user_id, press.chat_id or 0)
        number = self._r.campaigns.add(plan, press.user_id)
        self._s.audit.note(press.user_id, "referrals.new", number, name=plan.name)
        await self._s.sender.toast(press.query.id, press.t("Saved."))
        await self._dashboard(press.t, Place(press.chat_id or 0), press.user_id, self._get(number))
        return True

    def _get(self, number: int) -> Campaign:
        found = self._r.campaigns.get(number)
        assert found is not None
        return found

    async def _new_rules(
        self, t: Translator, message: Message, dialogue: Dialogue, number: str, text: str
    ) -> None:
        campaign = self._campaign(dialogue.user_id, number)
        self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
        if campaign is None:
            await self._say(message, View(html(views.refusal(t))))
            return
        try:
            rules = plans.rules(text, in_group=campaign.rules.in_group)
        except Unclear as unclear:
            await self._ask_rules(t, dialogue.user_id, dialogue.chat_id, campaign, str(unclear))
            return
        version = self._r.campaigns.change_rules(campaign.id, rules)
        self._s.audit.note(dialogue.user_id, "referrals.rules", campaign.id, version=version)
        await self._say(
            message, View(html(t("Saved. Whoever came before keeps the rules of that day.")))
        )

    async def _ask_rules(
        self,
        t: Translator,
        user_id: int,
        chat_id: int,
        campaign: Campaign,
        wrong: str | None = None,
    ) -> None:
        view = views.prompt(t, "rules", wrong)
        asked = await self._s.sender.send(Place(chat_id), view.html)
        self._s.dialogues.put(
            Dialogue(user_id, chat_id, ROOM, "rules", {"campaign": str(campaign.id)}, asked)
        )

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        if not press.private:
            return False
        if not self._may(press.user_id):
            await self._s.sender.toast(press.query.id, views.refusal(press.t), alert=True)
            return True
        place = Place(press.chat_id or 0)
        match action.verb, action.args:
            case "nw", ():
                await self._s.sender.toast(press.query.id)
                await self._ask(press.t, press.user_id, place.chat_id, {})
                return True
            case "lv", ():
                self._s.dialogues.drop(press.user_id, place.chat_id)
                await self._s.sender.toast(press.query.id, press.t("Left as it was."))
                return True
            case "sv", ():
                return await self._save(press)
            case "ok" | "no" | "bn" as verb, (number,):
                return await self._judge(press, verb, number)
            case verb, (number, *rest):
                campaign = self._campaign(press.user_id, number)
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
        campaign = self._campaign(press.user_id, str(referral.campaign_id)) if referral else None
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
        await self._ask_rules(t, user_id, place.chat_id, c)

    _do: dict[str, Callable[[DeskRoom, Translator, Place, int, Campaign], Awaitable[None]]] = {
        "d": _dashboard, "gr": _growth, "fn": _funnel, "review": _review, "po": _payout,
        "pc": _payout_csv, "cs": _csv, "ar": _archive, "end": _sure, "ru": _rules,
    }  # fmt: skip


_DECISIONS = {"ok": "accept", "no": "reject", "bn": "ban"}
_WORDS = {
    "dashboard": "d", "review": "review", "payout": "po", "csv": "cs", "end": "end", "archive": "ar",
    "rules": "ru",
}  # fmt: skip
