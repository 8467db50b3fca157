"""An `Answer` as Telegram HTML or as plain text, within Telegram's limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from bot.answers.model import Answer, Line, Section
from bot.i18n import RIGHT_TO_LEFT, Translator
from bot.knowledge.model import Source

MAX_TEXT = 4096
"""Characters after entity parsing (Bot API, sendMessage)."""
BUDGET = 3300
"""What an answer aims at, so that a phone need not scroll for ever."""
FOLD_FROM = 280
"""In a group the facts are folded once they are longer than this."""
_RLM = "\u200f"
_UNTRANSLATED = "ᴱᴺ"


def utf16_length(text: str) -> int:
    """Telegram counts UTF-16 code units (Bot API, MessageEntity)."""
    return len(text) + sum(c > "\uffff" for c in text)


@dataclass(frozen=True)
class Rendered:
    html: str
    text: str
    """The same without markup, as a member reads it."""


def _cites(line: Line) -> str:
    return "".join(f"[{n}]" for n in line.cites)


def _line_html(line: Line) -> Markup:
    html = Markup("")
    if line.label:
        html += Markup("<b>{}</b>{}").format(line.label, line.separator)
    if line.date:
        html += Markup("<b>{}</b> ").format(line.date)
    html += escape(line.text)
    if line.details:
        html += escape(" — " + " · ".join(line.details))
    return html + escape(_tail(line))


def _tail(line: Line) -> str:
    mark = f" {_UNTRANSLATED}" if line.untranslated else ""
    cites = _cites(line)
    return mark + (f" {cites}" if cites else "")


def _line_plain(line: Line) -> str:
    text = line.text
    if line.date:
        text = f"{line.date} {text}"
    if line.label:
        text = f"{line.label}{line.separator}{text}"
    if line.details:
        text += " — " + " · ".join(line.details)
    return text + _tail(line)


def _source_plain(number: int, source: Source, t: Translator) -> str:
    return t(
        "[{n}] {source}, {date}", n=number, source=source.name, date=t.partial_date(source.date)
    )


def _source_html(number: int, source: Source, t: Translator) -> Markup:
    """The name links to the source, where it has an address."""
    text = _source_plain(number, source, t)
    if source.url is None or source.name not in text:
        return escape(text)
    before, _, after = text.partition(source.name)
    link = Markup('<a href="{}">{}</a>').format(source.url, source.name)
    return escape(before) + link + escape(after)


def fit(answer: Answer, t: Translator, budget: int = BUDGET) -> Answer:
    """Leaves out the last lines until it fits, then the sources that nothing cites any more."""
    fixed = utf16_length("\n".join([answer.headline, _line_plain(answer.lead), *answer.notes]))
    if answer.warning:
        fixed += utf16_length(_line_plain(answer.warning)) + 3
    counted: set[int] = set()

    def cost(line: Line) -> int:
        fresh = set(line.cites) - counted
        sources = sum(utf16_length(_source_plain(n, answer.sources[n - 1], t)) + 3 for n in fresh)
        return utf16_length(_line_plain(line)) + 4 + sources

    used = fixed
    for line in (answer.lead, answer.warning):
        if line:
            used += cost(line) - utf16_length(_line_plain(line))
            counted |= set(line.cites)
    sections = []
    for section in answer.sections:
        kept = []
        for line in section.lines:
            price = cost(line)
            if used + price > budget:
                continue
            used += price
            counted |= set(line.cites)
            kept.append(line)
        if kept:
            sections.append(replace(section, lines=tuple(kept)))
    return _renumber(replace(answer, sections=tuple(sections)))


def _renumber(answer: Answer) -> Answer:
    """Numbers the sources that are still cited, in the order of their first use."""
    order: dict[int, int] = {}
    shown = [answer.lead, *(line for s in answer.sections for line in s.lines)]
    shown += [answer.warning] if answer.warning else []
    for line in shown:
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


def render(answer: Answer, t: Translator, *, folded: bool = False) -> Rendered:
    """The message. `folded` hides the facts in an expandable quote, as fits a group."""
    answer = fit(answer, t)
    plain = [answer.headline, _line_plain(answer.lead)]
    html: list[Markup] = [
        Markup("<b>{}</b>").format(answer.headline),
        _line_html(answer.lead),
    ]
    body_html, body_plain = _body(answer.sections)
    numbered = list(enumerate(answer.sources, 1))
    sources_html = Markup("\n").join(_source_html(n, c, t) for n, c in numbered)
    sources_plain = "\n".join(_source_plain(n, c, t) for n, c in numbered)
    fold = folded and utf16_length(body_plain + sources_plain) > FOLD_FROM
    if fold and sources_html:  # nobody's chat is flooded: the sources unfold with the facts
        body_html = Markup("\n").join(part for part in (body_html, sources_html) if part)
    if body_html:
        tag = "blockquote expandable" if fold else "blockquote"
        html.append(Markup("<{}>{}</blockquote>").format(Markup(tag), body_html))
    if body_plain:
        plain.append(body_plain)
    if answer.warning:
        html.append(Markup("⚠️ {}").format(_line_html(answer.warning)))
        plain.append(f"⚠️ {_line_plain(answer.warning)}")
    if answer.sources:
        if not fold:
            html.append(sources_html)
        plain.append(sources_plain)
    if answer.notes:
        html.append(Markup("\n").join(Markup("<i>{}</i>").format(n) for n in answer.notes))
        plain.append("\n".join(answer.notes))
    return _directed(Rendered(str(Markup("\n").join(html)), "\n".join(plain)), answer.language)


def _body(sections: tuple[Section, ...]) -> tuple[Markup, str]:
    html: list[Markup] = []
    plain: list[str] = []
    for section in sections:
        if section.title:
            html.append(Markup("<b>{}</b>").format(section.title))
            plain.append(section.title)
        html += [Markup("• ") + _line_html(line) for line in section.lines]
        plain += [f"• {_line_plain(line)}" for line in section.lines]
    return Markup("\n").join(html), "\n".join(plain)


def _directed(rendered: Rendered, language: str) -> Rendered:
    """Right-to-left languages: every line begins with a mark, whatever its first letter is."""
    if language not in RIGHT_TO_LEFT:
        return rendered
    return Rendered(
        "\n".join(_RLM + line for line in rendered.html.split("\n")),
        "\n".join(_RLM + line for line in rendered.text.split("\n")),
    )
