"""The operator's verbs on the command line. Heavy imports happen inside the verbs: `--help` stays quick."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from services.operate.cli import database, dead, life, stream
from services.operate.parts import Part


def register(root: typer.Typer, parts: Sequence[Part]) -> None:
    """Add the operator's verbs to the root command."""
    life.register(root, parts)
    stream.register(root)
    dead.register(root)
    database.register(root, parts)
