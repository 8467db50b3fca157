"""A new campaign, a question at a time: typed, or by the buttons below the question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from telegram import Message, Update

from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.knowledge.base import Knowledge
from bot.knowledge.model import COUNTRIES
from bot.referrals import plans
from bot.referrals.model import Campaign, Plan
from bot.referrals.plans import STEPS, Unclear
from bot.referrals.service import Referrals
from bot.telegram.buttons import Press
from bot.telegram.referrals import desk_views as views
from bot.telegram.referrals.desk import Desk
from bot.telegram.referrals.member_views import ROOM, html
from bot.telegram.sender import Place
from bot.telegram.services import Services
from bot.telegram.views import View
from bot.understanding.names import NameKind

CHOSEN = "chosen"
"""Beside the answers of a dialogue: what is ticked of a question that takes several."""


class Planning(Desk):
    def __init__(
        self, services: Services, referrals: Referrals, knowledge: Callable[[], Knowledge]
    ) -> None:
        super().__init__(services, referrals)
        self._knowledge = knowledge

    # A new campaign, a question at a time

    async def ask(
        self, t: Translator, user_id: int, chat_id: int, given: dict[str, str],
        wrong: str | None = None,
    ) -> None:  # fmt: skip
        """The first question that has no answer yet; of an old campaign, its rules alone."""
        step = "rules" if "campaign" in given else next(s for s in STEPS if s not in given)
        given.pop(CHOSEN, None)
        view = views.prompt(t, step, wrong)
        dialogue = Dialogue(user_id, chat_id, ROOM, step, given)
        self._s.dialogues.put(dialogue)  # before it is shown: the bot may be killed in between
        asked = await self._s.sender.send(Place(chat_id), view.html, view.keyboard)
        self._s.dialogues.put(replace(dialogue, message_id=asked))

    async def ask_rules(
        self, t: Translator, user_id: int, chat_id: int, campaign: Campaign
    ) -> None:
        await self.ask(t, user_id, chat_id, {"campaign": str(campaign.id)})

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """An answer to a question of the dialogue, typed."""
        t = self._s.translator(self._s.asker(update))
        if not self.may(dialogue.user_id):
            self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
            await self.say(message, View(html(views.refusal(t))))
            return
        await self._answered(t, dialogue, (message.text or "")[:1_000])

    async def picked(self, press: Press, step: str, group: str = "", option: str = "") -> bool:
        """An answer by a button: the whole of it, or one of several that are then sent off."""
        dialogue = self._s.dialogues.get(press.user_id, press.chat_id or 0)
        if dialogue is None or dialogue.room != ROOM or dialogue.asking != step:
            return False
        chosen = plans.chosen(step, str(dialogue.data.get(CHOSEN, "")))
        if not group:
            if not chosen:
                return False
            await self._s.sender.toast(press.query.id)
            await self._answered(press.t, dialogue, plans.spelled(step, chosen))
            return True
        picked = plans.option(step, group, option)
        if picked is None:
            return False
        await self._s.sender.toast(press.query.id)
        if step not in plans.SEVERAL or picked.word == "none":
            await self._answered(press.t, dialogue, picked.text)
            return True
        chosen = plans.toggled(step, chosen, (int(group), int(option)))
        kept = {**dialogue.data, CHOSEN: plans.noted(chosen)}
        self._s.dialogues.put(replace(dialogue, data=kept))
        if press.message is not None:
            view = views.prompt(press.t, step, chosen=chosen)
            await self._s.sender.edit(
                press.message.chat.id, press.message.message_id, view.html, view.keyboard
            )
        return True

    async def _answered(self, t: Translator, dialogue: Dialogue, text: str) -> None:
        given = {str(k): str(v) for k, v in dialogue.data.items()}
        user_id, chat_id = dialogue.user_id, dialogue.chat_id
        try:
            if dialogue.asking != "save":
                given[dialogue.asking] = self._checked(dialogue.asking, text)
        except Unclear as unclear:
            await self.ask(t, user_id, chat_id, given, str(unclear))
            return
        if "campaign" in given:
            await self._new_rules(t, user_id, chat_id, given)
            return
        if any(step not in given for step in STEPS):
            await self.ask(t, user_id, chat_id, given)
            return
        self._s.dialogues.put(Dialogue(user_id, chat_id, ROOM, "save", given))
        try:
            plan = self._plan(given)
        except Unclear as unclear:  # the days went by while they wrote
            del given["window"]
            await self.ask(t, user_id, chat_id, given, str(unclear))
            return
        view = views.preview(t, plan, self._no_links(plan))
        await self._s.sender.send(Place(chat_id), view.html, view.keyboard)

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

    async def save(self, press: Press) -> Campaign | Literal[True] | None:
        """The new campaign; True when the person was refused, None when there is nothing to save."""
        dialogue = self._s.dialogues.get(press.user_id, press.chat_id or 0)
        if dialogue is None or dialogue.room != ROOM or dialogue.asking != "save":
            return None
        try:
            plan = self._plan({str(k): str(v) for k, v in dialogue.data.items()})
        except Unclear:
            return None
        if not self.may(press.user_id, plan):
            await self._s.sender.toast(press.query.id, views.refusal(press.t), alert=True)
            return True
        self._s.dialogues.drop(press.user_id, press.chat_id or 0)
        number = self._r.campaigns.add(plan, press.user_id)
        self._s.audit.note(press.user_id, "referrals.new", number, name=plan.name)
        await self._s.sender.toast(press.query.id, press.t("Saved."))
        return self._r.campaigns.get(number)

    async def _new_rules(
        self, t: Translator, user_id: int, chat_id: int, given: dict[str, str]
    ) -> None:
        campaign = self.campaign(user_id, given["campaign"])
        self._s.dialogues.drop(user_id, chat_id)
        if campaign is None:
            await self._s.sender.send(Place(chat_id), html(views.refusal(t)))
            return
        rules = plans.rules(given["rules"], in_group=campaign.rules.in_group)
        version = self._r.campaigns.change_rules(campaign.id, rules)
        self._s.audit.note(user_id, "referrals.rules", campaign.id, version=version)
        text = t("Saved. Whoever came before keeps the rules of that day.")
        await self._s.sender.send(Place(chat_id), html(text))
