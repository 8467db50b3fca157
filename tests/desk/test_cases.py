"""Cases: what makes questions the same, who may have one, and that an answer goes out once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from bot.answers.store import Asked
from bot.clock import FixedClock
from bot.desk.case_store import CaseStore
from bot.desk.cases import Case, Pace, may_handle, median, question_key, worth_asking
from bot.desk.deliveries import A_GROUP, DeliveryStore
from bot.desk.figures import FigureStore
from bot.desk.roles import Grant, Role, Roles
from bot.desk.store import DeskStore
from bot.members.store import GroupStore, MemberStore
from db import open_database
from tests.conftest import NOW

GROUP = -1_001


class Desk:
    """The stores on one file, as the bot has them."""

    def __init__(self, path: Path, clock: FixedClock) -> None:
        self.db: Database = open_database(path)
        self.questions = DeskStore(self.db, clock.now)
        self.cases = CaseStore(self.db, clock.now)
        self.deliveries = DeliveryStore(self.db, clock.now)

    def ask(
        self, user: int, text: str = "Where are the lanterns?", chat: int = 0, message: int = 0,
        reason: str = "declined", country: str | None = "TH",
    ) -> int | None:  # fmt: skip
        asked = Asked(user, chat or user, message or user, None, text, "en", "none", country, None,
                      "declined", 0.4)  # fmt: skip
        cursor = self.db.execute(
            """INSERT INTO answers (user_id, chat_id, message_id, text, language, topic, outcome,
               confidence, at) VALUES (?, ?, ?, ?, 'en', 'none', 'declined', 0.4, '2026-11-21')""",
            [user, asked.chat_id, asked.message_id, text],
        )
        return self.questions.hand_over(int(cursor.lastrowid or 0), asked, user, reason)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path, clock: FixedClock) -> Desk:
    return Desk(tmp_path / "desk.db", clock)


# Rules


def test_questions_are_the_same_whatever_their_case_marks_and_punctuation() -> None:
    assert question_key("  Where ARE the lanterns?? ") == question_key("where are the lanterns")
    assert question_key("Nạp tiền ở đâu?") == question_key("nap tien o dau")
    assert question_key("มีตติ้งที่ไหน!") == question_key("มีตติ้งที่ไหน")
    assert question_key("มีตติ้งที่ไหน") != question_key("มีตติ้งทีไหน"), "Thai marks are vowels"
    assert question_key("IIÌ") == question_key("III")
    assert question_key("Where are the lamps") != question_key("Where are the lanterns")


@given(st.text(max_size=2000))
def test_any_text_has_a_key_that_is_its_own_key(text: str) -> None:
    key = question_key(text)
    assert len(key) <= 200
    assert question_key(key) == key or len(text) > 150


def test_what_cannot_be_a_question_goes_to_nobody() -> None:
    for text in ("", "ok", "👍👍👍👍👍👍👍", "555", "...???!!!", "hi !"):
        assert not worth_asking(text), text
    for text in ("who knows", "มีไหมครับ", "어디서 해요?", "哪里可以领"):
        assert worth_asking(text), text


@given(st.lists(st.floats(0, 10), min_size=1, max_size=200))
def test_never_more_than_fourteen_cards_in_a_minute(gaps: list[float]) -> None:
    pace, now, passed = Pace(4, 6.0), 0.0, []
    for gap in gaps:
        now += gap
        if pace.take(now):
            passed.append(now)
    for start in passed:
        assert sum(start <= at < start + 60 for at in passed) <= 14


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_half_are_below_the_median(values: list[float]) -> None:
    middle = median(values)
    assert middle is not None
    assert 2 * sum(v < middle for v in values) <= len(values)
    assert 2 * sum(v > middle for v in values) <= len(values)


class Grants:
    def __init__(self, *grants: Grant) -> None:
        self._grants = grants

    def of(self, user_id: int) -> list[Grant]:
        return [g for g in self._grants if g.user_id == user_id]


def test_a_case_is_for_who_may_its_country_or_all_its_groups() -> None:
    roles = Roles(frozenset({1}), Grants(
        Grant(2, Role.MODERATOR, "TH"), Grant(3, Role.MODERATOR, str(GROUP)),
        Grant(4, Role.MARKETING), Grant(5, Role.MODERATOR),
    ))  # fmt: skip
    case = Case(1, "?", "en", "none", "TH", 0.4, "waiting", NOW, asked_in=((GROUP, 7),))
    both = Case(1, "?", "en", "none", None, 0.4, "waiting", NOW, asked_in=((GROUP, 7), (9, 1)))
    assert [u for u in (1, 2, 3, 4, 5, 6, None) if may_handle(roles, u, case)] == [1, 2, 3, 5]
    assert [u for u in (1, 2, 3, 4, 5, 6, None) if may_handle(roles, u, both)] == [1, 5]


# The stores


def test_a_thousand_who_ask_the_same_are_one_case(desk: Desk) -> None:
    for user in range(1, 1001):
        assert desk.ask(user)
    (case,) = desk.cases.waiting()
    assert case.askers == 1000
    desk.ask(2000, country="PH")
    assert len(desk.cases.waiting()) == 2, "another country's answer may be another"


def test_one_person_cannot_fill_the_desk(desk: Desk) -> None:
    found = [desk.ask(1, f"Unknown thing number {n}?", message=n + 1) for n in range(20)]
    assert sum(f is not None for f in found) == 3, "declined ones that nobody asked to hand over"
    found = [desk.ask(1, f"Another thing {n}?", message=n + 100, reason="asked") for n in range(20)]
    assert sum(f is not None for f in found) == 7
    assert len(desk.cases.waiting()) == 10


def test_a_lesser_reason_gives_way_to_a_greater_one_and_is_no_second_question(desk: Desk) -> None:
    first = desk.ask(1)
    assert desk.ask(1, reason="asked") == first
    assert desk.ask(1, reason="asked") is None
    assert desk.ask(1, reason="voted_down") is None
    (case,) = desk.cases.waiting()
    assert case.reasons == (("asked", 1),)


def test_of_two_who_answer_at_once_one_succeeds(desk: Desk, clock: FixedClock) -> None:
    desk.ask(1)
    (case,) = desk.cases.waiting()
    assert desk.cases.claim(case.id, 100, "Nok")
    assert not desk.cases.claim(case.id, 200, "Ola")
    assert not desk.cases.answer(case.id, 200, "Ola", "No.", "en")
    assert not desk.cases.dismiss(case.id, 200, "Ola")
    assert not desk.cases.pass_on(case.id, 200, "PH")
    clock.moment += timedelta(minutes=30)
    assert desk.cases.claim(case.id, 200, "Ola"), "a claim holds for half an hour"
    assert desk.cases.answer(case.id, 200, "Ola", "Yes.", "en")
    assert not desk.cases.answer(case.id, 200, "Ola", "Twice.", "en")
    assert not desk.cases.claim(case.id, 100, "Nok")
    answered = desk.cases.get(case.id)
    assert answered and answered.answer == "Yes."
    assert len(desk.deliveries.due(10)) == 1
    desk.ask(2)
    assert len(desk.cases.waiting()) == 1, "asked again after it was closed: a new case"


def test_what_was_under_way_at_a_kill_is_not_sent_again(
    desk: Desk, tmp_path: Path, clock: FixedClock
) -> None:
    for user in (1, 2, 3):
        desk.ask(user)
    (case,) = desk.cases.waiting()
    desk.cases.answer(case.id, 100, "Nok", "In the shed.", "en")
    first, second, _ = desk.deliveries.due(10)
    assert desk.deliveries.begin(first)
    desk.deliveries.end(first, "sent")
    assert desk.deliveries.begin(second)
    assert not desk.deliveries.begin(second), "taken once"
    again = Desk(tmp_path / "desk.db", clock)
    assert again.deliveries.recover() == 1
    assert [d.user_id for d in again.deliveries.due(10)] == [3]
    assert again.deliveries.counts(case.id) == {"sent": 1, "uncertain": 1, "pending": 1}
    assert [(m.user_id, m.fate) for m in again.deliveries.missed(case.id)] == [(2, "uncertain")]


def test_a_group_gets_three_replies_at_most_and_two_at_one_message_are_one(desk: Desk) -> None:
    for user in range(1, 11):
        desk.ask(user, chat=GROUP, message=user)
    desk.ask(20, chat=GROUP, message=1)
    (case,) = desk.cases.waiting()
    desk.cases.answer(case.id, 100, "Nok", "In the shed.", "en")
    due = desk.deliveries.due(50)
    assert len(due) == 10
    begun = [d for d in due if desk.deliveries.begin(d)]
    assert len(begun) == A_GROUP
    assert desk.deliveries.counts(case.id)["covered"] == 10 - A_GROUP


def test_an_old_messages_number_is_forgotten_when_its_group_moves(
    desk: Desk, clock: FixedClock
) -> None:
    groups = GroupStore(desk.db, clock.now)
    groups.join(GROUP, "Group")
    desk.ask(1, chat=GROUP, message=7)
    groups.migrate(GROUP, -100_777)
    (case,) = desk.cases.waiting()
    desk.cases.answer(case.id, 100, "Nok", "In the shed.", "en")
    (delivery,) = desk.deliveries.due(5)
    assert delivery.chat_id == -100_777 and delivery.message_id < 0


def test_erased_and_purged_questions_leave_no_case_behind(desk: Desk, clock: FixedClock) -> None:
    members = MemberStore(desk.db, clock.now)
    desk.ask(1)
    desk.ask(2)
    desk.ask(3, "Something only three asks?")
    (both, alone) = desk.cases.waiting()
    desk.cases.claim(both.id, 77, "Nok")
    members.erase(3)
    members.erase(1)
    members.erase(77)
    (left,) = desk.cases.waiting()
    assert (left.id, left.askers, left.claimed_name) == (both.id, 1, "")
    assert desk.cases.get(alone.id) is None
    clock.moment += timedelta(days=91)
    assert desk.questions.purge(timedelta(days=90)) == 1
    assert desk.cases.waiting() == []


def test_the_figures_tell_what_waits_and_how_fast_answers_come(
    desk: Desk, clock: FixedClock
) -> None:
    figures = FigureStore(desk.db, clock.now)
    empty = figures.read(frozenset("*"))
    assert (empty.waiting, empty.oldest, empty.median_seconds, empty.unanswered) == (
        0,
        None,
        None,
        (),
    )
    for user, minutes in ((1, 10), (2, 30), (3, 50)):
        desk.ask(user, f"Question number {user} of them?")
        clock.moment += timedelta(minutes=minutes)
        (case,) = desk.cases.waiting()
        desk.cases.answer(case.id, 100, "Nok", "Yes.", "en")
    desk.ask(4)
    desk.ask(5)
    desk.ask(6, country="PH")
    all_ = figures.read(frozenset("*"))
    assert (all_.waiting, all_.answered_today, all_.median_seconds) == (2, 3, 1800.0)
    assert [(u.country, u.askers) for u in all_.unanswered] == [("TH", 2), ("PH", 1)]
    assert len(all_.days) == 7 and all_.days[-1].opened == 5 and all_.days[-1].answered == 3
    assert figures.read(frozenset({"PH"})).waiting == 1
    assert figures.read(frozenset({str(GROUP)})).waiting == 0
