"""Rule and lexicon files: every mistake is told at once, with file, line and a hint."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.classify.adapters.rulefiles import load
from services.classify.examples import failures
from shared.errors import ConfigError
from tests.classify.kit import CONFIG, shipped

RULE = """\
id: {id}
kind: export_restriction
title: A test rule
why: to test
version: "1"
when:
  chain: [$export_curb]
set: {{direction: tighten}}
examples:
  match: [China bans gallium exports.]
  ignore: [China mines gallium.]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config directory with the shipped lexicons and no rules."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG / "lexicons", folder / "lexicons")
    shutil.copy(CONFIG / "severity.yaml", folder)
    (folder / "rules").mkdir()
    return folder


def write(config: Path, name: str, text: str) -> None:
    (config / "rules" / f"{name}.yaml").write_text(text, "utf-8")


def problems(config: Path, *, strict: bool = True) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(config, {}, strict=strict)
    return [str(problem) for problem in caught.value.problems]


def test_shipped_rules_pass_their_own_examples() -> None:
    assert list(failures(shipped())) == []


def test_every_shipped_rule_has_two_examples_of_each_kind_in_english_and_chinese() -> None:
    for rule in shipped().rules:
        for examples in (rule.match, rule.ignore):
            assert len(examples) >= 2, rule.id
            assert any(not example.isascii() for example in examples), f"{rule.id} has no Chinese example"


def test_a_good_rule_loads(config: Path) -> None:
    write(config, "good", RULE.format(id="good"))
    ruleset = load(config, {}, strict=True)
    assert [rule.id for rule in ruleset.rules] == ["good"]


def test_digest_ignores_layout_and_follows_content(config: Path) -> None:
    write(config, "good", RULE.format(id="good"))
    first = load(config, {}, strict=True).digest
    write(config, "good", "# a remark\n" + RULE.format(id="good"))
    assert load(config, {}, strict=True).digest == first
    write(config, "good", RULE.format(id="good").replace("to test", "to measure"))
    assert load(config, {}, strict=True).digest != first


def test_all_mistakes_of_all_files_are_told_at_once(config: Path) -> None:
    write(config, "first", RULE.format(id="first").replace("$export_curb", "$export_crub"))
    write(config, "second", RULE.format(id="second").replace("  chain:", "  chian:"))
    write(config, "third", RULE.format(id="other").replace("why: to test\n", ""))
    (config / "lexicons" / "broken.yaml").write_text("lexicons:\n  x:\n    role: a\n    wat: b\n", "utf-8")
    text = "\n".join(problems(config))
    assert "config/rules/second.yaml:7: unknown condition `chian` (did you mean `chain`?)" in text
    assert "config/rules/third.yaml:1: key `why` is missing" in text
    assert "config/lexicons/broken.yaml:4: unknown key" in text


def test_unknown_lexicon_is_told_with_a_hint(config: Path) -> None:
    write(config, "first", RULE.format(id="first").replace("$export_curb", "$export_crub"))
    hint = "(did you mean `export_curb`, `export_rebate`, `export`?)"
    assert problems(config) == [f"config/rules/first.yaml:7: unknown lexicon `$export_crub` {hint}"]


def test_file_name_and_id_must_agree(config: Path) -> None:
    write(config, "one", RULE.format(id="two"))
    assert problems(config) == [
        "config/rules/one.yaml:1: `id` is `two`, but the file is named one.yaml (make them the same)"
    ]


def test_strict_refuses_a_rule_without_examples(config: Path) -> None:
    write(config, "bare", RULE.format(id="bare").partition("examples:")[0])
    assert load(config, {}, strict=False).rules
    assert "a rule needs examples of both kinds" in problems(config)[0]


def test_strict_refuses_a_rule_whose_example_fails(config: Path) -> None:
    write(config, "wrong", RULE.format(id="wrong").replace("China bans gallium exports.", "China sells gallium."))
    assert problems(config)[0].startswith("config/rules/wrong.yaml:10: does not fire on “China sells gallium.”")


def test_a_lexicon_given_twice_is_refused(config: Path) -> None:
    (config / "lexicons" / "zz.yaml").write_text(
        "lexicons:\n  export:\n    role: export\n    what: again\n    words: {en: [outflow]}\n", "utf-8"
    )
    assert problems(config) == [
        "config/lexicons/zz.yaml:2: lexicon `export` exists already (see config/lexicons/trade.yaml)"
    ]


def test_missing_folders_are_told(tmp_path: Path) -> None:
    text = "\n".join(problems(tmp_path))
    assert "rules: folder is missing" in text
    assert "lexicons: folder is missing" in text
    assert "severity.yaml: file is missing" in text


def test_new_kinds_need_no_code(config: Path) -> None:
    rule = (
        RULE.format(id="floor")
        .replace("export_restriction", "price_floor_talk")
        .replace("$export_curb", "$price_floor")
    )
    rule = rule.replace("China bans gallium exports.", "Canada wants a price floor for gallium.")
    write(config, "floor", rule)
    assert load(config, {}, strict=True).rules[0].kind == "price_floor_talk"
