"""What counts and what does not, on a real database; the numbers always follow from the ledger."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import FixedClock
from bot.compliance.gate import Gate
from bot.members.store import GroupStore, MemberStore
from bot.referrals import codes, rules, signals
from bot.referrals.cases import case
from bot.referrals.ledger import ALL
from bot.referrals.model import Event, Invited, Plan, Rules, State, Tier
from bot.referrals.service import Came, Referrals
from bot.wiring import Core
from db import open_database

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ANN, BOB, CAT, GROUP, OTHER = 10_000_019, 40_000_007, 90_000_001, -100, -200


def far(number: int) -> int:
    """An account that was made long before or after all others."""
    return number * 10_000_000


class Town:
    """A campaign of the Philippines, and a group there."""

    def __init__(self, core: Core, path: Path | str, **plan: object) -> None:
        self.clock = FixedClock(NOW)
        self.db = open_database(path)
        self.members = MemberStore(self.db, self.clock.now)
        self.groups = GroupStore(self.db, self.clock.now)
        self.groups.join(GROUP, "Manila")
        self.groups.configure(GROUP, country="PH")
        gate = Gate(core.store.current)
        self.referrals = Referrals(self.db, self.clock.now, lambda: gate, self.members, self.groups)
        self.campaign_id = self.add(**plan)

    def add(self, **plan: object) -> int:
        known = {
            "name": "Barkada", "platform": None, "countries": frozenset({"PH"}), "starts_at": NOW,
            "ends_at": NOW + timedelta(days=60), "rules": Rules(3), "tiers": (Tier(2, "a badge"),),
            "cap": None, "budget": None,
        }  # fmt: skip
        return self.referrals.campaigns.add(Plan(**{**known, **plan}), 1)  # type: ignore[arg-type]

    def link(self, user_id: int = ANN) -> str:
        campaign = self.referrals.campaigns.get(self.campaign_id)
        assert campaign is not None
        self.members.set_country(user_id, "PH")
        person = self.referrals.take_part(user_id, "Ann", "PH", campaign)
        return self.referrals.campaigns.code(person.id, campaign.id)

    def come(self, code: str, user_id: int, *, join: bool = True) -> Came:
        came = self.referrals.opened(
            code, Invited(user_id, "".join(chr(97 + int(d)) for d in str(user_id)))
        )
        if join:
            self.referrals.joined(Invited(user_id, "x"), GROUP, None)
        return came.came

    def forward(self, days: float) -> int:
        self.clock.moment += timedelta(days=days)
        return sum(news.more for news in self.referrals.settle())

    def state(self, user_id: int) -> State | None:
        found = self.referrals.ledger.of(user_id)
        return found.state if found else None

    def standings(self) -> list[tuple[object, ...]]:
        return (
            self.db.execute(
                "SELECT * FROM referral_standing WHERE opened + joined + departed + held"
                " + disqualified + qualified > 0 ORDER BY campaign_id, person_id"
            ).fetchall()
            + self.db.execute("SELECT * FROM referral_totals WHERE qualified <> 0").fetchall()
        )


@pytest.fixture
def town(core: Core, tmp_path: Path) -> Town:
    return Town(core, tmp_path / "town.db")


def test_somebody_who_stays_counts_and_is_told_once(town: Town) -> None:
    assert town.come(town.link(), BOB) is Came.NEW
    assert town.forward(2.9) == 0
    assert town.forward(0.2) == 1
    assert town.forward(30) == 0
    assert town.state(BOB) is State.QUALIFIED


def test_deep_link_then_group_counts_once_and_the_first_touch_stays(town: Town) -> None:
    first, second = town.link(ANN), town.link(CAT)
    assert town.come(first, BOB) is Came.NEW
    assert town.come(second, BOB) is Came.AGAIN
    assert town.referrals.joined(Invited(BOB, "x"), OTHER, None) is not None
    assert town.forward(4) == 1
    assert [p.name for p in town.referrals.board.top(town.campaign_id)] == ["A•••"]
    assert town.db.execute("SELECT count(*) FROM referrals").fetchone()[0] == 1


def test_only_opening_the_bot_does_not_count_where_a_group_is_asked_for(town: Town) -> None:
    town.come(town.link(), BOB, join=False)
    assert town.forward(20) == 0 and town.state(BOB) is State.OPENED


def test_nobody_known_before_counts(town: Town) -> None:
    code = town.link()
    town.members.start(BOB, "en")
    assert town.come(code, BOB, join=False) is Came.KNOWN
    town.referrals.joined(Invited(CAT, "x"), GROUP, None)  # by no link: seen
    assert town.come(code, CAT, join=False) is Came.KNOWN
    assert town.come(town.link(CAT), ANN, join=False) is Came.KNOWN
    assert town.come(code, far(900), join=False) is Came.NEW
    bot = town.referrals.opened(code, Invited(far(901), "spam", is_bot=True))
    assert bot.came is Came.KNOWN


def test_one_who_left_and_came_back_is_held_until_a_person_decides(town: Town) -> None:
    town.come(town.link(), BOB)
    town.referrals.left(BOB, OTHER)  # another group: nothing happens
    town.referrals.left(BOB, GROUP)
    assert town.state(BOB) is State.LEFT
    town.referrals.joined(Invited(BOB, "x"), GROUP, None)
    assert town.state(BOB) is State.HELD and town.forward(10) == 0
    suspect = town.referrals.board.suspect(town.campaign_id)
    assert suspect is not None and [s.name for s in suspect.signals] == ["returned"]
    assert town.referrals.accept(suspect.referral_id, by=9)
    assert not town.referrals.accept(suspect.referral_id, by=9)
    assert town.forward(0) == 1


def test_own_link_is_held_once_and_never_accepted(town: Town) -> None:
    code = town.link()
    assert town.come(code, ANN, join=False) is Came.OWN
    assert town.come(code, ANN, join=False) is Came.OWN
    suspect = town.referrals.board.suspect(town.campaign_id)
    assert suspect is not None and suspect.waiting == 1 and suspect.reason == "self"
    assert not town.referrals.accept(suspect.referral_id, by=9)
    assert town.referrals.reject(suspect.referral_id, by=9)


def test_a_ban_takes_what_was_not_paid_and_ends_the_links(town: Town) -> None:
    code = town.link()
    town.come(code, BOB)
    town.come(code, CAT)
    town.forward(4)
    number = town.referrals.ledger.of(BOB)
    assert number is not None and town.referrals.ban(number.id, by=9)
    assert town.state(BOB) is State.DISQUALIFIED and town.state(CAT) is State.DISQUALIFIED
    assert town.come(code, far(950)) is Came.OVER


def test_rule_changes_never_rewrite_the_past(town: Town) -> None:
    code = town.link()
    town.come(code, BOB)
    assert town.referrals.campaigns.change_rules(town.campaign_id, Rules(20)) == 2
    town.come(code, CAT)
    assert town.forward(4) == 1
    assert (town.state(BOB), town.state(CAT)) == (State.QUALIFIED, State.JOINED)
    assert town.forward(17) == 1


def test_messages_country_and_the_human_check_are_waited_for(core: Core, tmp_path: Path) -> None:
    town = Town(core, tmp_path / "t.db", rules=Rules(1, messages=2, needs_country=True, human=True))
    town.come(town.link(), BOB)
    referral = town.referrals.ledger.of(BOB)
    assert referral is not None and town.forward(2) == 0
    town.referrals.wrote(BOB)
    town.referrals.wrote(BOB)
    town.members.set_country(BOB, "PH")
    assert town.forward(1) == 0
    right = town.referrals.right_picture(referral.id)
    assert town.referrals.check(CAT, referral.id, right) is None  # somebody else's
    assert town.referrals.check(BOB, referral.id, (right + 1) % 4) is False
    assert town.referrals.check(BOB, referral.id, right) is True
    assert town.forward(1) == 1


def test_the_stricter_side_of_a_pair_decides(town: Town) -> None:
    code = town.link()
    town.members.set_country(BOB, "CN")
    town.db.execute("DELETE FROM members WHERE user_id = ?", [BOB])
    assert town.come(code, BOB) is Came.NEW  # nobody knows yet where Bob is
    town.members.set_country(BOB, "SG")
    assert town.forward(4) == 0 and town.state(BOB) is State.DISQUALIFIED
    town.come(code, CAT)
    town.members.set_country(ANN, "SG")  # who invites moved
    assert town.forward(4) == 0 and town.state(CAT) is State.DISQUALIFIED


def test_a_platforms_standing_decides_who_gets_a_link(town: Town) -> None:
    number = town.add(platform="binance")
    found = {c.id: d.allowed for c, d in town.referrals.open_to("PH")}
    assert found == {town.campaign_id: True, number: False}
    assert not town.referrals.allowed(None).allowed
    assert not town.referrals.allowed("CN").allowed and not town.referrals.allowed("SG").allowed


def test_caps_and_budgets_end_the_counting(core: Core, tmp_path: Path) -> None:
    town = Town(core, tmp_path / "t.db", cap=1, budget=2)
    for code, users in (
        (town.link(ANN), (far(301), far(302))),
        (town.link(BOB), (far(303),)),
        (town.link(CAT), (far(304),)),
    ):
        for user in users:
            town.come(code, user)
    assert town.forward(4) == 2
    reasons = [r for (r,) in town.db.execute("SELECT reason FROM referral_events WHERE kind = 'disqualified' ORDER BY id")]  # fmt: skip
    assert reasons == ["cap", "budget"]


def test_a_campaign_that_is_over_or_not_begun_counts_nobody(core: Core, tmp_path: Path) -> None:
    town = Town(core, tmp_path / "t.db", starts_at=NOW + timedelta(days=1))
    code = town.link()
    assert town.come(code, BOB, join=False) is Came.OVER
    town.forward(2)
    assert town.come(code, CAT, join=False) is Came.NEW
    assert town.referrals.campaigns.end(town.campaign_id)
    assert not town.referrals.campaigns.end(town.campaign_id)
    assert town.come(code, far(333), join=False) is Came.OVER
    assert town.referrals.campaigns.archive(town.campaign_id)


@pytest.mark.parametrize("bad", [
    "", "ref_", "ref_short", "ref_" + "a" * 10, "ref_" + "a" * 12, "ref_" + "0" * 11, "REF_aaaaaaaaaaa",
    "ref_aaaaaaaaaaa\n", "ref_aaaaaaaaaaa ref_aaaaaaaaaaa", "ref_" + "a" * 4_000, "ref_аааааааааааa", "ref_aaaaaaaa'--",
])  # fmt: skip
def test_forged_payloads_lead_nowhere(bad: str) -> None:
    assert codes.read_payload(bad) is None


def test_a_guessed_code_is_nobodys(town: Town) -> None:
    code = codes.new_code()
    assert codes.read_payload(codes.payload(code)) == code and len(codes.payload(code)) <= 64
    assert town.come(code, BOB) is Came.INVALID
    assert town.state(BOB) is None


def test_a_thousand_times_the_same_link_is_one_referral(town: Town) -> None:
    code = town.link()
    came = [town.come(code, BOB) for _ in range(1_000)]
    assert came == [Came.NEW, *[Came.AGAIN] * 999]
    events = town.db.execute("SELECT kind FROM referral_events").fetchall()
    assert events == [("opened",), ("joined",)]


def test_the_invite_link_of_who_was_erased_counts_nobody(town: Town) -> None:
    town.link()
    campaigns = town.referrals.campaigns
    person = campaigns.person(ANN)
    assert person is not None
    url = campaigns.add_link("https://t.me/+abc", person.id, town.campaign_id, GROUP)
    town.members.erase(ANN)
    came = town.referrals.joined(Invited(BOB, "x"), GROUP, url)
    assert (came is None or came.came is not Came.NEW) and town.state(BOB) is None


def test_erasing_keeps_totals_and_removes_identity(town: Town) -> None:
    code = town.link()
    town.come(code, BOB)
    town.come(code, CAT)
    town.forward(4)
    town.come(code, far(404))
    before = town.referrals.board.totals(town.campaign_id)
    for user in (ANN, BOB, far(404)):
        town.members.erase(user)
        assert not any(town.members.export(user).values())
    assert town.referrals.board.totals(town.campaign_id) == before
    dump = "\n".join(town.db.conn.iterdump())
    for user in (ANN, BOB, far(404)):
        assert re.search(rf"\b{user}\b", dump) is None
    assert town.come(code, far(500)) is Came.INVALID  # the link of one who was erased
    assert town.come(town.link(CAT), BOB) is Came.AGAIN  # still only once for ever
    town.forward(10)
    assert town.db.execute("SELECT reason FROM referral_events WHERE kind = 'disqualified'").fetchone()[0] == "erased"  # fmt: skip


def test_the_ledger_cannot_be_rewritten(town: Town) -> None:
    town.come(town.link(), BOB)
    for statement in (
        "DELETE FROM referral_events",
        "UPDATE referral_events SET kind = 'qualified'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            town.db.execute(statement)


def test_equal_numbers_share_a_place_and_one_sees_ones_own(town: Town) -> None:
    for user in range(1, 14):
        code = town.link(far(1_000 + user))
        for n in range(3 if user < 3 else 1):
            town.come(code, far(10_000 + 100 * user + 7 * n))
    town.forward(4)
    places = town.referrals.board.top(town.campaign_id)
    assert [p.rank for p in places] == [1, 1, *[3] * 8]
    assert [p.rank for p in town.referrals.board.top(ALL, "PH", 1)] == [3, 3, 3]
    person = town.referrals.campaigns.person(far(1_013))
    assert person is not None
    own = town.referrals.board.place(person.id, town.campaign_id)
    assert own is not None and (own.rank, own.qualified) == (3, 1)
    assert town.referrals.board.top(town.campaign_id, "KR") == []


def test_payment_is_noted_only_for_what_was_seen(town: Town) -> None:
    town.come(town.link(), BOB)
    town.forward(4)
    assert town.referrals.reward(town.campaign_id, 2, by=9) is None
    assert town.referrals.reward(town.campaign_id, 1, by=9) == 1
    assert town.state(BOB) is State.REWARDED
    totals = town.referrals.board.totals(town.campaign_id)
    assert (totals.qualified, totals.rewarded) == (1, 1)


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_no_order_of_events_reaches_a_state_that_is_none(events: list[Event]) -> None:
    state = rules.fold([Event.OPENED, *events])
    assert state in State
    if State.REWARDED is state:
        assert Event.QUALIFIED in events and Event.REWARDED in events


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["come", "join", "left", "accept", "reject", "ban", "days", "pay", "erase"]),
        st.integers(0, 7), st.integers(0, 2),
    ),
    max_size=40,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTS)
def test_a_rebuild_gives_the_same_numbers(core: Core, acts: list[tuple[str, int, int]]) -> None:
    town = Town(core, ":memory:")
    referrals = town.referrals
    links = [town.link(user) for user in (ANN, BOB, CAT)]
    for act, who, whose in acts:
        user = far(500 + who)
        referral = referrals.ledger.of(user)
        number = referral.id if referral else -1
        match act:
            case "come":
                town.come(links[whose], user, join=bool(who % 2))
            case "join":
                referrals.joined(Invited(user, "x"), GROUP, None)
            case "left":
                referrals.left(user, GROUP)
            case "accept" if referral:
                referrals.accept(number, by=9)
            case "reject" if referral:
                referrals.reject(number, by=9)
            case "ban" if referral:
                referrals.ban(number, by=9)
            case "days":
                town.forward(whose)
            case "pay":
                referrals.reward(
                    town.campaign_id, len(referrals.ledger.to_reward(town.campaign_id)), by=9
                )
            case "erase":
                town.members.erase(user)
    running = town.standings()
    states = town.db.execute("SELECT id, state FROM referrals ORDER BY id").fetchall()
    referrals.ledger.rebuild()
    assert town.standings() == running
    assert town.db.execute("SELECT id, state FROM referrals ORDER BY id").fetchall() == states


def test_what_is_common_elsewhere_is_read_from_the_ledger(town: Town) -> None:
    """Two of one name: telling where nobody else has it, not where half the town has."""

    def weight() -> float:
        referral = town.referrals.ledger.of(BOB)
        assert referral is not None
        found = signals.examine(*case(town.db, referral))
        return next((s.weight for s in found if s.name == "same_name"), 0.0)

    code, other = town.link(ANN), town.link(CAT)
    far = iter(range(10**9, 10**10, 10**7))
    for user_id, name in ((BOB, "Juan Cruz"), (next(far), "Juan Cruz"), (next(far), "x y")):
        town.referrals.opened(code, Invited(user_id, name))
    for n in range(200):
        town.referrals.opened(other, Invited(next(far), f"Somebody {chr(97 + n % 26)} {n}"))
    assert weight() > 1.5
    for _ in range(200):
        town.referrals.opened(other, Invited(next(far), "Juan Cruz"))
    assert weight() == 0.0
