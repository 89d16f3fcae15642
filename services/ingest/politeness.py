"""What the configured sources say about their hosts: how long to wait between requests, whether robots.txt counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from services.ingest.manners import HOST_GAP
from services.ingest.source import ConfiguredSource


class Etiquette:
    """What holds for each host. A host that no source names has the defaults.

    Where sources disagree about a host, the longest gap holds, and one that ignores robots.txt speaks for all.
    """

    def __init__(self, sources: Iterable[ConfiguredSource] = ()) -> None:
        self.learn(sources)

    def learn(self, sources: Iterable[ConfiguredSource]) -> None:
        """Let exactly these sources count from now on."""
        self._gaps: dict[str, timedelta] = {}
        self._ignoring: set[str] = set()
        named: Counter[str] = Counter()
        for source in sources:
            for host in hosts(source):
                named[host] += 1
                self._gaps[host] = max(self._gaps.get(host, timedelta(0)), source.host_gap)
                if source.ignore_robots:
                    self._ignoring.add(host)
        self._shared = {host for host, sources_of_it in named.items() if sources_of_it > 1}

    def gap(self, host: str) -> timedelta:
        """Time to leave between two requests."""
        return self._gaps.get(host, HOST_GAP)

    def ignores_robots(self, host: str) -> bool:
        """Whether an operator has decided, with a reason, that robots.txt does not count."""
        return host in self._ignoring

    def is_shared(self, host: str) -> bool:
        """Whether several sources name the host."""
        return host in self._shared


def hosts(source: ConfiguredSource) -> frozenset[str]:
    """Hosts of all web addresses that stand anywhere in the source's entry."""
    return frozenset(_host(text) for text in _texts(source.model_dump(exclude={"ignore_robots"}))) - {""}


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)


def _host(text: str) -> str:
    if not text.lower().startswith(("http://", "https://")):
        return ""
    try:
        return (urlsplit(text).hostname or "").lower()
    except ValueError:
        return ""
