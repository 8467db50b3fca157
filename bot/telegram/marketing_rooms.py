"""Marketing's rooms, built and registered: /broadcast, /promo, /festivals, and their jobs."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from telegram import Bot
from telegram.ext import BaseHandler

from bot.broadcasts.clicks import routes
from bot.broadcasts.delivery import Progress
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.message import Writer
from bot.broadcasts.schedule import Quiet
from bot.broadcasts.service import Broadcasts
from bot.broadcasts.store import BroadcastStore
from bot.broadcasts.watches import WatchStore
from bot.jobs import Jobs
from bot.members.store import MemberStore
from bot.settings import Settings
from bot.telegram.broadcasts.packets import Packets
from bot.telegram.broadcasts.parts import ROOM as BROADCASTS
from bot.telegram.broadcasts.parts import Tools
from bot.telegram.broadcasts.room import BroadcastRoom
from bot.telegram.buttons import Buttons
from bot.telegram.dialogues import Dialogues
from bot.telegram.promotions.calendar import FestivalCalendar, PromotionWatch
from bot.telegram.promotions.room import Promotions
from bot.telegram.services import Services
from bot.wiring import Core

PROMOTIONS_SECONDS = 60.0
REMINDERS_SECONDS = 1800.0
MISSED_SECONDS = 5.0


class Marketing:
    """What the delivery needs (`packets`, `watch`) comes first; the rooms follow with `open`."""

    def __init__(self, settings: Settings, core: Core, bot: Bot, members: MemberStore) -> None:
        self._settings = settings
        self._core = core
        self._bot = bot
        self.store = BroadcastStore(core.db, core.clock.now)
        self._writer = Writer(
            core.store, core.festivals, core.languages, core.promotions, self._ref_link
        )
        redirect = str(settings.redirect_url) if settings.redirect_url else None
        self.packets = Packets(self._writer, self.store, members.first_name, redirect)
        self._rooms: BroadcastRoom | None = None
        self.personal_link: Callable[[int], str | None] | None = None

    def _ref_link(self, chat_id: int) -> str:
        """The member's own referral link where they have one, else the bot's."""
        own = self.personal_link(chat_id) if self.personal_link and chat_id > 0 else None
        return own or f"https://t.me/{self._bot.username}"

    async def watch(self, progress: Progress) -> None:
        if self._rooms is not None:
            await self._rooms.live.watch(progress)

    def routes(self) -> list[web.RouteDef]:
        """For the HTTP server at SAMPAN_REDIRECT_URL: GET /r/<token>."""
        return routes(self.store)

    def open(self, services: Services, engine: Broadcasts) -> None:
        tools = Tools(
            services, self._core, self.store, Ledger(self._core.db), engine.audience, self._writer,
            engine, WatchStore(self._core.db), self._settings.approval,
            Quiet(*self._settings.quiet_hours()),
        )  # fmt: skip
        self._rooms = BroadcastRoom(tools)
        self._calendar = FestivalCalendar(
            services, self._core, self._settings.festival_reminder_days
        )
        self._promotions = Promotions(
            services, self._core, self._rooms.announce, self._calendar.pressed
        )

    def register(self, buttons: Buttons, dialogues: Dialogues, jobs: Jobs) -> None:
        assert self._rooms is not None
        buttons.add_room(BROADCASTS, self._rooms.pressed)
        buttons.add_room(Promotions.name, self._promotions.pressed)
        dialogues.add(BROADCASTS, self._rooms.listen)
        dialogues.add(Promotions.name, self._promotions.listen)
        jobs.every(PROMOTIONS_SECONDS, "promotions", PromotionWatch(self._core).tick)
        jobs.every(REMINDERS_SECONDS, "festival reminders", self._calendar.remind)
        jobs.every(MISSED_SECONDS, "missed broadcasts", self._rooms.live.ask_about_missed)

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        assert self._rooms is not None
        return [
            *self._rooms.handlers(), *self._promotions.handlers(), *self._calendar.handlers()
        ]  # fmt: skip
