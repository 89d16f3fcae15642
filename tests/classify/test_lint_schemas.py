"""The published JSON Schemas are fresh, accept the shipped files and refuse what the loader refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from services.classify.adapters.fileschemas import FOLDER, generate, stale
from services.classify.cli import register
from shared.config.yamltree import parse
from tests.classify.kit import CONFIG

SHIPPED = [
    *(("rule.schema.json", path) for path in sorted((CONFIG / "rules").glob("*.yaml"))),
    *(("lexicons.schema.json", path) for path in sorted((CONFIG / "lexicons").glob("*.yaml"))),
    ("severity.schema.json", CONFIG / "severity.yaml"),
]
RULE: dict[str, Any] = parse((CONFIG / "rules" / "lifts-curb.yaml").read_text("utf-8"), "rule").data


def complaints(name: str, data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(json.loads(generate()[name])).iter_errors(data)]


def test_the_published_schemas_are_fresh() -> None:
    assert stale(FOLDER) == [], "run `orewire rules schema` and commit the result"


@pytest.mark.parametrize("name", sorted(generate()))
def test_each_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(generate()[name]))


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda value: getattr(value, "name", ""))
def test_the_shipped_files_are_valid(name: str, path: Path) -> None:
    assert complaints(name, parse(path.read_text("utf-8"), path.name).data) == []


@pytest.mark.parametrize(
    "change",
    [{"when": {"chian": []}}, {"when": {}}, {"weight": 2}, {"kind": "Ban"}, {"wehn": 1}, {"set": {"direction": "up"}}],
    ids=str,
)
def test_mistakes_in_a_rule_are_told(change: dict[str, Any]) -> None:
    assert complaints("rule.schema.json", RULE | change)


def test_each_condition_carries_its_documentation() -> None:
    conditions = json.loads(generate()["rule.schema.json"])["properties"]["when"]["properties"]
    assert conditions["chain"]["description"].startswith("`chain`: ")
    assert all(entry["description"] for entry in conditions.values())


def run(*arguments: str) -> Any:
    root = typer.Typer()
    register(root)
    return CliRunner().invoke(root, ["rules", "schema", *arguments])


def test_check_names_stale_files_and_writing_mends_them(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    assert run("--check", "--folder", str(folder)).exit_code == 1
    assert run("--folder", str(folder)).exit_code == 0
    assert run("--check", "--folder", str(folder)).exit_code == 0
    (folder / "rule.schema.json").write_text("{}", "utf-8")
    (folder / "gone.json").write_text("{}", "utf-8")
    result = run("--check", "--folder", str(folder))
    assert result.exit_code == 1
    assert "rule.schema.json: stale" in result.stderr
    assert "gone.json: stale" in result.stderr
    run("--folder", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted(generate())
