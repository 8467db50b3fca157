"""The menus as text and buttons: welcome, help, settings, privacy."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from bot.answers.labels import TOPIC, TOPIC_ICON
from bot.answers.model import ChooseCountry, ShowTopic
from bot.i18n import LANGUAGE_NAMES, N_, Translator, flag
from bot.knowledge.model import COUNTRIES, Topic
from bot.members.store import NOTIFICATIONS, Member
from bot.telegram.callbacks import (
    EraseData,
    ExportData,
    OpenMenu,
    SetCountry,
    SetLanguage,
    ToggleNotify,
)
from bot.telegram.keyboards import Keyboard, Row, keyboard
from bot.telegram.markup import bold as _bold
from bot.telegram.markup import grid as _grid
from bot.telegram.markup import paragraphs as _html
from bot.telegram.markup import ticked as _ticked


@dataclass(frozen=True)
class View:
    html: str
    keyboard: Keyboard | None = None


_MENU_TOPICS = (
    Topic.ONRAMP, Topic.P2P, Topic.REGULATION, Topic.TAX, Topic.STOCKS, Topic.PLATFORM,
    Topic.PROMO, Topic.SAFETY,
)  # fmt: skip

NOTIFY = {
    "promotion": N_("Promotions"),
    "festival": N_("Festival greetings"),
    "service": N_("Service notices"),
}


def topic_rows(t: Translator, country: str | None) -> list[Row]:
    buttons: list[tuple[str, object]] = [
        (f"{TOPIC_ICON[topic]} {t(TOPIC[topic])}",
         ShowTopic(topic, country) if country else ChooseCountry(topic))
        for topic in _MENU_TOPICS
    ]  # fmt: skip
    return _grid(buttons, 2)


def welcome(t: Translator, member: Member) -> View:
    settings: list[tuple[str, object]] = [
        (t("🌐 Language"), OpenMenu("language")),
        (t("🌏 Country"), OpenMenu("country")),
    ]
    text = _html(
        _bold(t("👋 Welcome aboard Sampan")),
        t(
            "Ask in your own words, in your own language: how to buy or sell crypto with local money, "
            "which payment systems work for P2P, what the law and the tax office say, what a platform is, "
            "or whether something is a scam."
        ),
        t(
            "Every answer shows where it comes from and how old it is. I don't give prices or tips, and I say so when I don't know."
        ),
        t("Staff never write to you first, and nobody here ever asks for your seed phrase."),
        where(t, member),
    )
    return View(text, keyboard([*topic_rows(t, member.country), settings]))  # type: ignore[list-item]


def where(t: Translator, member: Member) -> str:
    language = LANGUAGE_NAMES.get(member.language or "", t("as you write"))
    country = (
        f"{flag(member.country)} {t.country(member.country)}" if member.country else t("not set")
    )
    return t("Language: {language} · Country: {country}", language=language, country=country)


def help_page(t: Translator, country: str | None) -> View:
    lines = [
        ("/ask", t("ask anything: /ask can I use GCash for USDT?")),
        ("/onramp", t("buy and sell with local money")),
        ("/p2p", t("person-to-person trades and payment systems")),
        ("/legal", t("what the law says")),
        ("/tax", t("what the tax office says")),
        ("/platform", t("about an exchange, wallet or app: /platform Binance")),
        ("/stocks", t("tokenized stocks")),
        ("/promos", t("promotions and festivals")),
        ("/refer", t("inviting friends")),
        ("/settings", t("language, country, notifications")),
        ("/privacy", t("what is stored about you")),
    ]
    listed = Markup("\n").join(Markup("{} - {}").format(command, text) for command, text in lines)
    return View(
        _html(
            _bold(t("What I can do")),
            t("In a group, mention me or reply to me. Here, just write."),
            listed,
            t("A country or a platform may follow a command: /legal Binance Philippines"),
        ),
        keyboard(topic_rows(t, country)),
    )


def settings_page(t: Translator, member: Member) -> View:
    rows: list[Row] = [
        [(t("🌐 Language"), OpenMenu("language")), (t("🌏 Country"), OpenMenu("country"))],
        [(t("🔔 Notifications"), OpenMenu("notify")), (t("🔒 Privacy"), OpenMenu("privacy"))],
    ]
    return View(_html(_bold(t("Your settings")), where(t, member)), keyboard(rows))


def language_page(t: Translator, member: Member) -> View:
    buttons: list[tuple[str, object]] = [
        (_ticked(name, member.language == code), SetLanguage(code))
        for code, name in LANGUAGE_NAMES.items()
    ]
    follow = (_ticked(t("As I write"), member.language is None), SetLanguage(None))
    rows = [*_grid(buttons, 2), [follow], [_back(t)]]
    return View(_html(_bold(t("Which language should I answer in?"))), keyboard(rows))


def country_page(t: Translator, member: Member) -> View:
    buttons: list[tuple[str, object]] = [
        (_ticked(f"{flag(c)} {t.country(c)}", member.country == c), SetCountry(c))
        for c in COUNTRIES
    ]
    none = (_ticked(t("Don't set one"), member.country is None), SetCountry(None))
    rows = [*_grid(buttons, 2), [none], [_back(t)]]
    return View(
        _html(
            _bold(t("Which country's rules concern you?")),
            t("A country that you name in a question always comes first."),
        ),
        keyboard(rows),
    )


def notify_page(t: Translator, member: Member) -> View:
    rows: list[Row] = [
        [((("🔔 " if kind in member.notify else "🔕 ") + t(NOTIFY[kind])), ToggleNotify(kind))]
        for kind in NOTIFICATIONS
    ]
    return View(
        _html(
            _bold(t("What may I send you?")),
            t("Answers to your questions always come. Promotions go only where the law lets them."),
        ),
        keyboard([*rows, [_back(t)]]),
    )


def privacy_page(t: Translator, retention_days: int) -> View:
    kept = t.plural(
        "Questions and votes are kept for {n} day, then deleted.",
        "Questions and votes are kept for {n} days, then deleted.",
        retention_days,
    )
    return View(
        _html(
            _bold(t("What is stored about you")),
            t("Your Telegram number (not your phone), the language, country and notifications that you chose, the questions that you asked me, and your votes on answers."),
            kept,
            t("Nothing is sold or given to others. Your name and photo are not stored."),
        ),
        keyboard([
            [(t("📦 Export my data"), ExportData())],
            [(t("🗑 Delete my data"), EraseData(False))],
            [_back(t)],
        ]),
    )  # fmt: skip


def erase_page(t: Translator) -> View:
    return View(
        _html(
            _bold(t("Delete everything about you?")),
            t("Your settings, questions and votes are deleted at once and for good."),
        ),
        keyboard([[(t("Yes, delete"), EraseData(True)), (t("Keep it"), OpenMenu("privacy"))]]),
    )


def _back(t: Translator) -> tuple[str, OpenMenu]:
    return t("⬅️ Back"), OpenMenu("settings")
