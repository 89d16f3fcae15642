"""sources.yaml: every configured source, or every mistake with its file and line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from services.ingest import sources as source_types
from services.ingest.found import API_SOURCE, Origin
from services.ingest.source import ConfiguredSource
from shared.config.files import collect, read
from shared.config.validate import Strict, complete, validate
from shared.config.yamltree import Document
from shared.errors import ConfigError, Problem
from shared.plugins import discover

FILE: Final = "sources.yaml"


class SourcesFile(Strict):
    """The whole file."""

    sources: tuple[dict[str, Any], ...]


def types() -> dict[str, type[ConfiguredSource]]:
    """Every source type by its name.

    Raises:
        TypeError: a file in `sources/` holds no source type.
    """
    found: dict[str, type[ConfiguredSource]] = {}
    for name, plugin in discover(source_types, attribute="Source").items():
        if not (isinstance(plugin, type) and issubclass(plugin, ConfiguredSource)):
            raise TypeError(f"sources/{name}.py: `Source` is no ConfiguredSource")
        found[name] = plugin
    return found


def load(config: Path, variables: Mapping[str, str]) -> tuple[ConfiguredSource, ...]:
    """The sources in `config`/sources.yaml, in their order.

    Raises:
        ConfigError: with every mistake in the file.
    """
    document = read(config / FILE, root=config, variables=variables)
    entries = validate(SourcesFile, document).sources
    known = types()
    steps: list[Callable[[], ConfiguredSource | None]] = [
        partial(complete, document),
        partial(_unique_ids, document, entries),
    ]
    steps += [partial(_source, document, index, entry, known) for index, entry in enumerate(entries)]
    return tuple(source for source in collect(steps) if source is not None)


def _source(
    document: Document, index: int, entry: Mapping[str, Any], known: Mapping[str, type[ConfiguredSource]]
) -> ConfiguredSource:
    at = ("sources", index)
    name = entry.get("type")
    if name is None:
        raise ConfigError.one(document.file, "key `type` is missing", line=document.line(at), hint=_one_of(known))
    if not isinstance(name, str) or name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else _one_of(known)
        line = document.line((*at, "type"))
        raise ConfigError.one(document.file, f"unknown source type `{name}`", line=line, hint=hint)
    return validate(known[name], document, at=at, data=entry)


def _one_of(known: Mapping[str, object]) -> str:
    return f"one of {', '.join(known)}"


def _unique_ids(document: Document, entries: tuple[dict[str, Any], ...]) -> None:
    first: dict[Any, int] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        line = document.line(("sources", index, "id"))
        name = str(entry.get("id", ""))
        if name and name in first:
            hint = f"first used in line {first[name]}"
            problems.append(Problem(document.file, line, f"source id `{name}` is used twice", hint))
        first.setdefault(name, line)
    if problems:
        raise ConfigError(problems)


def check(config: Path, variables: Mapping[str, str]) -> str:
    """Load the sources and say what was found.

    Raises:
        ConfigError: with every mistake in the file.
    """
    sources = load(config, variables)
    return f"{len(sources)} sources, {sum(source.enabled for source in sources)} enabled"


class Catalog:
    """The sources in force. Replaced as a whole by `reload`; a bad edit leaves the last good set."""

    def __init__(self, config: Path, variables: Mapping[str, str]) -> None:
        """Load the file.

        Raises:
            ConfigError: with every mistake in the file.
        """
        self._config, self._variables = config, variables
        self.sources = load(config, variables)
        self.problem: str | None = None
        """What is wrong with the file as it is now, when it is not the set in force."""

    def reload(self) -> None:
        """Read the file again.

        Raises:
            ConfigError: with every mistake; the sources stay as they were.
        """
        try:
            self.sources = load(self._config, self._variables)
        except ConfigError as error:
            self.problem = str(error)
            raise
        self.problem = None

    @property
    def active(self) -> tuple[ConfiguredSource, ...]:
        """The sources that are polled."""
        return tuple(source for source in self.sources if source.enabled)

    def origin_of(self, source_id: str) -> Origin:
        """What is known about a source id. An id that is not configured counts as news, tier 2."""
        return next((source.origin for source in self.sources if source.id == source_id), Origin(source_id))

    def is_known(self, source_id: str) -> bool:
        """Whether the id is configured, or the one of the API."""
        return source_id == API_SOURCE or any(source.id == source_id for source in self.sources)
