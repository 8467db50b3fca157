"""The Dockerfile's steps, run as a script: no engine is needed to know that they work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT


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
