"""Who may do what: asked at every command, every press and every message of a dialogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Roles:
    """Until staff have roles of their own, the owners in the settings may do everything."""

    owners: frozenset[int]

    def may_edit(self, user_id: int | None, country: str | None) -> bool:
        """Whether a person may change the facts of a country (None: those of no country)."""
        return user_id in self.owners
