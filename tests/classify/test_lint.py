"""Each lint finds what it is for and leaves good rules alone; nothing is said about the shipped rules."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.classify import lints
from services.classify.adapters.places import survey
from services.classify.adapters.rulefiles import load
from services.classify.builtin import ENGINE_LEXICONS
from services.classify.cli import register
from services.classify.detect import Detector
from services.classify.linting import lint
from services.classify.remark import Inspected, Level, Remark
from shared.plugins import discover
from tests.classify.kit import CONFIG, article, shipped

RULE: dict[str, Any] = {
    "kind": "export_restriction",
    "title": "A test rule",
    "why": "to test",
    "version": "1",
    "weight": 0.6,
    "when": {"chain": ["$export_curb"], "about": "$commodity"},
    "set": {"direction": "tighten"},
    "examples": {
        "match": ["China bans gallium exports.", "中国禁止镓出口。"],
        "ignore": ["China mines gallium.", "中国开采镓。"],
    },
}
ENGINE = Path(lints.__file__).parents[1]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config directory with the shipped lexicons and no rules."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG / "lexicons", folder / "lexicons")
    shutil.copy(CONFIG / "severity.yaml", folder)
    (folder / "rules").mkdir()
    return folder


def write(config: Path, name: str, **changes: Any) -> None:
    """A rule file; JSON is YAML."""
    path = config / "rules" / f"{name}.yaml"
    path.write_text(json.dumps({"id": name, **RULE, **changes}, ensure_ascii=False, indent=1), "utf-8")


def lexicon(config: Path, name: str, *words: str, **more: Any) -> None:
    entry = {"role": "control", "what": "test", **more, **({"words": {"en": list(words)}} if words else {})}
    path = config / "lexicons" / f"own-{name}.yaml"
    path.write_text(json.dumps({"lexicons": {name: entry}}, ensure_ascii=False), "utf-8")


def remarks(config: Path, texts: Sequence[str] = ()) -> list[Remark]:
    """What is remarked on the rules, and on lexicons of the test's own."""
    ruleset, places = load(config, {}, strict=False), survey(config, {})
    decisions = [Detector(ruleset).detect(article(text=text)) for text in texts]
    found = lint(Inspected(ruleset, places.written, decisions))
    return [r for r in found if r.about == "rule" or "own-" in places.of(r)[0]]


def told(config: Path, texts: Sequence[str] = ()) -> list[tuple[str, str, str]]:
    return [(r.level.value, r.lint, r.name) for r in remarks(config, texts)]


def test_the_shipped_rules_have_neither_errors_nor_warnings() -> None:
    assert lint(Inspected(shipped(), survey(CONFIG, {}).written)) == ()


def test_every_lint_is_found_and_documented() -> None:
    assert len(discover(lints, attribute="LINT")) == 9


def test_a_good_rule_is_left_alone(config: Path) -> None:
    write(config, "good")
    assert told(config) == []


def test_examples_of_both_kinds_must_be_there(config: Path) -> None:
    write(config, "bare", examples={"match": RULE["examples"]["match"]})
    assert told(config) == [("error", "examples", "bare")]


def test_examples_are_wanted_in_both_languages(config: Path) -> None:
    examples = {"match": ["China bans gallium exports."], "ignore": ["中国开采镓。"]}
    write(config, "half", examples=examples)
    found = remarks(config)
    assert {r.message for r in found} == {"has no Chinese example to match", "has no English example to ignore"}
    assert {r.level for r in found} == {Level.WARNING}


def test_an_example_that_fails_is_told_with_its_place(config: Path) -> None:
    write(config, "wrong", examples={**RULE["examples"], "ignore": ["China bans gallium exports.", "中国开采镓。"]})
    [found] = [r for r in remarks(config) if r.lint == "failing-example"]
    assert found.path == ("examples", "ignore", 0)
    assert survey(config, {}).of(found)[1] == 23


def test_a_rule_that_is_silenced_on_all_its_examples_never_fires(config: Path) -> None:
    write(config, "loud")
    write(config, "hush", kind="context", outweighs=["export_restriction"], set={"context": "test"})
    assert told(config) == [("error", "never-fires", "loud")]


def test_a_rule_that_is_too_weak_never_fires(config: Path) -> None:
    write(config, "faint", weight=0.1)
    [found] = remarks(config)
    assert (found.level, found.lint) == (Level.ERROR, "never-fires")
    assert "is below 0.5" in found.message


def test_a_rule_that_fires_on_real_articles_fires(config: Path) -> None:
    write(config, "faint", weight=0.38, examples={**RULE["examples"], "match": ["body: China bans gallium exports."]})
    assert ("error", "never-fires", "faint") in told(config)
    assert ("error", "never-fires", "faint") not in told(config, ["China bans gallium exports."])


def test_a_rule_that_loses_all_its_examples_is_shadowed(config: Path) -> None:
    write(config, "strong", weight=0.9)
    write(config, "weak")
    [found] = remarks(config)
    assert (found.lint, found.name) == ("shadowed", "weak")
    assert "`strong` (2)" in found.message


def test_a_rule_that_wins_one_example_is_not_shadowed(config: Path) -> None:
    write(config, "strong", weight=0.9, when={**RULE["when"], "none": ["$past_time"]})
    examples = {**RULE["examples"], "match": ["China bans gallium exports.", "China banned gallium exports last year."]}
    write(config, "weak", examples=examples)
    assert ("error", "shadowed", "weak") not in told(config)


