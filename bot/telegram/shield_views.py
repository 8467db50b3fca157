"""The scam shield as text and buttons: reports, raids, a group's setting."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.i18n import N_, Translator, isolate
from bot.shield.names import Person
from bot.shield.raid_book import Raid
from bot.shield.reports import Report
from bot.shield.rules import Evidence, Kind, Mode
from bot.telegram.callbacks import Action, RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.shield_acts import Official
from bot.telegram.views import View

ROOM = "sh"
PAGE = 8

PROBLEM = {
    "delete": N_("I may not delete messages there: make me an administrator who may."),
    "restrict": N_("I may not restrict members there: make me an administrator who may."),
    "basic": N_("Telegram lets me mute only in supergroups. Ban instead."),
    "channel": N_("A channel wrote it, and a channel cannot be muted. Ban it in Telegram's own menu."),
    "failed": N_("Telegram did not do it. Try again in a moment."),
    "joins": N_("I do not see who joins: make me an administrator."),
}  # fmt: skip
MODE = {
    Mode.OFF: N_("Off"),
    Mode.REPORT: N_("Report only"),
    Mode.ACT: N_("Delete and mute"),
}
MODE_MEANS = {
    Mode.OFF: N_("I look at nobody's name or messages here."),
    Mode.REPORT: N_("I report suspects to the moderators, and do nothing myself."),
    Mode.ACT: N_("I delete what is surely a scam, mute who wrote it, and tell the moderators, who can undo it. Doubtful cases I only report."),
}  # fmt: skip
ROLE = {
    "owner": N_("owner"), "administrator": N_("administrator"), "admin": N_("team administrator"),
    "moderator": N_("moderator"), "marketing": N_("marketing"),
}  # fmt: skip


def act(verb: str, *args: object) -> Action:
    return RoomAction(ROOM, verb, tuple(str(a) for a in args))


def _lines(*parts: str | Markup) -> str:
    return str(Markup("\n").join(escape(p) for p in parts if p))


def reason(t: Translator, evidence: Evidence, reporters: int = 0) -> str:
    match evidence.kind:
        case Kind.LOOK_ALIKE if evidence.sure:
            return t("The name imitates {name}, who is staff there, with other signs.", name=evidence.detail)  # fmt: skip
        case Kind.LOOK_ALIKE:
            return t("The name looks like {name}, who is staff there.", name=evidence.detail)
        case Kind.STAFF_NAME:
            return t("The name claims to be staff, and they are not.")
        case Kind.SEED:
            return t("Asks for a seed phrase or a private key.")
        case Kind.BAD_LINK:
            return t("Links to {address}, which is on the list of bad links.", address=evidence.detail)  # fmt: skip
        case Kind.FIRST_LINK:
            return t("A newcomer, and the first message is a link.")
        case Kind.APPEAL:
            return t("They say that it is a mistake.")
    return t.plural("Reported by {n} member.", "Reported by {n} members.", max(1, reporters))


_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def tame(name: str) -> str:
    """A stranger's name, unable to turn the text around it."""
    return isolate(_BIDI.sub("", name))


def who(name: str, username: str, user_id: int) -> Markup:
    """Bidi signs of a name stay inside it; the id tells two of one name apart."""
    shown = Markup("<b>{}</b>").format(tame(name))
    handle = f" @{username}" if username else ""
    return Markup("{}{} <code>{}</code>").format(shown, handle, user_id)


def report_card(t: Translator, report: Report, group: str) -> View:
    suspect = report.suspect
    head = Markup("🛡 <b>{}</b> · {}").format(t("Report {n}", n=t.number(report.id)), group)
    reasons = [Markup("• {}").format(reason(t, e, report.reporters)) for e in report.evidence]
    quote = Markup("<blockquote>{}</blockquote>").format(report.text) if report.text else ""
    html = _lines(
        head, who(suspect.name, suspect.username, suspect.user_id), *reasons, quote,
        _sentences(outcome(t, report), _deletion(t, report)), *problems(t, report.problem),
    )  # fmt: skip
    return View(html, keyboard(report_rows(t, report)))


def _sentences(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)


def _deletion(t: Translator, report: Report) -> str:
    if not report.deleted:
        return ""
    if report.state == "undone":
        return t("A deleted message cannot be brought back.")
    return t("The message is deleted.")


def outcome(t: Translator, report: Report) -> str:
    by_bot = report.by_bot
    match report.state, report.barred:
        case "open", _:
            return t("Waiting for a moderator.")
        case "dismissed", _:
            return t("Closed: not a scam.")
        case "trusted", _:
            return t("Closed: this name is fine. A new name will be looked at anew.")
        case "undone", _:
            return t("Undone.")
        case _, "muted":
            return t("I muted them.") if by_bot else t("Muted.")
        case _, "banned":
            return t("Banned.")
    return ""


def problems(t: Translator, codes: str) -> list[str]:
    return ["⚠️ " + t(PROBLEM[code]) for code in codes.split(",") if code in PROBLEM]


def report_rows(t: Translator, report: Report) -> list[Row]:
    number = report.id
    undo = (t("↩️ Undo"), act("undo", number))
    ban = (t("⛔ Ban"), act("ban", number))
    if report.state == "open":
        bars = [(t("🔇 Mute"), act("mute", number)), ban]
        delete = (t("🗑 Delete"), act("del", number))
        return [
            [delete, *bars] if report.messages else bars,
            [
                (t("✅ Not a scam"), act("no", number)),
                (t("🤝 This name is fine"), act("ok", number)),
            ],
        ]
    if report.state == "undone":
        return []
    if report.barred == "banned" or report.state != "done":
        return [[undo]]
    return [[undo, ban] if report.barred else [undo, (t("🔇 Mute"), act("mute", number)), ban]]


