"""The published JSON Schemas of webhook bodies on disk: which are stale, and writing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from services.notify.payloadschema import payload_schemas
from shared.contracts.compat import breaking_changes
from shared.settings import ROOT

CONTRACTS: Final = ROOT / "deploy" / "contracts"


def stale(folder: Path) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    files = {name: _text(schema) for name, schema in payload_schemas().items()}
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in files.keys() | found.keys() if files.get(name) != found.get(name))


def broken(folder: Path) -> list[str]:
    """Changes since the files in `folder` that would break receivers, each with its file: they need a new version."""
    return [
        f"{name}: {part}: {change}"
        for name, schema in payload_schemas().items()
        if (folder / name).is_file()
        for part, old, new in _parts(json.loads((folder / name).read_text("utf-8")), schema)
        for change in breaking_changes(old, new)
    ]


def write(folder: Path) -> None:
    """Make the folder hold exactly the schemas."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
    for name, schema in payload_schemas().items():
        (folder / name).write_text(_text(schema), "utf-8")


def _parts(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """The frame around the alerts, and each bundled schema of theirs."""
    frames = [{"properties": it["properties"], "required": it["required"]} for it in (old, new)]
    gone: dict[str, Any] = {"not": {}}
    return [("frame", *frames), *((name, known, new["$defs"].get(name, gone)) for name, known in old["$defs"].items())]


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
