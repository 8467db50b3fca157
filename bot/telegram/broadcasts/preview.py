"""The part that shows a broadcast as its readers will see it, and sends a test to oneself."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from telegram.error import TelegramError

from bot.broadcasts.message import Outgoing, Recipient
from bot.broadcasts.model import Variant
from bot.broadcasts.schedule import Place as Where
from bot.i18n import LANGUAGE_NAMES
from bot.knowledge.model import COUNTRIES
from bot.telegram.broadcasts.parts import Case, Handler, Part
from bot.telegram.keyboards import Keyboard
from bot.telegram.promotions.views import paragraphs
from bot.telegram.rulings import place_name
from bot.telegram.sender import Place, Sender


class Preview(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {"pv": self.preview, "ts": self.test}

    async def preview(self, case: Case) -> None:
        """Every variant, as a reader in a country of its language gets it."""
        t, person = case.t, case.person
        if person.press:
            await self.toast(person.press)
        for variant in case.broadcast.variants.values():
            country = self._country_for(case, variant)
            head = t(
                "👁 {language}, as in {country}:",
                language=LANGUAGE_NAMES[variant.language], country=place_name(t, country),
            )  # fmt: skip
            await self._s.sender.send(Place(person.chat_id), paragraphs(head))
            name = self._name(case)
            await self._send(case, Recipient(person.chat_id, country, variant.language, name))

    def _country_for(self, case: Case, variant: Variant) -> str | None:
        """One of the audience to which it may go, its own language's if there is one."""
        chosen = sorted(case.draft.audience.countries) or list(COUNTRIES)
        free = [c for c in chosen if not self.tools.writer.ruling(case.draft, c).held]
        known = self.tools.core.store.current
        own = [c for c in free if known.file(c).languages[0] == variant.language]
        return next(iter(own or free or chosen), None)

    async def test(self, case: Case) -> None:
        """What the person would get as a reader: their language, country, name and link."""
        user_id = case.person.user_id
        member = self._s.members.get(user_id)
        language = self._s.languages.choose([member.language, member.telegram_language])
        recipient = Recipient(case.person.chat_id, member.country, language, self._name(case))
        if case.person.press:
            await self.toast(case.person.press, case.t("Sent to you."))
        await self._send(case, recipient)

    @staticmethod
    def _name(case: Case) -> str:
        return case.person.press.query.from_user.first_name if case.person.press else ""

    async def _send(self, case: Case, recipient: Recipient) -> None:
        """Telegram's own word where it does not take the message."""
        zone = ZoneInfo(Where.of(recipient.country).zone)
        day = self.now.astimezone(zone).date()
        outgoing = self.tools.writer.write(case.broadcast, recipient, day)
        if outgoing is None:
            text = case.t("There is no text for your language, nor in the main language.")
            await self._s.sender.send(Place(case.person.chat_id), paragraphs(text))
            return
        try:
            await send_outgoing(self._s.sender, Place(case.person.chat_id), outgoing)
        except TelegramError as error:
            text = case.t("Telegram does not take this message: {reason}", reason=error.message)
            await self._s.sender.send(Place(case.person.chat_id), paragraphs(text))


def link_keyboard(outgoing: Outgoing) -> Keyboard | None:
    rows = [[{"text": b.text, "url": b.url} for b in row] for row in outgoing.buttons]
    return {"inline_keyboard": rows} if rows else None


async def send_outgoing(sender: Sender, place: Place, outgoing: Outgoing) -> None:
    media, buttons = outgoing.media, link_keyboard(outgoing)
    if media is None:
        await sender.send(place, outgoing.html, buttons)
    else:
        await sender.send_file(place, media.kind, media.file_id, outgoing.html, buttons)
