"""`make audit`: known faults of the locked dependencies, and plainly when nothing could be known.

pip-audit ends with "No known vulnerabilities found" and 0 also where it could look up nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements.lock"


def verdict(dependencies: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Lines to print, and the exit code: 0 only when every dependency was looked up and is clean."""
    unknown = [d["name"] for d in dependencies if "skip_reason" in d]
    lines = [
        f"{d['name']} {d['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for d in dependencies
        for fault in d.get("vulns", [])
    ]
    faults = len(lines)
    if unknown:
        lines.append(
            f"NOT AUDITED: {len(unknown)} of {len(dependencies)} dependencies are unknown to the "
            "index that was asked, so nothing is known about their faults"
        )
    lines.append(f"{len(dependencies) - len(unknown)} looked up, {faults} known faults")
    return lines, 1 if unknown or faults or not dependencies else 0


def main() -> int:
    command = [
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
        "-r",
        str(LOCK),
    ]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(done.stderr.strip()[-1000:])
        print("NOT AUDITED: no database of known faults could be asked")
        return 1
    lines, code = verdict(found)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
