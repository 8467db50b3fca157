"""What may be sent out where: the gate's word on a broadcast or a promotion, with its conditions.

Kind x country x platform -> allowed, allowed with conditions, or held, by which rule and source.
Pure: it reads a snapshot of the knowledge, so a corrected fact changes the next ruling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.compliance.gate import REFUSED_STANDINGS, Gate
from bot.knowledge.base import Knowledge
from bot.knowledge.model import Fact, GateKind, Source, Verdict


class SendKind(StrEnum):
    """What a message is. The promotion of anything is a promotion, whatever it is called."""

    PROMOTION = "promotion"
    EDUCATION = "education"
    SERVICE = "service"


class Condition(StrEnum):
    """What must be so for a message to go out; the sender sees to the first, people to the rest."""

    WARNING = "warning"
    """The country's risk warning stands below the text."""
    LICENSED = "licensed"
    """The platform that it is for is licensed or registered there: it is checked."""
    NO_PLATFORM = "no_platform"
    """It names no platform: it is checked."""
    OWN_CHANNEL = "own_channel"
    """The proof that the chats are the platform's own official ones was given."""


class Outcome(StrEnum):
    ALLOWED = "allowed"
    CONDITIONS = "conditions"
    HELD = "held"


class Reason(StrEnum):
    """Why something is held."""

    UNKNOWN_COUNTRY = "unknown_country"
    RULE = "rule"
    PLATFORM = "platform"
    """The platform has no licence there, or was warned of, blocked or suspended, or left."""
    PROOF = "proof"
    """It may go out in the platform's own channel, and nobody has vouched for that."""


@dataclass(frozen=True)
class Ruling:
    """The gate's word for one country. `decided_by` is the fact to show, with its sources."""

    kind: SendKind
    country: str | None
    outcome: Outcome
    conditions: tuple[Condition, ...] = ()
    reason: Reason | None = None
    decided_by: Fact | None = None
    sources: tuple[Source, ...] = ()

    @property
    def held(self) -> bool:
        return self.outcome is Outcome.HELD

    @property
    def warn(self) -> bool:
        return Condition.WARNING in self.conditions

    @property
    def rule_id(self) -> str | None:
        return self.decided_by.id if self.decided_by else None


class SendingGate:
    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._gate = Gate(knowledge)

    def rule(
        self, kind: SendKind, country: str | None, platform: str | None = None, *,
        proof: bool = False,
    ) -> Ruling:  # fmt: skip
        """`proof`: a person vouches that the chats are the platform's own official channel."""
        if country not in self._knowledge.countries:
            return self._unknown(kind, country, platform)
        own = proof or platform is None
        decision = self._gate.decide(GateKind(kind.value), country, platform, own_channel=own)
        if decision.allowed:
            return self._allowed(kind, country, platform, decision.verdict, decision.rule)
        refused = decision.standing and decision.standing.standing in REFUSED_STANDINGS
        if refused and decision.verdict is not Verdict.HOLD:
            return self._held(kind, country, Reason.PLATFORM, decision.standing)
        if decision.verdict is Verdict.OWN_CHANNEL and self._licensed(kind, country, platform):
            return self._held(kind, country, Reason.PROOF, decision.rule)
        reason = Reason.RULE if decision.verdict is Verdict.HOLD else Reason.PLATFORM
        return self._held(kind, country, reason, decision.rule or decision.standing)

    def rules(
        self, kind: SendKind, countries: Iterable[str | None], platform: str | None = None, *,
        proof: bool = False,
    ) -> list[Ruling]:  # fmt: skip
        """One ruling a country, in the order given, each country once."""
        return [self.rule(kind, c, platform, proof=proof) for c in dict.fromkeys(countries)]

    def _unknown(self, kind: SendKind, country: str | None, platform: str | None) -> Ruling:
        """Nobody knows which law holds: nothing is offered; notices pass, teaching with care."""
        if kind is SendKind.PROMOTION or platform is not None:
            return self._held(kind, country, Reason.UNKNOWN_COUNTRY, None)
        if kind is SendKind.SERVICE:
            return Ruling(kind, country, Outcome.ALLOWED)
        return Ruling(kind, country, Outcome.CONDITIONS, (Condition.WARNING,))

    def _licensed(self, kind: SendKind, country: str | None, platform: str | None) -> bool:
        """Whether the proof alone is missing."""
        return self._gate.decide(
            GateKind(kind.value), country, platform, own_channel=True
        ).allowed  # fmt: skip

    def _allowed(
        self, kind: SendKind, country: str | None, platform: str | None,
        verdict: Verdict, rule: Fact | None,
    ) -> Ruling:  # fmt: skip
        conditions = [Condition.WARNING] if verdict is not Verdict.ALLOW else []
        if verdict in (Verdict.LICENSED_ONLY, Verdict.OWN_CHANNEL):
            conditions.append(Condition.LICENSED if platform else Condition.NO_PLATFORM)
        if verdict is Verdict.OWN_CHANNEL and platform:
            conditions.append(Condition.OWN_CHANNEL)
        outcome = Outcome.CONDITIONS if conditions else Outcome.ALLOWED
        return Ruling(kind, country, outcome, tuple(conditions), None, rule, self._sources(rule))

    def _held(self, kind: SendKind, country: str | None, reason: Reason, by: Fact | None) -> Ruling:
        return Ruling(kind, country, Outcome.HELD, (), reason, by, self._sources(by))

    def _sources(self, fact: Fact | None) -> tuple[Source, ...]:
        return self._knowledge.sources(fact) if fact else ()
