"""A broadcast as one recipient gets it: language, placeholders, the country's warning, buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from bot.broadcasts import templates
from bot.broadcasts.model import Broadcast, Button, Draft, Kind, Media, Variant
from bot.broadcasts.templates import Values
from bot.compliance import Ruling, SendingGate, SendKind
from bot.i18n import Languages, Translator
from bot.knowledge.festivals import Festivals
from bot.knowledge.store import KnowledgeStore
from bot.promotions.store import PromotionStore

SEND_KIND = {
    Kind.PROMOTION: SendKind.PROMOTION,
    Kind.FESTIVAL: SendKind.SERVICE,
    Kind.EDUCATION: SendKind.EDUCATION,
    Kind.SERVICE: SendKind.SERVICE,
}
"""A greeting sells nothing; one that is for a platform is a promotion (`send_kind`)."""
Rewrite = Callable[[str, str], str]
"""(language, url) -> the address under which its clicks are counted."""


def send_kind(draft: Draft) -> SendKind:
    greets_for = draft.kind is Kind.FESTIVAL and draft.platform is not None
    return SendKind.PROMOTION if greets_for else SEND_KIND[draft.kind]


@dataclass(frozen=True)
class Recipient:
    """`first_name` is empty where it is not known, and for groups."""

    chat_id: int
    country: str | None
    language: str | None
    first_name: str = ""


@dataclass(frozen=True)
class Outgoing:
    """Ready for the Bot API: HTML, at most one photo or document, rows of URL buttons."""

    html: str
    media: Media | None
    buttons: tuple[tuple[Button, ...], ...]
    language: str


@dataclass(frozen=True)
class Setting:
    """What all readers of a variant in one country on one day share."""

    variant: Variant
    friend: str
    """Whom a name is not known of is called so."""
    festival: str
    local_date: str
    tail: str
    buttons: tuple[tuple[Button, ...], ...]

    @property
    def personal(self) -> bool:
        used = templates.placeholders(self.variant.text)
        links = any("{ref_link}" in b.url for row in self.buttons for b in row)
        return links or bool(used & {"first_name", "ref_link"})


class Writer:
    def __init__(
        self, knowledge: KnowledgeStore, festivals: Festivals, languages: Languages,
        promotions: PromotionStore, ref_link: Callable[[int], str],
    ) -> None:  # fmt: skip
        """`ref_link`: a chat's own invitation link (for a group, the bot's)."""
        self._knowledge = knowledge
        self._festivals = festivals
        self._languages = languages
        self._promotions = promotions
        self._ref_link = ref_link

    @property
    def version(self) -> int:
        """The knowledge's: what was written with an older one is written anew."""
        return self._knowledge.current.version

    def translator(self, language: str) -> Translator:
        return self._languages[language]

    def ruling(self, draft: Draft, country: str | None) -> Ruling:
        """The gate's word, from the knowledge as it stands now."""
        promotion = self._promotions.get(draft.promotion_id) if draft.promotion_id else None
        proof = bool(promotion and promotion.proof and promotion.platform == draft.platform)
        return SendingGate(self._knowledge.current).rule(
            send_kind(draft), country, draft.platform, proof=proof
        )

    def rulings(self, draft: Draft, countries: Iterable[str | None]) -> list[Ruling]:
        return [self.ruling(draft, c) for c in dict.fromkeys(countries)]

    def write(
        self, broadcast: Broadcast, recipient: Recipient, day: date, rewrite: Rewrite | None = None
    ) -> Outgoing | None:
        """None where no variant fits. `day`: the recipient's day of sending."""
        variant = broadcast.variant(recipient.language)
        if variant is None:
            return None
        return self.fill(
            self.setting(broadcast, variant, recipient.country, day, rewrite), recipient
        )

    def setting(
        self, broadcast: Broadcast, variant: Variant, country: str | None, day: date,
        rewrite: Rewrite | None = None,
    ) -> Setting:  # fmt: skip
        t = self._languages[variant.language]
        draft = broadcast.draft
        festival = self.festival_of(draft)
        return Setting(
            variant, t("friend"), self.festival_name(festival, variant.language),
            t.date(self.festival_day(festival, country, day) or day),
            self.tail(t, self.ruling(draft, country)),
            tuple(tuple(self._button(b, variant, rewrite) for b in r) for r in variant.buttons),
        )  # fmt: skip

    def fill(self, setting: Setting, recipient: Recipient) -> Outgoing:
        """The personal part, which is all that is done anew for each of many."""
        variant = setting.variant
        values = Values(
            recipient.first_name or setting.friend,
            setting.festival,
            setting.local_date,
            self._ref_link(recipient.chat_id),
        )
        buttons = tuple(
            tuple(Button(b.text, templates.fill_url(b.url, values)) for b in row)
            for row in setting.buttons
        )
        html = templates.fill(variant.text, values) + setting.tail
        return Outgoing(html, variant.media, buttons, variant.language)

    @staticmethod
    def _button(button: Button, variant: Variant, rewrite: Rewrite | None) -> Button:
        """A personal address is not rewritten: it would be one token for each member."""
        if rewrite is None or "{ref_link}" in button.url:
            return button
        return Button(button.text, rewrite(variant.language, button.url))

    def tail(self, t: Translator, ruling: Ruling) -> str:
        """The warning that the gate asks for, as HTML below the text."""
        if not ruling.warn:
            return ""
        card = self._knowledge.current.card(ruling.country or "")
        warning = (
            t.prose(card.warning)[0]
            if card
            else t("Crypto is risky, and its rules differ from country to country: look up what holds where you live.")
        )  # fmt: skip
        return str(Markup("\n\n⚠️ <i>{}</i>").format(warning))

    # Festivals

    def festival_of(self, draft: Draft) -> str | None:
        """The schedule's, else the promotion's."""
        if draft.schedule.festival:
            return draft.schedule.festival
        promotion = self._promotions.get(draft.promotion_id) if draft.promotion_id else None
        return promotion.festival if promotion else None

    def festival_name(self, festival_id: str | None, language: str) -> str:
        found = next((f for f in self._festivals.all if f.id == festival_id), None)
        return found.name(language) if found else ""

    def festival_day(self, festival_id: str | None, country: str | None, day: date) -> date | None:
        """Its day in the country (else wherever it comes first), within half a year around."""
        found = next((f for f in self._festivals.all if f.id == festival_id), None)
        if found is None:
            return None
        days = [
            o
            for year in (day.year - 1, day.year, day.year + 1)
            for o in self._festivals.of_year(found, year)
        ]
        own = [o for o in days if country in o.countries] or days
        return min((o.day for o in own), key=lambda d: abs((d - day).days), default=None)

    # Lengths

    def widest(self, draft: Draft, variant: Variant) -> Values:
        """The longest that placeholders may become: Telegram's names have up to 64 characters."""
        t = self._languages[variant.language]
        dates = [t.date(date(2027, month, 28)) for month in range(1, 13)]
        return Values(
            "W" * 64, self.festival_name(self.festival_of(draft), variant.language),
            max(dates, key=templates.utf16), "x" * 64,
        )  # fmt: skip
