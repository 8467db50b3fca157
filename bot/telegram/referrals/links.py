"""Personal invite links of groups: made on demand, used again, revoked when they are spent."""

from __future__ import annotations

import logging

from telegram import Bot
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.members.store import Group
from bot.referrals.model import Campaign, Person, State
from bot.referrals.service import Referrals
from bot.telegram.services import Services

log = logging.getLogger(__name__)
HANDED_OUT = 2
"""Groups that a newcomer is shown."""


class GroupLinks:
    def __init__(self, services: Services, referrals: Referrals) -> None:
        self._s = services
        self._r = referrals

    @property
    def _bot(self) -> Bot:
        return self._s.sender.bot

    def groups(self, campaign: Campaign, country: str | None) -> list[Group]:
        """Those of the campaign where rewards are allowed, those of the person's country first."""
        found = [
            group
            for group in self._s.groups.all()
            if group.country is not None and campaign.invites(group.country)
            and self._r.allowed(group.country, campaign.platform).allowed
        ]  # fmt: skip
        return sorted(found, key=lambda group: group.country != country)

    async def personal(self, person: Person, campaign: Campaign, chat_id: int) -> str | None:
        """The person's own link; None where the bot may not make any."""
        known = self._r.campaigns.link(person.id, campaign.id, chat_id)
        if known:
            return known
        try:
            made = await self._bot.create_chat_invite_link(
                chat_id, name=f"{person.name} {campaign.name}"[:32],
                creates_join_request=campaign.rules.human or None,
                expire_date=campaign.ends_at,
            )  # fmt: skip
        except TelegramError as error:
            log.warning("no invite link for chat %s: %s", chat_id, error)
            return None
        kept = self._r.campaigns.add_link(made.invite_link, person.id, campaign.id, chat_id)
        if kept != made.invite_link:  # two presses at the same moment
            await self._revoke(made.invite_link, chat_id)
        return kept

    async def hand_out(
        self, person: Person, campaign: Campaign, country: str | None
    ) -> list[tuple[str, str]]:
        """Titles and links of groups for a newcomer: they are counted by the deep link already."""
        found = []
        for group in self.groups(campaign, country)[:HANDED_OUT]:
            url = await self.personal(person, campaign, group.chat_id)
            if url:
                found.append((group.title, url))
        return found

    async def let_in(self, user_id: int) -> None:
        """Approves what they asked for before the human check."""
        referral = self._r.ledger.of(user_id)
        if referral is None or referral.state is not State.OPENED:
            return
        for chat_id in self._r.requests(user_id):
            try:
                await self._bot.approve_chat_join_request(chat_id, user_id)
            except TelegramError as error:
                log.info("the request of %s to join %s is gone: %s", user_id, chat_id, error)

    async def revoke_spent(self) -> None:
        for url, chat_id in self._r.campaigns.spent_links():
            await self._revoke(url, chat_id)
            self._r.campaigns.revoked(url)

    async def revoke_of(self, user_id: int, chat_id: int) -> None:
        """Who left a group has no link to it."""
        for url in self._r.campaigns.links_of(user_id, chat_id):
            await self._revoke(url, chat_id)
            self._r.campaigns.revoked(url)

    async def _revoke(self, url: str, chat_id: int) -> None:
        try:
            await self._bot.revoke_chat_invite_link(chat_id, url)
        except (BadRequest, Forbidden) as error:
            log.info("the invite link of chat %s is gone already: %s", chat_id, error)
