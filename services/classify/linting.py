"""Runs every lint on a rule set."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from services.classify import lints
from services.classify.remark import Inspected, Level, Lint, Remark
from shared.plugins import discover


def lint(inspected: Inspected) -> tuple[Remark, ...]:
    """All remarks, errors first, then by what they are about."""
    found = [
        replace(remark, lint=name.replace("_", "-"))
        for name, plugin in _lints().items()
        for remark in plugin.run(inspected)
    ]
    return tuple(sorted(found, key=lambda r: (r.level is not Level.ERROR, r.about, r.name, r.lint)))


@cache
def _lints() -> dict[str, Lint]:
    found = discover(lints, attribute="LINT")
    return {name: plugin for name, plugin in found.items() if isinstance(plugin, Lint)}
