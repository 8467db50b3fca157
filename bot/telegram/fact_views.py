"""Facts as moderators see them: one fact, its history, previews of changes, what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from markupsafe import Markup, escape

from bot.answers.labels import STANDING, STATUS, TOPIC
from bot.answers.render import utf16_length
from bot.desk.reports import OutdatedReports
from bot.i18n import N_, Translator, flag
from bot.knowledge.base import FactState, Knowledge, fact_key, first_day
from bot.knowledge.editing import (
    Changes,
    Difference,
    Draft,
    Field,
    Wrong,
    as_lines,
    choices,
    differences,
    listed,
    seal,
)
from bot.knowledge.model import Confidence, Fact, Source, Standing, Status, Topic
from bot.knowledge.store import Revision
from bot.telegram.callbacks import (
    ChooseStatus,
    EditFact,
    LeaveFact,
    ListStale,
    OpenFact,
    SaveFact,
    UndoFact,
    VerifyFact,
)
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.views import View

PAGE = 8
HISTORY = 5
MAX_LENGTH = 4000
_EXCERPT = 90

PART = {
    "text": N_("Text"),
    "status": N_("Status"),
    "standing": N_("Standing"),
    "source": N_("Sources"),
    "as_of": N_("As of"),
    "review_by": N_("Review by"),
}
ACTION = {
    "edit": N_("edited"),
    "verify": N_("verified"),
    "undo": N_("edit taken back"),
    "import": N_("taken over into the files"),
}
CONFIDENCE = {Confidence.HIGH: N_("high"), Confidence.MEDIUM: N_("medium")}


@dataclass(frozen=True)
class Known:
    """A fact with what its page needs beside it."""

    state: FactState
    country: str | None
    edited: bool
    history: Sequence[Revision]
    undoable: bool

    @property
    def key(self) -> str:
        return fact_key(self.state.fact.id)


# One fact


def fact_page(t: Translator, known: Known, today: date, viewer: int) -> View:
    """The whole fact; as much of its history as fits in a message."""
    fact = known.state.fact
    head = [
        _title(t, fact, known.country),
        escape(fact.text),
        Markup("\n").join([*_status_lines(t, fact), *_source_lines(t, known.state)]),
        _lines(_dates(t, fact, known.edited, today)),
    ]
    past = [_revision(t, revision, viewer) for revision in known.history[:HISTORY]]
    html = _fit([*head, _titled(t("History"), past) if past else escape(t("Never edited here."))])
    while _too_long(html) and past:
        past.pop()
        html = _fit([*head, _titled(t("History"), past)])
    return View(str(html), keyboard(_fact_rows(t, known)))


def _title(t: Translator, fact: Fact, country: str | None) -> Markup:
    """The id as code: a tap copies it, and nobody's app makes a link of it."""
    where = f"{flag(country)} {t.country(country)}" if country else t("All countries")
    topic = t(TOPIC[fact.topic]) if fact.topic in TOPIC else fact.topic.value
    return Markup("<b>{} · {}</b>\n<code>{}</code>").format(where, topic, fact.id)


def _status_lines(t: Translator, fact: Fact) -> list[Markup]:
    found = [("status", fact.status), ("standing", fact.standing)]
    return [_labelled(t(PART[part]), shown(t, value)) for part, value in found if value]


def _source_lines(t: Translator, state: FactState) -> list[Markup]:
    return [Markup("[{}] {}").format(n, _source(t, s)) for n, s in enumerate(listed(state), 1)]


def _source(t: Translator, source: Source) -> Markup:
    name = Markup('<a href="{}">{}</a>').format(source.url, source.name) if source.url else None
    return Markup("{}, {}").format(name or source.name, t.partial_date(source.date))


def _dates(t: Translator, fact: Fact, edited: bool, today: date) -> list[str]:
    review = t.partial_date(fact.review_by)
    return [
        t("As of {date} · confidence: {confidence}", date=t.partial_date(fact.as_of),
          confidence=t(CONFIDENCE[fact.confidence])),
        t("⏰ Review was due {date}", date=review) if first_day(fact.review_by) < today
        else t("Review by {date}", date=review),
        t("Edited here: differs from the files.") if edited else t("As in the files."),
    ]  # fmt: skip


