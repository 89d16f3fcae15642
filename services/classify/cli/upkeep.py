"""The verbs that keep rules in order: `rules lint`, `rules new` and `rules schema`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from services.classify.cli.options import ConfigOption, documents, load_rules, tracked
from shared.settings import DEFAULT_CONFIG, environment
from shared.terminal import Exit, JsonFlag, err, exits, out, print_json

if TYPE_CHECKING:
    from services.classify.adapters.places import Places
    from services.classify.remark import Remark

DatasetOption = Annotated[
    list[str] | None,
    typer.Option("--dataset", metavar="FILE.jsonl", help="Real articles: name rules that decide none."),
]
KindOption = Annotated[str, typer.Option("--kind", help="What the rule is about; a kind of your own is as good.")]
CheckFlag = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file is stale.")]
FolderOption = Annotated[Path | None, typer.Option("--folder", help="Where the schemas are.")]


def lint_rules(
    config: ConfigOption = DEFAULT_CONFIG,
    dataset: DatasetOption = None,
    json: JsonFlag = False,
) -> None:
    """Name rules that lack examples, never fire, are shadowed or conflict. Exit code 1 on an error.

    Example: orewire rules lint --dataset labelled.jsonl
    """
    from services.classify.adapters.places import survey
    from services.classify.detect import Detector
    from services.classify.linting import lint
    from services.classify.remark import Inspected, Level

    with exits():
        ruleset = load_rules(config)
        places = survey(config, environment())
        detector = Detector(ruleset)
        articles = [document.article for document in documents(dataset or [])]
        decisions = [detector.detect(article) for article in tracked(articles, "judging")]
        remarks = lint(Inspected(ruleset, places.written, decisions))
    errors = sum(remark.level is Level.ERROR for remark in remarks)
    _show(remarks, places, errors, json=json)
    if errors:
        raise typer.Exit(Exit.FINDINGS)


def _show(remarks: Sequence[Remark], places: Places, errors: int, *, json: bool) -> None:
    from services.classify.render import remark_value

    if json:
        values = [remark_value(remark, *places.of(remark)) for remark in remarks]
        print_json({"errors": errors, "warnings": len(remarks) - errors, "remarks": values})
        return
    for remark in remarks:
        file, line = places.of(remark)
        said = Text(f"{file}:{line}: ").append(remark.level, style="red" if remark.level == "error" else "yellow")
        said.append(f" {remark.lint}  ", style="dim").append(remark.name, style="bold")
        out.print(said.append(f" {remark.message}; {remark.hint}"))
    out.print(f"{len(places.rules)} rules, {errors} errors, {len(remarks) - errors} warnings")


def new_rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule, and the name of its file.")],
    kind: KindOption = "export_restriction",
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonFlag = False,
) -> None:
    """Write a rule to start from, with comments and examples. It is switched off until you switch it on.

    Example: orewire rules new bans-scrap --kind export_restriction
    """
    from services.classify.adapters.rulefolder import create

    with exits():
        path = create(config, rule_id, kind, environment())
    if json:
        print_json({"file": str(path)})
        return
    where = "" if config == DEFAULT_CONFIG else f" --config {config}"
    out.print(f"wrote {path}", markup=False)
    out.print("  1. write the sentences it must and must not fire on: `examples`", markup=False)
    out.print("  2. name the words of the act: `when.chain`; `enabled: true` switches the rule on", markup=False)
    out.print(f"  3. orewire rules test{where}    its examples pass", markup=False)
    out.print(f"  4. orewire rules lint{where}    it gets along with the others", markup=False)


def write_schemas(check: CheckFlag = False, folder: FolderOption = None) -> None:
    """Write the JSON Schemas of rule files, lexicon files and severity.yaml, for editors and for CI.

    Example: orewire rules schema --check
    """
    from services.classify.adapters.fileschemas import FOLDER, stale, write

    target = folder or FOLDER
    if not check:
        with exits():
            for path in write(target):
                out.print(f"wrote {path}", markup=False)
        return
    old = stale(target)
    for name in old:
        err.print(f"{target / name}: stale; run `orewire rules schema`", markup=False)
    if old:
        raise typer.Exit(Exit.FINDINGS)
