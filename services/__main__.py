"""The command `orewire`. The only module that knows more than one service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

import services.backtest.cli
import services.classify.cli
import services.demo.cli
import services.ingest.cli
import services.notify.cli
import services.operate.cli
from services.backtest.parts import Judge, Parts, Wants
from services.operate.parts import Part

if TYPE_CHECKING:
    from services.notify.ports import Subscriber

FOLDER: Final = Path(__file__).parent


def _check_ingest(config: Path, variables: Mapping[str, str]) -> str:
    from services.ingest.adapters.catalog import check

    return check(config, variables)


def _serve_ingest() -> None:
    from services.ingest.app import main

    main()


def _check_classify(config: Path, variables: Mapping[str, str]) -> str:
    from services.classify.app import check

    return check(config, variables)


def _serve_classify() -> None:
    from services.classify.app import main

    main()


def _check_notify(config: Path, variables: Mapping[str, str]) -> str:
    from services.notify.adapters.catalog import check

    return check(config, variables)


def _serve_notify() -> None:
    from services.notify.app import main

    main()


PARTS: Final = (
    Part("ingest", 1, _check_ingest, _serve_ingest, FOLDER / "ingest" / "migrations"),
    Part("classify", 2, _check_classify, _serve_classify),
    Part("notify", 3, _check_notify, _serve_notify, FOLDER / "notify" / "migrations"),
)


def _rules(config: Path, variables: Mapping[str, str]) -> tuple[str, Judge]:
    from services.classify.app import judge

    return judge(config, variables)


def _subscribers(config: Path, variables: Mapping[str, str]) -> dict[str, Wants]:
    from services.notify.adapters.catalog import load

    def wants(subscriber: Subscriber) -> Wants:
        return lambda claim: subscriber.filter.mismatch(claim) is None

    return {name: wants(subscriber) for name, subscriber in load(config, variables).items() if subscriber.enabled}


def command() -> typer.Typer:
    """The whole command, every verb registered."""
    root = typer.Typer(
        name="orewire",
        help="Alerts on export restrictions and alliance moves in critical minerals, within seconds.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    services.operate.cli.register(root, PARTS)
    services.demo.cli.register(root)
    services.ingest.cli.register(root)
    services.classify.cli.register(root)
    services.backtest.cli.register(root, Parts(_rules, _subscribers))
    services.notify.cli.register(root)
    return root


def main() -> None:
    """Run the command."""
    command()()


if __name__ == "__main__":
    main()
