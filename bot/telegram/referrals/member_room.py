"""/refer, /top, and what a link to the bot does to whoever follows it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import segno
from telegram import Message, Update, User
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.i18n import Translator, match_language
from bot.knowledge.base import Knowledge
from bot.knowledge.model import COUNTRIES
from bot.referrals import codes
from bot.referrals.board import PAGE
from bot.referrals.ledger import ALL
from bot.referrals.model import Campaign, Invited, Person
from bot.referrals.service import CHOICES, Came, Referrals
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.deep_links import Led
from bot.telegram.keyboards import Row
from bot.telegram.official import may_ask
from bot.telegram.referrals import member_views as views
from bot.telegram.referrals.links import GroupLinks
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, PRIVATE, Services, place_of
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
PRIVATE_PAYLOAD = "refer"


class MemberRoom:
    def __init__(
        self, services: Services, referrals: Referrals, links: GroupLinks, username: str,
        knowledge: Callable[[], Knowledge],
    ) -> None:  # fmt: skip
        self._s = services
        self._r = referrals
        self._links = links
        self._address = f"https://t.me/{username}"
        self._knowledge = knowledge

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("refer", self.refer), CommandHandler("top", self.top)]

    # Commands

    async def refer(self, update: Update, context: Ctx) -> None:
        """One's link and numbers, for their own eyes alone."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if not await may_ask(self._s, t, message, user.id if user else 0):
            return
        if message.chat.type == PRIVATE and user is not None:
            view = self.page(t, user)
            await self._s.sender.send(place_of(message), view.html, view.keyboard)
            return
        door = views.in_private(t, f"{self._address}?start={PRIVATE_PAYLOAD}")
        if user is not None and user.id not in NOT_PEOPLE:
            alone = self.page(t, user).html
            place = place_of(message)
            if await self._s.sender.send_privately(place, user.id, alone, door.keyboard):
                return
        await self._s.notices.send(place_of(message), door.html, door.keyboard)

    async def top(self, update: Update, context: Ctx) -> None:
        """The newest campaign's leaderboard, or that of all time."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        asker = self._s.asker(update)
        t = self._s.translator(asker)
        if not await may_ask(self._s, t, message, user.id if user else 0):
            return
        running = self._r.campaigns.running(asker.country or asker.group_country)
        person = user.id if user and user.id not in NOT_PEOPLE else 0
        view = self.board(t, person, running[0].id if running else ALL, None, 0)
        await self._s.sender.send(place_of(message), view.html, view.keyboard)

    def page(self, t: Translator, user: User, wanted: int | None = None) -> View:
        country = self._s.members.get(user.id).country
        if country is None:
            return views.ask_country(t)
        found = self._r.open_to(country)
        allowed = [campaign for campaign, decision in found if decision.allowed]
        if not allowed:
            general = self._r.allowed(country)
            refusal = found[0][1] if found else general
            if found or not general.allowed:
                return views.refused(t, country, refusal, self._knowledge())
            return views.none_runs(t, self._address)
        campaign = next((c for c in allowed if c.id == wanted), allowed[0])
        person = self._r.take_part(user.id, user.first_name, country, campaign)
        if self._r.campaigns.is_banned(person.id, campaign.id):
            return View(
                views.html(t("You are out of this campaign. Ask the team if that is a mistake."))
            )
        warn = self._r.allowed(country, campaign.platform).warn
        return views.refer_page(
            t, campaign, self.url(person, campaign), self._r.board.standing(person.id, campaign.id),
            [c for c in allowed if c.id != campaign.id][:4], warn,
        )  # fmt: skip

    def link_of(self, user_id: int) -> str | None:
        person = self._r.campaigns.person(user_id)
        country = self._s.members.get(user_id).country
        if person is None or country is None:
            return None
        allowed = [c for c, decision in self._r.open_to(country) if decision.allowed]
        joined = (c for c in allowed if not self._r.campaigns.is_banned(person.id, c.id))
        campaign = next(joined, None)
        return self.url(person, campaign) if campaign else None

    def url(self, person: Person, campaign: Campaign) -> str:
        code = self._r.campaigns.code(person.id, campaign.id)
        return f"{self._address}?start={codes.payload(code)}"

    def board(
        self, t: Translator, user_id: int, campaign_id: int, country: str | None, page: int
    ) -> View:
        campaign = self._r.campaigns.get(campaign_id) if campaign_id else None
        title = campaign.name if campaign else t("All time")
        title = f"{title} · {t.country(country)}" if country else title
        person = self._r.campaigns.person(user_id)
        own = self._r.board.place(person.id, campaign_id, country) if person else None
        places = self._r.board.top(campaign_id, country, page)
        turn = [("◀️", page - 1)] if page else []
        if len(places) == PAGE and self._r.board.more(campaign_id, country, page):
            turn.append(("▶️", page + 1))
        rows: list[Row] = []
        if turn:
            rows.append(
                [(sign, views.act("top", campaign_id, country or "", n)) for sign, n in turn]
            )
        home = self._s.members.get(user_id).country
        choices = []
        if home and home != country:
            choices.append((t.country(home), views.act("top", campaign_id, home, 0)))
        if country:
            choices.append((t("🌏 All countries"), views.act("top", campaign_id, "", 0)))
        if campaign_id:
            choices.append((t("All time"), views.act("top", ALL, "", 0)))
        if choices:
            rows.append(choices)
        return views.top_page(t, title, places, own, rows)

    # Buttons

    async def pressed(self, press: Press, action: RoomAction) -> bool | None:
        match action.verb, action.args:
            case "top", (number, country, page) if _whole(number, page) and (
                not country or country in COUNTRIES
            ):
                return await self._turn(press, int(number), country or None, int(page))
            case "hc", (number, picked) if _whole(number, picked) and int(picked) < CHOICES:
                await self._check(press, int(number), int(picked))
                return True
            case "me" | "qr" | "gl", (number,) if _whole(number):
                return await self._own(press, action.verb, int(number))
            case "gk", (number, chat_id) if _whole(number, chat_id.removeprefix("-")):
                return await self._own(press, "gk", int(number), int(chat_id))
        return False

    async def _turn(self, press: Press, campaign_id: int, country: str | None, page: int) -> bool:
        if campaign_id and self._r.campaigns.get(campaign_id) is None:
            return False
        await self._s.sender.toast(press.query.id)
        await self._replace(press, self.board(press.t, press.user_id, campaign_id, country, page))
        return True

    async def _own(self, press: Press, verb: str, number: int, chat_id: int = 0) -> bool:
        """What concerns the person's own link: in private, in a campaign that is open to them."""
        country = self._s.members.get(press.user_id).country
        open_to = {c.id: c for c, d in self._r.open_to(country) if d.allowed} if country else {}
        campaign = open_to.get(number)
        if campaign is None or country is None or not press.private:
            return False
        user = press.query.from_user
        person = self._r.take_part(user.id, user.first_name, country, campaign)
        if self._r.campaigns.is_banned(person.id, campaign.id):
            return False
        await self._s.sender.toast(press.query.id)
        place = Place(press.chat_id or 0)
        match verb:
            case "me":
                await self._replace(press, self.page(press.t, user, number))
            case "qr":
                url = self.url(person, campaign)
                await self._s.sender.send_photo(place, qr(url), views.html(url))
            case "gl":
                view = views.groups_page(press.t, campaign, self._links.groups(campaign, country))
                await self._s.sender.send(place, view.html, view.keyboard)
            case "gk":
                view = await self._group_link(press.t, person, campaign, country, chat_id)
                await self._s.sender.send(place, view.html, view.keyboard)
        return True

    async def _group_link(
        self, t: Translator, person: Person, campaign: Campaign, country: str, chat_id: int
    ) -> View:
        groups = {g.chat_id: g for g in self._links.groups(campaign, country)}
        if chat_id not in groups:
            return View(views.html(t("There is no group for this campaign: use your link to me.")))
        url = await self._links.personal(person, campaign, chat_id)
        if url is None:
            return View(views.html(views.no_right(t, groups[chat_id].title)))
        return views.group_link(t, groups[chat_id].title, url)

    async def _replace(self, press: Press, view: View) -> None:
        if press.message is None or not await self._s.sender.edit(
            press.message.chat.id, press.message.message_id, view.html, view.keyboard
        ):
            await self._s.sender.send(Place(press.chat_id or 0), view.html, view.keyboard)

    async def _check(self, press: Press, referral_id: int, picked: int) -> None:
        passed = self._r.check(press.user_id, referral_id, picked)
        if passed is None:
            await self._s.sender.toast(
                press.query.id, press.t("There is nothing to check any more.")
            )
        elif not passed:
            await self._s.sender.toast(press.query.id, press.t("Not that one: look again."))
        else:
            await self._s.sender.toast(press.query.id, press.t("Thank you, you are in."))
            await self._links.let_in(press.user_id)

    # Links to the bot

    async def back(self, update: Update, message: Message, payload: str) -> Led | None:
        """From a group's button to one's own page."""
        user = update.effective_user
        if user is None or payload != PRIVATE_PAYLOAD:
            return None
        return Led(self.page(self._s.translator(self._s.asker(update)), user), instead=True)

    async def follow(self, update: Update, message: Message, payload: str) -> Led | None:
        """Somebody came by a member's link (or by something that looks like one)."""
        user = update.effective_user
        assert user is not None
        t = self._s.translator(self._s.asker(update))
        code = codes.read_payload(payload)
        if code is None:
            return Led(views.arrival(t, Came.INVALID, "", [], None))
        came = self._r.opened(code, invited(user))
        groups: list[tuple[str, str]] = []
        check = None
        if came.came is Came.NEW and came.campaign and came.person and came.referral_id:
            country = self._s.members.get(user.id).country or came.person.country
            groups = await self._links.hand_out(came.person, came.campaign, country)
            if came.campaign.rules.human:
                check = (came.referral_id, self._r.right_picture(came.referral_id))
        name = came.person.name if came.person else ""
        return Led(views.arrival(t, came.came, name, groups, check))


def invited(user: User) -> Invited:
    name = f"{user.first_name} {user.last_name or ''}".strip()
    return Invited(
        user.id, name, match_language(user.language_code), bool(user.username), None, user.is_bot
    )


def qr(url: str) -> bytes:
    """The link as a PNG."""
    out = BytesIO()
    segno.make(url, error="m").save(out, kind="png", scale=10, border=4)
    return out.getvalue()


def _whole(*texts: str) -> bool:
    return all(text.isascii() and text.isdigit() and len(text) <= 15 for text in texts)
