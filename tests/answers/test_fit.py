"""What a too long answer leaves out, and that nothing is told of what it left out."""

from __future__ import annotations

import re

import pytest

from bot.answers.fit import BUDGET, fit
from bot.answers.jsonl import as_json
from bot.answers.model import Answer, Line, Section, ShowTopic
from bot.answers.render import render, utf16_length
from bot.knowledge.base import first_day
from bot.knowledge.model import COUNTRIES, LANGUAGES, Source, Topic
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY

SOURCES = tuple(Source(name=f"Office {n}", date="2026", kind="law") for n in range(1, 5))


def answer_of(*lines: Line) -> Answer:
    return Answer(
        outcome="answered", language="en", topic=Topic.REGULATION, headline="Law",
        lead=Line("The rule.", cites=(4,)), warning=Line("Beware."),
        sections=(Section(lines, "Rules"),), sources=SOURCES,
    )  # fmt: skip


def test_the_least_important_lines_go_first_and_of_equal_ones_the_last(core: Core) -> None:
    t = core.languages["en"]
    lines = (
        Line("a" * 50, weight=0, cites=(1,)), Line("b" * 50), Line("c" * 50),
        Line("d" * 50, weight=2, cites=(2,)),
    )  # fmt: skip
    shown = [
        "".join(line.text[0] for line in fit(answer_of(*lines), t, budget).body)
        for budget in (400, 280, 220, 170)
    ]
    assert shown == ["abcd", "bcd", "bd", "d"]


def test_a_source_goes_with_the_last_line_that_cites_it(core: Core) -> None:
    t = core.languages["en"]
    lines = (Line("b" * 50, cites=(2,)), Line("a" * 50, weight=0, cites=(1,)))
    shown = fit(answer_of(*lines), t, 200)
    assert [s.name for s in shown.sources] == ["Office 4", "Office 2"]
    assert shown.lead.cites == (1,) and shown.body[0].cites == (2,)


def test_lead_and_warning_stay_however_little_room_there_is(core: Core) -> None:
    shown = fit(answer_of(Line("a" * 50, weight=2)), core.languages["en"], 0)
    assert shown.lead.text == "The rule." and shown.warning and not shown.sections


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", COUNTRIES)
def test_a_law_card_keeps_the_tax_rule_the_newest_event_and_the_warning(
    core: Core, country: str, language: str
) -> None:
    knowledge = core.store.current
    answer, rendered = core.answers.show(ShowTopic(Topic.REGULATION, country), language, TODAY)
    events = [knowledge.fact(fact_id) for fact_id in answer.fact_ids]
    assert any(f and f.activity == "tax" for f in events)
    assert any(f and f.kind == "event" for f in events)
    assert answer.warning is not None
    assert utf16_length(rendered.text) <= BUDGET + 100


@pytest.mark.parametrize("country", COUNTRIES)
def test_age_and_sources_are_those_of_the_lines_that_are_shown(core: Core, country: str) -> None:
    answer, rendered = core.answers.show(ShowTopic(Topic.REGULATION, country), "en", TODAY)
    cited = {int(n) for n in re.findall(r"\[(\d{1,2})\]", rendered.text.split("\n[1]")[0])}
    assert cited == set(range(1, len(answer.sources) + 1))
    oldest = min((line.as_of for line in answer.lines if line.as_of), key=first_day)
    assert core.languages["en"].partial_date(oldest) in answer.notes[0]


def test_json_names_the_sources_of_the_text_alone(core: Core) -> None:
    reply = core.answers.ask("Is mining allowed in China?", Asker(group_country="CN"), TODAY)
    told = as_json(core.answers, reply)
    assert len(told["sources"]) == len(re.findall(r"(?m)^\[\d+\] ", told["text"]))


def test_an_answer_is_fitted_before_it_is_rendered(core: Core) -> None:
    answer, rendered = core.answers.show(ShowTopic(Topic.REGULATION, "IN"), "hi", TODAY)
    t = core.languages["hi"]
    assert fit(answer, t) == answer
    assert render(answer, t) == rendered
