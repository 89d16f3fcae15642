"""Classify's verbs: `orewire classify` and `orewire rules`. What is heavy is imported when a verb runs."""

from __future__ import annotations

import typer

from services.classify.cli.judge import classify, explain_file
from services.classify.cli.listing import list_rules, run_examples
from services.classify.cli.measure import score_datasets
from services.classify.cli.upkeep import lint_rules, new_rule, write_schemas


def register(root: typer.Typer) -> None:
    """Add classify's verbs to the command."""
    root.command(rich_help_panel="Use")(classify)
    rules = typer.Typer(help="Write, test, explain and measure the rules.", no_args_is_help=True)
    rules.command("list")(list_rules)
    rules.command("test")(run_examples)
    rules.command("lint")(lint_rules)
    rules.command("explain")(explain_file)
    rules.command("score")(score_datasets)
    rules.command("new")(new_rule)
    rules.command("schema")(write_schemas)
    root.add_typer(rules, name="rules", rich_help_panel="Configure")
