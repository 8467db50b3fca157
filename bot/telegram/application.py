"""python-telegram-bot's Application, without its list of whom it has seen."""

from __future__ import annotations

from typing import Any

from telegram.ext import Application


class Forgetful(Application[Any, Any, Any, Any, Any, Any]):
    """Nothing is kept in user_data and chat_data here; all state is in the database."""

    __slots__ = ()

    def _mark_for_persistence_update(self, *, update: object = None, job: object = None) -> None:
        """The original notes each person's and chat's id for a persistence that, where there is
        none, never takes them: one entry for each person ever seen."""
