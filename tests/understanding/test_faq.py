"""Taught answers: found by paraphrases, also in another language; measured on paraphrases.jsonl."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.faq_store import FaqStore
from bot.answers.faqs import FaqBook
from bot.answers.jsonl import asker_of
from bot.answers.service import Answers
from bot.knowledge.faq import LoadedFaqs, load_faqs
from bot.knowledge.model import LANGUAGES, Topic
from bot.knowledge.store import KNOWLEDGE_DIR
from bot.understanding.concepts import ConceptIndex, fold_words
from bot.understanding.faq import (
    MAX_CANDIDATES,
    FaqEntry,
    FaqHit,
    FaqIndex,
    read_ordinary,
    read_words,
)
from bot.understanding.question import Asker
from bot.wiring import Core
from db import open_database
from tests.conftest import NOW, TODAY

EVAL = Path(__file__).parent.parent / "eval"
PAIRS: list[dict[str, Any]] = [
    json.loads(line) for line in (EVAL / "paraphrases.jsonl").read_text("utf-8").splitlines()
]
NOBODY = Asker()
AMA = "When is the next community AMA?"
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def baseline() -> LoadedFaqs:
    return load_faqs(KNOWLEDGE_DIR)


@pytest.fixture(scope="module")
def words() -> ConceptIndex:
    return ConceptIndex(fold_words(read_words()))


def empty(core: Core, words: ConceptIndex) -> FaqIndex:
    return FaqIndex(core.answers.understanding.reader.concepts, words, ordinary=read_ordinary())


def add(core: Core, index: FaqIndex, entry: FaqEntry) -> None:
    see = core.answers.understanding.reader.see
    index.add(entry, [see(text) for text in entry.questions])


def find(core: Core, index: FaqIndex, text: str, asker: Asker = NOBODY) -> FaqHit | None:
    understanding = core.answers.understanding
    return index.find(understanding.reader.see(text), understanding.understand(text, asker))


def entry(ident: str, *texts: str, country: str | None = None) -> FaqEntry:
    return FaqEntry(ident, texts, Topic.NONE, country)


# Measured


def index_of(
    core: Core, words: ConceptIndex, baseline: LoadedFaqs, kind: str, not_in: str = ""
) -> FaqIndex:
    """The baseline, and what the pairs of a kind taught, each under the answer that it has."""
    index = empty(core, words)
    for faq in baseline.faqs:
        add(core, index, FaqEntry(f"faq:{faq.id}", faq.texts, faq.topic, faq.country, taught=False))
    taught = {(p["taught_lang"], p["taught"]): p["answer"] for p in PAIRS if p["kind"] == kind}
    for (language, text), answer in taught.items():
        if language != not_in:
            topic = core.answers.understanding.understand(text).topic
            add(core, index, FaqEntry(f"{answer}:{language}:{text}", (text,), topic))
    return index


def measured(core: Core, words: ConceptIndex, baseline: LoadedFaqs) -> Counter[str]:
    indexes = {"": index_of(core, words, baseline, "same")}
    counts: Counter[str] = Counter()
    for pair in PAIRS:
        language = pair["lang"] if pair["kind"] == "across" else ""
        if language not in indexes:
            indexes[language] = index_of(core, words, baseline, "across", language)
        hit = find(core, indexes[language], pair["text"])
        if hit is not None:
            right = pair["answer"] is not None and hit.id.split(":")[0] == pair["answer"]
            counts[f"{pair['kind']} {'right' if right else 'wrong'}"] += 1
    return counts


def test_paraphrases_find_what_was_taught_and_near_misses_do_not(
    core: Core, words: ConceptIndex, baseline: LoadedFaqs
) -> None:
    """docs/faq.md has the figures that these are rounded down from."""
    assert Counter(p["kind"] for p in PAIRS) == {"same": 70, "across": 30, "miss": 100}
    assert {p["lang"] for p in PAIRS if p["kind"] == "same"} == set(LANGUAGES)
    counts = measured(core, words, baseline)
    wrong = counts["same wrong"] + counts["across wrong"] + counts["miss wrong"]
    right = counts["same right"] + counts["across right"]
    assert counts["same right"] / 70 >= 0.90, counts
    assert counts["across right"] / 30 >= 0.90, counts
    assert right / (right + wrong) >= 0.97, counts


def test_general_questions_take_at_most_one_answer_in_two_hundred_from_the_facts(
    core: Core, baseline: LoadedFaqs
) -> None:
    book = FaqBook(core.answers.understanding.reader, baseline)
    files = sorted(EVAL.glob("parts/*.jsonl")) or [EVAL / "questions.jsonl"]
    asked = changed = 0
    for line in (line for path in files for line in path.read_text("utf-8").splitlines()):
        row = json.loads(line)
        asker = asker_of(row["user_lang"], row["chat_country"])
        question = core.answers.understanding.understand(row["text"], asker)
        found = book.find(question, TODAY)
        asked += 1
        changed += found is not None and (
            question.topic is Topic.NONE or found.question.topic is not question.topic
        )
    assert asked >= 1300
    assert changed / asked <= 0.005


# Behaviour


def test_a_hit_agrees_on_platform_rail_and_country(core: Core, words: ConceptIndex) -> None:
    index = empty(core, words)
    add(core, index, entry("bybit", "When is the AMA with Bybit?"))
    assert find(core, index, "when is the ama with bybit") is not None
    assert find(core, index, "when is the ama with OKX") is None
    assert find(core, index, "when is the ama") is None


def test_an_entry_of_one_country_answers_only_there(core: Core, words: ConceptIndex) -> None:
    index = empty(core, words)
    add(core, index, entry("th", AMA, country="TH"))
    assert find(core, index, AMA, Asker(group_country="TH")) is not None
    assert find(core, index, AMA, Asker(group_country="VN")) is None


def test_a_person_comes_before_the_baseline(core: Core, words: ConceptIndex) -> None:
    index = empty(core, words)
    add(core, index, FaqEntry("base", ("what is kyc",), Topic.NONE, taught=False))
    add(core, index, FaqEntry("taught", ("what does kyc mean",), Topic.NONE))
    hit = find(core, index, "what is kyc")
    assert hit is not None and hit.id == "taught"


def test_what_has_no_known_concept_is_found_by_its_words(core: Core, words: ConceptIndex) -> None:
    index = empty(core, words)
    add(core, index, entry("snack", "Zorblat quindle frobnicator?"))
    assert find(core, index, "zorblat quindle frobnicator") is not None
    assert find(core, index, "gm") is None


@FEW
@given(st.text(max_size=300))
def test_no_text_raises_asked_or_taught(core: Core, words: ConceptIndex, text: str) -> None:
    index = empty(core, words)
    add(core, index, entry("ama", AMA))
    find(core, index, text)
    add(core, index, entry("odd", text))
    find(core, index, text)
    assert index.remove("odd")


TEXTS = [p["taught"] for p in PAIRS if p["kind"] == "same"]


@FEW
@given(st.randoms(use_true_random=False), st.sampled_from(PAIRS))
def test_the_order_of_adding_does_not_matter(
    core: Core, words: ConceptIndex, chance: random.Random, asked: dict[str, Any]
) -> None:
    shuffled = chance.sample(TEXTS, len(TEXTS))
    one, other = empty(core, words), empty(core, words)
    for index, texts in ((one, TEXTS), (other, shuffled)):
        for text in texts:
            add(core, index, entry(text, text))
    assert find(core, one, asked["text"]) == find(core, other, asked["text"])


@FEW
@given(st.sampled_from(TEXTS))
def test_removing_an_entry_forgets_it(core: Core, words: ConceptIndex, text: str) -> None:
    index = empty(core, words)
    for other in TEXTS:
        if other != text:
            add(core, index, entry(other, other))
    before = {t: find(core, index, t) for t in TEXTS}
    add(core, index, entry("gone", text))
    assert "gone" in index
    assert index.remove("gone")
    assert "gone" not in index
    assert not index.remove("gone")
    assert {t: find(core, index, t) for t in TEXTS} == before


def test_a_look_up_compares_few_candidates_however_many_are_taught(
    core: Core, words: ConceptIndex
) -> None:
    index = empty(core, words)
    for n in range(500):
        add(core, index, entry(f"{n}", f"{AMA} {n}"))
    look = core.answers.understanding.reader.see(AMA)
    assert len(index.candidates(index.traits(look))) <= MAX_CANDIDATES


# The store, and what a member reads


@pytest.fixture
def taught(core: Core, baseline: LoadedFaqs) -> tuple[FaqStore, Answers]:
    store = FaqStore(open_database(":memory:"), lambda: NOW)
    book = FaqBook(core.answers.understanding.reader, baseline, store)
    answers = Answers(
        core.answers.understanding, core.store, core.languages, core.festivals, faqs=book
    )
    return store, answers


def test_the_next_person_who_asks_gets_the_taught_answer(taught: tuple[FaqStore, Answers]) -> None:
    store, answers = taught
    store.teach(AMA, "On Friday at 20:00 <Manila>.", language="en", topic="promo", author=5)
    reply = answers.ask("when will the next ama be", Asker(), TODAY)
    assert reply.answer.outcome == "answered"
    assert reply.answer.topic is Topic.PROMO
    assert "&lt;Manila&gt;" in reply.rendered.html
    assert reply.answer.headline == AMA


def test_a_language_that_is_missing_shows_the_taught_one_with_the_mark(
    taught: tuple[FaqStore, Answers],
) -> None:
    store, answers = taught
    ident = store.teach(
        "How do I change the email on my account?", "In Settings.", language="en", topic="platform"
    )
    asked = "계정 이메일 어떻게 바꿔요"
    assert answers.ask(asked, Asker(), TODAY).answer.lead.untranslated
    assert store.add_translation(
        ident, "ko", "계정 이메일은 어떻게 바꾸나요?", "설정에서 바꿉니다."
    )
    lead = answers.ask(asked, Asker(), TODAY).answer.lead
    assert (lead.text, lead.untranslated) == ("설정에서 바꿉니다.", False)


def test_a_retired_or_past_answer_is_not_given(taught: tuple[FaqStore, Answers]) -> None:
    store, answers = taught
    ident = store.teach(AMA, "On Friday.", language="en", topic="promo")
    assert store.retire(ident)
    assert not store.retire(ident)
    assert not store.add_translation(ident, "th", "x", "y")
    assert answers.ask(AMA, Asker(), TODAY).answer.lead.text != "On Friday."
    until = datetime(2026, 11, 30, tzinfo=UTC)
    store.teach(AMA, "On Monday.", language="en", topic="promo", until=until)
    assert answers.ask(AMA, Asker(), TODAY).answer.lead.text == "On Monday."
    assert answers.ask(AMA, Asker(), date(2026, 12, 1)).answer.lead.text != "On Monday."
    assert [f.texts[0].answer for f in store.list()] == ["On Monday."]
    assert len(store.list(retired=True)) == 2


def test_a_general_question_shows_its_sources_and_their_age(
    taught: tuple[FaqStore, Answers],
) -> None:
    answer = taught[1].ask("what is kyc", Asker(group_country="PH"), TODAY).answer
    assert answer.headline == "What is KYC?"
    assert len(answer.sources) == 2
    assert all(source.url for source in answer.sources)
    assert answer.notes


def test_the_facts_answer_what_names_a_platform_a_rail_or_a_country(
    taught: tuple[FaqStore, Answers],
) -> None:
    for text in ("kyc for Binance", "what is p2p with gcash", "how does p2p work in Japan"):
        assert not taught[1].ask(text, Asker(), TODAY).answer.headline.startswith("What is")


# The baseline


def test_the_baseline_has_no_problem_and_enough_in_it(baseline: LoadedFaqs) -> None:
    assert baseline.problems == []
    assert len(baseline.faqs) >= 40
    assert all(source.url for faq in baseline.faqs for source in baseline.sources_of(faq))


def test_a_wrong_baseline_is_told_with_file_and_line(tmp_path: Path) -> None:
    """
    faqs:
      - {id: a, topic: none, about: What?, answer: That., about_bot: true, questions: {en: [what]}}
      - {id: a, topic: none, about: What?, answer: That., about_bot: true, questions: {en: [what, who]}}
      - {id: b, topic: none, about: What?, answer: That., questions: {en: [which]}, source: gone, as_of: "2026"}
    """
    document = test_a_wrong_baseline_is_told_with_file_and_line.__doc__ or ""
    (tmp_path / "faq.yaml").write_text(document, "utf-8")
    shown = [str(p) for p in load_faqs(tmp_path).problems]
    assert len(shown) == 2
    assert shown[0].endswith("faq.yaml:4: the faq a stands twice")
    assert shown[1].endswith("faq.yaml:5: b names the source gone, not in common.yaml")


def test_an_unsourced_entry_is_refused(tmp_path: Path) -> None:
    text = "faqs:\n  - {id: a, topic: none, about: What?, answer: That., questions: {en: [what]}}\n"
    (tmp_path / "faq.yaml").write_text(text, "utf-8")
    loaded = load_faqs(tmp_path)
    assert loaded.faqs == []
    assert "expected source and as_of" in str(loaded.problems[0])


def test_small_talk_is_not_looked_up(core: Core, words: ConceptIndex) -> None:
    index = empty(core, words)
    add(core, index, entry("gm", "good morning"))
    assert find(core, index, "good morning") is None
