"""Puts the room together: built once, registered where its handlers, buttons and jobs belong."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database
from telegram import Update
from telegram.ext import Application, BaseHandler, TypeHandler

from bot.compliance.gate import Gate
from bot.jobs import Jobs
from bot.knowledge.store import KnowledgeStore
from bot.referrals import codes
from bot.referrals.service import Referrals
from bot.telegram.buttons import Buttons, Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.deep_links import DeepLinks
from bot.telegram.dialogues import Dialogues
from bot.telegram.referrals.arrivals import Arrivals
from bot.telegram.referrals.desk_room import DeskRoom
from bot.telegram.referrals.links import GroupLinks
from bot.telegram.referrals.member_room import PRIVATE_PAYLOAD, MemberRoom
from bot.telegram.referrals.member_views import ROOM
from bot.telegram.services import Services

JOB = "referrals"
JOB_SECONDS = 60.0
WITNESS = -3
"""The handler group of what notes who is known here: of its own, as the first match in one wins."""


class ReferralRoom:
    def __init__(
        self, services: Services, db: Database, knowledge: KnowledgeStore, username: str
    ) -> None:
        self.referrals = Referrals(
            db, services.clock.now, lambda: Gate(knowledge.current), services.members,
            services.groups,
        )  # fmt: skip
        links = GroupLinks(services, self.referrals)
        self._members = MemberRoom(
            services, self.referrals, links, username, lambda: knowledge.current
        )
        self._arrivals = Arrivals(services, self.referrals, links)
        self._desk = DeskRoom(services, self.referrals, lambda: knowledge.current)

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [*self._members.handlers(), *self._desk.handlers(), *self._arrivals.handlers()]

    def register(
        self, buttons: Buttons, dialogues: Dialogues, links: DeepLinks, jobs: Jobs,
        application: Application[Any, Any, Any, Any, Any, Any],
    ) -> None:  # fmt: skip
        buttons.add_room(ROOM, self.pressed)
        dialogues.add(ROOM, self._desk.heard)
        links.add(codes.PREFIX, self._members.follow)
        links.add(PRIVATE_PAYLOAD, self._members.back)
        jobs.every(JOB_SECONDS, JOB, self._arrivals.daily)
        application.add_handler(TypeHandler(Update, self._arrivals.seen), group=WITNESS)

    def link_of(self, user_id: int) -> str | None:
        """The personal link of who takes part in a campaign that runs; None for all others."""
        return self._members.link_of(user_id)

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        if await self._members.pressed(press, action) is not False:
            return True
        return await self._desk.pressed(press, action)
