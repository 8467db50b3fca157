"""No secret in any log: what this process logs, and what every process that a test starts writes.

Looked through after each test, so that the test which lets a secret out is the one that fails.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.logs import _Json, _Text, redact
from bot.sandbox import DEFAULT_TOKEN

WEBHOOK_SECRET = "a-secret-of-the-tests"
SECRETS = (DEFAULT_TOKEN.partition(":")[2], WEBHOOK_SECRET)


def leaked(text: str) -> bool:
    """A secret of the tests, or anything in the form of a token."""
    return any(secret in text for secret in SECRETS) or redact(text) != text


class _Lines(logging.Handler):
    """Lines as the bot's own two forms would write them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._forms = (_Text("%(name)s: %(message)s"), _Json())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.lines += [form.format(record) for form in self._forms]
        except Exception:
            self.lines.append(repr(record.msg))


class _Watched(subprocess.Popen):  # type: ignore[type-arg]
    """A process whose output is kept, wherever the test lets it go: `written` are the files."""

    written: list[Path]
    said: list[str]

    def __init__(self, *args: Any, **more: Any) -> None:
        unread = (None, subprocess.DEVNULL)
        opened = []
        for name in ("stdout", "stderr"):
            if more.get(name) in unread:
                file = tempfile.NamedTemporaryFile("wb", delete=False, prefix="sampan-said-")  # noqa: SIM115
                opened.append(file)
                self.written.append(Path(file.name))
                more[name] = file
            elif hasattr(more[name], "name"):
                self.written.append(Path(str(more[name].name)))
        super().__init__(*args, **more)
        for file in opened:
            file.close()

    def communicate(self, *args: Any, **more: Any) -> Any:
        came = super().communicate(*args, **more)
        self.said.extend(
            part.decode("utf-8", "replace") if isinstance(part, bytes) else part
            for part in came
            if part
        )
        return came


@pytest.fixture(autouse=True)
def no_secret_gets_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler = _Lines()
    ours = logging.getLogger("bot")
    before = ours.level
    logging.getLogger().addHandler(handler)
    ours.setLevel(logging.DEBUG)
    _Watched.written, _Watched.said = [], []
    monkeypatch.setattr(subprocess, "Popen", _Watched)
    yield
    ours.setLevel(before)
    logging.getLogger().removeHandler(handler)
    files = [path for path in _Watched.written if path.is_file()]
    texts = [path.read_text("utf-8", "replace") for path in files]
    for path in files:
        if path.name.startswith("sampan-said-"):
            path.unlink()
    found = [t for t in (*handler.lines, *_Watched.said, *texts) if leaked(t)]
    assert not found, f"a secret is in a log: {redact(found[0])[-2000:]!r}"
