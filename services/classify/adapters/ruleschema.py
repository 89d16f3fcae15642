"""How rules, lexicons and the severity policy are written in YAML: strict pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.config.validate import Strict
from shared.events.vocabulary import Certainty, CommodityId, Country, Direction, Kind, Measure, Severity, Stage

Word = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Words = tuple[Word, ...]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class WordList(Strict):
    """Spellings by language. `verbs` and `nouns` are English and get their other forms by themselves."""

    en: Words = ()
    verbs: Words = ()
    nouns: Words = ()
    zh: Words = ()
    ja: Words = ()
    weak: Words = Field(default=(), description="Ambiguous words: they count only beside another word of the trade.")


class EntryFile(WordList):
    """One thing with its spellings and facts."""

    hs: tuple[str, ...] = ()
    country: Country | None = None
    states: tuple[Country, ...] = ()
    code: Measure | Stage | None = None


class Neighbours(Strict):
    """Single Chinese characters count only after one of `before` or ahead of one of `after`."""

    before: str = ""
    after: str = ""


class ComposeFile(Strict):
    """Two steps that make a word of this lexicon when they stand close together."""

    of: tuple[str | tuple[str, ...], str | tuple[str, ...]]
    gap: int = Field(default=2, ge=0, le=20)


class LexiconFile(Strict):
    """A named word list."""

    role: Name
    what: Text
    anchor: bool = False
    words: WordList | None = None
    entries: dict[str, EntryFile] = Field(default_factory=dict)
    single: Neighbours | None = None
    compose: tuple[ComposeFile, ...] = ()


class LexiconsFile(Strict):
    """The content of one file in lexicons/."""

    lexicons: dict[Name, LexiconFile]


class ExamplesFile(Strict):
    """Sentences for which the rule must fire, and for which it must not. A leading `title:` puts one in the title."""

    match: tuple[Text, ...] = ()
    ignore: tuple[Text, ...] = ()


class SetFile(Strict):
    """What a rule means."""

    direction: Direction = Direction.NEUTRAL
    stage: Stage | Literal["from_cues"] = "from_cues"
    measure: Measure | Literal["from_terms"] = "from_terms"
    context: Name | None = None


class RuleFile(Strict):
    """The content of one file in rules/."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    kind: Kind
    title: Text
    why: Text
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    enabled: bool = True
    weight: float = Field(default=0.5, ge=0, le=1)
    when: dict[str, Any]
    anywhere: bool = False
    outweighs: tuple[Kind, ...] = ()
    set: SetFile
    examples: ExamplesFile = ExamplesFile()


class SeverityLineFile(Strict):
    """One line of the severity policy."""

    level: Severity
    kinds: tuple[Kind, ...] = ()
    stages: tuple[Stage, ...] = ()
    directions: tuple[Direction, ...] = ()
    certainties: tuple[Certainty, ...] = ()
    tiers: tuple[Literal[1, 2, 3], ...] = ()
    commodities: tuple[CommodityId, ...] = ()


class SeverityFile(Strict):
    """The content of severity.yaml: the first line that fits decides."""

    default: Severity
    lines: tuple[SeverityLineFile, ...]
