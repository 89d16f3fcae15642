"""Builds lexicons from their files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from services.classify.adapters.ruleschema import LexiconFile, LexiconsFile, Neighbours, WordList
from services.classify.condition import Step, step
from services.classify.inflect import noun_forms, verb_forms
from services.classify.lexicon import Alias, Composition, Entry, Lexicon, Lexicons
from services.classify.normalise import fold, searchable
from shared.config.validate import validate
from shared.config.yamltree import Document, Path
from shared.errors import ConfigError, Problem

_SUGGESTIONS: Final = 3


def build(documents: Sequence[Document]) -> Lexicons:
    """All lexicons of all files.

    Raises:
        ConfigError: a file is wrong, a name is given twice, or a composition names an unknown lexicon.
    """
    problems: list[Problem] = []
    found: dict[str, Lexicon] = {}
    places: dict[str, tuple[Document, Path]] = {}
    for document in documents:
        try:
            written = validate(LexiconsFile, document)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        for name, lexicon in written.lexicons.items():
            place: Path = ("lexicons", name)
            if name in found:
                problems.append(
                    _problem(document, place, f"lexicon `{name}` exists already", f"see {places[name][0].file}")
                )
                continue
            found[name], places[name] = Lexicon(name, lexicon.role), (document, place)
            problems.extend(_build(found, name, lexicon, document))
    problems.extend(_unknown(found, places))
    if problems:
        raise ConfigError(problems)
    return Lexicons(found)


def _build(found: dict[str, Lexicon], name: str, written: LexiconFile, document: Document) -> Iterator[Problem]:
    compositions: list[Composition] = []
    for index, item in enumerate(written.compose):
        try:
            first, second = (_step(part) for part in item.of)
            compositions.append(Composition(first, second, item.gap))
        except ValueError as error:
            yield _problem(document, ("lexicons", name, "compose", index), str(error), "write `of: [$first, $second]`")
    entries = tuple(_entries(name, written))
    for alias in (alias for entry in entries for alias in entry.aliases):
        if not searchable(fold(alias.text).text).strip():
            yield _problem(document, ("lexicons", name), f"word {alias.text!r} has no letter or digit", "remove it")
    found[name] = Lexicon(name, written.role, entries, tuple(compositions), written.anchor)


def _step(part: str | tuple[str, ...]) -> Step:
    return step(list(part) if isinstance(part, tuple) else part)


def _entries(name: str, written: LexiconFile) -> Iterator[Entry]:
    if written.words is not None:
        yield Entry(name, tuple(_aliases(written.words, written.single)))
    for key, entry in written.entries.items():
        aliases = tuple(_aliases(entry, written.single))
        code = str(entry.code) if entry.code else None
        yield Entry(key, aliases, entry.hs, entry.country, entry.states, code)


def _aliases(words: WordList, single: Neighbours | None) -> Iterator[Alias]:
    plain = (*words.en, *(form for verb in words.verbs for form in verb_forms(verb)))
    for text in dict.fromkeys((*plain, *(form for noun in words.nouns for form in noun_forms(noun)))):
        yield Alias(text)
    for text in dict.fromkeys(form for noun in words.weak for form in noun_forms(noun)):
        yield Alias(text, weak=True)
    for text in dict.fromkeys((*words.zh, *words.ja)):
        yield Alias(text, before=single.before, after=single.after) if single and len(text) == 1 else Alias(text)


def _unknown(found: dict[str, Lexicon], places: dict[str, tuple[Document, Path]]) -> Iterator[Problem]:
    for name, lexicon in found.items():
        document, place = places[name]
        for composition in lexicon.compose:
            for missing in sorted((composition.first | composition.second) - found.keys()):
                yield _problem(document, (*place, "compose"), f"unknown lexicon `${missing}`", nearest(missing, found))


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: which known name was probably meant."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=_SUGGESTIONS)
    return f"did you mean {', '.join(f'`{n}`' for n in near)}?" if near else f"known: {', '.join(names[:40])}"


def _problem(document: Document, path: Path, message: str, hint: str = "") -> Problem:
    return Problem(document.file, document.line(path), message, hint)
