"""The bots that are measured: bare echoes, and Sampan on another loop or transport than its own.

`python -m bot.bench.bots <variant as JSON> <base url> <token> [<webhook url> <secret>]`
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.bench.process import Variant

Hook = tuple[str, str] | None
"""The address and the secret of the webhook; none: polling."""


def factory(variant: Variant) -> Callable[[], asyncio.AbstractEventLoop] | None:
    from bot.running import loop_factory

    return loop_factory() if variant.loop == "uvloop" else asyncio.new_event_loop


async def listen(url: str, add: Callable[[web.Application, str], object]) -> None:
    """Serves what `add` puts at the webhook's path, for ever."""
    parts = urlsplit(url)
    app = web.Application()
    add(app, parts.path)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, parts.hostname, parts.port).start()
    await asyncio.Event().wait()


def ptb(variant: Variant, base_url: str, token: str, hook: Hook) -> None:
    """python-telegram-bot's echo: as its examples have it, or on this project's transport.

    Its webhook is that of the library's example with a web server of one's own, here aiohttp's.
    """
    from telegram import Update
    from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

    from bot.telegram.request import AiohttpRequest

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message and update.message.text:
            await update.message.reply_text(update.message.text)

    builder = ApplicationBuilder().token(token).base_url(f"{base_url}/bot")
    if variant.transport == "own":
        builder = (
            builder.request(AiohttpRequest(256))
            .get_updates_request(AiohttpRequest(2))
            .concurrent_updates(256)
        )

    async def posted(application: Any, url: str, secret: str) -> None:
        async def post(request: web.Request) -> web.Response:
            await application.update_queue.put(
                Update.de_json(await request.json(), application.bot)
            )
            return web.Response()

        async with application:
            await application.bot.set_webhook(url, secret_token=secret)
            await application.start()
            await listen(url, lambda app, path: app.router.add_post(path, post))

    make = factory(variant)
    if hook:
        application = builder.updater(None).build()
        application.add_handler(MessageHandler(filters.TEXT, echo))
        _run(posted(application, *hook), make)
    else:
        asyncio.set_event_loop(make() if make else asyncio.new_event_loop())
        application = builder.build()
        application.add_handler(MessageHandler(filters.TEXT, echo))
        application.run_polling(stop_signals=None)


def aiogram(variant: Variant, base_url: str, token: str, hook: Hook) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    async def main() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
        bot = Bot(token, session=session)
        if not hook:
            await dispatcher.start_polling(bot, handle_signals=False)
            return
        url, secret = hook
        await bot.set_webhook(url, secret_token=secret)
        handler = SimpleRequestHandler(dispatcher, bot, secret_token=secret)
        await listen(url, lambda app, path: handler.register(app, path=path))

    _run(main(), factory(variant))


def sampan(variant: Variant) -> None:
    """The whole bot, by its settings, with its own two choices undone where the variant says so."""
    from telegram.request import HTTPXRequest

    import bot.running
    import bot.telegram.app
    from bot.journal import leaving
    from bot.logs import configure_logs
    from bot.settings import load_settings
    from bot.telegram.request import AiohttpRequest

    class Httpx(AiohttpRequest):
        """The same calls by python-telegram-bot's default transport."""

        def __init__(self, connections: int) -> None:
            super().__init__(connections)
            self._httpx = HTTPXRequest(
                connection_pool_size=connections, pool_timeout=30.0, read_timeout=40.0
            )

        async def initialize(self) -> None:
            await self._httpx.initialize()

        async def shutdown(self) -> None:
            await self._httpx.shutdown()

        async def do_request(self, *given: Any, **more: Any) -> tuple[int, bytes]:
            return await self._httpx.do_request(*given, **more)

        async def post_json(self, url: str, body: bytes) -> tuple[int, bytes]:
            if before := leaving.get():
                await before()
            answer = await self._httpx._client.post(
                url, content=body, headers={"Content-Type": "application/json"}
            )
            return answer.status_code, answer.content

    if variant.transport == "httpx":
        setattr(bot.telegram.app, "AiohttpRequest", Httpx)  # noqa: B010 - not the module's to give
    make = factory(variant)
    bot.running.loop_factory = lambda: make
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    bot.running.run_bot(settings)


def _run(work: Awaitable[None], make: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
    async def main() -> None:
        await work

    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(main())


def main() -> None:
    given, base_url, token, *rest = sys.argv[1:]
    variant = Variant(**json.loads(given))
    hook: Hook = (rest[0], rest[1]) if rest else None
    if variant.kind == "sampan":
        sampan(variant)
    elif variant.kind == "aiogram":
        aiogram(variant, base_url, token, hook)
    else:
        ptb(variant, base_url, token, hook)


if __name__ == "__main__":
    main()
