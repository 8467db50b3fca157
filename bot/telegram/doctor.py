"""`python -m bot doctor`: looks at all that a bot at work needs, at Telegram and on the machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from telegram import Bot, ChatMemberAdministrator, User
from telegram.error import InvalidToken, TelegramError

from bot import doctor
from bot.doctor import Finding
from bot.logs import redact
from bot.settings import Settings, SettingsError
from bot.telegram.request import AiohttpRequest

MAX_GROUPS = 50
"""Groups whose rights are asked for; more would meet Telegram's limits."""
_RIGHTS = {
    "can_delete_messages": "delete messages (the scam shield)",
    "can_restrict_members": "restrict members (the scam shield)",
    "can_invite_users": "invite users (referral links)",
}


async def examine(settings: Settings) -> list[Finding]:
    """Everything that was looked at, the machine first."""
    found = [doctor.disk(settings), *doctor.database(settings)]
    found.append(doctor.newest_backup(settings.database.parent / "backups", datetime.now(UTC)))
    try:
        token = settings.token()
    except SettingsError as error:
        return [*found, Finding("bad", "token", str(error))]
    base = settings.api_base()
    bot = Bot(
        token,
        base_url=f"{base}/bot",
        request=AiohttpRequest(4),
        get_updates_request=AiohttpRequest(1),
    )
    for request in bot._request:
        await request.initialize()
    try:
        found.extend(await _telegram(bot, settings))
        found.append(await _clock(base))
    finally:
        for request in bot._request:
            await request.shutdown()
    return found


async def _telegram(bot: Bot, settings: Settings) -> list[Finding]:
    try:
        me = await bot.get_me()
    except InvalidToken:
        return [Finding("bad", "token", "Telegram refuses it", "copy it again from @BotFather")]
    except TelegramError as error:
        advice = "is the network up? is TELEGRAM_API_BASE_URL right?"
        return [Finding("bad", "Telegram", redact(error.message), advice)]
    found = [Finding("ok", "token", f"@{me.username}"), *_profile(me)]
    try:
        found.append(await _webhook(bot, settings))
        for chat_id, title in _groups(settings):
            found.append(await _rights(bot, me.id, chat_id, title))
    except TelegramError as error:
        found.append(Finding("bad", "Telegram", redact(error.message)))
    return found


def _profile(me: User) -> Iterator[Finding]:
    if me.can_read_all_group_messages:
        yield Finding("ok", "privacy mode", "off: the bot can answer unasked and watch for scams")
    else:
        advice = "for answers unasked and the shield: /setprivacy at @BotFather, then add it again"
        yield Finding("warn", "privacy mode", "on: only commands, mentions and replies", advice)
    if not me.can_join_groups:
        yield Finding("warn", "groups", "it cannot be added to groups", "/setjoingroups")
    if not me.supports_inline_queries:
        yield Finding("warn", "inline", "off", "/setinline at @BotFather, if you want it")


async def _webhook(bot: Bot, settings: Settings) -> Finding:
    info = await bot.get_webhook_info()
    wanted = str(settings.webhook_url) if settings.webhook_url else ""
    waiting = f"{info.pending_update_count} updates wait"
    if info.url != wanted:
        what = f"Telegram posts to {info.url or 'nobody'}, the settings say {wanted or 'polling'}"
        return Finding("warn", "webhook", what, "the next start puts it right")
    if info.last_error_message:
        advice = "does the proxy pass the path and the secret's header on?"
        return Finding("warn", "webhook", f"{info.last_error_message}; {waiting}", advice)
    return Finding("ok", "webhook" if wanted else "polling", waiting)


def _groups(settings: Settings) -> list[tuple[int, str]]:
    if not settings.database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{settings.database}?mode=ro", uri=True)) as connection:
            return connection.execute(
                "SELECT chat_id, title FROM groups WHERE left_at IS NULL ORDER BY joined_at LIMIT ?",
                [MAX_GROUPS],
            ).fetchall()
    except sqlite3.Error:
        return []


async def _rights(bot: Bot, own_id: int, chat_id: int, title: str) -> Finding:
    about = f"group {title[:30]!r}"
    try:
        member = await bot.get_chat_member(chat_id, own_id)
    except TelegramError as error:
        return Finding("warn", about, redact(error.message), "was the bot removed?")
    if not isinstance(member, ChatMemberAdministrator):
        return Finding("ok", about, f"{member.status}: answers, no shield and no referral links")
    missing = [what for right, what in _RIGHTS.items() if not getattr(member, right)]
    if missing:
        return Finding("warn", about, f"may not {', '.join(missing)}", "change its admin rights")
    return Finding("ok", about, "administrator with the rights it needs")


async def _clock(base: str) -> Finding:
    """By the Date that the server puts on every answer."""
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(base) as answer:
            theirs = parsedate_to_datetime(answer.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as error:
        return Finding("warn", "clock", f"could not be compared ({type(error).__name__})")
    return doctor.clock((theirs - datetime.now(UTC)).total_seconds())
