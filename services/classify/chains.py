"""The chains that rules write, read from their files for inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.classify.condition import Step, steps


def chains_of(when: Mapping[str, Any]) -> Iterator[tuple[Step, ...]]:
    """The steps of each way in which the `chain` of a rule may match. The loader has checked the file already."""
    written = when.get("chain")
    for way in written if isinstance(written, list) and _several(written) else [written]:
        if way is not None:
            yield steps(way["of"] if isinstance(way, Mapping) else way)


def _several(written: list[Any]) -> bool:
    return all(isinstance(way, Mapping) for way in written)
