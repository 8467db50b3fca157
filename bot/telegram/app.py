"""Runs the bot: builds its parts on python-telegram-bot, polls, and stops in order."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from aiohttp import web
from telegram import Bot, Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ApplicationHandlerStop,
    CommandHandler,
    ContextTypes,
    ExtBot,
)

from bot.broadcasts.pacer import Pacer
from bot.broadcasts.service import TICK_SECONDS
from bot.busy import Busy
from bot.desk.alike import Paraphrases
from bot.desk.appointing import Appointments
from bot.desk.case_store import CaseStore
from bot.desk.deliveries import DeliveryStore
from bot.desk.figures import FigureStore
from bot.desk.place import DeskPlace
from bot.desk.reports import ReportStore
from bot.desk.roles import Roles
from bot.desk.staff import AuditLog, StaffStore
from bot.desk.store import DeskStore
from bot.dialogues import DialogueStore
from bot.errors import CannotRun
from bot.jobs import Jobs
from bot.journal import Journal, current_update
from bot.knowledge.drafts import DraftStore
from bot.logs import redact
from bot.members.group_messages import GroupMessages
from bot.members.store import GroupStore, MemberStore
from bot.meta import MetaStore
from bot.retention import Retention
from bot.settings import Settings
from bot.shield.reports import ReportBook
from bot.shield.store import ShieldStore
from bot.shield.words import read_words
from bot.telegram.application import Forgetful
from bot.telegram.broadcasting import build_broadcasts
from bot.telegram.budgets import Budgets
from bot.telegram.buttons import Buttons
from bot.telegram.commands import Commands
from bot.telegram.cooldown import Cooldown
from bot.telegram.deep_links import DeepLinks
from bot.telegram.desk_card import DeskCard
from bot.telegram.dialogues import Dialogues
from bot.telegram.etiquette import Etiquette
from bot.telegram.facts import Facts
from bot.telegram.group_staff import GroupStaff
from bot.telegram.inbox import Inbox
from bot.telegram.inbox_answers import InboxAnswers
from bot.telegram.inbox_cards import Cards
from bot.telegram.inline import Inline
from bot.telegram.marketing_rooms import Marketing
from bot.telegram.members import Members
from bot.telegram.notices import CLEAN_SECONDS, Notices
from bot.telegram.official import WhoIsOfficial
from bot.telegram.polling import AnotherCopyPolls, Dispatcher, Poller, Postponed
from bot.telegram.private_links import PrivateLinks
from bot.telegram.profile import StaffMenus, set_profile
from bot.telegram.questions import Questions
from bot.telegram.referrals.room import ReferralRoom
from bot.telegram.request import AiohttpRequest
from bot.telegram.sender import Sender
from bot.telegram.services import Services
from bot.telegram.setup import Setup
from bot.telegram.shield import Shield
from bot.telegram.shield_acts import Acts, GroupOfficials
from bot.telegram.shield_commands import ShieldCommands
from bot.telegram.shield_desk import ShieldDesk
from bot.telegram.shield_views import ROOM
from bot.telegram.staffing import Staffing
from bot.telegram.teaching import Teaching
from bot.telegram.webhook import Receiver
from bot.watch import Health, Metrics, WatchedAnswers
from bot.watch.gauges import Gauges
from bot.watch.health import BEAT_SECONDS
from bot.watch.server import serve_watch
from bot.wiring import Core

log = logging.getLogger(__name__)

GRACE_SECONDS = 8.0
"""How long answers in flight may take when the bot is told to stop."""
CONNECTIONS = 32
"""Requests to Telegram on their way at once, broadcasts and the long poll apart: what a kill can
leave in doubt. At 200 ms each that is 160 a second, five times what Telegram allows."""
HOUSEKEEPING_SECONDS = 3600.0
SHIELD = -2
"""The handler group of the scam shield: what it deletes, nobody else deals with."""
GAUGE_SECONDS = 60.0
SILENCE_SECONDS = 90.0
"""How long beyond a long poll Telegram may say nothing before the bot is not ready."""
WATCHERS = -1
"""The handler group of what looks on before the others deal with an update."""


def build_bot(settings: Settings) -> ExtBot[None]:
    base = settings.api_base()
    return ExtBot(
        settings.token(), base_url=f"{base}/bot", base_file_url=f"{base}/file/bot",
        request=AiohttpRequest(CONNECTIONS), get_updates_request=AiohttpRequest(2),
    )  # fmt: skip


class Running:
    """One bot at work."""

    def __init__(self, settings: Settings, core: Core, bot: ExtBot[None]) -> None:
        self._settings = settings
        self._core = core
        self.bot = bot
        now = core.clock.now
        self.journal = Journal(core.db, now)
        self.busy = Busy(core.db)
        self.metrics = Metrics()
        self._answers = WatchedAnswers(core.db, now, self.metrics)
        members, groups = MemberStore(core.db, now), GroupStore(core.db, now)
        staff = StaffStore(core.db, now)
        self.jobs = Jobs(self.busy)
        self._meta = MetaStore(core.db)
        self._pacer = pacer = Pacer()
        self.marketing = Marketing(settings, core, bot, members)
        self.broadcasts, self._broadcast_transport = build_broadcasts(
            settings, core, bot, pacer, members, groups, compose=self.marketing.packets.compose,
            gate=self.marketing.packets.gate, watch=self.marketing.watch,
        )  # fmt: skip
        self.jobs.every(TICK_SECONDS, "broadcasts", self.broadcasts.tick)
        self.health = Health(
            self._meta, now, silence_seconds=settings.poll_timeout + SILENCE_SECONDS
        )
        roles = Roles(settings.owners, staff)
        sender = Sender(bot, self.journal, members, groups, pacer)
        group_staff, group_messages = GroupStaff(bot, roles, groups), GroupMessages(core.db, now)
        self.services = Services(
            answers=core.answers, answer_store=self._answers,
            desk=DeskStore(core.db, now, Paraphrases(core.book.new_index, core.book.glance)),
            members=members, groups=groups, languages=core.languages,
            sender=sender, journal=self.journal, busy=self.busy, clock=core.clock,
            cooldown=Cooldown(settings.answers_per_minute), owners=settings.owners,
            desk_place=DeskPlace(self._meta, settings.desk_chat),
            roles=roles, staff=staff, audit=AuditLog(core.db, now),
            dialogues=DialogueStore(core.db, now), group_staff=group_staff,
            notices=Notices(sender, groups, group_messages),
            staff_menus=StaffMenus(bot, self._meta, roles, staff, members, core.languages),
            etiquette=Etiquette(groups, group_staff, group_messages, bot, self._replied_later, now),
            private_links=PrivateLinks(self._meta, lambda: bot.username),
        )  # fmt: skip
        self.marketing.open(self.services, self.broadcasts)
        self.application: Application = (  # type: ignore[type-arg]
            ApplicationBuilder()
            .application_class(Forgetful)
            .bot(bot)
            .updater(None)
            .job_queue(None)
            .build()
        )
        self.dispatcher = Dispatcher(
            self._process, bot, self.journal, settings.concurrent_updates, self.busy,
            metrics=self.metrics, budgets=Budgets(settings.updates_per_minute),
        )  # fmt: skip
        self.poller = Poller(
            bot, self.journal, self.dispatcher, settings.poll_timeout, self.busy, self.health
        )
        self.receiver = self._receiver() if settings.webhook_url else None
        self._postponed: set[int | None] = set()
        self._watch()

    def _receiver(self) -> Receiver:
        return Receiver(
            self.bot, self.journal, self.dispatcher, self._settings, self.health, self.metrics,
            self.busy, self._clicks(),
        )  # fmt: skip

    def _watch(self) -> None:
        for request in self.bot._request:
            if isinstance(request, AiohttpRequest):
                request.watch = self.metrics.called
        gauges = Gauges(
            self._settings.database, self._core.store, self._core.clock.now, self.metrics
        )
        for name, about, read in (
            ("updates_waiting", "Updates stored and not yet dealt with", lambda: self.dispatcher.waiting),
            ("ready", "1 when /readyz says so", lambda: not self.health.problems()),
            ("loop_lag_seconds", "Lateness of the event loop", lambda: self.health.lag),
        ):  # fmt: skip
            self.metrics.gauge(name, about, read)
        retention = Retention(
            self._core.db, self._core.clock.now,
            timedelta(days=self._settings.answer_retention_days),
            lambda: self.health.clock_is_steady,
        )  # fmt: skip

        async def purge() -> None:
            if await retention.purge():
                self.services.desk.purge(timedelta(days=self._settings.answer_retention_days))

        self.jobs.every(HOUSEKEEPING_SECONDS, "purge", purge)
        self.jobs.every(BEAT_SECONDS, "beat", self.health.beat, always=True)
        self.jobs.every(GAUGE_SECONDS, "gauges", gauges.read)

    def _clicks(self) -> list[web.RouteDef]:
        """Served beside health and webhook where clicks on broadcasts' buttons are counted."""
        return self.marketing.routes() if self._settings.redirect_url else []

    def _replied_later(self, chat_id: int, message_id: int) -> bool:
        return self.dispatcher.has_reply(chat_id, message_id)

    async def _process(self, update: object) -> None:
        """Raises Postponed."""
        with self._pacer.answering():
            await self.application.process_update(update)
        if current_update.get() in self._postponed:
            self._postponed.remove(current_update.get())
            raise Postponed

    def add_handlers(self) -> None:
        """The table of contents of what the bot reacts to. The first that matches wins."""
        s = self.services
        days = self._settings.answer_retention_days
        buttons = Buttons(s, days)
        facts = self._facts()
        dialogues = Dialogues(s, s.dialogues)
        buttons.add(facts.reactions())
        self.marketing.register(buttons, dialogues, self.jobs)
        setup = Setup(s)
        buttons.add_room("su", setup.pressed)
        staffing = Staffing(s, Appointments(s.roles, s.staff, s.audit, s.groups.country_of))
        buttons.add_room("st", staffing.pressed)
        dialogues.add("st", staffing.heard)
        self.application.add_handlers(setup.watchers(), group=WATCHERS)
        self.jobs.every(CLEAN_SECONDS, "notices", s.notices.clean)
        inbox, answers, teaching = self._desk(buttons, dialogues)
        desk_card = DeskCard(s, FigureStore(self._core.db, self._core.clock.now), self._core.store)
        questions = Questions(s, self.bot.username)
        inline = Inline(s)
        official, shield = self._shield(buttons)
        dialogues.add(official.ROOM, official.heard)
        links = DeepLinks()
        self.referrals = ReferralRoom(s, self._core.db, self._core.store, self.bot.username)
        self.referrals.register(buttons, dialogues, links, self.jobs, self.application)
        self.marketing.personal_link = self.referrals.link_of
        members = Members(s, buttons, days, links)
        rooms = (
            buttons.handlers(),
            dialogues.handlers(),
            official.handlers(),
            shield.handlers(),
            self.marketing.handlers(),
            inbox.handlers(),
            answers.handlers(),  # replies to the desk's cards are answers, not questions
            teaching.handlers(),
            desk_card.handlers(),
            facts.handlers(),  # before the questions: the answers of an open dialogue are its own
            setup.handlers(),
            staffing.handlers(),
            self.referrals.handlers(),
            questions.handlers(),
            members.handlers(),
            inline.handlers(),
            inline.guest_handlers(),
        )
        handlers = [handler for room in rooms for handler in room]
        commands = [handler for handler in handlers if isinstance(handler, CommandHandler)]
        self.application.add_handler(Commands(commands))
        self.application.add_handlers([h for h in handlers if h not in commands])
        self.application.add_error_handler(self._failed)

    def _facts(self) -> Facts:
        core, now = self._core, self._core.clock.now
        return Facts(
            self.services, core.store, DraftStore(core.db, now), ReportStore(core.db),
            self.services.roles,
        )  # fmt: skip

    def _shield(self, buttons: Buttons) -> tuple[WhoIsOfficial, ShieldCommands]:
        """Its watch looks at every message of the groups that want it, before all else."""
        s, db, now = self.services, self._core.db, self._core.clock.now
        store, book = ShieldStore(db, now), ReportBook(db, now)
        officials = GroupOfficials(self.bot, s.staff, s.groups)
        keep = timedelta(days=self._settings.answer_retention_days)
        desk = ShieldDesk(s, store, book, Acts(self.bot), officials, keep)
        watch = Shield(s, store, book, desk, officials, read_words())
        commands = ShieldCommands(s, store, book, desk, officials)
        self.application.add_handlers(watch.handlers(), group=SHIELD)
        buttons.add_room(ROOM, commands.pressed)
        self.jobs.every(15, "shield", desk.tick)
        self.jobs.every(HOUSEKEEPING_SECONDS, "shield-purge", desk.purge)
        return WhoIsOfficial(s, officials), commands

    def _desk(self, buttons: Buttons, dialogues: Dialogues) -> tuple[Inbox, InboxAnswers, Teaching]:
        s, core, now = self.services, self._core, self._core.clock.now
        cases, deliveries = CaseStore(core.db, now), DeliveryStore(core.db, now)
        deliveries.recover()
        teaching = Teaching(s, core.faqs, cases, self._settings.answer_retention_days)
        cards = Cards(s, cases, deliveries)
        inbox = Inbox(s, cases, cards, teaching.teach_case)
        answers = InboxAnswers(s, cases, cards, teaching.teach_case)
        buttons.add_room("ib", inbox.react)
        buttons.add_room("te", teaching.react)
        dialogues.add("ib", answers.heard)
        dialogues.add("te", teaching.heard)
        self.jobs.every(2, "desk.cards", cards.tick)
        self.jobs.every(2, "desk.answers", cards.deliver)
        return inbox, answers, teaching

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Logged, and told to a person who waits for an answer; begun anew where only the database
        was in the way."""
        if self.busy.noticed(context.error) and not self.journal.has_replied:
            self._postponed.add(current_update.get())
            raise ApplicationHandlerStop  # else the next group of handlers would begin
        log.error("handling an update failed", exc_info=context.error)
        self.metrics.failed()
        if not isinstance(update, Update) or isinstance(context.error, TelegramError):
            return  # an answer may be out: an apology behind it would puzzle
        t = self.services.translator(self.services.asker(update))
        sorry = t("Something went wrong on my side. Please try again in a moment.")
        if update.callback_query:
            await self.services.sender.toast(update.callback_query.id, sorry)
        elif update.effective_chat and update.effective_chat.type == "private":
            await self.bot.send_message(update.effective_chat.id, sorry)

    async def run(self, stop: asyncio.Event, ready: Callable[[], None] | None = None) -> None:
        """Until `stop` is set. Raises CannotRun or AnotherCopyPolls."""
        await connect_or_explain(self.bot)
        await self.application.initialize()
        self.add_handlers()
        await self._broadcast_transport.initialize()
        self.jobs.start()
        watched = self._settings.watch_port and await serve_watch(
            self.health,
            self.metrics,
            self._settings.watch_host,
            self._settings.watch_port,
            self._clicks(),
        )
        polling = asyncio.create_task((self.receiver or self.poller).run())
        upkeep = asyncio.create_task(self._upkeep())
        if ready:
            ready()
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if polling.done():
                polling.result()
        finally:
            self.jobs.stop()
            for task in (polling, upkeep, stopping):
                task.cancel()
            await asyncio.gather(polling, upkeep, stopping, return_exceptions=True)
            await asyncio.gather(self.broadcasts.stop(), self.dispatcher.drain(GRACE_SECONDS))
            await self._broadcast_transport.shutdown()
            await self.busy.stop()
            with suppress(sqlite3.Error):  # what was finished is then dealt with, or noted, anew
                self.journal.flush()
            await self.application.shutdown()
            if watched:
                await watched.cleanup()

    async def _upkeep(self) -> None:
        """Menus on start, and what a longer standstill left to forget."""
        await set_profile(self.bot, self._core.languages, self._meta, self._settings.bot_name)
        await self.services.staff_menus.refresh_all()
        await self.jobs.run("purge")


async def connect(bot: Bot) -> None:
    """Asks Telegram who we are; leaves nothing open when it refuses."""
    try:
        await bot.initialize()
    except TelegramError:
        for request in bot._request:
            await request.shutdown()
        raise


async def connect_or_explain(bot: Bot) -> None:
    """Raises CannotRun in words for the operator."""
    try:
        await connect(bot)
    except InvalidToken:
        raise CannotRun(
            "Telegram refuses TELEGRAM_BOT_TOKEN: copy it again from @BotFather"
        ) from None
    except NetworkError as error:
        raise CannotRun(f"the Bot API server cannot be reached: {redact(error.message)}") from None
    except TelegramError as error:
        raise CannotRun(f"the Bot API server refuses: {redact(error.message)}") from None


async def serve(settings: Settings, core: Core, ready: Callable[[], None] | None = None) -> None:
    """Runs one bot until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await Running(settings, core, build_bot(settings)).run(stop, ready)
    except AnotherCopyPolls:
        raise CannotRun(
            "another copy of this bot is already polling Telegram with the same token: stop it first"
        ) from None
    except InvalidToken:
        raise CannotRun("Telegram no longer accepts TELEGRAM_BOT_TOKEN") from None
