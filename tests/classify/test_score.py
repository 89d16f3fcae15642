"""Scores count what they say they count, per kind, rule and trap, and each mistake has a cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.classify.cli import register
from services.classify.score import Case, Scores, score
from services.classify.slip import Slip, SlipKind, slips
from tests.classify.kit import article, detector, shipped


def case(ident: str, text: str, trap: str = "", scope: str = "", **labels: Any) -> Case:
    item = article(text=text).model_copy(update={"id": ident})
    return Case(item, labels, scope, detector().detect(item), trap)


BAN = "China bans exports of gallium."
LIFT = "Indonesia's government lifts its ban on nickel ore exports."
QUIET = "The harvest was good this year."


def mistakes(*cases: Case) -> list[Slip]:
    return list(slips(score(cases), shipped()))


def restriction(scores: Scores) -> dict[str, Any]:
    return scores.kinds[0].value()


def test_figures_of_a_kind_are_shares_of_signals_and_of_labels() -> None:
    scores = score(
        [
            case("hit", BAN, export_restriction=True),
            case("miss", QUIET, export_restriction=True),
            case("alarm", LIFT, export_restriction=False),
            case("quiet", QUIET, export_restriction=False),
        ]
    )
    found = restriction(scores)
    assert (found["precision"], found["recall"], found["f1"]) == (0.5, 0.5, 0.5)
    assert (found["misses"], found["false_alarms"], scores.articles) == (["miss"], ["alarm"], 4)


def test_goods_out_of_scope_are_no_positives() -> None:
    found = restriction(score([case("a", BAN, scope="food", export_restriction=True)]))
    assert found["false_alarms"] == ["a"]


def test_stage_and_direction_are_confused_as_labelled_and_found() -> None:
    found = restriction(score([case("a", LIFT, export_restriction=True, stage="suspended", direction="ease")]))
    assert found["stages"] == [{"labelled": "suspended", "found": "lifted", "count": 1}]
    assert (found["stage_right"], found["direction_right"]) == (0.0, 1.0)


def test_a_stage_is_not_counted_where_labels_say_two_kinds() -> None:
    found = restriction(score([case("a", BAN, export_restriction=True, alliance_move=True, stage="hint")]))
    assert found["stages"] == []


def test_each_rule_is_counted_where_it_decided() -> None:
    scores = score(
        [
            case("one", LIFT, export_restriction=True),
            case("two", LIFT, export_restriction=False),
            case("three", QUIET, export_restriction=True),
        ]
    )
    [rule] = restriction(scores)["rules"]
    assert rule["rule"] == "lifts-curb"
    assert (rule["decided"], rule["right"], rule["wrong"], rule["precision"], rule["recall"]) == (2, 1, 1, 0.5, 0.5)


def test_kinds_of_operators_count_where_they_are_labelled() -> None:
    scores = score([case("a", BAN, price_floor=True), case("b", QUIET, price_floor=False), case("c", QUIET)])
    assert [kind.kind for kind in scores.kinds] == ["export_restriction", "alliance_move", "price_floor"]
    assert scores.kinds[2].value()["misses"] == ["a"]


def test_a_trap_is_right_without_mistake_and_exact_with_the_stage() -> None:
    labels = {"export_restriction": True, "direction": "ease"}
    [trap] = score(
        [
            case("exact", LIFT, "T1", stage="lifted", **labels),
            case("right", LIFT, "T1", stage="eased", **labels),
            case("turned", LIFT, "T1", stage="lifted", export_restriction=True, direction="tighten"),
            case("missed", QUIET, "T1", export_restriction=True),
            case("alarm", LIFT, "T1", export_restriction=False),
        ]
    ).traps
    assert (trap.right, trap.exact, trap.total) == (2, 1, 5)
    assert trap.wrong == ["turned", "missed", "alarm"]


def test_a_false_alarm_names_the_rule_that_decided() -> None:
    [slip] = mistakes(case("a", LIFT))
    assert (slip.what, slip.cause.rule, slip.cause.sentence) == (SlipKind.FALSE_ALARM, "lifts-curb", LIFT)


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        (QUIET, False, "no_candidate"),
        ("The mining firm halts its gallium exports.", True, "lacks "),
        (
            "China sold gallium in spring. It had, five years ago, banned exports of gallium in 2019.",
            True,
            "fires, but",
        ),
    ],
)
def test_a_miss_names_what_was_lacking_or_what_set_it_aside(text: str, rule: bool, reason: str) -> None:
    published = article(text=text).published_at
    assert published is None
    [slip] = mistakes(case("a", text, export_restriction=True))
    assert slip.what is SlipKind.MISS
    assert bool(slip.cause.rule) is rule
    assert slip.cause.reason.startswith(reason)


def test_a_language_that_is_not_covered_is_the_cause_of_a_miss() -> None:
    text = "La Chine interdit les exportations de gallium et de germanium vers les Etats-Unis pour la securite."
    [slip] = mistakes(case("a", text, export_restriction=True))
    assert slip.cause.reason.startswith("language_not_covered")


def test_wrong_direction_and_stage_are_mistakes_too() -> None:
    found = mistakes(case("a", LIFT, export_restriction=True, stage="eased", direction="tighten"))
    assert [slip.what for slip in found] == [SlipKind.WRONG_DIRECTION, SlipKind.WRONG_STAGE]
    assert found[0].cause.reason == "direction is ease, not tighten"


def run(folder: Path, *options: str) -> str:
    rows = [
        {"id": "ok", "text": BAN, "trap": "T9", "labels": {"export_restriction": True, "direction": "tighten"}},
        {"id": "miss", "title": "Gallium", "text": QUIET, "trap": "T9", "labels": {"export_restriction": True}},
    ]
    files = [folder / "one.jsonl", folder / "two.jsonl"]
    for file, row in zip(files, rows, strict=True):
        file.write_text(json.dumps(row), "utf-8")
    root = typer.Typer()
    register(root)
    result = CliRunner().invoke(root, ["rules", "score", *map(str, files), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_several_files_are_scored_as_one_set(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "--json"))
    assert (found["articles"], found["kinds"][0]["recall"]) == (2, 0.5)
    assert found["traps"] == [{"trap": "T9", "total": 2, "right": 1, "exact": 1, "wrong": ["miss"]}]
    assert [slip["id"] for slip in found["slips"]] == ["miss"]


def test_the_terminal_shows_figures_confusion_traps_and_mistakes(tmp_path: Path) -> None:
    shown = run(tmp_path)
    for text in ("0.500", "a tighten", "T9  1/2  miss", "miss  export_restriction  miss  Gallium"):
        assert text in shown
