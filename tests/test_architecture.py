"""Rules about the code itself that no linter checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 300, 40
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_documented_and_well_named(path: Path) -> None:
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    assert source.count("\n") <= MAX_FILE
    assert ast.get_docstring(tree), "a module says what it is"
    assert path.stem not in BANNED_NAMES
    long = [f"{node.name}: {length}" for node, length in _functions(tree) if length > MAX_FUNCTION]
    assert not long


def _functions(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def test_the_lock_names_no_registry_and_pins_every_hash() -> None:
    lines = (ROOT / "deploy/requirements.lock").read_text("utf-8").splitlines()
    assert not [line for line in lines if "://" in line or "index-url" in line]
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert all("==" in line and line.rstrip().endswith("\\") for line in pins)


def test_makefile_help_lists_every_target_people_need() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in ("install", "demo", "test", "check", "bench", "help"):
        assert f"\n{target}:" in makefile
