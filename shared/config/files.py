"""Reads config files from a directory and fills in secrets. The one adapter of `shared.config`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from shared.config.yamltree import Document, parse
from shared.config.yamltree import Path as Place
from shared.errors import ConfigError, Problem

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
T = TypeVar("T")


def read(path: Path, *, root: Path, variables: Mapping[str, str]) -> Document:
    """Read one YAML file, with `${NAME}` taken from `variables` and `*_file:` keys from the named files.

    Raises:
        ConfigError: the file is missing, unreadable, no UTF-8, or no YAML. A secret that cannot be had is a
            problem of the document: `validate` tells it together with the other mistakes.
    """
    file = str(path.relative_to(root.parent)) if path.is_relative_to(root.parent) else str(path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError.one(
            file, "file is missing", hint=f"create it, or copy it from deploy/config/{path.name}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError.one(file, f"cannot be read: {error}") from error
    document = parse(text, file)
    fill = _Fill(document, path.parent, variables)
    data = fill.value(document.data, ())
    return Document(file, data, document.lines, tuple(fill.problems))


def collect(steps: Iterable[Callable[[], T]]) -> list[T]:
    """Run every step and raise all their problems together.

    Raises:
        ConfigError: at least one step had a problem.
    """
    results: list[T] = []
    problems: list[Problem] = []
    for step in steps:
        try:
            results.append(step())
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return results


class _Fill:
    """Replaces `${NAME}` in every string, and `key_file: path` by `key: <content of path>`."""

    def __init__(self, document: Document, folder: Path, variables: Mapping[str, str]) -> None:
        self.document, self.folder, self.variables = document, folder, variables
        self.problems: list[Problem] = []

    def value(self, data: Any, place: Place) -> Any:
        if isinstance(data, dict):
            return dict(self._entry(key, value, (*place, key)) for key, value in data.items())
        if isinstance(data, list):
            return [self.value(item, (*place, index)) for index, item in enumerate(data)]
        if isinstance(data, str):
            return _VARIABLE.sub(lambda match: self._variable(match.group(1), place), data)
        return data

    def _variable(self, name: str, place: Place) -> str:
        if name not in self.variables:
            self._problem(place, f"environment variable {name} is not set", "export it, or use a *_file: key")
            return ""
        return self.variables[name]

    def _entry(self, key: str, value: Any, place: Place) -> tuple[str, Any]:
        if not (key.endswith("_file") and isinstance(value, str)):
            return key, self.value(value, place)
        path = self.folder / value
        try:
            return key.removesuffix("_file"), path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self._problem(place, f"`{key}`: cannot read {value}: {type(error).__name__}")
            return key.removesuffix("_file"), ""

    def _problem(self, place: Place, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.document.file, self.document.line(place), message, hint))
