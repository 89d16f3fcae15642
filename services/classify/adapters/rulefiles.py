"""Loads rules, lexicons and the severity policy from the config directory, with every mistake at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final, TypeVar

from services.classify import conditions
from services.classify.adapters.lexiconfiles import build, nearest
from services.classify.adapters.ruleschema import RuleFile, SeverityFile
from services.classify.condition import Check, Condition
from services.classify.examples import failures
from services.classify.lexicon import Lexicons
from services.classify.rule import CONTEXT, Meaning, Rule
from services.classify.ruleset import RuleSet
from services.classify.severity import Line, SeverityPolicy
from shared.config.files import read
from shared.config.validate import validate
from shared.config.yamltree import Document
from shared.config.yamltree import Path as Place
from shared.errors import ConfigError, Problem
from shared.events.vocabulary import Stage
from shared.plugins import discover

T = TypeVar("T")
RULES, LEXICONS, SEVERITY = "rules", "lexicons", "severity.yaml"
UNKNOWN_LEXICON: Final = "unknown lexicon"


def load(config_dir: Path, variables: Mapping[str, str], strict: bool) -> RuleSet:
    """Load and compile the rule set of a config directory.

    Args:
        config_dir: holds `rules/`, `lexicons/` and `severity.yaml`.
        variables: what `${NAME}` stands for.
        strict: also refuse rules without examples, and rules whose own examples fail.

    Raises:
        ConfigError: with every mistake in every file.
    """
    gathered = _Gathered()
    root = config_dir
    lexicon_documents = gathered.documents(config_dir / LEXICONS, root, variables)
    lexicons = gathered.attempt(lambda: build(lexicon_documents)) or Lexicons()
    words_complete = not gathered.problems
    rule_documents = gathered.documents(config_dir / RULES, root, variables)
    severity_documents = [d for d in [gathered.document(config_dir / SEVERITY, root, variables)] if d]
    policy = gathered.attempt(lambda: _severity(severity_documents[0])) if severity_documents else None
    compiled = [(d, gathered.attempt(partial(_rule, d, lexicons, strict))) for d in rule_documents]
    rules = [(document, rule) for document, rule in compiled if rule is not None]
    gathered.problems.extend(_repeated(rules))
    if gathered.problems:
        raise ConfigError(gathered.problems if words_complete else _without_followers(gathered.problems))
    enabled = tuple(rule for _, rule in rules if rule.enabled)
    resting = tuple(rule for _, rule in rules if not rule.enabled)
    digest = _digest({LEXICONS: lexicon_documents, RULES: rule_documents, SEVERITY: severity_documents})
    ruleset = RuleSet(enabled, lexicons, policy or SeverityPolicy(), digest, resting)
    if strict:
        _refuse_failing(ruleset, rules)
    return ruleset


def _without_followers(problems: Sequence[Problem]) -> list[Problem]:
    """A lexicon that did not load makes its names unknown in every rule: only the cause is worth telling."""
    return [problem for problem in problems if not problem.message.startswith(UNKNOWN_LEXICON)]


class _Gathered:
    """Problems found so far, so that one mistake does not hide the next."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def attempt(self, work: Callable[[], T]) -> T | None:
        """The result of `work`, or None with its problems noted."""
        try:
            return work()
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None

    def document(self, path: Path, root: Path, variables: Mapping[str, str]) -> Document | None:
        """One parsed file."""
        document = self.attempt(lambda: read(path, root=root, variables=variables))
        if document is not None:
            self.problems.extend(document.problems)
        return document

    def documents(self, folder: Path, root: Path, variables: Mapping[str, str]) -> list[Document]:
        """All YAML files of a folder, by name."""
        if not folder.is_dir():
            name = str(folder.relative_to(root.parent))
            self.problems.append(
                Problem(name, 0, "folder is missing", f"it holds one YAML file for each of the {folder.name}")
            )
            return []
        found = [self.document(path, root, variables) for path in sorted(folder.glob("*.yaml"))]
        return [document for document in found if document is not None]


