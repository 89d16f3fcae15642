"""Lexicons: named word lists, as rules refer to them. Values only; reading them from YAML is an adapter's job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Alias(NamedTuple):
    """One spelling of an entry, as people write it."""

    text: str
    weak: bool = False
    """Counts only beside another word of the trade (`tin`, `silver`)."""
    before: str = ""
    """For single characters: at least one of `before` must precede or one of `after` must follow."""
    after: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One thing a lexicon knows, with all its spellings and the facts that signals carry. Told apart by identity."""

    id: str
    aliases: tuple[Alias, ...]
    hs: tuple[str, ...] = ()
    country: str | None = None
    states: tuple[str, ...] = ()
    """Members or partners that the name itself tells: a pair such as 美乌, the founders of an initiative."""
    code: str | None = None
    """A measure code or stage that this word stands for."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Two kinds of word that make a third when they stand close together: export + ban."""

    first: frozenset[str]
    second: frozenset[str]
    gap: int
    """At most so many tokens between the two."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A named word list."""

    name: str
    role: str
    entries: tuple[Entry, ...] = ()
    compose: tuple[Composition, ...] = ()
    anchor: bool = False
    """Texts without any anchor word are not looked at further."""


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All lexicons by name."""

    by_name: Mapping[str, Lexicon] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Lexicon:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[Lexicon]:
        return iter(self.by_name.values())

    def __len__(self) -> int:
        return len(self.by_name)

    def role(self, name: str) -> str:
        """Why words of this lexicon count, as evidence shows it."""
        lexicon = self.by_name.get(name)
        return lexicon.role if lexicon else name
