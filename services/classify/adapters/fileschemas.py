"""The published JSON Schemas of rule files, lexicon files and severity.yaml: editors complete and check with them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from services.classify import conditions
from services.classify.adapters.pages import write_page
from services.classify.adapters.ruleschema import LexiconsFile, RuleFile, SeverityFile
from shared.plugins import discover
from shared.settings import ROOT

FOLDER: Final = ROOT / "deploy" / "contracts" / "config"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FILES: Final[dict[str, type[BaseModel]]] = {
    "rule.schema.json": RuleFile,
    "lexicons.schema.json": LexiconsFile,
    "severity.schema.json": SeverityFile,
}


def generate() -> dict[str, str]:
    """Every schema: file name to text."""
    return {name: json.dumps(_schema(name), indent=2, ensure_ascii=False) + "\n" for name in _FILES}


def stale(folder: Path) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    files = generate()
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in files.keys() | found.keys() if files.get(name) != found.get(name))


def write(folder: Path) -> Iterator[Path]:
    """Bring the folder up to date, and tell each file that was written.

    Raises:
        ConfigError: a file cannot be written.
    """
    files = generate()
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale(folder):
        if name not in files:
            (folder / name).unlink()
            continue
        write_page(folder / name, files[name])
        yield folder / name


def _schema(name: str) -> dict[str, Any]:
    schema = _FILES[name].model_json_schema()
    if _FILES[name] is RuleFile:
        schema["properties"]["when"] |= _when()
    return {"$schema": DIALECT, "$id": f"urn:orewire:config:{name.removesuffix('.schema.json')}", **schema}


def _when() -> dict[str, Any]:
    """Which conditions there are, each with its own documentation; its value is checked when the rule is loaded."""
    found = discover(conditions, attribute="CONDITION")
    properties = {name: {"description": _documentation(plugin)} for name, plugin in found.items()}
    return {"properties": properties, "additionalProperties": False, "minProperties": 1}


def _documentation(plugin: object) -> str:
    module = inspect.getmodule(getattr(plugin, "compile", None))
    return inspect.cleandoc((module.__doc__ if module else None) or "")
