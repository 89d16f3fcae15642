"""The verb that measures: `rules score`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from services.classify.cli.options import ConfigOption, documents, load_rules, tracked
from shared.settings import DEFAULT_CONFIG
from shared.terminal import JsonFlag, err, exits, out, print_json

if TYPE_CHECKING:
    from services.classify.ruleset import RuleSet
    from services.classify.score import Case

WIDTH: Final = 120
"""Columns of a table where nobody says how many there are, such as in a pipe."""
Datasets = Annotated[
    list[str], typer.Argument(metavar="DATASET…", help=".jsonl files: articles with `labels`, perhaps a `trap`.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Also write an HTML page with every mistake, its text highlighted.")
]


def score_datasets(
    datasets: Datasets, report: ReportOption = None, config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False
) -> None:
    """Measure the rules on labelled articles: precision, recall, F1, confusions, traps, and each mistake.

    Example: orewire rules score labelled.jsonl --report score.html
    """
    from services.classify.render import scores_value
    from services.classify.score import score
    from services.classify.scorecard import score_card
    from services.classify.slip import slips

    with exits():
        ruleset = load_rules(config)
        scores = score(_cases(datasets, ruleset))
        mistakes = slips(scores, ruleset)
        if report is not None:
            from services.classify.adapters.pages import write_page
            from services.classify.report.page import page

            write_page(report, page(scores, mistakes, ruleset, [Path(name).name for name in datasets]))
            err.print(f"report written to {report}", markup=False)
    if json:
        print_json(scores_value(scores, mistakes, ruleset.digest))
    else:
        console = out if out.is_terminal else Console(highlight=False, width=WIDTH)
        console.print(score_card(scores, mistakes))


def _cases(datasets: Sequence[str], ruleset: RuleSet) -> list[Case]:
    from services.classify.detect import Detector
    from services.classify.score import Case

    detector = Detector(ruleset)
    return [
        Case(known.article, known.labels, known.scope, detector.detect(known.article), known.trap)
        for known in tracked(list(documents(datasets)), "judging")
    ]
