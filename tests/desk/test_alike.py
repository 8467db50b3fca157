"""Questions in other words are one case; different questions never are."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answers.store import Asked
from bot.clock import FixedClock
from bot.desk.alike import MOST, Asking, Paraphrases
from bot.desk.case_store import CaseStore
from bot.desk.store import DeskStore
from bot.wiring import Core
from db import open_database

EVAL = Path(__file__).parent.parent / "eval"


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (EVAL / name).read_text("utf-8").splitlines()]


def asking(core: Core, text: str, language: str = "") -> Asking:
    question = core.answers.understanding.understand(text)
    return Asking(
        text, language or question.language, question.topic.value, question.country,
        question.confidence,
    )  # fmt: skip


def are_one(core: Core, first: Asking, second: Asking) -> bool:
    alike, group = Paraphrases(core.book.new_index, core.book.glance), ("xx", None)
    alike.start(group, [(1, first)])
    return alike.find(group, second) == [1]


def test_half_of_the_paraphrases_are_found_and_no_two_different_questions_are_one(
    core: Core,
) -> None:
    """Every pair of texts of one language in the set: what bot/desk/alike.py says of it."""
    answers: dict[str, dict[str, str | None]] = defaultdict(dict)
    for row in lines("paraphrases.jsonl"):
        answers[row["lang"]][row["text"]] = row["answer"]
        if row["taught"]:
            answers[row["taught_lang"]][row["taught"]] = row["answer"]
    same, different, found = 0, 0, 0
    for texts in answers.values():
        read = {text: asking(core, text) for text in texts}
        for a, b in combinations(texts, 2):
            if texts[a] is not None and texts[a] == texts[b]:
                same += 1
                found += are_one(core, read[a], read[b])
            else:
                different += 1
                assert not are_one(core, read[a], read[b]), (a, b)
    assert (same, different) == (109, 2675)
    assert found / same >= 0.45, found


def test_of_all_the_questions_of_the_set_only_paraphrases_are_one(core: Core) -> None:
    """Each against all before it. What is one was read by a person."""
    groups: dict[tuple[str, str | None], list[Asking]] = defaultdict(list)
    for text in dict.fromkeys(row["text"] for row in lines("questions.jsonl")):
        one = asking(core, text)
        groups[one.language, one.country].append(one)
    alike = Paraphrases(core.book.new_index, core.book.glance)
    found = set()
    for group, members in groups.items():
        alike.start(group, [])
        for number, one in enumerate(members):
            found |= {(members[n].text, one.text) for n in alike.find(group, one)}
            alike.add(group, number, one)
    assert found == {
        ("xstocks me apple ka token lu to dividend milega kya",
         "xstocks me apple lu to dividend milta hai bhai"),
        ("referal code kaha", "میرا دعوت والا لنک کہاں سے ملے گا"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("How much tax on 500k profit?", "How much tax on 5m profit?"),
        ("When is the AMA with Bybit?", "When is the AMA with OKX?"),
        ("When is the next AMA?", "Where is the next AMA?"),
        ("How do I delete my account?", "How do I create an account?"),
        ("Can I use GCash to buy the community t-shirt?", "Can I use Maya to buy the community t-shirt?"),
        ("is the meet-up in Japan this month", "is the meet-up in Korea this month"),
        ("มีตติ้งกลุ่มจัดที่ไหน", "มีตติ้งกลุ่มจัดเมื่อไหร่"),
        ("Kapan AMA berikutnya?", "Siapa yang bicara di AMA kemarin?"),
        ("社区T恤在哪里买", "社区规则在哪里看"),
    ],
)  # fmt: skip
def test_near_misses_stay_apart(core: Core, first: str, second: str) -> None:
    assert not are_one(core, asking(core, first), asking(core, second))


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["none", "tax", "?"]))
def test_any_two_texts_can_be_compared_either_way_round(
    core: Core, a: str, b: str, topic: str
) -> None:
    one, other = Asking(a, "en", topic, None, 0.9), Asking(b, "en", "none", None, 0.9)
    assert are_one(core, one, other) == are_one(core, other, one)


# With the stores


class Desk:
    def __init__(self, path: Path, clock: FixedClock, core: Core) -> None:
        self.db = open_database(path)
        alike = Paraphrases(core.book.new_index, core.book.glance)
        self.questions = DeskStore(self.db, clock.now, alike)
        self.cases = CaseStore(self.db, clock.now)

    def ask(self, user: int, text: str, language: str = "en", country: str | None = "SG") -> None:
        asked = Asked(
            user, user, user, None, text, language, "none", country, None, "declined", 0.4
        )
        cursor = self.db.execute(
            """INSERT INTO answers (user_id, chat_id, message_id, text, language, topic, outcome,
               confidence, at) VALUES (?, ?, ?, ?, ?, 'none', 'declined', 0.4, '2026-11-21')""",
            [user, user, user, text, language],
        )
        self.questions.hand_over(int(cursor.lastrowid or 0), asked, user, "asked")

    def waiting(self) -> list[tuple[str, int]]:
        return [(case.text, case.askers) for case in self.cases.waiting()]


DELETE = "How do I delete my account?"
DELETED = "how can i delete my account please"


def test_other_words_join_the_waiting_case_also_after_a_restart(
    tmp_path: Path, clock: FixedClock, core: Core
) -> None:
    desk = Desk(tmp_path / "desk.db", clock, core)
    desk.ask(1, DELETE)
    desk.ask(2, DELETED)
    again = Desk(tmp_path / "desk.db", clock, core)
    again.ask(3, "pls how to delete account")
    assert again.waiting() == [(DELETE, 3)]
    (case,) = again.cases.waiting()
    assert case.also == (DELETED, "pls how to delete account")
    again.cases.answer(case.id, 100, "Nok", "Write to us.", "en")
    again.ask(4, DELETED)
    assert again.waiting() == [(DELETED, 1)], "what is answered takes nobody in any more"


def test_another_language_or_country_is_another_case(
    tmp_path: Path, clock: FixedClock, core: Core
) -> None:
    desk = Desk(tmp_path / "desk.db", clock, core)
    desk.ask(1, DELETE)
    desk.ask(2, DELETED, country="PH")
    desk.ask(3, DELETED, country=None)
    desk.ask(4, DELETED, language="fil")
    assert [askers for _, askers in desk.waiting()] == [1, 1, 1, 1]


def test_no_more_cases_are_compared_than_a_look_up_can_bear(core: Core) -> None:
    alike, group = Paraphrases(core.book.new_index, core.book.glance), ("en", None)
    alike.start(group, [])
    for number in range(MOST + 5):
        alike.add(group, number, Asking(f"who feeds cat {number}", "en", "none", None, 0.4))
    assert alike.find(group, Asking("who feeds cat 3", "en", "none", None, 0.4)) == []
    assert alike.find(group, Asking("who feeds the cat 100", "en", "none", None, 0.4)) == [100]