def _fact_rows(t: Translator, known: Known) -> list[Row]:
    undo: list[Row] = [[(t("↩️ Undo"), UndoFact(known.key, 0))]] if known.undoable else []
    verify: Row = [(t("✅ Verify"), VerifyFact(known.key))]
    return [*_edit_rows(t, known.state.fact), verify, *undo]


def _edit_rows(t: Translator, fact: Fact) -> list[Row]:
    key = fact_key(fact.id)
    text = (t("✏️ Edit text"), EditFact(key, "text"))
    source = (t("🔗 Edit source & date"), EditFact(key, "source"))
    if not choices(fact):
        return [[text], [source]]
    return [[text, (t("⚖️ Edit status"), EditFact(key, "status"))], [source]]


# History


def _revision(t: Translator, revision: Revision, viewer: int) -> Markup:
    what = t(ACTION[revision.action])
    if revision.undone:
        what = t("{what}, taken back since", what=what)
    line = t("{when} UTC · {who} · {what}", when=t.datetime(datetime.fromisoformat(revision.at)),
             who=_who(t, revision.user_id, viewer), what=what)  # fmt: skip
    changed = [
        t("{part}: {before} → {after}", part=t(PART[d.part]), before=_short(shown(t, d.before)),
          after=_short(shown(t, d.after)))
        for d in differences(revision.before, revision.after)
    ]  # fmt: skip
    mention = Markup('<a href="tg://user?id={0}">{0}</a>').format(revision.user_id)
    return Markup("\n").join([_linked(line, str(revision.user_id), mention), *map(escape, changed)])


def _who(t: Translator, user_id: int | None, viewer: int) -> str:
    """Names are not stored: a number that opens the person's profile."""
    if user_id is None:
        return t("unknown person")
    return t("you") if user_id == viewer else str(user_id)


def _linked(text: str, name: str, link: Markup) -> Markup:
    before, found, after = text.partition(name)
    return escape(before) + (link if found else Markup("")) + escape(after)


def history_page(t: Translator, revisions: Sequence[Revision], viewer: int) -> View:
    if not revisions:
        return View(str(escape(t("No fact has been edited here yet."))))
    shown_now = list(revisions[:PAGE])
    html = _history(t, shown_now, viewer)
    while _too_long(html) and len(shown_now) > 1:
        shown_now.pop()
        html = _history(t, shown_now, viewer)
    ids = dict.fromkeys(r.fact_id for r in shown_now)
    return View(str(html), keyboard([[(i, OpenFact(fact_key(i)))] for i in ids]))


def _history(t: Translator, revisions: Iterable[Revision], viewer: int) -> Markup:
    entries = [
        Markup("<code>{}</code>\n{}").format(r.fact_id, _revision(t, r, viewer)) for r in revisions
    ]
    return _fit([_bold(t("The latest edits")), *entries])


def undo_page(t: Translator, known: Known, revision: Revision) -> View:
    back = differences(revision.after, revision.before)
    html = _fit([
        _bold(t("Take the newest edit back?")),
        _title(t, known.state.fact, known.country),
        *_compared(t, back),
    ])  # fmt: skip
    rows: list[Row] = [
        [(t("↩️ Undo"), UndoFact(known.key, revision.id)), (t("Leave it"), OpenFact(known.key))]
    ]
    return View(str(html), keyboard(rows))


# Changing


def ask_page(t: Translator, known: Known, asking: Field, in_group: bool) -> View:
    """What is asked for, what stands now, and how to leave."""
    fact = known.state.fact
    prompt, now = {
        "text": (t("What should it say? Write it in English, in at most 420 characters; the other languages are translated from it."), fact.text),
        "status": (t("Which status is right? Choose it below."), shown(t, fact.standing or fact.status)),
        "source": (t("Where does it come from? Send one source on a line, as: name | https://address | date. A last line with only a date says when it was true."), as_lines(known.state)),
    }[asking]  # fmt: skip
    how = (
        t("Reply to this message with it, or /cancel to leave.")
        if in_group
        else t("Send it as your next message, or /cancel to leave.")
    )
    html = _fit([_title(t, fact, known.country), _bold(prompt), _titled(t("Now:"), [_code(now)])])
    if asking != "status":
        html = _fit([html, escape(how)])
    rows = _choices(t, fact) if asking == "status" else []
    return View(str(html), keyboard([*rows, _leave(t, known.key)]))


