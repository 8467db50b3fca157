"""An `Answer` as Telegram HTML or as plain text, within Telegram's limits."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.answers.model import Answer, Line, Section
from bot.i18n import RIGHT_TO_LEFT, Translator
from bot.knowledge.model import Source

MAX_TEXT = 4096
"""Characters after entity parsing (Bot API, sendMessage)."""
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


def line_plain(line: Line) -> str:
    text = line.text
    if line.date:
        text = f"{line.date} {text}"
    if line.label:
        text = f"{line.label}{line.separator}{text}"
    if line.details:
        text += " — " + " · ".join(line.details)
    return text + _tail(line)


def source_plain(number: int, source: Source, t: Translator) -> str:
    return t(
        "[{n}] {source}, {date}", n=number, source=source.name, date=t.partial_date(source.date)
    )


def _source_html(number: int, source: Source, t: Translator) -> Markup:
    """The name links to the source, where it has an address."""
    text = source_plain(number, source, t)
    if source.url is None or source.name not in text:
        return escape(text)
    before, _, after = text.partition(source.name)
    link = Markup('<a href="{}">{}</a>').format(source.url, source.name)
    return escape(before) + link + escape(after)


def render(answer: Answer, t: Translator, *, folded: bool = False) -> Rendered:
    """The message. `folded` hides the facts in an expandable quote, as fits a group."""
    plain = [answer.headline, line_plain(answer.lead)]
    html: list[Markup] = [
        Markup("<b>{}</b>").format(answer.headline),
        _line_html(answer.lead),
    ]
    body_html, body_plain = _body(answer.sections)
    numbered = list(enumerate(answer.sources, 1))
    sources_html = Markup("\n").join(_source_html(n, c, t) for n, c in numbered)
    sources_plain = "\n".join(source_plain(n, c, t) for n, c in numbered)
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
        plain.append(f"⚠️ {line_plain(answer.warning)}")
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
        plain += [f"• {line_plain(line)}" for line in section.lines]
    return Markup("\n").join(html), "\n".join(plain)


def _directed(rendered: Rendered, language: str) -> Rendered:
    """Right-to-left languages: every line begins with a mark, whatever its first letter is."""
    if language not in RIGHT_TO_LEFT:
        return rendered
    return Rendered(
        "\n".join(_RLM + line for line in rendered.html.split("\n")),
        "\n".join(_RLM + line for line in rendered.text.split("\n")),
    )
