"""Asking back where the question leaves it open, and declining."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answers.labels import TOPIC, TOPIC_ICON
from bot.answers.model import Answer, Button, Line, ShowTopic
from bot.i18n import Translator, flag, home_country
from bot.knowledge.model import Platform, Topic
from bot.understanding.question import Question


def decline(t: Translator, country: str | None, *, held: bool = False) -> Answer:
    """`held`: the law of the country leaves no way to buy or sell that may be shown."""
    return Answer(
        outcome="declined", language=t.language, topic=Topic.NONE,
        headline=t("I can't help with that one"),
        lead=Line(_what_instead(t, country if held else None)),
        country=country,
    )  # fmt: skip


_PLEASANTRIES = frozenset({"greeting", "thanks", "friend", "q_how"})


def greets(concepts: Iterable[str]) -> bool:
    """Whether a message is pleasantries alone: nobody asked for anything that is declined."""
    found = frozenset(concepts)
    return bool(found & {"greeting", "thanks"}) and found <= _PLEASANTRIES


def greet(t: Translator, country: str | None) -> Answer:
    return Answer(
        outcome="declined", language=t.language, topic=Topic.NONE, country=country,
        headline=t("Hello! How can I help?"),
        lead=Line(t(
            "Ask me how to buy or sell with local money, about P2P, the law, tax, platforms, "
            "tokenized stocks or scams - or ask a person."
        )),
    )  # fmt: skip


def _what_instead(t: Translator, held_in: str | None) -> str:
    if held_in:
        return t(
            "I show no way to buy or sell crypto in {country}, and I give no prices or tips. "
            "Ask me what the law says or how to tell a scam - or ask a person.",
            country=t.place(held_in),
        )
    return t(
        "I don't give prices, forecasts or tips on what to buy, and I don't help around rules. "
        "Ask me how to buy or sell with local money, about P2P, the law, tax, platforms, "
        "tokenized stocks or scams - or ask a person."
    )


def ask_country(
    t: Translator, topic: Topic, platform: Platform | None, countries: Iterable[str]
) -> Answer:
    platform_id = platform.id if platform else None
    likely = home_country(t.language)
    ordered = sorted(countries, key=lambda c: (c != likely, t.country(c)))
    buttons = [
        Button(f"{flag(c)} {t.country(c)}", ShowTopic(topic, c, platform_id)) for c in ordered
    ]
    return Answer(
        outcome="asked_back", language=t.language, topic=topic, platform=platform_id, needs="country",
        headline=t("Which country is this about?"),
        lead=Line(t("Rules and payment systems differ from country to country. Choose one and I'll answer.")),
        buttons=tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)),
    )  # fmt: skip


def ask_topic(t: Translator, question: Question) -> Answer:
    buttons = tuple(
        (
            Button(
                f"{TOPIC_ICON[topic]} {t(TOPIC[topic])}",
                ShowTopic(topic, question.country, question.platform),
            ),
        )
        for topic in question.close_topics
    )
    return Answer(
        outcome="asked_back", language=t.language, topic=question.topic, needs="topic",
        country=question.country, platform=question.platform,
        headline=t("What would you like to know?"),
        lead=Line(t("I can read your question in two ways. Choose one.")), buttons=buttons,
    )  # fmt: skip
