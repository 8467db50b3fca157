"""What may be promoted and listed where, and by which rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compliance import Gate
from bot.knowledge.model import COUNTRIES, GateKind, Kind, Standing
from bot.wiring import Core


@pytest.fixture
def gate(core: Core) -> Gate:
    return Gate(core.store.current)


@pytest.mark.parametrize("kind", list(GateKind))
def test_china_holds_everything_and_names_the_notice(
    gate: Gate, core: Core, kind: GateKind
) -> None:
    decision = gate.decide(kind, "CN", "binance")
    assert not decision.allowed and decision.rule is not None
    names = [s.name for s in core.store.current.sources(decision.rule)]
    assert any("No. 42" in name for name in names)


def test_bangladesh_holds_ways_in(gate: Gate) -> None:
    assert not gate.decide(GateKind.ONRAMP, "BD").allowed
    assert not gate.decide(GateKind.P2P, "BD").allowed


def test_the_same_campaign_may_go_to_thailand_and_not_to_korea(gate: Gate) -> None:
    assert gate.decide(GateKind.PROMOTION, "TH", "binance-th").allowed
    assert not gate.decide(GateKind.PROMOTION, "KR", "binance").allowed


def test_an_unknown_country_is_restricted(gate: Gate) -> None:
    decision = gate.decide(GateKind.PROMOTION, None, "binance")
    assert not decision.allowed and decision.warn


def test_a_blocked_platform_is_never_a_way_in(gate: Gate) -> None:
    assert not gate.decide(GateKind.ONRAMP, "PH", "binance").allowed
    assert gate.decide(GateKind.ONRAMP, "PH", "coins-ph").allowed


@given(country=st.sampled_from(COUNTRIES), kind=st.sampled_from(list(GateKind)))
def test_no_promotion_of_a_platform_without_a_permit(
    core: Core, country: str, kind: GateKind
) -> None:
    """Whatever the country: who is warned of, blocked or gone is never let through."""
    gate = Gate(core.store.current)
    refused = {Standing.WARNED, Standing.BLOCKED, Standing.LEFT, Standing.SUSPENDED}
    for fact in core.store.current.of_kind(country, Kind.STANDING):
        newest = core.store.current.standing(country, fact.platform or "")
        if newest and newest.standing in refused:
            assert not gate.decide(kind, country, fact.platform).allowed
