"""What the parts of the dialogue stand on: the tools, one press or message, and its rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import Message

from bot.broadcasts.audience import AudienceStore, Reach
from bot.broadcasts.check import Checked, check
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.message import Writer
from bot.broadcasts.model import Audience, Broadcast, Draft
from bot.broadcasts.schedule import Occasion, Quiet
from bot.broadcasts.service import Broadcasts
from bot.broadcasts.store import BroadcastStore, NotEditable
from bot.broadcasts.watches import WatchStore
from bot.i18n import Translator
from bot.telegram.callbacks import RoomAction
from bot.telegram.marketing import MarketingRoom, Person, Scope
from bot.telegram.services import Services
from bot.telegram.views import View
from bot.understanding.names import NameKind
from bot.wiring import Core

ROOM = "bc"


@dataclass(frozen=True)
class Tools:
    """Built once in `room`."""

    services: Services
    core: Core
    store: BroadcastStore
    ledger: Ledger
    audience: AudienceStore
    writer: Writer
    engine: Broadcasts
    watches: WatchStore
    approval: bool
    quiet: Quiet


@dataclass(frozen=True)
class Case:
    """One press or written answer on one broadcast, its right checked."""

    person: Person
    broadcast: Broadcast
    args: list[str] = field(default_factory=list)

    @property
    def t(self) -> Translator:
        return self.person.t

    @property
    def draft(self) -> Draft:
        return self.broadcast.draft


Handler = Callable[[Case], Awaitable[Any]]
Listener = Callable[[Case, Message, Mapping[str, Any]], Awaitable[str | None]]
"""Takes what was written, or says what is wrong with it."""
Show = Callable[[Case, str | None], Awaitable[None]]


def act(text: str, verb: str, *args: object) -> tuple[str, RoomAction]:
    return text, RoomAction(ROOM, verb, tuple(map(str, args)))


class Part(MarketingRoom):
    """`show` draws the broadcast's own page anew."""

    name = ROOM

    def __init__(self, tools: Tools, show: Show) -> None:
        super().__init__(tools.services)
        self.tools = tools
        self.show = show

    @property
    def now(self) -> datetime:
        return self.tools.core.clock.now()

    async def save(self, case: Case, draft: Draft) -> Case | None:
        """Stores a change; None (and the person is told) once it runs or is over."""
        try:
            changed = self.tools.store.update(case.broadcast.id, draft)
        except NotEditable:
            await self.too_late(case)
            return None
        self.noted(case, "broadcast.edit")
        return Case(case.person, changed, case.args)

    async def too_late(self, case: Case) -> None:
        text = case.t("It runs or is over, so it cannot be changed. Duplicate it instead.")
        if case.person.press:
            await self.toast(case.person.press, text, alert=True)
        else:
            await self.answer(case.person, View(text))

    def noted(self, case: Case, what: str, **detail: object) -> None:
        b = case.broadcast
        self.tools.services.audit.note(
            case.person.user_id, what, b.id, title=b.draft.title, **detail
        )

    def fresh(self, case: Case) -> Case:
        found = self.tools.store.get(case.broadcast.id)
        return Case(case.person, found or case.broadcast, case.args)

    # What the rules say of it

    async def reach(self, broadcast: Broadcast) -> Reach:
        return await self.tools.audience.count(broadcast.draft.audience, broadcast.draft.kind)

    def occasion(self, broadcast: Broadcast) -> Occasion | None:
        return self.tools.engine.coming(broadcast)

    async def checked(self, broadcast: Broadcast) -> tuple[Checked, Reach]:
        reach = await self.reach(broadcast)
        fault = self.tools.engine.check(broadcast)
        found = check(
            broadcast, self.tools.writer, self.platforms_in, reach.countries, reach.languages,
            fault.value if fault else None,
        )  # fmt: skip
        return found, reach

    def platforms_in(self, text: str) -> set[str]:
        mentions = self._s.answers.understanding.read(text[:4096]).mentions
        return {m.id for m in mentions if m.kind is NameKind.PLATFORM}


def may_address(scope: Scope, audience: Audience) -> bool:
    """Whether everybody whom an audience can reach is within a person's scope."""
    if scope.everywhere:
        return True
    if audience.countries and scope.countries(audience.countries):
        return True
    return bool(audience.chats) and not audience.members and audience.chats <= scope.groups()
