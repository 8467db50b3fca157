"""Signs of fraud by example, and what they find in a town."""

from __future__ import annotations

from pathlib import Path

from bot.referrals.fraud_report import report
from bot.referrals.signals import Inviter, Seen, examine, is_held
from bot.referrals.simulation import HONEST, measure

PAGE = Path(__file__).parents[2] / "docs" / "referral-fraud.md"


def names(one: Seen, inviter: Inviter) -> set[str]:
    return {signal.name for signal in examine(one, inviter)}


def test_a_script_is_as_regular_as_a_clock() -> None:
    seen = [Seen(n, n * 12.0 + n % 3, 10_000_000 * n) for n in range(12)]
    assert "rhythm" in names(seen[5], Inviter(seen)) and is_held(examine(seen[5], Inviter(seen)))


def test_a_burst_of_people_who_talk_is_left_alone() -> None:
    at = [0, 3, 40, 44, 90, 200, 204, 400, 410, 900]
    seen = [Seen(n, float(t), 10_000_000 * n, messages=n % 2 * 4) for n, t in enumerate(at)]
    assert not any(is_held(examine(one, Inviter(seen))) for one in seen)


def test_accounts_of_one_batch_are_seen() -> None:
    seen = [Seen(n, n * 90_000.0, 5_000_000_000 + n * 20_000, n % 2) for n in range(4)]
    assert "accounts" in names(seen[0], Inviter(seen))


def test_one_quiet_friend_is_no_sign() -> None:
    one = Seen(1, 0.0, 77, has_username=False)
    assert examine(one, Inviter([one], "a name", 9_000_000)) == []


def test_the_town_keeps_the_promised_floor_and_the_page_is_true() -> None:
    """Recall at least 0.9 at precision at least 0.95; the committed page is what comes out."""
    outcome = measure()
    assert sum(row.people for row in outcome.rows.values()) >= 9_990
    assert outcome.recall >= 0.9 and outcome.precision >= 0.95
    assert any(outcome.rows[kind].held for kind in HONEST), "a town without mistakes is too easy"
    assert PAGE.read_text("utf-8") == report()
