"""The bots that Sampan is measured beside: bare echoes, each run as its own process.

`python -m bot.bench.bots <kind> <base url> <token>`
"""

from __future__ import annotations

import asyncio
import sys

KINDS = ("ptb", "ptb-aiohttp", "aiogram")


def ptb(base_url: str, token: str, *, own_transport: bool) -> None:
    """python-telegram-bot's echo: as its examples have it, or on this project's transport."""
    from telegram import Update
    from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

    from bot.running import loop_factory
    from bot.telegram.request import AiohttpRequest

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message and update.message.text:
            await update.message.reply_text(update.message.text)

    builder = ApplicationBuilder().token(token).base_url(f"{base_url}/bot")
    if own_transport:
        builder = (
            builder.request(AiohttpRequest(256))
            .get_updates_request(AiohttpRequest(2))
            .concurrent_updates(256)
        )
        factory = loop_factory()
        if factory:
            asyncio.set_event_loop(factory())
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(stop_signals=None)


def aiogram(base_url: str, token: str) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    async def main() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
        await dispatcher.start_polling(Bot(token, session=session), handle_signals=False)

    asyncio.run(main())


def main() -> None:
    kind, base_url, token = sys.argv[1:4]
    if kind == "aiogram":
        aiogram(base_url, token)
    else:
        ptb(base_url, token, own_transport=kind == "ptb-aiohttp")


if __name__ == "__main__":
    main()
