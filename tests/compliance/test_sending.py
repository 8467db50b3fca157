"""What may be sent out where, on which conditions, and which rule with which source holds it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compliance import Condition, Outcome, Reason, SendingGate, SendKind
from bot.knowledge.base import FactState, Knowledge
from bot.knowledge.model import COUNTRIES, GateKind, Verdict
from bot.wiring import Core

PROMOTION = SendKind.PROMOTION


@pytest.fixture
def gate(core: Core) -> SendingGate:
    return SendingGate(core.store.current)


def test_china_is_held_by_the_article_with_its_source(gate: SendingGate) -> None:
    ruling = gate.rule(PROMOTION, "CN")
    assert ruling.held and ruling.reason is Reason.RULE
    assert ruling.decided_by and "article 7" in ruling.decided_by.text
    assert any("No. 42" in source.name for source in ruling.sources)


def test_singapore_lets_out_what_names_no_platform_with_the_warning(gate: SendingGate) -> None:
    ruling = gate.rule(PROMOTION, "SG")
    assert ruling.outcome is Outcome.CONDITIONS and ruling.rule_id == "sg.rule.marketing"
    assert ruling.conditions == (Condition.WARNING, Condition.NO_PLATFORM)


def test_in_singapore_a_licensed_platform_needs_proof_of_its_own_channel(
    gate: SendingGate,
) -> None:
    assert gate.rule(PROMOTION, "SG", "okx").reason is Reason.PROOF
    proven = gate.rule(PROMOTION, "SG", "okx", proof=True)
    assert not proven.held and Condition.OWN_CHANNEL in proven.conditions
    warned = gate.rule(PROMOTION, "SG", "binance", proof=True)
    assert warned.reason is Reason.PLATFORM


def test_one_campaign_goes_out_in_thailand_and_is_held_in_korea(gate: SendingGate) -> None:
    thailand, korea = gate.rules(PROMOTION, ["TH", "KR"], "binance-th")
    assert not thailand.held and Condition.LICENSED in thailand.conditions
    assert korea.held and korea.reason is Reason.PLATFORM and korea.decided_by


@pytest.mark.parametrize("country", [None, "US", "XX", ""])
def test_an_unknown_country_gets_no_promotion(gate: SendingGate, country: str | None) -> None:
    assert gate.rule(PROMOTION, country).reason is Reason.UNKNOWN_COUNTRY
    assert gate.rule(SendKind.EDUCATION, country, "okx").held
    assert gate.rule(SendKind.EDUCATION, country).warn
    assert gate.rule(SendKind.SERVICE, country).outcome is Outcome.ALLOWED


def test_teaching_and_notices_pass_a_ban_on_marketing(gate: SendingGate) -> None:
    assert gate.rule(SendKind.EDUCATION, "CN").outcome is Outcome.CONDITIONS
    assert gate.rule(SendKind.SERVICE, "CN").outcome is Outcome.ALLOWED
    assert gate.rule(SendKind.EDUCATION, "CN", "binance").held


def test_a_corrected_fact_changes_the_gate(core: Core) -> None:
    """A moderator's revision is an edited fact in the next snapshot."""
    known = core.store.current
    state = known.state("th.rule.marketing")
    assert state is not None
    closed = state.fact.model_copy(update={"gate": {GateKind.PROMOTION: Verdict.HOLD}})
    edited = Knowledge(
        {c: known.file(c) for c in known.countries},
        edited={closed.id: FactState(closed, state.sources)},
    )
    assert not SendingGate(known).rule(PROMOTION, "TH", "bitkub").held
    ruling = SendingGate(edited).rule(PROMOTION, "TH", "bitkub")
    assert ruling.held and ruling.rule_id == closed.id


@given(
    kind=st.sampled_from(list(SendKind)),
    country=st.sampled_from([*COUNTRIES, None, "US"]),
    platform=st.sampled_from([None, "binance", "okx", "bitkub", "upbit", "no-such-platform"]),
    proof=st.booleans(),
)
def test_every_ruling_says_why(
    core: Core, kind: SendKind, country: str | None, platform: str | None, proof: bool
) -> None:
    ruling = SendingGate(core.store.current).rule(kind, country, platform, proof=proof)
    assert ruling.held == (ruling.reason is not None)
    assert bool(ruling.conditions) == (ruling.outcome is Outcome.CONDITIONS)
    if ruling.decided_by:
        assert ruling.sources
    if ruling.held and country in COUNTRIES:
        assert ruling.decided_by is not None
    if not proof and not ruling.held:
        assert replace(ruling) == SendingGate(core.store.current).rule(
            kind, country, platform, proof=True
        )
