"""`python -m bot sandbox`: the real bot, a local Bot API server and the chat page, together."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import click
from aiohttp import web

from bot.desk.roles import Grant, Role
from bot.desk.staff import StaffStore
from bot.errors import CannotRun
from bot.i18n import match_language
from bot.logs import configure_logs
from bot.members.store import GroupStore
from bot.running import loop_factory, run_bot
from bot.sandbox import DEFAULT_TOKEN, Clock, World, create_app, default_bot, populate, start
from bot.sandbox.people import DESK_ID
from bot.settings import load_settings
from db import open_database

_LANGUAGE_OF = {
    "VN": "vi", "TH": "th", "PH": "fil", "ID": "id", "MY": "ms", "SG": "en", "KR": "ko", "JP": "ja",
    "CN": "zh-Hans", "HK": "zh-Hant", "TW": "zh-Hant", "IN": "hi", "PK": "ur", "BD": "bn",
}  # fmt: skip


class SharedClock(Clock):
    """The sandbox's clock; its shift is seen by the bot's process too."""

    def __init__(self, shared: Synchronized[float]) -> None:
        super().__init__()
        self._shared = shared

    def forward(self, seconds: float) -> None:
        super().forward(seconds)
        self._shared.value = self.shift


class ShiftedClock:
    """The bot's clock in the sandbox: the machine's, moved on with the page's."""

    def __init__(self, shared: Synchronized[float]) -> None:
        self._shared = shared

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._shared.value)


def seed(database: Path, world: World) -> None:
    """Sample data: each group has its country and language, the staff their roles."""
    db = open_database(database)
    groups = GroupStore(db, lambda: datetime.now(UTC))
    staff = StaffStore(db, lambda: datetime.now(UTC))
    for person in world.people():
        if person.role in (Role.MODERATOR, Role.MARKETING):
            staff.add(Grant(person.id, Role(person.role), name=person.name), None)
    for chat in world.chats.values():
        if chat.type in ("private", "channel"):
            continue
        groups.join(chat.id, chat.title or "")
        if chat.country:
            groups.configure(
                chat.id, country=chat.country, language=match_language(_LANGUAGE_OF[chat.country])
            )


def _bot_process(settings: dict[str, object], shared: Synchronized[float]) -> None:
    chosen = load_settings(_env_file=None, **settings)
    configure_logs(chosen.log_level, chosen.log_format)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends us
    try:
        run_bot(chosen, ShiftedClock(shared))
    except CannotRun as error:
        click.echo(f"sampan: {error}", err=True)


def bot_settings(base_url: str, folder: Path, world: World) -> dict[str, object]:
    owners = [u.id for u in world.people() if u.role == "owner"]
    return {
        "TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN,
        "TELEGRAM_API_BASE_URL": base_url,
        "database": str(folder / "sampan.db"),
        "owners": ",".join(map(str, owners)),
        "desk_chat": DESK_ID,
        "poll_timeout": 20,
        "watch_port": 0,
        "log_level": "WARNING",
    }


async def _serve(
    app: web.Application, port: int, started: Callable[[str], multiprocessing.Process]
) -> None:
    runner, address = await start(app, port=port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    process = started(address)
    try:
        await stop.wait()
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, 10)
        await runner.cleanup()


def run_sandbox(port: int, say: Callable[[str], None]) -> None:
    """Runs until Ctrl-C or SIGTERM. Raises CannotRun when the port is taken."""
    context = multiprocessing.get_context("spawn")
    shared: Synchronized[float] = context.Value("d", 0.0)
    world = populate(World(default_bot(), clock=SharedClock(shared)))
    with tempfile.TemporaryDirectory(prefix="sampan-sandbox-") as folder:
        settings_folder = Path(folder)
        seed(settings_folder / "sampan.db", world)

        def started(address: str) -> multiprocessing.Process:
            process = context.Process(
                target=_bot_process,
                args=(bot_settings(address, settings_folder, world), shared),
                daemon=True,
            )
            process.start()
            say(
                f"Sampan's sandbox is open: {address}/\nChoose a person, then write to the bot. Ctrl-C ends it."
            )
            return process  # type: ignore[return-value]

        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                runner.run(_serve(create_app(world), port, started))
        except OSError as error:
            raise CannotRun(
                f"port {port} cannot be used ({error.strerror}): choose another with --port"
            ) from None
