"""What may be said, promoted and sent out where, and which rule decides."""

from bot.compliance.gate import Decision, Gate
from bot.compliance.sending import Condition, Outcome, Reason, Ruling, SendingGate, SendKind

__all__ = [
    "Condition", "Decision", "Gate", "Outcome", "Reason", "Ruling", "SendKind", "SendingGate",
]  # fmt: skip
