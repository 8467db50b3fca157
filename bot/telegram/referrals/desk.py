"""Who may do what with which campaign: shared by the parts of /referrals."""

from __future__ import annotations

from telegram import Message

from bot.desk.roles import Task
from bot.referrals.model import Campaign, Plan
from bot.referrals.service import Referrals
from bot.telegram.services import Services, place_of
from bot.telegram.views import View


class Desk:
    def __init__(self, services: Services, referrals: Referrals) -> None:
        self._s = services
        self._r = referrals

    def may(self, user_id: int, campaign: Campaign | Plan | None = None) -> bool:
        """In any scope to open the list; a campaign needs the right in each of its countries."""
        may = self._s.roles.may
        if campaign is None:
            return may(user_id, Task.MARKETING, anywhere=True)
        if not campaign.countries:
            return may(user_id, Task.MARKETING)
        return all(may(user_id, Task.MARKETING, country=c) for c in campaign.countries)

    def campaign(self, user_id: int, number: str) -> Campaign | None:
        """One that exists and that the person may see."""
        if not number.isascii() or not number.isdigit() or len(number) > 15:
            return None
        found = self._r.campaigns.get(int(number))
        return found if found and self.may(user_id, found) else None

    async def say(self, message: Message, view: View) -> None:
        await self._s.sender.send(place_of(message), view.html, view.keyboard)