def _choices(t: Translator, fact: Fact) -> list[Row]:
    key = fact_key(fact.id)
    return [
        [(shown(t, value), ChooseStatus(key, value.value)) for value in choices(fact)[i : i + 2]]
        for i in range(0, len(choices(fact)), 2)
    ]


def wrong_page(t: Translator, known: Known, draft: Draft, wrong: Wrong, in_group: bool) -> View:
    """What is wrong and what to do instead; the dialogue stays open."""
    again = (
        t("Reply to this message with the corrected one, or /cancel to leave.")
        if in_group
        else t("Send it again, or /cancel to leave.")
    )
    rows = _choices(t, known.state.fact) if draft.asking == "status" else []
    html = _fit([escape(fault(t, wrong)), escape(again)])
    return View(str(html), keyboard([*rows, _leave(t, known.key)]))


def fault(t: Translator, wrong: Wrong) -> str:
    given = wrong.given
    return {
        "text_short": lambda: t("That is too short: write a whole sentence."),
        "text_long": lambda: t("That has {given} characters, and at most {limit} fit: shorten it.", given=given, limit=wrong.count),
        "status": lambda: t("“{given}” is no status that I know: choose one of the buttons.", given=given),
        "source_form": lambda: t("I can't read that as a source: write name | https://address | 2026-11-21, each source on a line of its own."),
        "source_name": lambda: t("A source's name has 3 to 140 characters: name the author and the document."),
        "source_url": lambda: t("“{given}” is no web address: copy it whole, from https:// on.", given=given),
        "source_count": lambda: t("A fact has at most {limit} sources: keep the best.", limit=wrong.count),
        "date": lambda: t("“{given}” is no date: write it as 2026-11-21, 2026-11 or 2026.", given=given),
        "date_future": lambda: t("{given} is still to come: write the date of the source.", given=given),
        "same": lambda: t("That is what it says already: nothing would change."),
        "other": lambda: t("That doesn't fit the fact: {reason}", reason=given),
    }[wrong.fault]()  # fmt: skip


def preview_page(
    t: Translator, known: Known, after: FactState, changes: Changes, verify: bool = False
) -> View:
    fact = known.state.fact
    notes = [escape(t(note)) for note in _gate_notes(known.state.fact, after.fact)]
    title = t("Still true today?") if verify else t("Save this change?")
    html = _fit([
        _bold(title), _title(t, fact, known.country),
        *_compared(t, differences(known.state, after)), *notes,
    ])  # fmt: skip
    save = (t("💾 Save"), SaveFact(known.key, seal(known.state, changes)))
    more = [] if verify else _edit_rows(t, fact)
    return View(str(html), keyboard([[save, *_leave(t, known.key)], *more]))


def _gate_notes(before: Fact, after: Fact) -> list[str]:
    if before.status == after.status or not before.gate:
        return []
    if after.status is Status.PROHIBITED:
        return [N_("With this, nothing that hangs on this rule goes out in this country any more.")]
    return [N_("What may be promoted does not change with it: that stands in the files.")]


def _compared(t: Translator, changed: Iterable[Difference]) -> list[Markup]:
    return [
        Markup("<b>{}</b>\n➖ <s>{}</s>\n➕ {}").format(
            t(PART[d.part]), _linked_value(t, d.before), _linked_value(t, d.after)
        )
        for d in changed
    ]


def _linked_value(t: Translator, value: object) -> Markup:
    """Sources with their addresses, so that a wrong one can be seen before it is saved."""
    if isinstance(value, tuple):
        return Markup("\n").join(_source(t, source) for source in value)
    return escape(shown(t, value))


def _leave(t: Translator, key: str) -> Row:
    return [(t("✖️ Cancel"), LeaveFact(key))]


# Lists


