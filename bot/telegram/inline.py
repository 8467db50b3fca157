"""Answers in chats that the bot is not in: inline queries and guest mentions."""

from __future__ import annotations

import logging
from hashlib import sha256

from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import BaseHandler, ContextTypes, InlineQueryHandler, TypeHandler

from bot.answers.render import render
from bot.answers.service import Reply
from bot.knowledge.model import Topic
from bot.telegram.services import Services

log = logging.getLogger(__name__)
Ctx = ContextTypes.DEFAULT_TYPE
CACHE_SECONDS = 60
MAX_QUERY = 256
"""Characters (Bot API, InlineQuery)."""
_DESCRIPTION = 120


class Inline:
    def __init__(self, services: Services) -> None:
        self._s = services

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [InlineQueryHandler(self.query)]

    def guest_handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [TypeHandler(Update, self.guest)]

    async def query(self, update: Update, context: Ctx) -> None:
        query = update.inline_query
        assert query is not None
        text = query.query.strip()[:MAX_QUERY]
        results = [self._article(self._reply(update, text))] if text else []
        try:
            await query.answer(results, cache_time=CACHE_SECONDS, is_personal=True)
        except TelegramError as error:
            log.debug("inline query not answered: %s", error)

    async def guest(self, update: Update, context: Ctx) -> None:
        """Mentioned in a chat that the bot is not in (Bot API 10.0, guest queries)."""
        message = update.guest_message
        if message is None or not message.guest_query_id:
            return
        text = (
            (message.text or message.caption or "").replace(f"@{context.bot.username}", "").strip()
        )
        article = self._article(self._reply(update, text))
        try:
            with self._s.journal.answering():
                await context.bot.answer_guest_query(message.guest_query_id, article)
        except TelegramError as error:
            log.debug("guest query not answered: %s", error)

    def _reply(self, update: Update, text: str) -> Reply:
        asker = self._s.asker(update)
        return self._s.answers.ask(text, asker, self._s.today(), folded=True)

    def _article(self, reply: Reply) -> InlineQueryResultArticle:
        answer, rendered = reply.answer, reply.rendered
        t = self._s.languages[answer.language]
        if answer.outcome != "answered" or answer.topic is Topic.NONE:
            rendered = render(answer, t, folded=True)
        return InlineQueryResultArticle(
            id=sha256(rendered.html.encode()).hexdigest()[:32],
            title=answer.headline,
            description=answer.lead.text[:_DESCRIPTION],
            input_message_content=InputTextMessageContent(
                rendered.html,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
        )
