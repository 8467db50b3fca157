"""The pace: one deadline overall and one a chat, replies first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.pacer import CATCH_UP, Pacer
from bot.sandbox import Limits


class Mono:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def send_all(pacer: Pacer, mono: Mono, chats: list[int], *, paid: bool = False) -> list[float]:
    """When each leaves, if the sender wakes exactly when it may."""
    times = []
    for chat in chats:
        while pacer.slots(paid) < 1 or pacer.chat_wait(chat) > 0:
            mono.at += max(pacer.wait(paid), pacer.chat_wait(chat), 0) + 1e-6
        pacer.took(chat, paid)
        times.append(mono.at)
    return times


def test_thirty_a_second_to_all_together() -> None:
    mono = Mono()
    times = send_all(Pacer(mono), mono, list(range(1, 302)))
    assert 9.99 < times[-1] - times[0] < 10.01


def test_a_thousand_a_second_when_paid() -> None:
    mono = Mono()
    times = send_all(Pacer(mono), mono, list(range(1, 3002)), paid=True)
    assert 2.99 < times[-1] - times[0] < 3.01


def test_one_a_second_to_a_person_and_twenty_a_minute_to_a_group() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    times = send_all(pacer, mono, [7, 7, 7])
    assert times[2] - times[0] >= 2
    times = send_all(pacer, mono, [-7] * 41)
    assert times[20] - times[0] >= 60 and times[40] - times[0] >= 120


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), max_size=300))
def test_however_late_it_wakes_no_limit_of_telegrams_is_crossed(
    steps: list[tuple[int, int]],
) -> None:
    """Pauses of any length (ms), any chats: the sandbox's rate limits never refuse one."""
    mono = Mono()
    pacer, limits = Pacer(mono), Limits(mono)
    for pause, chat in steps:
        mono.at += pause / 1000
        for group in (False, True):
            chat_id = -chat if group else chat
            for _ in range(pacer.slots()):
                if pacer.chat_wait(chat_id) > 0:
                    break
                pacer.took(chat_id)
                assert limits.check(chat_id, group=group) == 0


def test_a_late_broadcast_catches_up_a_little_not_all() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    pacer.took(1)
    mono.at += 60
    assert pacer.slots() <= CATCH_UP * 30 + 1


def test_replies_never_wait_and_the_broadcast_makes_room() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    mono.at += 1
    for chat in range(30):
        pacer.replied(1000 + chat)
    assert pacer.slots() == 0
    assert 0.7 < pacer.wait() <= 1.0
    assert pacer.chat_wait(1000) > 0.9, "who just got an answer gets no broadcast at once"


def test_a_429_of_one_chat_holds_that_chat_alone() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    assert not pacer.flood(5, 30)
    assert pacer.chat_wait(5) == 30 and pacer.slots() > 0


def test_a_429_of_several_chats_within_a_second_holds_all() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    assert [pacer.flood(chat, 4) for chat in (5, 5, 6, 7)] == [False, False, False, True]
    assert pacer.slots() == 0 and 3.9 < pacer.wait() <= 4
    mono.at += 4.01
    assert pacer.slots() > 0


def test_a_million_chats_leave_no_trace() -> None:
    mono = Mono()
    pacer = Pacer(mono, rate=0)
    for chat in range(200_000):
        mono.at += 0.001
        pacer.took(chat + 1)
    assert len(pacer._privates) < 10_000


def test_a_group_that_is_only_answered_leaves_no_trace_of_each_answer() -> None:
    mono = Mono()
    pacer = Pacer(mono)
    for _ in range(10_000):
        mono.at += 1
        pacer.replied(-1)
    assert len(pacer._groups[-1]) < 100


def test_a_group_that_was_looked_at_long_after_can_be_forgotten() -> None:
    mono = Mono()
    pacer = Pacer(mono, rate=0)
    pacer.took(-1)
    mono.at += 100
    assert pacer.chat_wait(-1) <= 0
    for chat in range(10_000):
        pacer.took(chat + 1)
    assert -1 not in pacer._groups
