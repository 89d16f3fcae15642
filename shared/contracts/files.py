"""The generated files of `deploy/contracts/`: their text, which of them are stale, and what a rewrite would break."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts.compat import breaking_changes
from shared.contracts.document import asyncapi
from shared.contracts.roles import ROLES
from shared.contracts.schemas import schemas


def generate() -> dict[str, str]:
    """Every file of the published contract: relative path to text."""
    documents: dict[str, Any] = {f"schemas/{name}": document for name, document in schemas().items()}
    documents["asyncapi.json"] = asyncapi()
    documents |= {f"asyncapi-{service}.json": asyncapi(service) for service in ROLES}
    return {path: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for path, document in documents.items()}


def stale(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Relative paths that are missing, differ, or should not be there."""
    ours = (*folder.glob("*.json"), *(folder / "schemas").rglob("*.json"))  # other folders are a service's own
    found = {str(path.relative_to(folder).as_posix()): path for path in ours}
    wrong = {path for path, text in files.items() if path not in found or found[path].read_text("utf-8") != text}
    return sorted(wrong | (found.keys() - files.keys()))


def broken(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Breaking changes of `files` against the schemas in `folder`, each with the file's name before it."""
    found: list[str] = []
    for old in sorted((folder / "schemas").glob("*.json")):
        name = f"schemas/{old.name}"
        if name not in files:
            found.append(f"{name}: event type removed")
            continue
        changes = breaking_changes(json.loads(old.read_text("utf-8")), json.loads(files[name]))
        found += [f"{name}: {change}" for change in changes]
    return found


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Make the folder hold exactly `files`, as far as JSON goes."""
    for path in stale(folder, files):
        target = folder / path
        if path not in files:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], "utf-8")
