"""Brings an answer to a length that a phone need not scroll for ever."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bot.answers.model import Answer, Line
from bot.answers.render import line_plain, source_plain, utf16_length
from bot.i18n import Translator

BUDGET = 3300
"""UTF-16 code units that an answer aims at."""
_FRAME = 4
"""Bullet, line break and a number of two digits."""


def fit(answer: Answer, t: Translator, budget: int = BUDGET) -> Answer:
    """Too long, a line names one source; then the least important lines go, the last ones first.

    Sources that nothing cites any more go too.
    """
    if _size(answer, t) > budget:
        answer = _only(answer, {id(line): _one_source(line) for line in answer.body})
    return _renumber(_dropped(answer, t, budget))


def _one_source(line: Line) -> Line:
    return replace(line, cites=line.cites[:1])


def _size(answer: Answer, t: Translator) -> int:
    cited = {n for line in answer.lines for n in line.cites}
    titles = [s.title for s in answer.sections if s.title]
    fixed = "\n".join([answer.headline, *titles, *answer.notes])
    return (
        utf16_length(fixed)
        + sum(map(_length, answer.lines))
        + sum(_source_length(answer, n, t) for n in cited)
    )


def _length(line: Line) -> int:
    return utf16_length(line_plain(line)) + _FRAME


def _source_length(answer: Answer, number: int, t: Translator) -> int:
    return utf16_length(source_plain(number, answer.sources[number - 1], t)) + 1


def _dropped(answer: Answer, t: Translator, budget: int) -> Answer:
    used = _size(answer, t)
    uses = Counter(n for line in answer.lines for n in set(line.cites))
    body = answer.body
    kept = {id(line): line for line in body}
    for i in sorted(range(len(body)), key=lambda i: (body[i].weight, -i)):
        if used <= budget:
            break
        line = body[i]
        kept.pop(id(line), None)
        used -= _length(line)
        for number in set(line.cites):
            uses[number] -= 1
            if not uses[number]:
                used -= _source_length(answer, number, t)
    return _only(answer, kept)


def _only(answer: Answer, kept: dict[int, Line]) -> Answer:
    """The lines of the body that are kept, each as it is there; empty sections go."""
    sections = (
        replace(s, lines=tuple(kept[id(line)] for line in s.lines if id(line) in kept))
        for s in answer.sections
    )
    return replace(answer, sections=tuple(s for s in sections if s.lines))


def _renumber(answer: Answer) -> Answer:
    """Numbers the sources that are still cited, in the order of their first use."""
    order: dict[int, int] = {}
    for line in answer.lines:
        for n in line.cites:
            order.setdefault(n, len(order) + 1)

    def again(line: Line) -> Line:
        return replace(line, cites=tuple(sorted(order[n] for n in line.cites)))

    return replace(
        answer,
        lead=again(answer.lead),
        warning=again(answer.warning) if answer.warning else None,
        sections=tuple(replace(s, lines=tuple(map(again, s.lines))) for s in answer.sections),
        sources=tuple(answer.sources[n - 1] for n in order),
    )
