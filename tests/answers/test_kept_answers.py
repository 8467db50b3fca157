"""Answers are kept and given again: to nobody whom they don't concern, and not once they are old."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from bot.answers import service
from bot.answers.model import Line
from bot.answers.service import Answers
from bot.clock import FixedClock
from bot.i18n import Translator
from bot.knowledge.base import FactState
from bot.knowledge.model import COUNTRIES, Topic
from bot.understanding.question import Asker
from bot.wiring import Core
from tests.conftest import TODAY, warm_core

FACT = "ph.rule.trading"


class Campaigns:
    """What /promos of a country shows, as a test sets it."""

    def __init__(self) -> None:
        self.running: dict[str, str] = {}

    def lines(self, t: Translator, country: str | None) -> tuple[tuple[Line, ...], ...]:
        title = self.running.get(country or "")
        return ((Line(title),) if title else ()), ()


@pytest.fixture
def own(tmp_path: Path, clock: FixedClock) -> Core:
    return warm_core(tmp_path / "sampan.db", clock)


def answers_of(core: Core, campaigns: Campaigns | None = None) -> Answers:
    """Fresh: nothing is kept yet."""
    return Answers(
        core.answers.understanding, core.store, core.languages, core.festivals,
        campaigns, core.answers.faqs,
    )  # fmt: skip


def test_kept_answers_are_those_that_each_would_get_alone(core: Core) -> None:
    """The same words of people of all countries and languages, in private and in groups."""
    shared = answers_of(core)
    texts = ("is it legal to trade crypto here?", "is Binance allowed?", "any promo now?")
    people = [
        Asker(country=country, chosen_language=language)
        for country, language in itertools.product(("PH", "VN", "CN", None), ("en", "vi", None))
    ]
    asked = list(itertools.product(texts, people, (True, False)))
    for text, asker, folded in [*asked, *reversed(asked)]:
        alone = answers_of(core).ask(text, asker, TODAY, folded=folded)
        assert shared.ask(text, asker, TODAY, folded=folded) == alone


def test_a_promotion_is_kept_for_its_own_country(core: Core) -> None:
    campaigns = Campaigns()
    campaigns.running["PH"] = "Pasko raffle"
    answers = answers_of(core, campaigns)
    for _ in range(2):
        for country in COUNTRIES:
            reply = answers.ask("any promo now?", Asker(country=country), TODAY)
            assert reply.question.topic is Topic.PROMO
            assert ("Pasko raffle" in reply.rendered.text) == (country == "PH")


def test_a_promotion_that_ended_is_gone_once_they_are_told(core: Core) -> None:
    campaigns = Campaigns()
    campaigns.running["PH"] = "Pasko raffle"
    answers = answers_of(core, campaigns)
    asker = Asker(country="PH")
    assert "Pasko raffle" in answers.ask("any promo now?", asker, TODAY).rendered.text
    del campaigns.running["PH"]
    answers.invalidate()
    assert "Pasko raffle" not in answers.ask("any promo now?", asker, TODAY).rendered.text


def test_an_edited_fact_is_shown_at_once(own: Core) -> None:
    asker = Asker(country="PH")
    question = "is it legal to trade crypto in the Philippines?"
    before = own.answers.ask(question, asker, TODAY).rendered.text
    state = own.store.current.state(FACT)
    assert state is not None and state.fact.text in before
    fact = state.fact.model_copy(update={"text": "Trading is now simpler."})
    own.store.revise(FactState(fact, state.sources), 42)
    after = own.answers.ask(question, asker, TODAY).rendered.text
    assert "Trading is now simpler." in after and state.fact.text not in after


def test_a_taught_answer_that_was_changed_or_retired_is_not_given_again(own: Core) -> None:
    question = "where do I find the pinned welcome booklet?"
    number = own.faqs.teach(question, "In the blue folder.", language="en", topic="none")
    assert "blue folder" in own.answers.ask(question, Asker(), TODAY).rendered.text
    own.faqs.add_translation(number, "en", question, "In the red folder.")
    assert "red folder" in own.answers.ask(question, Asker(), TODAY).rendered.text
    own.faqs.retire(number)
    assert "folder" not in own.answers.ask(question, Asker(), TODAY).rendered.text


def test_an_answer_ages_although_it_is_kept(core: Core) -> None:
    answers, asker = answers_of(core), Asker(country="PH")
    question = "is it legal to trade crypto?"
    new = answers.ask(question, asker, TODAY - timedelta(days=3_000))
    later = answers.ask(question, asker, TODAY)
    assert any("re-check" in note for note in later.answer.notes)
    assert not any("re-check" in note for note in new.answer.notes)
    assert answers.ask(question, asker, TODAY - timedelta(days=3_000)) == new


def test_the_least_used_give_way(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CACHE_SIZE", 2)
    answers = answers_of(core)
    for country in ("PH", "VN", "JP", "PH"):
        answers.ask("is crypto legal?", Asker(country=country), TODAY)
    assert len(answers._cache) == 2
