"""A change of a fact, from what a moderator wrote to a checked new state. Pure: no I/O, no clock.

What is wrong with it is raised as `Wrong`, whose fault the face puts into the person's language.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta
from pydantic import ValidationError

from bot.knowledge.base import FactState, Knowledge, first_day
from bot.knowledge.model import Fact, GateKind, Kind, Source, Standing, Status, Verdict

Field = Literal["text", "status", "source"]
"""What the dialogue can ask for."""
Part = Literal["text", "status", "standing", "source", "as_of", "review_by"]
Fault = Literal[
    "text_short", "text_long", "status", "source_form", "source_name", "source_url",
    "source_count", "date", "date_future", "same", "other",
]  # fmt: skip
SourceKind = Literal[
    "law", "regulator", "government", "court", "company", "law_firm", "press", "research"
]

MAX_SOURCES = 4
REVIEW_MONTHS = 6
"""How long a fact that was just checked is good for."""
_JOINERS = "\u200c\u200d"
"""Written in Hindi, Bengali and Urdu words; every other invisible character is left out."""


class Wrong(Exception):
    """What a moderator wrote cannot be taken: the fault, and what was given or is allowed."""

    def __init__(self, fault: Fault, given: str = "", count: int = 0) -> None:
        super().__init__(fault, given, count)
        self.fault = fault
        self.given = given[:60]
        self.count = count


@dataclass(frozen=True)
class Changes:
    """New values by the fact's own field names, and the sources that they name."""

    fact: Mapping[str, object] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    def __or__(self, more: Changes) -> Changes:
        return Changes({**self.fact, **more.fact}, {**self.sources, **more.sources})


@dataclass(frozen=True)
class Draft:
    """A change that a person is writing in a chat. `asking`: what their next message answers."""

    user_id: int
    chat_id: int
    fact_id: str
    action: Literal["edit", "verify"] = "edit"
    asking: Field | None = None
    changes: Changes = Changes()
    message_id: int | None = None
    """The bot's message that asks: in a group only a reply to it is taken."""

    def asks(self, asking: Field | None, message_id: int | None) -> Draft:
        return replace(self, asking=asking, message_id=message_id)


@dataclass(frozen=True)
class Difference:
    part: Part
    before: object
    after: object


# Reading what was written


def clean(text: str) -> str:
    """One line, without control, direction and invisible characters."""
    kept = (
        " " if c.isspace() else c
        for c in unicodedata.normalize("NFC", text)
        if c.isspace() or c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs")
    )
    return " ".join("".join(kept).split())


def propose(
    state: FactState, asking: Field, given: str, today: date, knowledge: Knowledge
) -> Changes:
    """What a moderator's message changes. Raises Wrong."""
    if asking == "text":
        return Changes({"text": clean(given)})
    if asking == "status":
        return propose_status(state.fact, given)
    return propose_sources(state, given, today, knowledge)


def choices(fact: Fact) -> tuple[Status, ...] | tuple[Standing, ...]:
    """What the status of a fact can be; nothing for a fact that has none."""
    if fact.kind is Kind.STANDING:
        return tuple(Standing)
    return tuple(Status) if fact.status is not None else ()


def propose_status(fact: Fact, given: str) -> Changes:
    """Prohibiting an activity also closes its gates; nothing that is said here opens one."""
    wanted = clean(given).lower().replace(" ", "_")
    if wanted not in choices(fact):
        raise Wrong("status", clean(given))
    if fact.kind is Kind.STANDING:
        return Changes({"standing": wanted})
    gate: dict[GateKind, Verdict] = (
        dict.fromkeys(fact.gate, Verdict.HOLD) if wanted == Status.PROHIBITED else fact.gate
    )
    return Changes({"status": wanted, "gate": {k.value: v.value for k, v in gate.items()}})


def propose_sources(state: FactState, given: str, today: date, knowledge: Knowledge) -> Changes:
    """Lines of 'name | https://address | date'; a line with only a date says when it was true.

    Without such a line the newest source's date does.
    """
    lines = [line for raw in given.splitlines() if (line := clean(raw))]
    dates = [line for line in lines if "|" not in line and line[:4].isdigit()]
    rows = [line for line in lines if line not in dates]
    if not rows or len(dates) > 1:
        raise Wrong("source_form")
    if len(rows) > MAX_SOURCES:
        raise Wrong("source_count", count=MAX_SOURCES)
    found = [_source(row, today, knowledge) for row in rows]
    as_of = dates[0] if dates else max(source.date for source in found)
    return _with_sources(state, found) | Changes(
        {"as_of": checked_date(as_of, today), "review_by": _later(state.fact, today)}
    )


def _source(line: str, today: date, knowledge: Knowledge) -> Source:
    parts = [part.strip() for part in line.rsplit("|", 2)]
    if len(parts) < 2:
        raise Wrong("source_form")
    if len(parts) == 2:
        parts.insert(1, "")
    name, url, day = parts
    kind = source_kind(url, knowledge)
    return make_source(name, url or None, checked_date(day, today), kind)


def make_source(name: str, url: str | None, day: str, kind: SourceKind) -> Source:
    """Raises Wrong for a name or an address that does not fit."""
    try:
        return Source(name=name, url=url, date=day, kind=kind)
    except ValidationError as error:
        where = error.errors()[0]["loc"][:1]
        if where == ("url",):
            raise Wrong("source_url", url or "") from None
        raise Wrong("source_name", name) from None