def test_an_idle_rule_is_told_only_with_real_articles(config: Path) -> None:
    write(config, "good")
    assert told(config, ["China bans gallium exports."]) == []
    assert told(config, ["China mines gallium."]) == [("warning", "idle", "good")]


def test_contrary_rules_that_tie_on_the_same_words_conflict(config: Path) -> None:
    write(config, "comes")
    write(config, "goes", set={"direction": "ease"})
    found = {(level, name) for level, rule, name in told(config) if rule == "conflicting"}
    assert ("error", "comes") in found


def test_an_example_that_another_rule_turns_around_is_a_conflict(config: Path) -> None:
    write(config, "comes")
    write(config, "goes", set={"direction": "ease"}, weight=0.9)
    [found] = [r for r in remarks(config) if r.lint == "conflicting"]
    assert found.message.startswith("means tighten, but `goes` decides ease on “China bans")
    assert found.path == ("examples", "match", 0)


def test_two_kinds_from_the_same_words_are_a_warning(config: Path) -> None:
    write(config, "one")
    write(config, "two", kind="price_floor")
    assert {(level, rule) for level, rule, _ in told(config)} == {("warning", "conflicting")}


def test_an_unused_lexicon_is_a_warning(config: Path) -> None:
    write(config, "good")
    lexicon(config, "lonely", "solitary")
    assert told(config) == [("warning", "unused-lexicon", "lonely")]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_lexicon_is_used_by_a_rule_and_by_what_it_is_composed_of(config: Path, enabled: bool) -> None:
    lexicon(config, "part", "outright")
    lexicon(config, "whole", compose=[{"of": ["$part", "$export"]}])
    when = {**RULE["when"], "none": ["$whole"]}
    write(config, "user", when=when, enabled=enabled)
    assert told(config) == []


def test_a_word_with_opposite_meanings_is_a_warning(config: Path) -> None:
    lexicon(config, "tighter", "adjust", "clamp")
    lexicon(config, "looser", "adjust", "relent")
    for name, direction, word in (("comes", "tighten", "$tighter"), ("goes", "ease", "$looser")):
        verb = "clamp" if name == "comes" else "relent"
        examples = {"match": [f"Chile will {verb} lithium exports."], "ignore": ["Chile mines lithium."]}
        when = {"chain": [word, "$export"], "about": "$commodity"}
        write(config, name, when=when, set={"direction": direction}, examples=examples)
    [found] = [r for r in remarks(config) if r.lint == "opposite-words"]
    assert found.message == "shares “adjust” with `tighter`, which means the opposite (see `comes` and `goes`)"
    assert found.level is Level.WARNING


def test_a_chain_without_words_can_never_match(config: Path) -> None:
    lexicon(config, "hollow")
    write(config, "dead", when={"chain": [{"of": ["$hollow", "$export"]}, {"of": ["$export_curb"]}]})
    assert [(r.lint, r.path) for r in remarks(config) if r.level is Level.ERROR] == [
        ("dead-chain", ("when", "chain", 0))
    ]


def test_a_chain_whose_words_are_always_composed_can_never_match(config: Path) -> None:
    lexicon(config, "clamp", "clampdown")
    lexicon(config, "clamp_on_export", compose=[{"of": ["$clamp", "$export"], "gap": 20}])
    write(config, "dead", when={"chain": [{"of": ["$clamp", "$export"]}, {"of": ["$export_curb"]}]})
    assert [r.lint for r in remarks(config) if r.level is Level.ERROR] == ["dead-chain"]


def test_the_engine_names_exactly_the_lexicons_it_asks_for() -> None:
    """Every word in the engine's code that is the name of a lexicon, docstrings aside."""
    modules = [*ENGINE.glob("*.py"), *(ENGINE / "conditions").glob("*.py")]
    apart = {"builtin", "card", "chains", "explain", "render", "score", "scorecard", "skeleton", "slip", "remark"}
    names = set(shipped().lexicons.by_name)
    used = {
        node.value
        for path in modules
        if path.stem not in apart
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert used == ENGINE_LEXICONS & names, "bring services/classify/builtin.py up to date"


def command(*arguments: str) -> Any:
    root = typer.Typer()
    register(root)
    return CliRunner().invoke(root, ["rules", "lint", *arguments])


def test_errors_are_exit_1_with_file_and_line(config: Path) -> None:
    write(config, "faint", weight=0.1)
    result = command("--config", str(config))
    assert result.exit_code == 1
    assert "config/rules/faint.yaml:19: error never-fires  faint never fires" in result.stdout
    [found] = json.loads(command("--config", str(config), "--json").stdout)["remarks"][:1]
    assert (found["rule"], found["file"], found["line"]) == ("faint", "config/rules/faint.yaml", 19)


def test_warnings_alone_are_exit_0(config: Path, tmp_path: Path) -> None:
    write(config, "good")
    dataset = tmp_path / "set.jsonl"
    dataset.write_text('{"text": "China mines gallium."}\n', "utf-8")
    result = command("--config", str(config), "--dataset", str(dataset))
    assert result.exit_code == 0
    assert "idle" in result.stdout
