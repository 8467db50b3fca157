"""Taught answers as moderators see them: what is about to be taught, the list, one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from bot.answers.faq_store import TaughtFaq
from bot.answers.store import TaughtUse
from bot.i18n import LANGUAGE_NAMES, Translator, flag
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.telegram.callbacks import RoomAction
from bot.telegram.inbox_views import place_name
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.views import View

ROOM = "te"
PAGE = 8
DAYS = (None, 30, 90, 365)
"""For how long an answer may be taught."""


def act(verb: str, *args: object) -> RoomAction:
    return RoomAction(ROOM, verb, tuple(str(a) for a in args))


@dataclass(frozen=True)
class Lesson:
    """What is about to be taught."""

    question: str = ""
    answer: str = ""
    language: str = "en"
    topic: str = "none"
    country: str | None = None
    days: int | None = None
    case: int | None = None

    def data(self) -> dict[str, Any]:
        return {
            "question": self.question, "answer": self.answer, "language": self.language,
            "topic": self.topic, "country": self.country, "days": self.days, "case": self.case,
        }  # fmt: skip


def lesson_of(data: Mapping[str, Any]) -> Lesson:
    return Lesson(**{name: data[name] for name in Lesson.__dataclass_fields__ if name in data})


def _bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def ask_page(t: Translator, what: str, in_group: bool, lesson: Lesson) -> View:
    """Asks for the question or for the answer."""
    asked = (
        t("Which question shall I learn? Write it as members ask it.")
        if what == "question"
        else t("And the answer? Write it as members should read it.")
    )
    how = t("Reply to this message; /cancel leaves it.") if in_group else t("/cancel leaves it.")
    given = Markup("<blockquote>{}</blockquote>").format(lesson.question) if what == "answer" and lesson.question else Markup("")  # fmt: skip
    return View(str(Markup("\n").join(p for p in (given, _bold(asked), escape(how)) if p)))


def preview_page(t: Translator, lesson: Lesson, until: date | None) -> View:
    language = LANGUAGE_NAMES.get(lesson.language, lesson.language)
    lasts = t("Until: {date}", date=t.date(until)) if until else t("Until: retired by somebody")
    html = Markup("\n").join([
        _bold(t("Teach this?")),
        _bold(lesson.question), escape(lesson.answer), Markup(""),
        escape(t("For: {country}", country=place_name(t, lesson.country))),
        escape(t("Language: {language}", language=language)), escape(lasts),
    ])  # fmt: skip
    rows: list[Row] = [
        [(t("💾 Save"), act("sv")), (t("✖️ Cancel"), act("no"))],
        [(t("✏️ Question"), act("eq")), (t("✏️ Answer"), act("ea"))],
        [(t("🌏 Country"), act("cg")), (t("📅 Until"), act("un"))],
    ]
    return View(str(html), keyboard(rows))


def country_page(t: Translator, lesson: Lesson) -> View:
    flags: list[tuple[str, RoomAction]] = [(flag(c), act("co", c)) for c in COUNTRIES]
    rows: list[Row] = [flags[i : i + 7] for i in range(0, len(flags), 7)]
    html = Markup("{}\n\n{}").format(_bold(lesson.question), t("For members of which country?"))
    return View(str(html), keyboard([*rows, [(t("All countries"), act("co", ""))]]))


# The list


def list_page(t: Translator, faqs: Sequence[TaughtFaq], page: int) -> View:
    pages = max(1, -(-len(faqs) // PAGE))
    page = min(page, pages - 1)
    here = faqs[page * PAGE : (page + 1) * PAGE]
    title = (
        t.plural("{n} taught answer", "{n} taught answers", len(faqs))
        if faqs
        else t("Nothing is taught yet. Begin with /teach.")
    )
    lines = [_bold(title)] + [
        Markup("#{} {} {}").format(
            f.id, flag(f.country) if f.country else "🌏", _short(f.texts[0].question, 80)
        )
        for f in here
    ]
    buttons: list[tuple[str, RoomAction]] = [(f"#{f.id}", act("op", f.id)) for f in here]
    rows: list[Row] = [buttons[i : i + 4] for i in range(0, len(buttons), 4)]
    back = [(t("⬅️ Earlier"), act("ls", page - 1))] if page > 0 else []
    on = [(t("Later ➡️"), act("ls", page + 1))] if page < pages - 1 else []
    turn: list[Row] = [[*back, *on]] if back or on else []
    return View(str(Markup("\n").join(lines)), keyboard([*rows, *turn]))


# One taught answer


def missing(faq: TaughtFaq, use: TaughtUse) -> list[str]:
    """Languages that it lacks; those in which it was asked come first."""
    asked = dict(use.languages)
    lacks = [code for code in LANGUAGES if code not in faq.languages]
    return sorted(lacks, key=lambda code: (-asked.get(code, 0), LANGUAGES.index(code)))


def faq_page(
    t: Translator, faq: TaughtFaq, use: TaughtUse, titles: Mapping[int, str], retention_days: int,
) -> View:  # fmt: skip
    parts = [_bold(f"#{faq.id} {place_name(t, faq.country)}")]
    room = 2400 // len(faq.texts)
    parts += [
        Markup("<b>{}</b> {}\n{}").format(
            LANGUAGE_NAMES.get(text.language, text.language), _short(text.question, 240),
            _short(text.answer, room),
        )
        for text in faq.texts
    ]  # fmt: skip
    parts.append(Markup("\n").join(escape(line) for line in _facts(t, faq, use, titles, retention_days)))  # fmt: skip
    return View(str(Markup("\n\n").join(parts)), keyboard(_faq_rows(t, faq, use)))


def _facts(
    t: Translator, faq: TaughtFaq, use: TaughtUse, titles: Mapping[int, str], retention_days: int,
) -> list[str]:  # fmt: skip
    lines = [
        t.plural("Given {n} time in the last {days} days · 👍 {up} · 👎 {down}",
                 "Given {n} times in the last {days} days · 👍 {up} · 👎 {down}", use.times,
                 days=t.number(retention_days), up=t.number(use.up), down=t.number(use.down)),
    ]  # fmt: skip
    if use.places:
        places = [
            f"{titles.get(chat) or t('private chat')} ({t.number(n)})" for chat, n in use.places
        ]
        lines.append(t("Where: {places}", places=t.listing(places)))
    if faq.until:
        lines.append(t("Until: {date}", date=t.date(date.fromisoformat(faq.until[:10]))))
    if faq.retired_at:
        lines.append(t("Retired: it is no longer given."))
    elif lacks := missing(faq, use):
        names = [LANGUAGE_NAMES[code] for code in lacks]
        lines.append(t("Not translated yet: {languages}", languages=t.listing(names)))
    return lines


def _faq_rows(t: Translator, faq: TaughtFaq, use: TaughtUse) -> list[Row]:
    back: Row = [(t("⬅️ Back"), act("ls", 0))]
    if faq.retired_at:
        return [back]
    edits: list[tuple[str, RoomAction]] = [
        (f"✏️ {LANGUAGE_NAMES.get(code, code)}", act("ed", faq.id, code)) for code in faq.languages
    ]
    rows: list[Row] = [edits[i : i + 3] for i in range(0, len(edits), 3)]
    if missing(faq, use):
        rows.append([(t("🌐 Add a translation"), act("la", faq.id))])
    return [*rows, [(t("🗑 Retire"), act("rt", faq.id))], back]


def languages_page(t: Translator, faq: TaughtFaq, use: TaughtUse) -> View:
    buttons: list[tuple[str, RoomAction]] = [
        (LANGUAGE_NAMES[code], act("ed", faq.id, code)) for code in missing(faq, use)
    ]
    rows: list[Row] = [buttons[i : i + 3] for i in range(0, len(buttons), 3)]
    html = Markup("{}\n\n{}").format(
        _bold(faq.texts[0].question), t("Into which language do you translate it?")
    )
    return View(str(html), keyboard([*rows, [(t("⬅️ Back"), act("op", faq.id))]]))


def text_prompt(t: Translator, faq: TaughtFaq, language: str, in_group: bool) -> View:
    text = faq.text(language)
    how = t("Reply to this message; /cancel leaves it.") if in_group else t("/cancel leaves it.")
    html = Markup("<pre>{}\n{}</pre>\n{}\n{}").format(
        text.question, text.answer,
        t("Write it in {language}: the question in the first line, the answer below it.",
          language=LANGUAGE_NAMES[language]),
        how,
    )  # fmt: skip
    return View(str(html))


def retire_page(t: Translator, faq: TaughtFaq) -> View:
    html = Markup("{}\n\n{}").format(
        _bold(faq.texts[0].question), t("Retire it? It will not be given any more.")
    )
    rows: list[Row] = [[(t("🗑 Retire"), act("ry", faq.id)), (t("✖️ Cancel"), act("op", faq.id))]]
    return View(str(html), keyboard(rows))
