"""The pages of /broadcast: the lists and one broadcast; words for states and kinds."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from bot.broadcasts.audience import Reach
from bot.broadcasts.model import Audience, Broadcast, Kind, Schedule, State, When
from bot.i18n import LANGUAGE_NAMES, N_, Translator, flag
from bot.knowledge.base import Knowledge
from bot.telegram.broadcasts.parts import act
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import bold, grid, paragraphs
from bot.telegram.views import View

KIND = {
    Kind.PROMOTION: N_("Promotion"),
    Kind.FESTIVAL: N_("Festival greeting"),
    Kind.EDUCATION: N_("Lesson"),
    Kind.SERVICE: N_("Service notice"),
}
STATE = {
    State.DRAFT: N_("draft"),
    State.WAITING: N_("waits for a second person"),
    State.SCHEDULED: N_("scheduled"),
    State.RUNNING: N_("being sent"),
    State.PAUSED: N_("paused"),
    State.FINISHED: N_("sent"),
    State.CANCELLED: N_("cancelled"),
    State.OVERDUE: N_("missed its moment: it waits for your word"),
}
ICON = {
    State.DRAFT: "✏️", State.WAITING: "👀", State.SCHEDULED: "🗓", State.RUNNING: "📤",
    State.PAUSED: "⏸", State.FINISHED: "✅", State.CANCELLED: "⏹", State.OVERDUE: "⏰",
}  # fmt: skip
PER_PAGE = 8


def list_page(t: Translator, found: Sequence[Broadcast], history: bool, page: int) -> View:
    shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
    rows: list[Row] = [[act(f"{ICON[b.state]} {b.draft.title}", "op", b.id)] for b in shown]
    turn = []
    if page:
        turn.append(act("◀️", "hs" if history else "ls", page - 1))
    if len(found) > (page + 1) * PER_PAGE:
        turn.append(act("▶️", "hs" if history else "ls", page + 1))
    if turn:
        rows.append(turn)
    rows.append([act(t("➕ New broadcast"), "new"), act(t("📢 Open ones"), "ls", 0) if history else act(t("🕘 History"), "hs", 0)])  # fmt: skip
    title = t("Broadcasts that are over") if history else t("Broadcasts")
    if shown:
        lead = t("Choose one, or begin a new one.")
    elif history:
        lead = t("None is over yet.")
    else:
        lead = t("None is open. A broadcast is written in several languages, checked country by country, and sent at each reader's own time.")  # fmt: skip
    return View(paragraphs(bold(title), lead), keyboard(rows))


TROUBLE = {
    "no_connection": N_("Telegram cannot be reached at the moment; it goes on by itself."),
    "database": N_("The database cannot be written at the moment; nothing is lost, it goes on by itself."),
    "token_refused": N_("Telegram refuses the bot's token."),
    "missed": N_("Its moment was missed. Send it still, or let it go?"),
    "interrupted": N_("It was interrupted for long. Send the rest still, or let it go?"),
    "schedule": N_("Its schedule cannot be read any more."),
    "error": N_("Something went wrong on my side. The log says what."),
}  # fmt: skip


def note_text(t: Translator, note: str) -> str:
    """The delivery notes a word, a person a sentence."""
    return t(TROUBLE[note]) if note in TROUBLE else note


def kinds_page(t: Translator) -> View:
    rows: list[Row] = grid([act(t(name), "mk", kind.value) for kind, name in KIND.items()], 2)
    text = t("What kind is it? Members can switch each kind off, and countries have rules for each.")  # fmt: skip
    return View(paragraphs(text), keyboard([*rows, [act(t("⬅️ All broadcasts"), "ls", 0)]]))


def broadcast_page(t: Translator, b: Broadcast, knowledge: Knowledge, reach: Reach, when: str) -> View:  # fmt: skip
    platform = knowledge.platforms.get(b.draft.platform or "")
    languages = [LANGUAGE_NAMES[code] for code in b.variants]
    facts = [
        (t("State"), f"{ICON[b.state]} {t(STATE[b.state])}"),
        (t("Kind"), t(KIND[b.draft.kind])),
        (t("Platform"), platform.name if platform else t("names none")),
        (t("Languages"), t.listing(languages) if languages else "-"),
        (t("Audience"), audience_line(t, b.draft.audience, reach)),
        (t("When"), when),
        *([(t("Note"), note_text(t, b.note))] if b.note else []),
    ]
    listed = Markup("\n").join(Markup("{}: {}").format(k, v) for k, v in facts)
    return View(paragraphs(bold(b.draft.title), listed), keyboard(_rows(t, b)))


def _rows(t: Translator, b: Broadcast) -> list[Row]:
    rows: list[Row] = []
    if b.state in (State.DRAFT, State.WAITING, State.SCHEDULED):
        rows += [
            [act(t("✏️ Texts"), "tx", b.id), act(t("🎯 Audience"), "au", b.id)],
            [act(t("🗓 When"), "wh", b.id), act(t("🏦 Platform"), "pf", b.id)],
        ]
    if b.variants:
        rows.append([act(t("👁 Preview"), "pv", b.id), act(t("🧪 Test to me"), "ts", b.id)])
    match b.state:
        case State.DRAFT:
            rows.append([act(t("✅ Check and schedule"), "ck", b.id), act(t("🗑 Delete"), "dl", b.id)])  # fmt: skip
        case State.WAITING:
            rows.append([act(t("👀 Check and approve"), "ck", b.id), act(t("⏹ Cancel"), "cx", b.id)])  # fmt: skip
        case State.SCHEDULED:
            rows.append([act(t("⏹ Cancel"), "cx", b.id)])
        case State.RUNNING | State.PAUSED | State.OVERDUE:
            rows.append([act(t("📊 Progress"), "pg", b.id)])
        case State.FINISHED | State.CANCELLED:
            rows.append([act(t("📊 Report"), "rp", b.id), act(t("📄 CSV"), "cv", b.id)])
    rows.append([act(t("📋 Duplicate"), "dp", b.id), act(t("⬅️ All broadcasts"), "ls", 0)])
    return rows


def audience_line(t: Translator, audience: Audience, reach: Reach) -> str:
    parts = []
    if audience.groups:
        parts.append(t.plural("{n} group", "{n} groups", reach.groups))
    if audience.members:
        parts.append(t.plural("{n} subscriber", "{n} subscribers", reach.members))
    counted = t.listing(parts) if parts else t("nobody")
    where = " ".join(flag(c) for c in sorted(audience.countries))
    spoken = t.listing([LANGUAGE_NAMES[c] for c in sorted(audience.languages)])
    return " · ".join(part for part in (counted, where, spoken) if part)


def when_line(t: Translator, schedule: Schedule, festival: str) -> str:
    """The schedule in words; the moments themselves are on the check's page."""
    clock = schedule.time.strftime("%H:%M")
    zone = t("each reader's own time") if schedule.zone is None else schedule.zone
    match schedule.when:
        case When.NOW:
            return t("as soon as it may go")
        case When.ONCE if schedule.at:
            return t("{date}, {time} ({zone})", date=t.date(schedule.at.date(), weekday=True), time=schedule.at.strftime("%H:%M"), zone=zone)  # fmt: skip
        case When.REPEAT:
            return t("again and again: {cron} ({zone})", cron=schedule.cron or "-", zone=zone)
        case When.FESTIVAL:
            days = schedule.days_before
            if days > 0:
                return t.plural("{n} day before {festival}, {time} ({zone})", "{n} days before {festival}, {time} ({zone})", days, festival=festival, time=clock, zone=zone)  # fmt: skip
            return t("on {festival}, {time} ({zone})", festival=festival, time=clock, zone=zone)
    return "-"


def confirm_page(t: Translator, question: str, yes: str, verb: str, b: Broadcast) -> View:
    rows: list[Row] = [[act(yes, verb, b.id, 1), act(t("⬅️ Back"), "op", b.id)]]
    return View(paragraphs(bold(b.draft.title), question), keyboard(rows))


def again_row(t: Translator, b: Broadcast) -> Row:
    return [act(t("🔁 Send the uncertain again"), "ru", b.id)]


def back_row(t: Translator, b: Broadcast) -> Row:
    return [act(t("⬅️ Back"), "op", b.id)]
