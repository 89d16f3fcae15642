"""`orewire rules new` writes a rule that loads as it is and works once it is switched on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.classify.adapters.rulefiles import load
from services.classify.cli import register
from services.classify.skeleton import skeleton
from tests.classify.kit import CONFIG


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG / "lexicons", folder / "lexicons")
    shutil.copy(CONFIG / "severity.yaml", folder)
    (folder / "rules").mkdir()
    return folder


def new(config: Path, *arguments: str) -> Any:
    root = typer.Typer()
    register(root)
    return CliRunner().invoke(root, ["rules", "new", *arguments, "--config", str(config)])


@pytest.mark.parametrize("kind", ["export_restriction", "alliance_move", "context", "supply_disruption"])
def test_a_new_rule_loads_and_passes_its_examples_when_switched_on(config: Path, kind: str) -> None:
    result = new(config, "fresh", "--kind", kind)
    assert result.exit_code == 0, result.output
    assert "rules test" in result.stdout
    assert load(config, {}, strict=True).rules == ()
    path = config / "rules" / "fresh.yaml"
    path.write_text(path.read_text("utf-8").replace("enabled: false", "enabled: true"), "utf-8")
    [rule] = load(config, {}, strict=True).rules
    assert (rule.id, rule.kind) == ("fresh", kind)


def test_an_existing_id_is_refused_and_its_file_left_alone(config: Path) -> None:
    assert new(config, "fresh").exit_code == 0
    path = config / "rules" / "fresh.yaml"
    path.write_text(path.read_text("utf-8") + "# mine\n", "utf-8")
    result = new(config, "fresh")
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert path.read_text("utf-8").endswith("# mine\n")


@pytest.mark.parametrize("name", ["../evil", "Capital", "a b", "-x", "x" * 81, ""])
def test_names_that_are_no_ids_are_refused(config: Path, name: str) -> None:
    result = new(config, "--", name) if name.startswith("-") else new(config, name)
    assert result.exit_code == 2
    assert list((config / "rules").iterdir()) == []


def test_a_kind_that_is_none_is_refused_with_the_nearest(config: Path) -> None:
    result = new(config, "fresh", "--kind", "Export-Restriction")
    assert result.exit_code == 2
    assert "`export_restriction`" in result.stderr


def test_nothing_is_left_behind_where_lexicons_are_missing(config: Path) -> None:
    (config / "lexicons" / "actions.yaml").unlink()
    result = new(config, "fresh")
    assert result.exit_code == 2
    assert list((config / "rules").iterdir()) == []


def test_the_skeleton_explains_itself() -> None:
    assert skeleton("fresh", "export_restriction").count("#") > 8
