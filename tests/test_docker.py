"""The Dockerfile's steps, run as a script: no engine is needed to know that they work."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox import DEFAULT_TOKEN
from bot.settings import ROOT
from tests.process import environment, free_port, server


def build_steps() -> list[str]:
    """COPY and RUN lines of the first stage."""
    stage = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")[1]
    return re.findall(r"^(?:COPY|RUN) .*$", stage, re.M)


@pytest.mark.slow
def test_the_images_steps_give_a_bot_that_answers(tmp_path: Path) -> None:
    app, venv = tmp_path / "app", tmp_path / "venv"
    app.mkdir()
    for step in build_steps():
        kind, rest = step.split(" ", 1)
        if kind == "COPY":
            source, target = rest.split()
            found = ROOT / source
            if found.is_dir():
                shutil.copytree(
                    found, app / target, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
                )
            else:
                shutil.copy(found, app / Path(target).name if target != "./" else app / source)
            continue
        script = rest.replace("/venv", str(venv)).replace(
            "python -m venv", f"{sys.executable} -m venv"
        )
        done = subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=app,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    asked = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "bot", "ask", "is Binance allowed in the Philippines"],
        cwd=app, capture_output=True, text=True, timeout=120, env=env, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    assert "Binance in the Philippines" in asked.stdout
    healthy = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "bot", "health"],
        cwd=app, capture_output=True, text=True, timeout=60, check=False,
        env={**env, "SAMPAN_DATABASE": str(tmp_path / "sampan.db")},
    )  # fmt: skip
    assert healthy.returncode == 1 and "no bot is running" in healthy.stderr


def test_the_image_runs_as_nobody_special_and_writes_only_where_it_may() -> None:
    final = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")[2]
    assert re.search(r"^USER sampan$", final, re.M) and "HEALTHCHECK" in final
    env = dict(pair.split("=", 1) for pair in re.findall(r"\b[A-Z]+\w*=\S+", final))
    assert env["SAMPAN_DATABASE"].startswith("/data/")
    assert env["MPLCONFIGDIR"].startswith("/tmp/"), "compose mounts /tmp; all else is read-only"
    assert "COPY . " not in final, "no .env gets into the image"


def commands_of_the_image() -> tuple[list[str], list[str]]:
    """What it runs, and what asks whether it lives; with this machine's Python."""
    final = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")[2]
    lists = [json.loads(found) for found in re.findall(r"(?:ENTRYPOINT|CMD) (\[.*\])", final)]
    health, entry, command = lists
    assert "HEALTHCHECK" in final and entry[0] == health[0] == "/venv/bin/python"
    return [sys.executable, *entry[1:], *command], [sys.executable, *health[1:]]


READ_ONLY = """
mount --make-rprivate /
mount --bind "$DATA" "$DATA"
mount --bind "$TMPDIR" "$TMPDIR"
mount -o remount,bind,ro /
if touch "$OUTSIDE/written" 2>/dev/null; then exit 99; fi
exec "$@"
"""


async def test_the_images_commands_on_a_read_only_root(tmp_path: Path) -> None:
    """ENTRYPOINT, HEALTHCHECK and STOPSIGNAL as written, with /data and /tmp alone to write to."""
    data, tmp = tmp_path / "data", tmp_path / "tmp"
    data.mkdir()
    tmp.mkdir()
    confine = ["unshare", "-m", "sh", "-ec", READ_ONLY, "sh"]
    places = {"DATA": str(data), "TMPDIR": str(tmp), "OUTSIDE": str(tmp_path)}
    tried = shutil.which("unshare") and subprocess.run(
        [*confine, "true"], env={**os.environ, **places}, check=False, capture_output=True
    ).returncode == 0  # fmt: skip
    if not tried:
        pytest.skip("this machine does not let a root be mounted read-only")
    run, health = commands_of_the_image()
    async with server() as api:
        env = environment(
            data, TELEGRAM_BOT_TOKEN=DEFAULT_TOKEN, TELEGRAM_API_BASE_URL=api.address, **places,
            MPLCONFIGDIR=str(tmp / "matplotlib"), PYTHONDONTWRITEBYTECODE="1",
            SAMPAN_WATCH_PORT=str(free_port()),
        )  # fmt: skip
        running = subprocess.Popen([*confine, *run], cwd=ROOT, env=env)
        try:
            await api.say("Sam", "is Binance allowed in the Philippines")
            assert "Binance in the" in (await api.answers("Sam", wait=60))[0]["text"]
            asked = await asyncio.to_thread(subprocess.run, health, cwd=ROOT, env=env, check=False)
            assert asked.returncode == 0
            running.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(running.wait, 15) == 0
        finally:
            running.kill()
            running.wait()