def checked_date(given: str, today: date) -> str:
    """A date, month or year that is not ahead. Raises Wrong."""
    try:
        Source.model_validate({"name": "any", "date": given, "kind": "press"})
    except ValidationError:
        raise Wrong("date", given) from None
    if first_day(given) > today:
        raise Wrong("date_future", given)
    return given


def host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def source_kind(url: str | None, knowledge: Knowledge) -> SourceKind:
    """What the same site is in the knowledge, else what its name tells, else press."""
    site = host(url)
    if not site:
        return "press"
    if any(host(regulator.url) == site for _, regulator in knowledge.regulators()):
        return "regulator"
    known = next((s.kind for s in knowledge.all_sources() if host(s.url) == site), None)
    if known:
        return known
    official = {"gov", "go", "gob", "govt"} & set(site.split(".")[-2:])
    return "government" if official else "press"


def _with_sources(state: FactState, sources: Iterable[Source]) -> Changes:
    """Names each source; one that the fact has already keeps its name."""
    named = {_source_id(state, source): source for source in sources}
    return Changes({"source": list(named)}, named)


def _source_id(state: FactState, source: Source) -> str:
    for key, known in state.sources.items():
        if (known.name, known.url, known.date) == (source.name, source.url, source.date):
            return key
    content = f"{source.name}|{source.url}|{source.date}"
    return f"desk-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def propose_verified(
    state: FactState, today: date, knowledge: Knowledge, url: str | None = None
) -> Changes:
    """The fact was checked today and still holds; `url`: where it was checked. Raises Wrong."""
    dated = Changes({"as_of": today.isoformat(), "review_by": review_after(today)})
    if not url:
        return dated
    at = clean(url)
    site = host(at)
    same = next((s for s in state.sources.values() if site and host(s.url) == site), None)
    name = same.name if same else site if len(site) >= 3 else at
    kind = same.kind if same else source_kind(at, knowledge)
    new = make_source(name, at, today.isoformat(), kind)
    others = [s for key in state.fact.source if (s := state.sources.get(key)) and s != same]
    return dated | _with_sources(state, [new, *others][:MAX_SOURCES])


def review_after(today: date) -> str:
    return str((today + relativedelta(months=REVIEW_MONTHS)).isoformat())


def _later(fact: Fact, today: date) -> str:
    """A checked fact is looked at again in six months; a review that is later stays."""
    renewed = review_after(today)
    return fact.review_by if first_day(fact.review_by).isoformat() > renewed else renewed


# The new state


def apply(state: FactState, changes: Changes) -> FactState:
    """The fact as it would stand, checked whole by its model. Raises Wrong."""
    values: dict[str, Any] = {**state.fact.model_dump(mode="json"), **changes.fact}
    try:
        fact = Fact.model_validate(values)
    except ValidationError as error:
        raise _told(error, values) from None
    known = {**state.sources, **changes.sources}
    after = FactState(fact, {key: known[key] for key in fact.source if key in known})
    if not differences(state, after):
        raise Wrong("same")
    return after


def _told(error: ValidationError, values: Mapping[str, Any]) -> Wrong:
    first = error.errors()[0]
    where, limit = first["loc"][:1], int(first.get("ctx", {}).get("max_length", 0))
    if where == ("text",):
        text = str(values["text"])
        return Wrong("text_long", str(len(text)), limit) if limit else Wrong("text_short")
    if where in (("status",), ("standing",)):
        return Wrong("status", str(first["input"]))
    if where in (("as_of",), ("review_by",)):
        return Wrong("date", str(first["input"]))
    return Wrong("other", first["msg"])


def differences(before: FactState, after: FactState) -> tuple[Difference, ...]:
    """What a person sees of a change, field by field."""
    pairs: dict[Part, tuple[object, object]] = {
        "text": (before.fact.text, after.fact.text),
        "status": (before.fact.status, after.fact.status),
        "standing": (before.fact.standing, after.fact.standing),
        "source": (listed(before), listed(after)),
        "as_of": (before.fact.as_of, after.fact.as_of),
        "review_by": (before.fact.review_by, after.fact.review_by),
    }
    return tuple(Difference(part, old, new) for part, (old, new) in pairs.items() if old != new)


def listed(state: FactState) -> tuple[Source, ...]:
    return tuple(state.sources[key] for key in state.fact.source if key in state.sources)


def seal(before: FactState, changes: Changes) -> str:
    """Ties a Save button to the very preview that it stands under."""
    content = repr((
        before.fact.model_dump_json(), sorted(changes.fact.items(), key=lambda item: item[0]),
        sorted((key, s.model_dump_json()) for key, s in changes.sources.items()),
    ))  # fmt: skip
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def as_lines(state: FactState) -> str:
    """The sources as the dialogue takes them, ready to be copied and changed."""
    rows = [" | ".join(p for p in (s.name, s.url, s.date) if p) for s in listed(state)]
    return "\n".join([*rows, state.fact.as_of])


def overdue_by_country(knowledge: Knowledge, today: date, country: str | None) -> list[Fact]:
    """Stale facts, country by country: the one with the oldest first, in it the oldest first."""
    late = knowledge.stale(today, country)
    order: dict[str | None, int] = {}
    for fact in late:
        order.setdefault(knowledge.country_of(fact.id), len(order))
    return sorted(late, key=lambda f: (order[knowledge.country_of(f.id)], f.review_by, f.id))


def as_field(text: str) -> Field:
    """Raises ValueError for anything else."""
    if text not in ("text", "status", "source"):
        raise ValueError(text)
    return cast(Field, text)
