"""The few shapes that every page is made of."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.telegram.keyboards import Row


def paragraphs(*texts: str | Markup) -> str:
    """HTML of paragraphs; what is not marked up already is escaped."""
    return str(Markup("\n\n").join(escape(text) for text in texts if text))


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def grid(buttons: Sequence[tuple[str, object]], width: int) -> list[Row]:
    return [buttons[i : i + width] for i in range(0, len(buttons), width)]  # type: ignore[misc]


def ticked(text: str, on: bool) -> str:
    return f"✅ {text}" if on else text
