"""A text -> a `Question` (language, topic, country, names, confidence). Pure, in-process."""

from bot.understanding.question import Asker, Question, Understanding

__all__ = ["Asker", "Question", "Understanding"]
