"""The pages of /promo: the list, one promotion, and the choices behind its buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from markupsafe import Markup, escape

from bot.compliance import Ruling
from bot.i18n import LANGUAGE_NAMES, N_, Translator, flag
from bot.knowledge.base import Knowledge
from bot.knowledge.festivals import Festivals, Occurrence
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.promotions.model import (
    MAX_PROOF,
    MAX_TEXT,
    MAX_TITLE,
    BadWindow,
    Missing,
    Phase,
    Promotion,
)
from bot.telegram.callbacks import RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.rulings import ruling_lines
from bot.telegram.views import View

ROOM = "pr"
PHASE = {
    Phase.DRAFT: N_("draft, members do not see it yet"),
    Phase.COMING: N_("coming"),
    Phase.RUNNING: N_("running"),
    Phase.OVER: N_("over"),
}
ICON = {Phase.DRAFT: "✏️", Phase.COMING: "⏳", Phase.RUNNING: "🟢", Phase.OVER: "⚪"}
MISSING = {
    Missing.WINDOW: N_("its first and last day"),
    Missing.OVER: N_("days that are not over yet"),
    Missing.COUNTRIES: N_("its countries"),
    Missing.TERMS: N_("the address of its terms"),
    Missing.TEXT: N_("a text in its main language"),
}
WINDOW = {
    BadWindow.UNREADABLE: N_("I need two dates, such as 2027-04-10 2027-04-16."),
    BadWindow.BACKWARDS: N_("The last day comes before the first."),
    BadWindow.PAST: N_("Those days are over already."),
    BadWindow.TOO_LONG: N_("That is more than a year: is the year right?"),
}
PROMPTS = {
    "title": N_("What is it called? Members see this name. At most {limit} characters."),
    "window": N_("From which day to which? Write both dates: 2027-04-10 2027-04-16. Each country keeps its own midnight."),
    "terms": N_("Where are its terms? Write the address: https://..."),
    "platform": N_("Which platform is it for? Write its name. It is promoted only where it may be."),
    "proof": N_("Some countries let a licensed platform promote only in its own official channel. If these chats are that, write what proves it (licence, where the platform links to them). At most {limit} characters."),
    "text": N_("Write the text in {language}: what one does, what one gets. At most {limit} characters. A dash alone takes it out."),
}  # fmt: skip
LIMITS = {"title": MAX_TITLE, "proof": MAX_PROOF, "text": MAX_TEXT}


def act(text: str, verb: str, *args: object) -> tuple[str, RoomAction]:
    return text, RoomAction(ROOM, verb, tuple(map(str, args)))


def paragraphs(*parts: str | Markup) -> str:
    return str(Markup("\n\n").join(escape(p) for p in parts if p))


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def grid(buttons: Sequence[tuple[str, RoomAction]], width: int) -> list[Row]:
    return [buttons[i : i + width] for i in range(0, len(buttons), width)]


def list_page(t: Translator, promotions: Sequence[Promotion], today: date) -> View:
    rows: list[Row] = [[act(f"{ICON[p.phase(today)]} {p.title}", "open", p.id)] for p in promotions]
    rows.append([act(t("➕ New promotion"), "new"), act(t("📅 Festivals"), "cal", "")])
    lead = (
        t("Choose one, or begin a new one.")
        if promotions
        else t("There is no promotion yet. Begin one; members see it when you publish it.")
    )
    return View(paragraphs(bold(t("Promotions")), lead), keyboard(rows))


def promotion_page(
    t: Translator, p: Promotion, today: date, knowledge: Knowledge, festivals: Festivals,
    rulings: Sequence[Ruling], missing: Sequence[Missing],
) -> View:  # fmt: skip
    phase = p.phase(today)
    platform = knowledge.platforms.get(p.platform or "")
    festival = next((f for f in festivals.all if f.id == p.festival), None)
    window = (
        t("{first} to {last}", first=t.date(p.starts_on), last=t.date(p.ends_on))
        if p.starts_on and p.ends_on
        else "-"
    )
    facts = [
        (t("State"), f"{ICON[phase]} {t(PHASE[phase])}"),
        (t("Days"), window),
        (t("Festival"), festival.name(t.language) if festival else "-"),
        (t("Platform"), platform.name if platform else t("names none")),
        (t("Terms"), p.terms_url or "-"),
        *([(t("Proof"), p.proof)] if p.proof else []),
    ]
    listed = Markup("\n").join(Markup("{}: {}").format(k, v) for k, v in facts)
    texts = Markup("\n").join(
        Markup("<b>{}</b> {}").format(LANGUAGE_NAMES[code], text) for code, text in p.texts.items()
    )
    needs = (
        t("Before members can see it, it needs {things}.", things=t.listing([t(MISSING[m]) for m in missing]))
        if missing and phase is Phase.DRAFT
        else ""
    )  # fmt: skip
    gate = ruling_lines(t, knowledge, rulings) if rulings else ""
    return View(
        paragraphs(bold(p.title), listed, texts, gate, needs),
        keyboard(_rows(t, p, phase, bool(missing))),
    )


def _rows(t: Translator, p: Promotion, phase: Phase, incomplete: bool) -> list[Row]:
    rows: list[Row] = []
    if phase is not Phase.OVER:
        rows += [
            [act(t("✏️ Name"), "ask", p.id, "title"), act(t("📅 Days"), "ask", p.id, "window")],
            [act(t("🎉 Festival"), "fest", p.id), act(t("🌏 Countries"), "ctry", p.id)],
            [act(t("🏦 Platform"), "ask", p.id, "platform"), act(t("📄 Terms"), "ask", p.id, "terms")],
            [act(t("🌐 Texts"), "texts", p.id), act(t("🔏 Proof"), "ask", p.id, "proof")],
        ]  # fmt: skip
    if phase is Phase.DRAFT and not incomplete:
        rows.append([act(t("✅ Publish"), "pub", p.id)])
    if phase in (Phase.COMING, Phase.RUNNING):
        rows.append([act(t("📣 Announce it"), "send", p.id), act(t("⏹ End it"), "end", p.id, 0)])
    return [*rows, [act(t("⬅️ All promotions"), "list")]]


def prompt(t: Translator, promotion_id: int, field: str, language: str = "") -> View:
    values: dict[str, object] = {"limit": t.number(LIMITS[field])} if field in LIMITS else {}
    if language:
        values["language"] = LANGUAGE_NAMES[language]
    rows: list[Row] = []
    if field == "platform":
        rows.append([act(t("It names no platform"), "noplat", promotion_id)])
    if promotion_id:
        rows.append([act(t("⬅️ Back"), "open", promotion_id)])
    text = t(PROMPTS[field], **values)
    return View(paragraphs(text, t("/cancel leaves it as it is.")), keyboard(rows))


def choice_page(
    t: Translator, title: str, promotion_id: int, buttons: Iterable[tuple[str, RoomAction]],
    width: int = 2,
) -> View:  # fmt: skip
    rows = [*grid(list(buttons), width), [act(t("⬅️ Back"), "open", promotion_id)]]
    return View(paragraphs(title), keyboard(rows))


def countries_page(t: Translator, p: Promotion, may: Callable[[str], bool]) -> View:
    buttons = [
        act(f"{'☑️' if c in p.countries else '▫️'} {flag(c)} {t.country(c)}", "tog", p.id, c)
        for c in COUNTRIES
        if may(c)
    ]
    return choice_page(t, t("In which countries does it run?"), p.id, buttons)


def texts_page(t: Translator, p: Promotion) -> View:
    buttons = [
        act(f"{'☑️' if code in p.texts else '▫️'} {LANGUAGE_NAMES[code]}", "text", p.id, code)
        for code in LANGUAGES
    ]
    lead = t(
        "Which language do you want to write? Members whose language has no text read {language}.",
        language=LANGUAGE_NAMES[p.language],
    )
    return choice_page(t, lead, p.id, buttons)


def festivals_page(t: Translator, p: Promotion, coming: Sequence[Occurrence]) -> View:
    buttons = [
        act(f"{o.festival.name(t.language)} · {t.date(o.day)}", "setf", p.id, o.festival.id)
        for o in coming
    ]
    lead = t("For which festival? Its days become the promotion's; you can change them.")
    return choice_page(t, lead, p.id, buttons, 1)


def end_page(t: Translator, p: Promotion) -> View:
    return View(
        paragraphs(
            bold(p.title), t("End it now? Members no longer see it. This cannot be undone.")
        ),
        keyboard([[act(t("⏹ End it"), "end", p.id, 1), act(t("⬅️ Back"), "open", p.id)]]),
    )
