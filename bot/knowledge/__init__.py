"""Countries, platforms, rails and festivals, and the dated, sourced facts about them."""

from bot.knowledge.base import FactState, Knowledge
from bot.knowledge.store import KnowledgeStore

__all__ = ["FactState", "Knowledge", "KnowledgeStore"]
