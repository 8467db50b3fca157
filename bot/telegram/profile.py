"""The bot's own surfaces: command menus, descriptions; set on start, only when changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import RetryAfter, TelegramError

from bot.desk.roles import Roles, Task
from bot.desk.staff import StaffStore
from bot.i18n import N_, Languages, Translator
from bot.knowledge.model import LANGUAGES
from bot.members.store import MemberStore

log = logging.getLogger(__name__)

COMMANDS = {
    "ask": N_("Ask anything"),
    "onramp": N_("Buy and sell with local money"),
    "p2p": N_("P2P and payment systems"),
    "legal": N_("What the law says"),
    "tax": N_("Crypto tax"),
    "platform": N_("About an exchange or wallet"),
    "stocks": N_("Tokenized stocks"),
    "promos": N_("Promotions and festivals"),
    "refer": N_("Invite friends"),
    "settings": N_("Language, country, notifications"),
    "privacy": N_("Your data"),
    "help": N_("What I can do"),
}
EDITOR_COMMANDS = {
    "inbox": N_("Questions that wait for a person"),
    "teach": N_("Teach an answer"),
    "taught": N_("All taught answers"),
    "desk": N_("The desk's numbers"),
    "fact": N_("Find, show and edit a fact"),
    "stale": N_("Facts past their review date"),
    "verify": N_("Renew a fact's date"),
    "undo": N_("Take an edit back"),
    "history": N_("The latest edits"),
    "staff": N_("Who is on the team"),
    "audit": N_("Who changed what"),
}
NEEDS = {
    "inbox": Task.DESK, "teach": Task.DESK, "desk": Task.DESK,
    "broadcast": Task.MARKETING, "broadcasts": Task.MARKETING, "promo": Task.MARKETING,
    "festivals": Task.MARKETING, "referrals": Task.MARKETING,
    "staff": Task.STAFF, "audit": Task.STAFF,
}  # fmt: skip
"""What a command's user must be allowed; those that are not named here edit facts."""
_PRIVATE_ONLY = frozenset({"settings", "privacy"})
SETUP = N_("Set this group up")
DESCRIPTION = N_(
    "The support desk of crypto communities in Asia. Ask in your own language how to buy and sell with "
    "local money, which payment systems work for P2P, what the law and the tax office say, and what is a "
    "scam. Every answer names its sources and dates. No prices, no tips, no promotion where it is forbidden."
)
SHORT_DESCRIPTION = N_(
    "Sourced, dated answers on crypto, local money, law and tax in Asia. No tips, no prices."
)

MENU_LANGUAGES = {"fil": "tl", "zh-Hans": "zh", "zh-Hant": None}
"""Telegram's language codes have two letters: both Chinese forms share zh, Filipino is tl."""


class Meta(Protocol):
    """What was set last, so that a restart does not set it again."""

    def get(self, key: str) -> str | None: ...
    def set(self, key: str, value: str) -> None: ...


def telegram_code(language: str) -> str | None:
    return MENU_LANGUAGES.get(language, language)


def commands(t: Translator, *, private: bool, admin: bool = False) -> list[BotCommand]:
    shown = [
        BotCommand(name, t(text))
        for name, text in COMMANDS.items()
        if private or name not in _PRIVATE_ONLY
    ]
    return [*shown, BotCommand("setup", t(SETUP))] if admin else shown


def _calls(
    bot: Bot, t: Translator, code: str | None
) -> list[tuple[str, object, Callable[[], Awaitable[bool]]]]:
    private = commands(t, private=True)
    group = commands(t, private=False)
    admin = commands(t, private=False, admin=True)
    return [
        ("private", [c.to_dict() for c in private],
         lambda: bot.set_my_commands(private, BotCommandScopeAllPrivateChats(), code)),
        ("group", [c.to_dict() for c in group],
         lambda: bot.set_my_commands(group, BotCommandScopeAllGroupChats(), code)),
        ("admin", [c.to_dict() for c in admin],
         lambda: bot.set_my_commands(admin, BotCommandScopeAllChatAdministrators(), code)),
        ("description", t(DESCRIPTION), lambda: bot.set_my_description(t(DESCRIPTION), code)),
        ("short", t(SHORT_DESCRIPTION), lambda: bot.set_my_short_description(t(SHORT_DESCRIPTION), code)),
    ]  # fmt: skip


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


class StaffMenus:
    """The commands of each one's roles, in their own private chat with the bot. Who never wrote
    to the bot has no chat yet: they get theirs when they press Start."""

    def __init__(
        self, bot: Bot, meta: Meta, roles: Roles, staff: StaffStore, members: MemberStore,
        languages: Languages,
    ) -> None:  # fmt: skip
        self._bot = bot
        self._meta = meta
        self._roles = roles
        self._staff = staff
        self._members = members
        self._languages = languages

    async def refresh_all(self) -> None:
        for user_id in self._roles.owners | {grant.user_id for grant in self._staff.all()}:
            await self.refresh(user_id)

    async def refresh(self, user_id: int) -> None:
        """Sets a person's menu anew if their roles or language have changed."""
        menu = self._menu(user_id)
        key = f"profile.{self._bot.id}.staff.{user_id}"
        digest = _digest([command.to_dict() for command in menu]) if menu else ""
        if (self._meta.get(key) or "") == digest:
            return
        try:
            if menu:
                await self._bot.set_my_commands(menu, BotCommandScopeChat(user_id))
            else:
                await self._bot.delete_my_commands(BotCommandScopeChat(user_id))
        except TelegramError as error:
            log.info("the menu of %s is not set: %s", user_id, error)
            return
        self._meta.set(key, digest)

    def _menu(self, user_id: int) -> list[BotCommand]:
        """Empty for who has no role."""
        member = self._members.get(user_id)
        t = self._languages[self._languages.choose([member.language, member.telegram_language])]
        own = [
            BotCommand(name, t(text))
            for name, text in EDITOR_COMMANDS.items()
            if self._roles.may(user_id, NEEDS.get(name, Task.FACTS), anywhere=True)
        ]
        return [*commands(t, private=True), *own] if own else []


async def set_profile(bot: Bot, languages: Languages, meta: Meta) -> None:
    """A server that lacks a method is logged and passed over; a flood wait ends this round."""
    for language in LANGUAGES:
        code = None if language == "en" else telegram_code(language)
        if language != "en" and code is None:
            continue
        for name, content, call in _calls(bot, languages[language], code):
            key = f"profile.{bot.id}.{language}.{name}"
            digest = _digest(content)
            if meta.get(key) == digest:
                continue
            try:
                await call()
            except RetryAfter as error:
                log.warning("menus not set now, the next start goes on: %s", error)
                return
            except TelegramError as error:
                log.warning("%s (%s) not set: %s", name, language, error)
                continue
            meta.set(key, digest)
