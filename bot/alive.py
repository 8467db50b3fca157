"""One bot a database, and whether it is alive: light, as a container asks every minute."""

from __future__ import annotations

import fcntl
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bot.errors import CannotRun

ANSWER_SECONDS = 5.0


@contextmanager
def only_copy(database: Path) -> Iterator[None]:
    """One bot a database (and no restoring under it): the lock falls with the process, even at
    kill -9. Raises CannotRun."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{database}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(
                f"another copy of the bot already works on {database}: stop it first"
            ) from None
        yield


def is_healthy(database: Path, watch: tuple[str, int] | None = None) -> str | None:
    """What is wrong, in one line, or None: a bot holds the lock, the database answers, and so
    does the bot itself where it is watched. Telegram's faults are not the bot's (see /readyz)."""
    try:
        with only_copy(database):
            return f"no bot is running on {database}"
    except CannotRun:
        pass
    try:
        with closing(
            sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=2.0)
        ) as connection:
            connection.execute("SELECT count(*) FROM meta").fetchone()
    except sqlite3.Error as error:
        return f"the database {database} cannot be read: {error}"
    return _does_not_answer(*watch) if watch else None


def _does_not_answer(host: str, port: int) -> str | None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - no binding here
    try:
        with urllib.request.urlopen(f"http://{shown}:{port}/healthz", timeout=ANSWER_SECONDS):
            return None
    except OSError as error:
        return f"the bot does not answer on port {port}: {getattr(error, 'reason', error)}"
