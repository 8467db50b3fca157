"""Country x kind x platform -> allowed, allowed with a warning, or held, and by which rule.

The rules are knowledge: a fact of kind `rule` with a `gate`. Correcting the fact corrects the
gate. Pure: it reads a snapshot and decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.knowledge.base import Knowledge
from bot.knowledge.model import Activity, Fact, GateKind, Kind, Standing, Status, Verdict

PERMITTED_STANDINGS = frozenset({Standing.LICENSED, Standing.REGISTERED, Standing.JOINT_VENTURE})
"""With these a platform may serve the country's members, so a campaign may name it there."""
REFUSED_STANDINGS = frozenset(
    {Standing.WARNED, Standing.BLOCKED, Standing.LEFT, Standing.SUSPENDED}
)
"""With these a platform is never promoted or listed as a way in, whatever else a rule says."""

_DEFAULTS = {
    GateKind.PROMOTION: Verdict.LICENSED_ONLY,
    GateKind.REFERRAL: Verdict.LICENSED_ONLY,
    GateKind.ONRAMP: Verdict.WARN,
    GateKind.P2P: Verdict.WARN,
    GateKind.STOCKS: Verdict.WARN,
    GateKind.EDUCATION: Verdict.WARN,
    GateKind.SERVICE: Verdict.ALLOW,
}
NOTICES = frozenset({GateKind.EDUCATION, GateKind.SERVICE})
"""What tells rather than offers: a ban on marketing alone does not stop it."""
_SEVERITY = (
    Verdict.ALLOW, Verdict.WARN, Verdict.LICENSED_ONLY, Verdict.OWN_CHANNEL, Verdict.HOLD
)  # fmt: skip
_ACTIVITY = {
    GateKind.PROMOTION: Activity.MARKETING,
    GateKind.REFERRAL: Activity.MARKETING,
    GateKind.ONRAMP: Activity.TRADING,
    GateKind.P2P: Activity.P2P,
    GateKind.STOCKS: Activity.TOKENIZED_STOCKS,
    GateKind.EDUCATION: Activity.MARKETING,
    GateKind.SERVICE: Activity.MARKETING,
}


@dataclass(frozen=True)
class Decision:
    """`rule` is the fact that decided, where one did; `standing` the platform's own."""

    kind: GateKind
    country: str | None
    allowed: bool
    warn: bool
    verdict: Verdict
    rule: Fact | None = None
    standing: Fact | None = None


class Gate:
    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def decide(
        self, kind: GateKind, country: str | None, platform: str | None = None, *,
        own_channel: bool = False,
    ) -> Decision:  # fmt: skip
        """Decides for one country. An unknown country is treated as restricted.

        `own_channel`: somebody vouches that the chat is the platform's own official one.
        """
        if country not in self._knowledge.countries:
            return Decision(kind, None, False, True, Verdict.LICENSED_ONLY)
        verdict, rule = self._verdict(kind, country)
        standing = self._knowledge.standing(country, platform) if platform else None
        if verdict is Verdict.HOLD:
            return Decision(kind, country, False, True, verdict, rule, standing)
        if verdict is Verdict.OWN_CHANNEL and not own_channel:
            return Decision(kind, country, False, True, verdict, rule, standing)
        if platform is not None and not self._may_name(verdict, standing):
            return Decision(kind, country, False, True, verdict, rule, standing)
        warn = verdict is not Verdict.ALLOW
        return Decision(kind, country, True, warn, verdict, rule, standing)

    def _verdict(self, kind: GateKind, country: str) -> tuple[Verdict, Fact | None]:
        """The strictest rule that speaks of the kind, else the default with the nearest rule."""
        speaking = [
            (fact.gate[kind], fact)
            for fact in self._knowledge.of_kind(country, Kind.RULE)
            if kind in fact.gate
        ]
        if speaking:
            return max(speaking, key=lambda pair: (_SEVERITY.index(pair[0]), pair[1].as_of))
        nearest = self._knowledge.rule(country, _ACTIVITY[kind])
        banned = nearest is not None and nearest.status is Status.PROHIBITED
        if banned and kind not in NOTICES:
            return Verdict.HOLD, nearest
        return _DEFAULTS[kind], nearest

    @staticmethod
    def _may_name(verdict: Verdict, standing: Fact | None) -> bool:
        place = standing.standing if standing else None
        if place in REFUSED_STANDINGS:
            return False
        free = verdict in (Verdict.ALLOW, Verdict.WARN)
        return free or place in PERMITTED_STANDINGS
