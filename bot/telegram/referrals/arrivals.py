"""Comings and goings in groups, what newcomers write there, and the job that decides what counts."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus
from telegram.error import TelegramError
from telegram.ext import BaseHandler, ChatJoinRequestHandler, ChatMemberHandler, ContextTypes

from bot.i18n import match_language
from bot.referrals.model import Referral, State
from bot.referrals.service import FEW, Came, Referrals
from bot.telegram.keyboards import keyboard
from bot.telegram.referrals import member_views as views
from bot.telegram.referrals.links import GroupLinks
from bot.telegram.referrals.member_room import invited
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, PRIVATE, Services

log = logging.getLogger(__name__)
Ctx = ContextTypes.DEFAULT_TYPE
ROUNDS = 50
"""Of a few decisions each: what is left is decided a minute later."""
_INSIDE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)


class Arrivals:
    def __init__(self, services: Services, referrals: Referrals, links: GroupLinks) -> None:
        self._s = services
        self._r = referrals
        self._links = links

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [
            ChatMemberHandler(self.changed, ChatMemberHandler.CHAT_MEMBER),
            ChatJoinRequestHandler(self.requested),
        ]

    async def seen(self, update: Update, context: Ctx) -> None:
        """Every message of a group, before it is dealt with: those of newcomers are counted."""
        message, user = update.message, update.effective_user
        if message is None or user is None or message.chat.type == PRIVATE or message.sender_chat:
            return
        if message.text or message.caption or message.sticker or message.photo or message.voice:
            self._r.wrote(user.id)

    async def changed(self, update: Update, context: Ctx) -> None:
        """Somebody came, or went."""
        change = update.chat_member
        assert change is not None
        who = change.new_chat_member.user
        if who.id in NOT_PEOPLE or change.chat.type == "channel":
            return
        was, now = _inside(change.old_chat_member), _inside(change.new_chat_member)
        if now and not was:
            self._r.joined(invited(who), change.chat.id, _url(change))
        elif was and not now:
            self._r.left(who.id, change.chat.id)
            await self._links.revoke_of(who.id, change.chat.id)

    async def requested(self, update: Update, context: Ctx) -> None:
        """Asked to join by a personal link: the bot may write to them for five minutes."""
        request = update.chat_join_request
        assert request is not None
        if request.invite_link is None:
            return
        came = self._r.requested(request.invite_link.invite_link, invited(request.from_user))
        if came.referral_id is None or came.came not in (Came.NEW, Came.AGAIN):
            return  # the group's own administrators decide
        referral = self._r.ledger.get(came.referral_id)
        if referral is None or referral.state is not State.OPENED:
            return
        user = request.from_user
        self._r.ask_in(user.id, request.chat.id)
        if referral.human == 1 or not (came.campaign and came.campaign.rules.human):
            await self._links.let_in(user.id)
            return
        t = self._s.languages[self._s.languages.choose([match_language(user.language_code)])]
        text = views.check_text(t, self._r.right_picture(came.referral_id))
        await self._s.sender.send(
            Place(request.user_chat_id), views.html(text),
            keyboard([views.check_row(came.referral_id)]),
        )  # fmt: skip

    async def daily(self) -> None:
        """What is due now: decided, told, revoked."""
        counted: Counter[tuple[int, int]] = Counter()
        for _ in range(ROUNDS):
            found = self._r.due()
            there = await asyncio.gather(*map(self._there, found))
            self._r.decide(
                (r for r, is_there in zip(found, there, strict=True) if is_there), counted
            )
            if len(found) < FEW:
                break
        for news in self._r.news(counted):
            member = self._s.members.get(news.user_id)
            if "service" not in member.notify:
                continue
            t = self._s.languages[
                self._s.languages.choose([member.language, member.telegram_language])
            ]
            text = views.news(t, news.campaign, news.more, news.qualified)
            try:
                await self._s.sender.send(Place(news.user_id), text)
            except TelegramError:
                continue  # one who cannot be told holds nobody else up
        await self._links.revoke_spent()

    async def _there(self, referral: Referral) -> bool:
        """Whether they are in the group that they came into still: the leaving may have been
        missed while the bot was down. Who cannot be asked about now waits."""
        if referral.chat_id is None or referral.invitee_id is None:
            return True
        try:
            member = await self._s.sender.bot.get_chat_member(referral.chat_id, referral.invitee_id)
        except (TelegramError, TypeError) as error:  # TypeError: a server older than the library
            log.info("nobody tells who is in chat %s: %s", referral.chat_id, error)
            self._r.look_again(referral)
            return False
        if _inside(member):
            return True
        self._r.left(referral.invitee_id, referral.chat_id)
        return False


def _inside(member: ChatMember) -> bool:
    if member.status == ChatMemberStatus.RESTRICTED:
        return bool(getattr(member, "is_member", False))
    return member.status in _INSIDE


def _url(change: ChatMemberUpdated) -> str | None:
    return change.invite_link.invite_link if change.invite_link else None
