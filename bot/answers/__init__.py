"""Question -> Answer -> a message (HTML or plain text and buttons), free of Telegram's types."""

from bot.answers.compose import Composer
from bot.answers.model import Answer

__all__ = ["Answer", "Composer"]
