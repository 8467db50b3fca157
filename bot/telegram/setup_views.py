"""A group's set-up as text and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.dates import get_timezone_location

from bot.i18n import LANGUAGE_NAMES, N_, Translator, flag
from bot.knowledge.model import COUNTRIES, Duration
from bot.members.group_rules import local_time, zone_name, zones_of
from bot.members.store import ANSWERING, Group
from bot.telegram.callbacks import Action, RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.markup import bold, grid, paragraphs, ticked
from bot.telegram.views import View

ROOM = "su"
CLEAN_CHOICES = (5, 15, 60, 360)
"""Minutes."""
ANSWERS = {
    "off": N_("commands only"),
    "mentions": N_("commands, mentions and replies to me"),
    "confident": N_("clear questions unasked, too"),
}


def act(verb: str, *args: object) -> Action:
    return RoomAction(ROOM, verb, tuple(str(a) for a in args))


def city(t: Translator, zone: str) -> str:
    """The zone by its city, in the reader's language."""
    return str(get_timezone_location(zone, locale=t.locale(), return_city=True))


def _minutes(t: Translator, minutes: int) -> str:
    whole = minutes % 60 == 0
    return t.duration(
        Duration(amount=minutes // 60, unit="hour")
        if whole
        else Duration(amount=minutes, unit="minute")
    )


def main_page(
    t: Translator, group: Group, now: datetime, faults: Sequence[str] | None, desk: str
) -> View:
    """`faults`: what hinders the bot there (N_ texts), None when Telegram could not be asked."""
    if faults is None:
        checked = t("I could not check my rights here. Please try again in a moment.")
    elif faults:
        checked = "\n".join(f"⚠️ {t(text)}" for text in faults)
    else:
        checked = f"✅ {t('I have all the rights that I need here.')}"
    rows: list[Row] = [
        [(t("🌏 Country"), act("open", "country")), (t("🌐 Language"), act("open", "language"))],
        [
            (t("🕒 Time zone"), act("open", "zone")),
            (t("💬 What I answer"), act("open", "answering")),
        ],
        [(t("🌙 Quiet hours"), act("open", "quiet")), (t("🧹 Tidying up"), act("open", "clean"))],
        [_festivals(t, group)],
        [(t("🔎 Check again"), act("open", "main")), (t("Done"), act("done"))],
    ]
    return View(
        paragraphs(
            bold(t("Setting up {group}", group=group.title)),
            "\n".join(_summary(t, group, now)),
            desk,
            checked,
        ),
        keyboard(rows),
    )


def _festivals(t: Translator, group: Group) -> tuple[str, Action]:
    text = t("🎉 Festival notices: on") if group.festivals else t("🎉 Festival notices: off")
    return text, act("festivals", int(not group.festivals))


def _summary(t: Translator, group: Group, now: datetime) -> list[str]:
    country = f"{flag(group.country)} {t.country(group.country)}" if group.country else t("not set")
    language = t.listing([LANGUAGE_NAMES[tag] for tag in group.languages]) or t("not set")
    quiet = (
        t("Quiet hours: {start} to {end}", start=t.clock(group.quiet_from), end=t.clock(group.quiet_to))
        if group.quiet_from is not None and group.quiet_to is not None
        else t("Quiet hours: none")
    )  # fmt: skip
    tidy = (
        t("My notices are deleted after {time}", time=_minutes(t, group.clean_minutes))
        if group.clean_minutes is not None
        else t("My notices stay")
    )
    local = local_time(group, now)
    return [
        t("Language: {language} · Country: {country}", language=language, country=country),
        t(
            "Time zone: {city}, now {time}",
            city=city(t, zone_name(group)),
            time=t.clock(local.hour, local.minute),
        ),
        t("I answer: {what}", what=t(ANSWERS[group.answering])),
        quiet,
        tidy,
    ]


def country_page(t: Translator, group: Group) -> View:
    buttons = [
        (ticked(f"{flag(c)} {t.country(c)}", group.country == c), act("country", c))
        for c in COUNTRIES
    ]
    none = (ticked(t("Don't set one"), group.country is None), act("country", ""))
    return _page(
        t, t("Which country is this group about?"), [*grid(buttons, 2), [none]],
        t("A country that you name in a question always comes first."),
    )  # fmt: skip


def language_page(t: Translator, group: Group) -> View:
    """Each button puts its language in or takes it out."""
    buttons = [
        (ticked(name, code in group.languages), act("language", code))
        for code, name in LANGUAGE_NAMES.items()
    ]
    follow = (ticked(t("As I write"), not group.languages), act("language", ""))
    chosen = t.listing([LANGUAGE_NAMES[tag] for tag in group.languages]) or t("not set")
    return _page(
        t, t("Which languages are spoken in this group?"), [*grid(buttons, 2), [follow]],
        t("Now: {languages}. Choose as many as you like; what I announce is written in the first. Whoever asks is answered in the language that they write or have chosen.", languages=chosen),
    )  # fmt: skip


def zone_page(t: Translator, group: Group) -> View:
    """The zones of the group's country; those of all countries when it has none."""
    countries = [group.country] if group.country else COUNTRIES
    chosen = zone_name(group)
    buttons = [
        (ticked(city(t, zone), zone == chosen), act("zone", zone))
        for country in countries
        for zone in zones_of(country)
    ]
    return _page(t, t("Which city's time does this group live by?"), grid(buttons, 2))


def answering_page(t: Translator, group: Group) -> View:
    rows = [
        [(ticked(t(ANSWERS[mode]), group.answering == mode), act("answering", mode))]
        for mode in ANSWERING
    ]
    return _page(t, t("What should I answer here?"), rows)


def quiet_page(t: Translator, group: Group) -> View:
    none = (ticked(t("No quiet hours"), group.quiet_from is None), act("quiet"))
    return _page(
        t, t("Quiet hours: from when?"), [*_hours(t, "until", ()), [none]],
        t("In quiet hours nothing is announced here. Questions to me are always answered."),
    )  # fmt: skip


def until_page(t: Translator, start: int) -> View:
    return _page(
        t, t("Quiet hours from {start}: until when?", start=t.clock(start)),
        _hours(t, "quiet", (start,)),
    )  # fmt: skip


def _hours(t: Translator, verb: str, before: tuple[int, ...]) -> list[Row]:
    buttons = [(t.clock(h), act(verb, *before, h)) for h in range(24) if h not in before]
    return grid(buttons, 4)


def clean_page(t: Translator, group: Group) -> View:
    buttons = [
        (ticked(_minutes(t, minutes), group.clean_minutes == minutes), act("clean", minutes))
        for minutes in CLEAN_CHOICES
    ]
    never = (ticked(t("Never"), group.clean_minutes is None), act("clean", ""))
    return _page(
        t, t("When should I delete my own notices?"), [*grid(buttons, 2), [never]],
        t("Refusals, hints, links to earlier answers and this page are notices. Answers stay."),
    )  # fmt: skip


def _page(t: Translator, title: str, rows: Sequence[Row], note: str = "") -> View:
    text = paragraphs(bold(title), note) if note else paragraphs(bold(title))
    return View(text, keyboard([*rows, [(t("⬅️ Back"), act("open", "main"))]]))


def desk_page(t: Translator, title: str) -> View:
    return View(
        paragraphs(
            bold(t("Make this group the team's desk?")),
            t("Questions that I can't answer then come here, and everyone in {group} can read them.", group=title),
        ),
        keyboard([[(t("Yes, make it the desk"), act("desk"))]]),
    )  # fmt: skip
