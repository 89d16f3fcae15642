"""The shipped rules on the labelled corpus: no figure may fall below the recorded one.

`UPDATE_RECORDED=1 pytest tests/classify/test_corpus.py` records what is reached now; review the diff.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.classify.adapters.documents import Labelled, read_documents
from services.classify.score import KINDS, Case, Scores, score
from tests.classify.kit import FETCHED, detector

CORPUS = Path(__file__).parent / "corpus"
RECORDED = CORPUS / "recorded.json"
TRAPS = 97
ENOUGH = 0.9


@cache
def articles() -> tuple[Labelled, ...]:
    files = sorted(CORPUS.glob("*.jsonl"))
    return tuple(item for file in files for item in read_documents(str(file), now=FETCHED))


@cache
def reached() -> Scores:
    return score(
        Case(item.article, item.labels, item.scope, detector().detect(item.article), item.trap) for item in articles()
    )


def figures() -> dict[str, Any]:
    scores = reached()
    return {
        "kinds": {kind.kind: kind.figures() for kind in scores.kinds},
        "traps": {trap.trap: {"right": trap.right, "exact": trap.exact, "total": trap.total} for trap in scores.traps},
    }


@cache
def recorded() -> dict[str, Any]:
    if os.environ.get("UPDATE_RECORDED"):
        RECORDED.write_text(_text(figures()), "utf-8")
    found: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return found


def _text(found: dict[str, Any]) -> str:
    """One line for each kind and each trap, so that a change reads well."""
    groups = []
    for name, entries in found.items():
        lines = ",\n".join(f'    "{key}": {json.dumps(value)}' for key, value in entries.items())
        groups.append(f'  "{name}": {{\n{lines}\n  }}')
    return "{\n" + ",\n".join(groups) + "\n}\n"


@pytest.mark.parametrize("kind", KINDS)
def test_no_figure_falls_below_the_recorded_one(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, now = recorded()["kinds"][kind], figures()["kinds"][kind]
    with capsys.disabled():
        print(f"\n{kind}: " + "  ".join(f"{name} {value:.3f}" for name, value in now.items()), end=" ")
    fallen = {name: f"{now[name]} < {before[name]}" for name in before if now[name] < before[name]}
    assert fallen == {}, "see `orewire rules score tests/classify/corpus/*.jsonl`"


def test_no_trap_falls_below_its_recorded_share() -> None:
    before, now = recorded()["traps"], figures()["traps"]
    fallen = [
        f"{trap}: {name} {now[trap][name]}/{now[trap]['total']}, was {was[name]}/{was['total']}"
        for trap, was in before.items()
        for name in ("right", "exact")
        if now[trap][name] * was["total"] < was[name] * now[trap]["total"]
    ]
    assert fallen == [], "see `orewire rules score tests/classify/corpus/*.jsonl`"


def test_every_trap_is_right_in_nine_of_ten_articles() -> None:
    weak = {trap.trap: trap.wrong for trap in reached().traps if trap.right < ENOUGH * trap.total}
    assert weak == {}, "see `orewire rules score tests/classify/corpus/*.jsonl`"


def test_the_record_knows_every_kind_and_trap() -> None:
    assert {name: list(group) for name, group in recorded().items()} == {n: list(g) for n, g in figures().items()}


def test_the_corpus_is_as_large_as_it_claims() -> None:
    languages = Counter(item.article.lang for item in articles())
    assert languages["en"] >= 300
    assert languages["zh"] >= 100


def test_every_trap_has_three_articles() -> None:
    traps = Counter(item.trap for item in articles() if item.trap)
    assert len(traps) == TRAPS
    assert [trap for trap, count in traps.items() if count < 3] == []


def test_every_article_has_an_id_of_its_own_and_says_yes_or_no_to_both_kinds() -> None:
    ids = Counter(item.article.id for item in articles())
    assert [name for name, count in ids.items() if count > 1] == []
    assert [i.article.id for i in articles() if not all(isinstance(i.labels.get(kind), bool) for kind in KINDS)] == []
