"""The look-out for secrets sees what it should."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from bot.logs import _Text
from bot.sandbox import DEFAULT_TOKEN
from tests import leaks

SAY = f"import sys; print({DEFAULT_TOKEN!r}, file=sys.{{}})"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("to", [None, subprocess.DEVNULL, subprocess.PIPE])
def test_what_a_process_writes_is_seen_wherever_it_goes(stream: str, to: int | None) -> None:
    command = [sys.executable, "-c", SAY.format(stream)]
    subprocess.run(command, stdout=to, stderr=to, check=True)
    files = [path.read_text() for path in leaks._Watched.written]
    assert [text for text in (*files, *leaks._Watched.said) if leaks.leaked(text)]
    for path in leaks._Watched.written:
        path.unlink()
    leaks._Watched.said.clear()


def test_a_line_of_the_log_hides_the_token_and_only_that() -> None:
    record = logging.LogRecord("bot", 20, "", 0, f"GET /bot{DEFAULT_TOKEN}/getMe", (), None)
    assert leaks.leaked(record.getMessage())
    assert not leaks.leaked(_Text("%(message)s").format(record))
    assert leaks.leaked(leaks.WEBHOOK_SECRET)
