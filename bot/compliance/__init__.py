"""What may be said and promoted where, and which rule decides: see `gate`."""

from bot.compliance.gate import Decision, Gate

__all__ = ["Decision", "Gate"]
