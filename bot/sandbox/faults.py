"""Faults on demand: what a network and a tired server do, for as many calls as asked."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("500", "502", "429", "garbage", "drop", "drop_before", "delay", "hang")


@dataclass(slots=True)
class Fault:
    """`kind` for the next `times` calls of `method` (any method when it is empty).

    500 and 429 refuse without doing the work; garbage does the work and answers no JSON; drop
    does the work and closes the connection; drop_before closes it first; delay waits `seconds`;
    hang takes the call in and never answers.
    """

    method: str
    kind: str
    times: int = 1
    seconds: float = 1.0


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Have it happen."""
        if fault.kind not in KINDS:
            raise ValueError(f"no fault of the kind {fault.kind!r}; there are {', '.join(KINDS)}")
        self._coming.append(fault)

    def clear(self) -> None:
        """Let everything work again."""
        self._coming.clear()

    def next(self, method: str) -> Fault | None:
        """The fault that hits this call, if any."""
        if not self._coming:
            return None
        for fault in self._coming:
            if fault.method.lower() in ("", method):
                fault.times -= 1
                if fault.times <= 0:
                    self._coming.remove(fault)
                return fault
        return None
