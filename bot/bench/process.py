"""A bot as a process of its own: started, looked at, ended."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from bot.sandbox import DEFAULT_TOKEN
from bot.settings import ROOT

Mode = Literal["polling", "webhook"]
SECRET = "bench-bench-bench-bench"  # noqa: S105 - of a server on loopback
GRAMMY = Path(__file__).parent / "grammy"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Variant:
    """One bot under test: which, on what loop and transport, taking updates in how."""

    kind: str
    loop: str = "uvloop"
    transport: str = "own"
    mode: Mode = "polling"


AS_THEY_COME = {
    "ptb": Variant("ptb", "asyncio", "httpx"),
    "ptb-aiohttp": Variant("ptb"),
    "aiogram": Variant("aiogram", "asyncio", "aiohttp"),
}
"""The echoes of `bench answers`."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5), /proc/pid/stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def database_bytes(database: Path) -> int:
    """What is in use of the file, with what the log still holds."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        total, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int((total - free) * size)


@contextmanager
def process(
    kind: str, address: str, folder: Path, hook: str | None = None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A bot at work as it comes; `hook`: where Sampan is posted to; `more`: settings of its own."""
    arguments = (
        [sys.executable, "-m", "bot", "run"]
        if kind == "sampan"
        else echo(AS_THEY_COME[kind], address, None)
    )
    if hook:
        more |= webhook_settings(hook)
    with _running(arguments, address, folder, more) as running:
        yield running


@contextmanager
def variant_process(
    variant: Variant, address: str, folder: Path, hook: str | None, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A bot on another loop or transport than its own, posted to at `hook` where there is one."""
    if variant.kind.startswith("grammy"):
        arguments = _grammy(variant, address, hook)
    else:
        arguments = echo(variant, address, hook)
    if hook and variant.kind == "sampan":
        more |= webhook_settings(hook)
    with _running(arguments, address, folder, more) as running:
        yield running


def echo(variant: Variant, address: str, hook: str | None) -> list[str]:
    given = json.dumps(asdict(variant))
    arguments = [sys.executable, "-m", "bot.bench.bots", given, address, DEFAULT_TOKEN]
    return [*arguments, *((hook, SECRET) if hook else ())]


def webhook_settings(hook: str) -> dict[str, str]:
    port = hook.rpartition(":")[2].partition("/")[0]
    return {
        "SAMPAN_WEBHOOK_URL": hook, "SAMPAN_WEBHOOK_PORT": port, "SAMPAN_WEBHOOK_SECRET": SECRET,
    }  # fmt: skip


def free_hook() -> str:
    """An address on loopback that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/hook"


@contextmanager
def _running(
    arguments: Sequence[str], address: str, folder: Path, more: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    env = {
        **os.environ, "TELEGRAM_BOT_TOKEN": DEFAULT_TOKEN, "TELEGRAM_API_BASE_URL": address,
        "SAMPAN_DATABASE": str(folder / "sampan.db"), "SAMPAN_ANSWERS_PER_MINUTE": "600",
        "SAMPAN_CONCURRENT_UPDATES": "256", "SAMPAN_LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT),
        "SAMPAN_UPDATES_PER_MINUTE": "1000000", "SAMPAN_WATCH_PORT": "0",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), **more,
    }  # fmt: skip
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a first start compiles, a second finds it done
    running = subprocess.Popen(arguments, env=env, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(12)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def install_grammy() -> str | None:
    """grammY as pinned in its lock file, into the user's cache. Why not, or None.

    Node finds packages beside the file that imports them, so the bot is copied there too.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return "node and npm are not installed: grammY is left out"
    there = grammy_home()
    there.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "echo.mjs"):
        shutil.copy(GRAMMY / name, there / name)
    if (there / "node_modules" / ".package-lock.json").exists():
        return None
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=there, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (
        f"npm ci failed, so grammY is left out: {done.stderr[-300:]}" if done.returncode else None
    )


def grammy_home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    lock = (GRAMMY / "package-lock.json").read_bytes()
    return Path(cache) / "sampan-bench" / f"grammy-{zlib.crc32(lock):08x}"


def _grammy(variant: Variant, address: str, hook: str | None) -> list[str]:
    kind = "runner" if variant.kind == "grammy-runner" else "plain"
    arguments = ["node", str(grammy_home() / "echo.mjs"), address, DEFAULT_TOKEN, kind]
    return [*arguments, *((hook, SECRET) if hook else ())]
