"""The same ten cards in every language on one page, to be looked at by a person."""

from __future__ import annotations

from markupsafe import Markup

from bot.answers.asking import ask_country
from bot.answers.model import ShowTopic
from bot.answers.render import render
from bot.i18n import LANGUAGE_NAMES, RIGHT_TO_LEFT
from bot.knowledge.model import LANGUAGES, Topic
from bot.wiring import Core

CARDS = (
    ShowTopic(Topic.REGULATION, "PH", "binance"),
    ShowTopic(Topic.REGULATION, "KR"),
    ShowTopic(Topic.ONRAMP, "TH"),
    ShowTopic(Topic.ONRAMP, "CN"),
    ShowTopic(Topic.P2P, "IN"),
    ShowTopic(Topic.TAX, "JP"),
    ShowTopic(Topic.STOCKS, "SG", "ondo-finance"),
    ShowTopic(Topic.PROMO, "VN"),
    ShowTopic(Topic.SAFETY, "MY"),
)
"""Nine answers; the tenth card asks for the country."""

_STYLE = """
body{font:14px/1.45 system-ui,"Noto Sans",sans-serif;margin:1.5rem;background:#e9eef2;color:#14202b}
h2{margin:2rem 0 .6rem}.row{display:flex;gap:1rem;overflow-x:auto;padding-bottom:.6rem}
article{flex:0 0 330px;background:#fff;border-radius:12px;padding:.8rem 1rem;white-space:pre-wrap;
box-shadow:0 1px 3px #0002;align-self:flex-start;unicode-bidi:plaintext;overflow-wrap:anywhere}
blockquote{margin:.4rem 0;padding:.3rem .6rem;border-inline-start:3px solid #3a9d7c;background:#f2f8f6}
.keys{display:flex;flex-wrap:wrap;gap:4px;margin-top:.6rem}.keys span{background:#e7f0fb;border-radius:8px;padding:.2rem .5rem}
"""


def gallery(core: Core) -> str:
    rows = Markup("").join(_row(core, language) for language in LANGUAGES)
    page = Markup(
        "<!doctype html><html><meta charset=utf-8><title>Sampan: ten cards in thirteen languages</title>"
        "<meta name=viewport content='width=device-width'><style>{}</style><h1>Ten cards, thirteen languages</h1>{}</html>"
    )
    return str(page.format(Markup(_STYLE), rows))


def _row(core: Core, language: str) -> Markup:
    today = core.clock.now().date()
    cards = [core.answers.show(card, language, today) for card in CARDS]
    t = core.languages[language]
    asked = ask_country(t, Topic.ONRAMP, None, core.store.current.countries)
    cards.append((asked, render(asked, t)))
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    shown = Markup("").join(
        Markup("<article dir={}>{}<div class=keys>{}</div></article>").format(
            direction,
            Markup(rendered.html),
            Markup("").join(
                Markup("<span>{}</span>").format(b.text) for row in answer.buttons for b in row
            ),
        )
        for answer, rendered in cards
    )
    return Markup("<h2 lang={0}>{1} ({0})</h2><div class=row>{2}</div>").format(
        language, LANGUAGE_NAMES[language], shown
    )
