"""The knowledge as YAML that a maintainer can commit: same content, same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.store import COMMON_PARTS, KnowledgeStore

_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Keeps YAML's meaning of dates as text: 2024-03 stays unquoted only where it is safe."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(data: dict[str, Any]) -> str:
    return yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        default_flow_style=False,
    )


def part_path(root: Path, part: str) -> Path:
    return root / f"{part}.yaml" if part in COMMON_PARTS else root / "countries" / f"{part}.yaml"


def export_directory(store: KnowledgeStore, root: Path) -> list[Path]:
    """Writes every part below `root`. Returns the files written."""
    written = []
    for part, data in sorted(store.export().items()):
        path = part_path(root, part)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_yaml(data), "utf-8")
        written.append(path)
    return written
