"""/promo: marketing makes, edits, publishes and ends promotions. Every press is checked anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.broadcasts.templates import is_url
from bot.dialogues import Dialogue
from bot.knowledge.base import Knowledge
from bot.knowledge.festivals import Occurrence
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.promotions.model import (
    MAX_PROOF,
    MAX_TEXT,
    MAX_TITLE,
    BadWindow,
    Phase,
    Promotion,
    missing,
    read_window,
)
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.marketing import MarketingRoom, Person, number
from bot.telegram.promotions import views
from bot.telegram.services import Services
from bot.telegram.views import View
from bot.understanding.names import NameKind
from bot.wiring import Core

Ctx = ContextTypes.DEFAULT_TYPE
AHEAD_DAYS = 200
"""How far ahead festivals are offered."""
LEAD_DAYS = 7
"""A festival's promotion begins so many days before it, until somebody changes that."""
FIELDS = ("title", "window", "terms", "platform", "proof")
Change = Callable[[Person, Promotion, list[str]], Awaitable[None]]


class Promotions(MarketingRoom):
    name = views.ROOM

    def __init__(
        self, services: Services, core: Core,
        announce: Callable[[Person, Promotion], Awaitable[None]],
        calendar: Callable[[Press, str | None], Awaitable[None]],
    ) -> None:  # fmt: skip
        """`announce` opens a broadcast about a promotion; `calendar` shows the festivals."""
        super().__init__(services)
        self._core = core
        self._store = core.promotions
        self._announce = announce
        self._calendar = calendar
        self._changes: dict[str, Change] = {
            "open": self._open, "ask": self._ask, "ctry": self._countries, "tog": self._toggle,
            "fest": self._festivals, "setf": self._set_festival, "texts": self._texts,
            "text": self._ask_text, "noplat": self._no_platform, "pub": self._publish,
            "end": self._end, "send": self._send,
        }  # fmt: skip

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("promo", self.promo)]

    @property
    def _knowledge(self) -> Knowledge:
        return self._core.store.current

    # Commands and presses

    async def promo(self, update: Update, context: Ctx) -> None:
        person = await self.command(update)
        if person:
            await self._list(person)

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        verb, args = action.verb, list(action.args)
        if verb == "cal" and len(args) == 1 and (args[0] in COUNTRIES or not args[0]):
            await self._calendar(press, args[0] or None)
            return None
        change = self._changes.get(verb)
        number_of = number(args[0]) if args else None
        if verb not in ("list", "new") and (change is None or number_of is None):
            return False
        person = await self.presser(press)
        if person is None:
            return None
        self._s.dialogues.drop(person.user_id, person.chat_id)
        if verb == "list":
            await self._list(person)
            return None
        if verb == "new":
            await self.ask(person, views.prompt(person.t, 0, "title"), "title", {"id": 0})
            return None
        promotion = self._store.get(number_of or 0)
        if change is None or promotion is None:
            return False
        if not self.scope(person.user_id).countries(promotion.countries):
            await self.toast(press, self.refusal(press.t), alert=True)
        else:
            await change(person, promotion, args[1:])
        return None

    async def listen(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The answer to a prompt. What is wrong with it is told, and the prompt stays open."""
        person = self.heard(update, message)
        if person is None:
            return
        text, data = (message.text or "").strip(), dialogue.data
        promotion = self._store.get(int(data["id"]))
        if promotion and not self.scope(person.user_id).countries(promotion.countries):
            return
        language = str(data.get("language", ""))
        wrong = await self._taken(person, promotion, dialogue.asking, language, text)
        if wrong is not None:
            await self.answer(person, View(views.paragraphs(wrong)))

    def _list(self, person: Person) -> Awaitable[Any]:
        scope = self.scope(person.user_id)
        mine = [p for p in self._store.latest() if scope.countries(p.countries)]
        return self.answer(person, views.list_page(person.t, mine, self._today()))

    def _today(self) -> date:
        return self._s.today()

    # One promotion

    async def show(self, person: Person, promotion: Promotion, toast: str | None = None) -> None:
        rulings = [self._core.board.ruling(promotion, c) for c in promotion.countries]
        view = views.promotion_page(
            person.t, promotion, self._today(), self._knowledge, self._core.festivals, rulings,
            missing(promotion, self._today()),
        )  # fmt: skip
        await self.answer(person, view, toast)

    async def _open(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        await self.show(person, promotion)

    async def _ask(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        if len(args) == 1 and args[0] in FIELDS:
            view = views.prompt(person.t, promotion.id, args[0])
            await self.ask(person, view, args[0], {"id": promotion.id})

    async def _ask_text(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        if len(args) == 1 and args[0] in LANGUAGES:
            view = views.prompt(person.t, promotion.id, "text", args[0])
            await self.ask(person, view, "text", {"id": promotion.id, "language": args[0]})

    async def _countries(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        may = self.scope(person.user_id).country
        await self.answer(person, views.countries_page(person.t, promotion, may))

    async def _toggle(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        scope = self.scope(person.user_id)
        if len(args) != 1 or args[0] not in COUNTRIES or not scope.country(args[0]):
            return
        chosen = set(promotion.countries) ^ {args[0]}
        kept = tuple(c for c in COUNTRIES if c in chosen)
        changed = self._change(person, promotion, countries=kept)
        await self.answer(person, views.countries_page(person.t, changed, scope.country))

    async def _festivals(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        await self.answer(
            person, views.festivals_page(person.t, promotion, self._coming(promotion))
        )

    def _coming(self, promotion: Promotion) -> list[Occurrence]:
        """The next ones of its countries, each once, solemn ones left out."""
        found: dict[str, Occurrence] = {}
        for o in self._core.festivals.upcoming(None, self._today(), AHEAD_DAYS):
            here = not promotion.countries or set(promotion.countries) & set(o.countries)
            if here and o.festival.tone == "joyful":
                found.setdefault(o.festival.id, o)
        return list(found.values())[:12]

    async def _set_festival(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        found = [o for o in self._coming(promotion) if [o.festival.id] == args]
        if found:
            o = found[0]
            first = max(o.day - timedelta(days=LEAD_DAYS), self._today())
            changed = self._change(
                person, promotion, festival=o.festival.id, starts_on=first, ends_on=o.end or o.day
            )
            await self.show(person, changed, person.t("Saved."))

    async def _texts(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        await self.answer(person, views.texts_page(person.t, promotion))

    async def _no_platform(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        self._s.dialogues.drop(person.user_id, person.chat_id)
        await self.show(person, self._change(person, promotion, platform=None), person.t("Saved."))

    async def _publish(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        if not missing(promotion, self._today()) and promotion.published_at is None:
            promotion = self._store.publish(promotion.id)
            self._noted(person, "promotion.publish", promotion)
        await self.show(person, promotion)

    async def _end(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        if args != ["1"]:
            await self.answer(person, views.end_page(person.t, promotion))
            return
        if promotion.ended_at is None:
            promotion = self._store.end(promotion.id)
            self._noted(person, "promotion.end", promotion)
        await self.show(person, promotion)

    async def _send(self, person: Person, promotion: Promotion, args: list[str]) -> None:
        if promotion.phase(self._today()) in (Phase.COMING, Phase.RUNNING):
            await self._announce(person, promotion)

    def _noted(self, person: Person, what: str, promotion: Promotion, **detail: object) -> None:
        self._core.answers.invalidate()
        self._s.audit.note(person.user_id, what, promotion.id, title=promotion.title, **detail)

    def _change(self, person: Person, promotion: Promotion, **values: object) -> Promotion:
        changed = self._store.change(promotion.id, **values)
        self._noted(person, "promotion.edit", changed, fields=sorted(values))
        return changed

    # What is written in answer to a prompt

    async def _taken(
        self, person: Person, promotion: Promotion | None, field: str, language: str, text: str
    ) -> str | None:
        """Saves it and shows the promotion, or says what is wrong."""
        t = person.t
        limit = {"title": MAX_TITLE, "proof": MAX_PROOF, "text": MAX_TEXT}.get(field)
        if not text:
            return t("I need it as text.")
        if limit is not None and len(text) > limit:
            return t.plural("That is {over} character too long.", "That is {over} characters too long.", len(text) - limit, over=t.number(len(text) - limit))  # fmt: skip
        if field == "title" and promotion is None:
            saved = self._store.create(text, person.user_id, t.language)
            self._noted(person, "promotion.create", saved)
        elif promotion is None:
            return t("That promotion is gone.")
        elif field == "text" and language in LANGUAGES:
            saved = self._store.put_text(promotion.id, language, "" if text == "-" else text)
            self._noted(person, "promotion.edit", saved, fields=["text", language])
        else:
            values = self._read(person, field, text)
            if isinstance(values, str):
                return values
            saved = self._change(person, promotion, **values)
        self._s.dialogues.drop(person.user_id, person.chat_id)
        await self.show(person, saved)
        return None

    def _read(self, person: Person, field: str, text: str) -> dict[str, object] | str:
        """The values to store, or what is wrong with the text."""
        t = person.t
        if field == "window":
            window = read_window(text, self._today())
            if isinstance(window, BadWindow):
                return t(views.WINDOW[window])
            return {"starts_on": window[0], "ends_on": window[1]}
        if field == "terms":
            if text == "{ref_link}" or not is_url(text):
                return t("That is no address that people could open. It begins with https://")
            return {"terms_url": text}
        if field == "platform":
            found = [
                m.id
                for m in self._s.answers.understanding.read(text[:200]).mentions
                if m.kind is NameKind.PLATFORM
            ]
            if len(set(found)) != 1:
                return t("I don't know that platform. Write one name, as its own site does.")
            return {"platform": found[0]}
        return {field: "" if text == "-" and field == "proof" else text}
