"""The part that chooses the audience, within what the person may address, and counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.broadcasts.model import Audience
from bot.i18n import LANGUAGE_NAMES, flag
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.telegram.broadcasts.pages import audience_line, back_row
from bot.telegram.broadcasts.parts import Case, Handler, Part, act, may_address
from bot.telegram.callbacks import RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import bold, grid, paragraphs
from bot.telegram.views import View

ACTIVE = (7, 30, 90)
"""Days within which a subscriber was seen."""
MAX_GROUPS = 40
"""Groups offered one by one: more do not fit a keyboard that people read."""


class AudienceChoice(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {"au": self.overview, "as": self.change, "ag": self.groups}

    async def overview(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        audience, scope = b.draft.audience, self.scope(case.person.user_id)
        reach = await self.reach(b)
        countries = [
            act(f"{_box(c in audience.countries)}{flag(c)}", "as", b.id, "c", c)
            for c in COUNTRIES
            if scope.country(c)
        ]
        languages = [
            act(f"{_box(c in audience.languages)}{LANGUAGE_NAMES[c]}", "as", b.id, "l", c)
            for c in LANGUAGES
        ]
        days = [
            act(f"{_box(audience.active_days == d)}{t.plural('{n} day', '{n} days', d)}", "as", b.id, "d", d)
            for d in ACTIVE
        ]  # fmt: skip
        rows: list[Row] = [
            [act(f"{_box(audience.groups)}{t('Groups')}", "as", b.id, "g", 1),
             act(f"{_box(audience.members)}{t('Subscribers')}", "as", b.id, "m", 1)],
            *grid(countries, 5), *grid(languages, 3), days,
            [act(t("👥 Single groups"), "ag", b.id)],
            back_row(t, b),
        ]  # fmt: skip
        text = paragraphs(
            bold(t("Who gets it?")),
            audience_line(t, audience, reach),
            t("None chosen means all: of the countries, of the languages. The days are for subscribers who were here lately. Who opted out or blocked me is never among them."),
        )  # fmt: skip
        await self.answer(case.person, View(text, keyboard(rows)))

    async def change(self, case: Case) -> None:
        changed = self._changed(case.draft.audience, case.args)
        if changed is None:
            return
        if not may_address(self.scope(case.person.user_id), changed):
            if case.person.press:
                text = case.t("You may address only your own countries and groups: at least one of them stays chosen.")  # fmt: skip
                await self.toast(case.person.press, text, alert=True)
            return
        saved = await self.save(case, replace(case.draft, audience=changed))
        if saved:
            await (self.groups(saved) if case.args[0] == "x" else self.overview(saved))

    def _changed(self, audience: Audience, args: list[str]) -> Audience | None:
        """None for arguments that no button of ours has."""
        match args:
            case ["g", "1"]:
                return replace(audience, groups=not audience.groups)
            case ["m", "1"]:
                return replace(audience, members=not audience.members)
            case ["c", code] if code in COUNTRIES:
                return replace(audience, countries=audience.countries ^ {code})
            case ["l", code] if code in LANGUAGES:
                return replace(audience, languages=audience.languages ^ {code})
            case ["d", days] if days in map(str, ACTIVE):
                same = audience.active_days == int(days)
                return replace(audience, active_days=None if same else int(days))
            case ["x", chat] if chat.removeprefix("-").isdigit() and len(chat) < 20:
                if self._s.groups.get(int(chat)) is None:
                    return None
                return replace(audience, chats=audience.chats ^ {int(chat)})
        return None

    async def groups(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        scope = self.scope(case.person.user_id)
        own = scope.groups()
        shown = [
            g
            for g in self._s.groups.all()
            if scope.everywhere or g.chat_id in own or (g.country and scope.country(g.country))
        ]
        buttons: list[tuple[str, RoomAction]] = [
            act(f"{_box(g.chat_id in b.draft.audience.chats)}{g.title[:30]}", "as", b.id, "x", g.chat_id)
            for g in shown[:MAX_GROUPS]
        ]  # fmt: skip
        lead = t("Choose single groups, or none for all that fit the countries and languages.")
        rows: list[Row] = [*grid(buttons, 2), [act(t("⬅️ Back"), "au", b.id)]]
        await self.answer(case.person, View(paragraphs(lead), keyboard(rows)))


def _box(on: bool) -> str:
    return "☑️ " if on else "▫️ "
