"""Bot API, "Making requests": parameters from a query string, a form, multipart or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import bad


def whole(value: object, name: str) -> int:
    """A number inside a JSON-serialized parameter; 0 when it is absent."""
    if value is None or value == "":
        return 0
    try:
        return int(str(value))
    except ValueError:
        raise bad(f'field "{name}" must be of type Number') from None


@dataclass(slots=True)
class Upload:
    """A file that came in a multipart body (Bot API, "Sending files")."""

    name: str
    mime: str
    data: bytes


@dataclass(slots=True)
class Params:
    """A request's parameters, whichever way they came."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A String."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    def number(self, name: str, default: int = 0) -> int:
        """An Integer; what is none counts as `default`, as in Telegram's server."""
        value = self.values.get(name)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        """A Boolean, in any of the spellings that Telegram takes."""
        value = self.values.get(name)
        if value is None:
            return default
        return str(value).lower() in ("true", "1", "yes")

    def json(self, name: str, description: str = "") -> Any:
        """A JSON-serialized parameter, parsed; None when it is absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(description or f"can't parse {name} JSON object") from None

    def object(self, name: str, description: str = "") -> dict[str, Any] | None:
        """A JSON-serialized object."""
        value = self.json(name, description)
        if value is not None and not isinstance(value, dict):
            raise bad(description or f"can't parse {name} JSON object")
        return value
