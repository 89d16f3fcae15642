"""YAML with positions: a document becomes plain values plus the line of each key and item.

YAML 1.2 core schema: only `true` and `false` are booleans, so the country code NO stays text. Duplicate
keys, aliases that grow without bound, and tags are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from shared.errors import ConfigError, Problem

Path = tuple[str | int, ...]
MAX_CHARACTERS: Final = 4_000_000
MAX_VALUES: Final = 500_000
_STANDARD: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset("map seq str int float bool null timestamp merge value".split())
_NULL: Final = {"", "~", "null", "Null", "NULL"}
_BOOL: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A parsed file: its values and where each of them stands."""

    file: str
    data: Any
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file beside its structure, such as a secret that is not set."""

    def line(self, path: Path) -> int:
        """The line of `path`, or of its nearest known ancestor."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str, file: str) -> Document:
    """Parse one YAML document.

    Raises:
        ConfigError: the text is no YAML, repeats a key, or uses a tag.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError.one(file, f"file is larger than {MAX_CHARACTERS:,} characters")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError.one(file, f"not YAML: {error.problem}", line=mark.line + 1 if mark else 0) from error
    except yaml.YAMLError as error:
        raise ConfigError.one(file, f"not YAML: {error}".replace("\n", " ")) from error
    walk = _Walk(file)
    data = walk.value(node, ()) if node is not None else None
    if walk.problems:
        raise ConfigError(walk.problems)
    return Document(file, data, walk.lines)


class _Walk:
    """Turns nodes into values, remembering lines and collecting problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.open: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The plain value of `node`."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(self.lines) > MAX_VALUES:
            raise ConfigError.one(self.file, "too many values; an alias may multiply itself")
        if node.tag.removeprefix(_STANDARD) not in _TAGS:
            self._problem(node, f"tag {node.tag.removeprefix(_STANDARD)} is not allowed")
            return None
        if id(node) in self.open:
            self._problem(node, "an alias refers to itself")
            return None
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._scalar(node)
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in result:
                self._problem(key_node, f"key `{key}` is given twice", "keep one of them")
                continue
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, (*path, key))
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if getattr(node, "style", None):
            return text
        return plain_scalar(text)

    def _problem(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, message, hint))


def plain_scalar(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar means in the YAML 1.2 core schema (dates stay text)."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
