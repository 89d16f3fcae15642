"""Adds files to the rules of a config directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.classify.adapters.lexiconfiles import nearest
from services.classify.adapters.rulefiles import RULES, load
from services.classify.skeleton import skeleton
from shared.errors import ConfigError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_KIND: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


def create(config_dir: Path, rule_id: str, kind: str, variables: Mapping[str, str]) -> Path:
    """Write a rule to start from and check that it loads beside the others.

    Returns:
        The new file.

    Raises:
        ConfigError: the id is taken or no id, the kind is none, the folder cannot be written to, or the rule does
            not load here, for want of a lexicon or a word; then nothing is left behind.
    """
    _refuse_names(rule_id, kind)
    path = config_dir / RULES / f"{rule_id}.yaml"
    if path.exists():
        raise ConfigError.one(str(path), f"rule `{rule_id}` exists already", hint="choose another id, or edit the file")
    _write(path, skeleton(rule_id, kind))
    try:
        load(config_dir, variables, strict=True)
    except ConfigError as error:
        own = [problem for problem in error.problems if Path(problem.file).name == path.name]
        if own:
            path.unlink()
            raise ConfigError(own) from error
    return path


def _refuse_names(rule_id: str, kind: str) -> None:
    if not _ID.fullmatch(rule_id):
        hint = "small letters, digits and hyphens, e.g. bans-scrap"
        raise ConfigError.one("ID", f"`{rule_id}` is no id of a rule", hint=hint)
    if not _KIND.fullmatch(kind):
        near = nearest(kind, ("export_restriction", "alliance_move", "context"))
        raise ConfigError.one("--kind", f"`{kind}` is no kind", hint=f"small letters, digits and _; {near}")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError.one(str(path), f"cannot be written: {error.strerror}") from error