def raid_card(t: Translator, raid: Raid, group: str) -> View:
    head = Markup("🌊 <b>{}</b> · {}").format(
        t("A raid is over") if raid.over else t("A raid is going on"), group
    )
    counts = [
        t.plural("{n} person joined", "{n} people joined", raid.joins) if raid.joins else "",
        t.plural("{n} suspect", "{n} suspects", raid.reports) if raid.reports else "",
        t.plural("{n} muted or banned", "{n} muted or banned", raid.barred) if raid.barred else "",
        t.plural("{n} waits for you", "{n} wait for you", raid.open) if raid.open else "",
    ]
    shown = ", ".join(tame(n) for n in raid.names)
    rows: list[Row] = []
    if raid.open:
        rows = [
            [(t("🔇 Mute all of them"), act("rmute", raid.id)), (t("✅ None is a scam"), act("rno", raid.id))],
            [(t("One by one"), act("list"))],
        ]  # fmt: skip
    html = _lines(head, " · ".join(c for c in counts if c), shown)
    return View(html, keyboard(rows))


def setting_page(t: Translator, mode: Mode, missing: Sequence[str], waiting: int, desk: bool) -> View:  # fmt: skip
    parts: list[str | Markup] = [
        Markup("🛡 <b>{}</b>").format(t("Scam shield: {mode}", mode=t(MODE[mode]))),
        t(MODE_MEANS[mode]),
    ]
    if mode is not Mode.OFF:
        parts += ["⚠️ " + t(PROBLEM[code]) for code in missing]
        if not desk:
            parts.append(t("No desk is set, so reports go to the administrators who have started me in private."))  # fmt: skip
        if waiting:
            parts.append(t.plural("{n} report waits.", "{n} reports wait.", waiting))
    row = [(("• " if one is mode else "") + t(MODE[one]), act("mode", one.value)) for one in Mode]
    return View(_lines(*parts), keyboard([[button] for button in row]))


def waiting_page(t: Translator, reports: Sequence[tuple[Report, str]], total: int) -> View:
    if not reports:
        return View(_lines(t("No report waits. Switch the shield on with /shield in a group.")))
    head = Markup("🛡 <b>{}</b>").format(t.plural("{n} report waits.", "{n} reports wait.", total))
    rows: list[Row] = [
        [(f"{r.id} · {r.suspect.name[:24]} · {group[:20]}", act("open", r.id))]
        for r, group in reports
    ]
    return View(_lines(head), keyboard(rows))


def links_page(t: Translator, links: Sequence[str]) -> View:
    if not links:
        return View(_lines(t("No link is listed. Add one: /badlink add evil.example")))
    shown = Markup("\n").join(Markup("• <code>{}</code>").format(link) for link in links[:60])
    head = t.plural("{n} bad link:", "{n} bad links:", len(links))
    return View(_lines(Markup("<b>{}</b>").format(head), shown))


def warning(t: Translator) -> str:
    """At the moment of risk."""
    return _lines(
        Markup("🛟 <b>{}</b>").format(t("Somebody may write to you now and offer help.")),
        t("Staff answer here and never write to you first. Nobody of the team asks for a seed phrase, a password or a code."),
        t("/official tells who is staff."),
    )  # fmt: skip


def muted(t: Translator, report_id: int) -> View:
    text = t("You were muted here because a message of yours looked like a scam. If that is a mistake, tell the moderators with this button.")  # fmt: skip
    return View(_lines(text), keyboard([[(t("It is a mistake"), act("appeal", report_id))]]))


def staff_page(t: Translator, group: str, officials: Sequence[Official]) -> View:
    lines = _staff_lines(t, group, officials[:40])
    return View(_lines(*lines, t("Nobody else is."), _never_first(t)))


def _staff_lines(t: Translator, group: str, officials: Sequence[Official]) -> list[Markup]:
    head = Markup("🛡 <b>{}</b>").format(t("Staff of {group}", group=group))
    return [head, *(
        Markup("• {}{} · {}").format(
            tame(one.person.name or str(one.person.user_id)),
            f" @{one.person.username}" if one.person.username else "", t(ROLE[one.role]),
        )
        for one in officials
    )]  # fmt: skip


def bare_name_page(
    t: Translator, name: str, groups: Sequence[tuple[str, Sequence[Official]]]
) -> View:
    """Neither clears nor accuses: a shown name is nobody's own. Who is staff, and how to check."""
    lines = [line for title, staff in groups[:4] for line in _staff_lines(t, title, staff[:10])]
    how = t(
        "A name alone does not tell me who {name} is: anybody can call themselves that. Send /official with their @name, or as a reply to a message of theirs.",
        name=tame(name),
    )
    return View(_lines(how, *lines, _never_first(t)))


def _never_first(t: Translator) -> str:
    return t("Staff never write to you first, and never ask for a seed phrase or a code.")


def is_staff_page(t: Translator, person: Person, where: Sequence[str]) -> View:
    text = t("✅ {name} is staff of {groups}.", name=tame(person.name), groups=t.listing(list(where)))  # fmt: skip
    return View(_lines(text, _never_first(t)))


def not_staff_page(t: Translator, name: str, like: str | None, private: bool) -> View:
    text = (
        t("⚠️ {name} is not staff of any group that you and I are both in.", name=tame(name))
        if private
        else t("⚠️ {name} is not staff of this group.", name=tame(name))
    )
    close = t("The name looks like {name}, who is. Do not trust it.", name=tame(like)) if like else ""  # fmt: skip
    return View(_lines(text, close, _never_first(t)))