def _severity(document: Document) -> SeverityPolicy:
    written = validate(SeverityFile, document)
    lines = tuple(
        Line(
            line.level,
            frozenset(line.kinds),
            frozenset(line.stages),
            frozenset(line.directions),
            frozenset(line.certainties),
            frozenset(line.tiers),
            frozenset(line.commodities),
        )
        for line in written.lines
    )
    return SeverityPolicy(lines, written.default)


def _rule(document: Document, lexicons: Lexicons, strict: bool) -> Rule:
    """Compile one rule file."""
    written = validate(RuleFile, document)
    problems = list(_wrong_names(document, written, strict))
    checks: dict[str, Check] = {}
    for name, value in written.when.items():
        found = _check(document, name, value, lexicons)
        if isinstance(found, Check):
            checks[name] = found
        else:
            problems.extend(found)
    if not written.when:
        problems.append(_problem(document, ("when",), "`when` is empty", f"conditions: {', '.join(_conditions())}"))
    if problems:
        raise ConfigError(problems)
    meaning = Meaning(
        direction=written.set.direction,
        stage=None if written.set.stage == "from_cues" else Stage(written.set.stage),
        measure=None if written.set.measure == "from_terms" else written.set.measure,
        context_class=written.set.context,
    )
    return Rule(
        id=written.id,
        kind=written.kind,
        title=written.title,
        why=written.why,
        version=written.version,
        weight=written.weight,
        checks=checks,
        meaning=meaning,
        anywhere=written.anywhere,
        outweighs=frozenset(written.outweighs),
        match=written.examples.match,
        ignore=written.examples.ignore,
        enabled=written.enabled,
    )


def _wrong_names(document: Document, written: RuleFile, strict: bool) -> Iterator[Problem]:
    stem = Path(document.file).stem
    if written.id != stem:
        yield _problem(
            document, ("id",), f"`id` is `{written.id}`, but the file is named {stem}.yaml", "make them the same"
        )
    if written.kind == CONTEXT and not written.set.context:
        yield _problem(document, ("set",), "a context rule must name its class", "add `set: {context: import_measure}`")
    if strict and not (written.examples.match and written.examples.ignore):
        yield _problem(
            document,
            ("examples",),
            "a rule needs examples of both kinds",
            "add sentences under examples.match and examples.ignore",
        )


def _check(document: Document, name: str, value: object, lexicons: Lexicons) -> Check | list[Problem]:
    plugin = _conditions().get(name)
    place: Place = ("when", name)
    if plugin is None:
        return [_problem(document, place, f"unknown condition `{name}`", nearest(name, _conditions()))]
    try:
        check = plugin.compile(value)
    except ValueError as error:
        return [_problem(document, place, f"`{name}`: {error}")]
    unknown = sorted(check.lexicons - lexicons.by_name.keys())
    if unknown:
        return [_problem(document, place, f"{UNKNOWN_LEXICON} `${u}`", nearest(u, lexicons.by_name)) for u in unknown]
    return replace(check, name=json.dumps([name, value], sort_keys=True))


@cache
def _conditions() -> dict[str, Condition]:
    found = discover(conditions, attribute="CONDITION")
    return {name: plugin for name, plugin in found.items() if isinstance(plugin, Condition)}


def _repeated(rules: Sequence[tuple[Document, Rule]]) -> Iterator[Problem]:
    seen: dict[str, Document] = {}
    for document, rule in rules:
        if rule.id in seen:
            yield _problem(document, ("id",), f"rule `{rule.id}` exists already", f"see {seen[rule.id].file}")
        seen[rule.id] = document


def _refuse_failing(ruleset: RuleSet, rules: Sequence[tuple[Document, Rule]]) -> None:
    """Raise ConfigError for rules whose own examples fail."""
    documents = {rule.id: document for document, rule in rules}
    problems = [
        _problem(documents[failure.rule], ("examples", failure.group, failure.index), failure.message, failure.hint)
        for failure in failures(ruleset)
    ]
    if problems:
        raise ConfigError(problems)


def _digest(documents: Mapping[str, Sequence[Document]]) -> str:
    """SHA-256 over the content, free of layout, comments, the order of keys and where the folder lies."""
    content = {
        place: {Path(document.file).name: document.data for document in found} for place, found in documents.items()
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _problem(document: Document, path: Place, message: str, hint: str = "") -> Problem:
    return Problem(document.file, document.line(path), message, hint)
