"""Logs: text or JSON lines, and never a token in one."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from bot.journal import current_update

_TOKEN = re.compile(r"(?<!\d)\d{3,20}:[A-Za-z0-9_-]{30,64}")
HIDDEN = "<token>"


def redact(text: str) -> str:
    return _TOKEN.sub(HIDDEN, text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        update = current_update.get()
        line = super().format(record)
        return redact(line if update is None else f"{line} [update {update}]")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        update = current_update.get()
        if update is not None:
            line["update"] = update
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, ensure_ascii=False))


def configure_logs(level: str, form: str) -> None:
    """Libraries that log addresses (which hold the token) are silenced, and all lines redacted."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Json() if form == "json" else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "aiohttp.access", "telegram", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
