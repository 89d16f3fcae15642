"""The verbs that go through the rules: `rules list` and `rules test`."""

from __future__ import annotations

import typer

from services.classify.cli.options import ConfigOption, load_rules
from shared.settings import DEFAULT_CONFIG
from shared.terminal import Exit, JsonFlag, exits, out, print_json


def list_rules(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """List the rules, those that are switched off last.

    Example: orewire rules list --config deploy/config
    """
    from rich.table import Table

    with exits():
        ruleset = load_rules(config)
    names = ("id", "kind", "version", "weight", "enabled", "title")
    rows = [{name: getattr(rule, name) for name in names} for rule in (*ruleset.rules, *ruleset.resting)]
    if json:
        print_json({"digest": ruleset.digest, "rules": rows})
        return
    table = Table("rule", "kind", "version", "weight", "on", "title", box=None)
    for row in rows:
        shown = {**row, "enabled": "yes" if row["enabled"] else "no"}
        table.add_row(*map(str, shown.values()), style=None if row["enabled"] else "dim")
    out.print(table)
    off = f", {len(ruleset.resting)} more are off" if ruleset.resting else ""
    out.print(f"{len(ruleset.rules)} rules{off}, digest {ruleset.digest[:12]}")


def run_examples(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """Run the examples that the rules carry. Exit code 1 when one fails.

    Example: orewire rules test --config my-config
    """
    from services.classify.examples import failures

    with exits():
        ruleset = load_rules(config)
        failed = list(failures(ruleset))
    total = sum(len(rule.match) + len(rule.ignore) for rule in (*ruleset.rules, *ruleset.resting))
    if json:
        print_json(
            {"examples": total, "failed": [{"rule": f.rule, "group": f.group, "message": f.message} for f in failed]}
        )
    else:
        for failure in failed:
            out.print(f"[red]✗[/red] {failure.rule}: {failure.message}; {failure.hint}", markup=True)
        out.print(f"{total - len(failed)} of {total} examples pass")
    if failed:
        raise typer.Exit(Exit.FINDINGS)
