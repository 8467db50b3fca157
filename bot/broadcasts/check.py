"""All that is wrong with a broadcast, told at once before anything is sent. Pure but for reading
a snapshot: what stops it (`errors`), and what its author should know (`notes`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.broadcasts import templates
from bot.broadcasts.message import Writer, send_kind
from bot.broadcasts.model import Broadcast, Variant
from bot.broadcasts.templates import Problem
from bot.compliance import Ruling, SendKind

Names = Callable[[str], set[str]]
"""The ids of the platforms that a text names."""


class Error(StrEnum):
    NO_TEXT = "no_text"
    NO_DEFAULT = "no_default"
    """No variant in the main language, and `detail`'s readers have none of their own."""
    TEMPLATE = "template"
    PLATFORM = "platform"
    """A promotion's text names a platform (`detail`) that it is not for."""
    NOBODY = "nobody"
    ALL_HELD = "all_held"
    SCHEDULE = "schedule"
    """`detail`: schedule.Wrong."""


@dataclass(frozen=True)
class Finding:
    error: Error
    detail: str = ""
    language: str = ""
    problem: Problem | None = None


@dataclass(frozen=True)
class Checked:
    errors: tuple[Finding, ...]
    defaults: Mapping[str, int]
    """Languages without a variant, with how many recipients then read the main language's."""
    rulings: tuple[Ruling, ...]

    @property
    def sound(self) -> bool:
        return not self.errors


def check(
    broadcast: Broadcast, writer: Writer, names: Names,
    countries: Mapping[str | None, int], languages: Mapping[str | None, int], schedule: str | None,
) -> Checked:  # fmt: skip
    """`countries` and `languages`: how many recipients each has; `schedule`: what is wrong with it."""
    errors: list[Finding] = []
    rulings = writer.rulings(broadcast.draft, sorted(countries, key=lambda c: c or "~"))
    if not broadcast.variants:
        errors.append(Finding(Error.NO_TEXT))
    for variant in broadcast.variants.values():
        errors += _variant_errors(broadcast, variant, writer, names, rulings)
    without = {k: n for k, n in languages.items() if k not in broadcast.variants}
    if broadcast.variants and broadcast.draft.language not in broadcast.variants and without:
        errors.append(Finding(Error.NO_DEFAULT, language=broadcast.draft.language))
    if not sum(countries.values()):
        errors.append(Finding(Error.NOBODY))
    elif all(r.held for r in rulings):
        errors.append(Finding(Error.ALL_HELD))
    if schedule:
        errors.append(Finding(Error.SCHEDULE, schedule))
    missing = {k or "": n for k, n in without.items() if k}
    return Checked(tuple(errors), missing, tuple(rulings))


def _variant_errors(
    broadcast: Broadcast, variant: Variant, writer: Writer, names: Names, rulings: list[Ruling]
) -> list[Finding]:
    draft = broadcast.draft
    found = [
        Finding(Error.TEMPLATE, language=variant.language, problem=p)
        for p in text_problems(broadcast, variant, writer, rulings)
    ]
    if send_kind(draft) is SendKind.PROMOTION:
        words = " ".join([templates.visible(variant.text), *(b.text for r in variant.buttons for b in r)])  # fmt: skip
        for platform in sorted(names(words) - {draft.platform}):
            found.append(Finding(Error.PLATFORM, platform, variant.language))
    return found


def text_problems(
    broadcast: Broadcast, variant: Variant, writer: Writer, rulings: list[Ruling]
) -> list[Problem]:
    """Of one variant, with the longest values and the longest warning that its readers get."""
    t = writer.translator(variant.language)
    tails = [writer.tail(t, r) for r in rulings if not r.held]
    limit = templates.CAPTION_LIMIT if variant.media else templates.TEXT_LIMIT
    return templates.problems(
        variant.text, limit, [writer.widest(broadcast.draft, variant)],
        tail=max(tails, key=lambda tail: templates.utf16(templates.visible(tail)), default=""),
        festival=writer.festival_of(broadcast.draft) is not None,
    )  # fmt: skip
