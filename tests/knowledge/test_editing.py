"""What a moderator writes becomes a checked change of a fact, or a fault that can be told."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.clock import FixedClock
from bot.knowledge.base import FactState, Knowledge, fact_key
from bot.knowledge.drafts import DraftStore
from bot.knowledge.editing import (
    Changes,
    Draft,
    Wrong,
    apply,
    as_lines,
    clean,
    differences,
    overdue_by_country,
    propose,
    propose_verified,
    seal,
)
from bot.knowledge.model import GateKind, Verdict
from bot.wiring import Core
from db import open_database
from tests.conftest import TODAY

RULE = "ph.rule.trading"


@pytest.fixture
def knowledge(core: Core) -> Knowledge:
    return core.store.current


@pytest.fixture
def state(knowledge: Knowledge) -> FactState:
    found = knowledge.state(RULE)
    assert found is not None
    return found


def fault(state: FactState, knowledge: Knowledge, asking: str, given: str) -> tuple[str, str, int]:
    with pytest.raises(Wrong) as raised:
        apply(state, propose(state, asking, given, TODAY, knowledge))  # type: ignore[arg-type]
    return raised.value.fault, raised.value.given, raised.value.count


def test_a_text_is_one_clean_line(state: FactState, knowledge: Knowledge) -> None:
    changes = propose(
        state, "text", "  Trading\nis \u202eallowed\u200b\x00 now. ", TODAY, knowledge
    )
    assert apply(state, changes).fact.text == "Trading is allowed now."
    assert clean("হ্\u200dয\u200c") == "হ্\u200dয\u200c"


@pytest.mark.parametrize(
    ("asking", "given", "expected"),
    [
        ("text", "x", ("text_short", "", 0)),
        ("text", "x" * 421, ("text_long", "421", 420)),
        ("text", "\u200b\u202e", ("text_short", "", 0)),
        ("status", "fine", ("status", "fine", 0)),
        ("status", "licensed", ("status", "licensed", 0)),  # a standing, no status
        ("source", "", ("source_form", "", 0)),
        ("source", "SEC, circular 4", ("source_form", "", 0)),
        ("source", "SEC | htp:/sec | 2026-11-01", ("source_url", "htp:/sec", 0)),
        ("source", "SEC | javascript:alert(1) | 2026", ("source_url", "javascript:alert(1)", 0)),
        ("source", "S | https://sec.gov.ph/x | 2026-11-01", ("source_name", "S", 0)),
        ("source", "SEC | https://sec.gov.ph/x | yesterday", ("date", "yesterday", 0)),
        ("source", "SEC | https://sec.gov.ph/x | 2026-02-30", ("date", "2026-02-30", 0)),
        ("source", "SEC | https://sec.gov.ph/x | 2026-11-22", ("date_future", "2026-11-22", 0)),
        ("source", "SEC | https://sec.gov.ph/x | 2026\n2027", ("date_future", "2027", 0)),
        ("source", "\n".join(f"SEC {n} | 2026" for n in range(5)), ("source_count", "", 4)),
    ],
)  # fmt: skip
def test_bad_input_is_told_by_its_fault(
    state: FactState, knowledge: Knowledge, asking: str, given: str, expected: tuple[str, str, int]
) -> None:
    assert fault(state, knowledge, asking, given) == expected


def test_what_changes_nothing_is_no_change(state: FactState, knowledge: Knowledge) -> None:
    assert fault(state, knowledge, "text", state.fact.text)[0] == "same"


def test_a_source_brings_its_date_and_a_new_review(state: FactState, knowledge: Knowledge) -> None:
    given = "SEC Philippines, Circular 9 | https://www.sec.gov.ph/mc9 | 2026-10-02"
    after = apply(state, propose(state, "source", given, TODAY, knowledge))
    (source,) = after.sources.values()
    assert (source.name, source.url, source.date) == ("SEC Philippines, Circular 9", "https://www.sec.gov.ph/mc9", "2026-10-02")  # fmt: skip
    assert source.kind == "regulator"
    assert after.fact.as_of == "2026-10-02"
    assert after.fact.review_by == "2027-05-21"


def test_several_sources_and_a_date_of_their_own(state: FactState, knowledge: Knowledge) -> None:
    """What the prompt shows can be sent back with one line changed; known sources keep their id."""
    kept = as_lines(state).rsplit("\n", 1)[0]
    after = apply(state, propose(state, "source", f"{kept}\n2026-11-20", TODAY, knowledge))
    assert after.fact.source == state.fact.source
    assert after.fact.as_of == "2026-11-20"


def test_prohibiting_closes_the_gates_and_nothing_opens_them(
    state: FactState, knowledge: Knowledge
) -> None:
    prohibited = propose(state, "status", "prohibited", TODAY, knowledge)
    assert apply(state, prohibited).fact.gate == {GateKind.ONRAMP: Verdict.HOLD}
    looser = prohibited | propose(state, "status", "permitted", TODAY, knowledge)
    assert apply(state, looser).fact.gate == state.fact.gate


def test_verifying_renews_both_dates(state: FactState, knowledge: Knowledge) -> None:
    after = apply(state, propose_verified(state, TODAY, knowledge))
    assert (after.fact.as_of, after.fact.review_by) == ("2026-11-21", "2027-05-21")
    assert after.fact.source == state.fact.source


def test_verifying_with_an_address_renews_that_source(
    state: FactState, knowledge: Knowledge
) -> None:
    known = next(iter(state.sources.values()))
    assert known.url is not None
    after = apply(state, propose_verified(state, TODAY, knowledge, known.url))
    renewed = after.sources[after.fact.source[0]]
    assert (renewed.name, renewed.date) == (known.name, "2026-11-21")
    assert len(after.fact.source) == len(state.fact.source)


def test_a_preview_names_what_differs(state: FactState, knowledge: Knowledge) -> None:
    after = apply(state, propose(state, "status", "restricted", TODAY, knowledge))
    assert [(d.part, d.before, d.after) for d in differences(state, after)] == [
        ("status", "licensed_only", "restricted")
    ]


def test_a_seal_fits_one_preview_only(state: FactState, knowledge: Knowledge) -> None:
    one, two = Changes({"text": "One way."}), Changes({"text": "Another way."})
    assert seal(state, one) == seal(state, Changes({"text": "One way."}))
    assert seal(state, one) != seal(state, two)
    assert seal(apply(state, two), one) != seal(state, one)


def test_overdue_facts_stand_by_country_with_the_oldest_first(knowledge: Knowledge) -> None:
    late = overdue_by_country(knowledge, TODAY, None)
    countries = [knowledge.country_of(f.id) for f in late]
    changes = sum(a != b for a, b in pairwise(countries))
    assert changes == len(set(countries)) - 1
    assert late[0].review_by == min(f.review_by for f in late)


def test_facts_are_found_by_key_and_by_words(knowledge: Knowledge) -> None:
    found = knowledge.by_key(fact_key(RULE))
    assert found is not None and found.fact.id == RULE
    assert knowledge.by_key("0" * 10) is None
    assert RULE in [f.id for f in knowledge.search(["rule.trading"], ["PH"])]
    assert all(f.about("binance") for f in knowledge.search([], ["PH"], ["binance"]))
    assert knowledge.search(["no-such-word-anywhere"]) == []


def test_a_draft_is_kept_for_a_day(tmp_path: Path, clock: FixedClock) -> None:
    drafts = DraftStore(open_database(tmp_path / "sampan.db"), clock.now)
    draft = Draft(7, -100, RULE, asking="source", changes=Changes({"text": "New."}), message_id=5)
    drafts.put(draft)
    assert drafts.get(7, -100) == draft
    assert drafts.get(7, -200) is None and drafts.get(8, -100) is None
    clock.moment += timedelta(hours=25)
    assert drafts.get(7, -100) is None