def found_page(t: Translator, facts: Sequence[Fact]) -> View:
    if not facts:
        return View(str(escape(t("No fact has these words. Try a country, a platform or fewer words: /fact Philippines marketing"))))  # fmt: skip
    entries = [Markup("<code>{}</code>\n{}").format(f.id, _short(f.text)) for f in facts]
    html = _fit([_bold(t("Which fact?")), *entries])
    return View(str(html), keyboard([[(f.id, OpenFact(fact_key(f.id)))] for f in facts]))


def unknown_page(t: Translator, fact_id: str, near: Sequence[Fact]) -> View:
    text = t(
        "I have no fact “{id}”. Find it by its words: /fact Philippines marketing", id=fact_id[:64]
    )
    return View(str(escape(text)), keyboard([[(f.id, OpenFact(fact_key(f.id)))] for f in near]))


def stale_page(
    t: Translator, knowledge: Knowledge, late: Sequence[Fact], reports: Sequence[OutdatedReports],
    country: str | None, page: int,
) -> View:  # fmt: skip
    """Country by country, the oldest first; members' reports stand before the first page."""
    pages = max(1, -(-len(late) // PAGE))
    page = min(page, pages - 1)
    here = late[page * PAGE : (page + 1) * PAGE]
    title = (
        t.plural("{n} fact is past its review date", "{n} facts are past their review date", len(late))
        if late
        else t("No fact is past its review date.")
    )  # fmt: skip
    parts = [_bold(title)]
    if reports and page == 0:
        parts.append(_titled(t("Reported as outdated by members"), _reports(t, reports)))
    for code, facts in groupby(here, lambda f: knowledge.country_of(f.id)):
        parts.append(_titled(_place(t, code), [_late(t, f) for f in facts]))
    rows: list[Row] = [[(f.id, OpenFact(fact_key(f.id)))] for f in here]
    return View(str(_fit(parts)), keyboard([*rows, *_turning(t, country, page, pages)]))


def _place(t: Translator, country: str | None) -> str:
    return f"{flag(country)} {t.country(country)}" if country else t("All countries")


def _late(t: Translator, fact: Fact) -> Markup:
    return Markup("• {} <code>{}</code> {}").format(
        t.partial_date(fact.review_by), fact.id, _short(fact.text)
    )


def _reports(t: Translator, reports: Iterable[OutdatedReports]) -> list[Markup]:
    entries = []
    for report in list(reports)[:PAGE]:
        known = report.topic in set(Topic) and Topic(report.topic) in TOPIC
        topic = t(TOPIC[Topic(report.topic)]) if known else report.topic
        count = t.plural("{n} report", "{n} reports", report.count)
        entries.append(Markup("• {} · {}: {}").format(_place(t, report.country), topic, count))
    return entries


def _turning(t: Translator, country: str | None, page: int, pages: int) -> list[Row]:
    back = [(t("⬅️ Earlier"), ListStale(country, page - 1))] if page > 0 else []
    on = [(t("Later ➡️"), ListStale(country, page + 1))] if page < pages - 1 else []
    return [[*back, *on]] if back or on else []


# Pieces


def shown(t: Translator, value: object) -> str:
    """A value of a fact as a person reads it."""
    match value:
        case Status():
            return t(STATUS[value])
        case Standing():
            return t(STANDING[value])
        case tuple():
            return "; ".join(f"{s.name}, {t.partial_date(s.date)}" for s in value)
        case None | "":
            return "—"
        case str() if value[:4].isdigit() and len(value) in (4, 7, 10):
            return _date(t, value)
    return str(value)


def _date(t: Translator, value: str) -> str:
    try:
        return t.partial_date(value)
    except ValueError:
        return value


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1].rstrip() + "…"


def _labelled(label: str, value: str) -> Markup:
    return Markup("<b>{}:</b> {}").format(label, value)


def _bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _titled(title: str, entries: Sequence[Markup]) -> Markup:
    return Markup("\n").join([_bold(title), *entries])


def _lines(lines: Sequence[str]) -> Markup:
    return Markup("\n").join(map(escape, lines))


def _fit(paragraphs: Sequence[Markup]) -> Markup:
    return Markup("\n\n").join(p for p in paragraphs if p)


def _too_long(html: Markup) -> bool:
    return utf16_length(html.striptags()) > MAX_LENGTH
