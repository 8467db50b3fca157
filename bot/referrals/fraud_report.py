"""docs/referral-fraud.md, written from the simulation."""

from __future__ import annotations

from statistics import mean

from bot.referrals.signals import THRESHOLD
from bot.referrals.simulation import (
    FRESH,
    HONEST,
    HONEST_RETURNS,
    PEOPLE,
    SEED,
    UNSEEN,
    Outcome,
    measure,
)

OTHERS = tuple(range(1, 21))
"""Seeds beside the committed one, on which nothing was chosen: how much luck there is in its figures."""
PRECISION, RECALL = 0.95, 0.9
"""The floor that is wanted."""


def report() -> str:
    """The page as Markdown."""
    outcome = measure()
    others = [measure(seed) for seed in OTHERS]
    return "\n".join([*_head(outcome), *_table(outcome), *_spread(others), *_limits()]) + "\n"


def holds(outcome: Outcome) -> bool:
    """Whether a town keeps the floor."""
    return outcome.precision >= PRECISION and outcome.recall >= RECALL


def _head(outcome: Outcome) -> list[str]:
    return [
        "# Signs of referral fraud: how well they do",
        "",
        "Written by `python -m bot referrals simulate --write docs/referral-fraud.md`; a test runs it again.",
        "",
        f"A seeded town of {PEOPLE:,} invited people (seed {SEED}). A referral is held for a person when its",
        f"signs weigh {THRESHOLD} or more together; the program itself refuses nobody.",
        "",
        f"**Precision {outcome.precision:.3f}** (of those held, how many are dishonest), "
        f"**recall {outcome.recall:.3f}** (of the",
        "dishonest, how many are held).",
        "",
    ]


def _table(outcome: Outcome) -> list[str]:
    rows = [
        f"| {kind} | {row.people:,} | {row.held:,} | {_share(row.held, row.people)} |"
        for kind, row in outcome.rows.items()
    ]
    return ["| who | people | held | share |", "| --- | ---: | ---: | ---: |", *rows, ""]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _spread(others: list[Outcome]) -> list[str]:
    precision = [one.precision for one in others]
    recall = [one.recall for one in others]
    missed = [
        1
        - sum(one.rows[kind].held for one in others) / sum(one.rows[kind].people for one in others)
        for kind in others[0].rows
        if kind not in HONEST
    ]
    return [
        f"{len(others)} other towns (seeds {OTHERS[0]} to {OTHERS[-1]}): precision {min(precision):.3f} to "
        f"{max(precision):.3f}, mean {mean(precision):.3f};",
        f"recall {min(recall):.3f} to {max(recall):.3f}, mean {mean(recall):.3f}. In "
        f"{sum(map(holds, others))} of them precision is at least {PRECISION} and recall at least {RECALL};",
        f"of the kind of fraud that hides best {max(missed):.0%} is missed.",
        "",
    ]


def _limits() -> list[str]:
    return [
        "## What the town assumes",
        "",
        "No public data set of real Telegram referrals was at hand, so the shares are assumptions; they are in",
        "`bot/referrals/simulation.py` and can be changed. On the side of caution:",
        "",
        "- Honest people keep silent (60 %, in announced crowds 50 to 72 %), come in bursts of up to 90 after an",
        "  announcement or all within an hour, share common names, and often have no username.",
        f"- {FRESH:.0%} of them made their account that very day, and {HONEST_RETURNS:.1%} left and came back.",
        "- A third of the scripts wait as people do; drips take days and every sixth account greets; 15 % of the",
        "  bought accounts are old ones from nowhere in particular.",
        "- How common a name is, and how many accounts there are of one age, is counted among those whom others",
        "  invited; while few came, much is put down to chance.",
        "- Missed most: old accounts of one hand that come by twos and threes over days, and keep silent.",
        f"- The bot did not see {UNSEEN:.0%} of the rejoiners leave: those look like newcomers, and are missed.",
        "- The weights and the threshold were chosen on towns like these, so real figures will differ: watch the",
        "  share of held referrals that people accept (/referrals, Review).",
        "",
        "One's own link needs no statistics, and is not in the town: it is always held. Who was here before is",
        "never counted at all.",
    ]
