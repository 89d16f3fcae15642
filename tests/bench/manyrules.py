"""Rule sets of any size on disk: ten shipped rules, and made-up ones beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from services.classify.adapters.rulefiles import load
from services.classify.ruleset import RuleSet
from tests.bench.spellings import words
from tests.classify.kit import CONFIG

TEN: Final = (
    "alliance-pact alliance-stockpile considers-curb cuts-quota denies-curb export-levy imposes-curb lifts-curb "
    "pauses-curb requires-licence"
).split()
Rule = dict[str, Any]
Vary = Callable[[Rule, int], Rule]


def own_words(rule: Rule, number: int) -> Rule:
    """A rule about an act of its own, which no other rule has a word for."""
    return rule | {"when": rule["when"] | {"chain": [f"$own_{number}", "$export_curb"]}}


def own_goods(rule: Rule, number: int) -> Rule:
    """A rule that looks for the same act as a shipped one, but only for goods of its own."""
    return rule | {"when": rule["when"] | {"about": f"$own_{number}"}}


def copy(rule: Rule, number: int) -> Rule:
    """The same rule under another name and with another weight."""
    return rule | {"weight": round(0.3 + number % 30 / 100, 2)}


def rule_set(folder: Path, count: int, vary: Vary) -> RuleSet:
    """The ten rules and as many variations of them as make `count`, loaded from files in `folder`."""
    shutil.copytree(CONFIG, folder, ignore=lambda where, names: names if Path(where).name == "rules" else ())
    rules = [yaml.safe_load((CONFIG / "rules" / f"{name}.yaml").read_text("utf-8")) for name in TEN]
    more = [_varied(rules[number % 10], number, vary) for number in range(count - 10)]
    for rule in (*rules, *more):
        _write(folder / "rules" / f"{rule['id']}.yaml", rule)
    if more:
        own = {f"own_{number}": _lexicon(word) for number, word in enumerate(words(len(more)))}
        _write(folder / "lexicons" / "own.yaml", {"lexicons": own})
    return load(folder, {}, strict=False)


def _varied(rule: Rule, number: int, vary: Vary) -> Rule:
    return vary(rule, number) | {"id": f"{rule['id']}-{number}", "examples": {"match": [], "ignore": []}}


def _lexicon(word: str) -> dict[str, Any]:
    return {"role": "term", "what": "A word for a bench.", "entries": {word.replace(" ", "_"): {"en": [word]}}}


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
