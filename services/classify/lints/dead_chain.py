"""A chain can never match, whatever a text says.

Sentences are made of words of its lexicons and read as any other: nothing is found where a lexicon is empty, or where
its words always become part of a longer or composed word first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, product
from typing import Any, Final

from services.classify.chains import chains_of
from services.classify.condition import Check, Step, name_of
from services.classify.conditions.chain import CONDITION
from services.classify.lexicon import Lexicon, Lexicons
from services.classify.reading import read
from services.classify.remark import Inspected, Level, Lint, Remark
from services.classify.ruleset import RuleSet
from shared.events import Article

_WORDS: Final = 8
"""Words tried of each step."""
_TRIES: Final = 400
"""Sentences tried of each chain."""
_APART: Final = (0, 1, 3, 5, 7, 10, 15, 20)
"""Idle words tried between two steps: enough to be too far apart for a composition, yet near enough for the chain."""
_DEEP: Final = 3
"""Compositions of compositions."""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _run(inspected: Inspected) -> Iterator[Remark]:
    for rule in (*inspected.ruleset.rules, *inspected.ruleset.resting):
        when = inspected.written[rule.id]
        ways = list(chains_of(when))
        for index, way in enumerate(ways):
            if not _matches(_check(when, index), way, inspected.ruleset):
                path = ("when", "chain", index) if len(ways) > 1 else ("when", "chain")
                message = f"the chain {', '.join(map(name_of, way))} can never match"
                hint = "its words are none, or become part of other words first: see `orewire rules explain`"
                yield Remark(Level.ERROR, "rule", rule.id, message, hint, path)


def _check(when: Mapping[str, Any], index: int) -> Check:
    """One way of a chain, compiled as the rule compiles it."""
    written = when["chain"]
    several = isinstance(written, list) and isinstance(written[0], Mapping)
    return CONDITION.compile(written[index] if several else written)


def _matches(check: Check, way: Sequence[Step], ruleset: RuleSet) -> bool:
    anchor = next((word for lexicon in ruleset.lexicons if lexicon.anchor for word in _words(lexicon)), "")
    for sentence in islice(_sentences(way, ruleset.lexicons), _TRIES):
        reading = read(Article(id="lint", title=anchor, text=sentence, source_id="lint", fetched_at=_EPOCH), ruleset)
        if reading and any(check.judge(passage, ()).ok for passage in reading.passages):
            return True
    return False


def _sentences(way: Sequence[Step], lexicons: Lexicons) -> Iterator[str]:
    """Words of each step in their order, close together and further apart."""
    choices = [[word for name in sorted(step) for word in _spoken(lexicons[name], lexicons, _DEEP)] for step in way]
    for words in product(*choices):
        for idle in _APART:
            yield f" {'very ' * idle}".join(words)


def _spoken(lexicon: Lexicon, lexicons: Lexicons, deep: int) -> list[str]:
    """Some words of a lexicon; of one that has none, words that are composed to it."""
    found = list(islice(_words(lexicon), _WORDS // 2)) + _words(lexicon)[-(_WORDS // 2) :]
    for composition in lexicon.compose if deep else ():
        parts = [
            [word for name in sorted(step) for word in _spoken(lexicons[name], lexicons, deep - 1)[:2]]
            for step in (composition.first, composition.second)
        ]
        found += [" ".join(words) for words in islice(product(*parts), 2)]
    return found


def _words(lexicon: Lexicon) -> list[str]:
    """Spellings that count by themselves."""
    plain = [alias.text for entry in lexicon.entries for alias in entry.aliases if not alias.weak]
    return plain or [alias.text for entry in lexicon.entries for alias in entry.aliases]


LINT: Final = Lint(_run)
