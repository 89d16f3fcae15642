"""The parts of subscribers.yaml beside the subscribers: silences, and tests of who hears what."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from services.notify.adapters.subscriberfile import SilenceEntry, SubscribersFile, TestEntry
from services.notify.course import NOT_TOLD, Route, Standing
from services.notify.hypothesis import first_alert, hypothesis, strangers
from services.notify.ports import Subscriber
from services.notify.route import route
from services.notify.silence import Silence
from shared.config.files import collect
from shared.config.validate import validate
from shared.config.yamltree import Document
from shared.errors import ConfigError, Problem


@dataclass(frozen=True)
class Expectation:
    """A test of the file, and its line."""

    entry: TestEntry
    line: int


@dataclass(frozen=True)
class Book:
    """All of subscribers.yaml."""

    file: str
    subscribers: Mapping[str, Subscriber]
    silences: tuple[Silence, ...]
    tests: tuple[Expectation, ...]


def read_silences(document: Document, file: SubscribersFile, known: Collection[str]) -> tuple[Silence, ...]:
    """The silences of the file.

    Raises:
        ConfigError: with every mistake in them.
    """
    found = collect([partial(_silence, document, index, data, known) for index, data in enumerate(file.silences)])
    unique(document, "silences", file.silences)
    return tuple(found)


def read_tests(document: Document, file: SubscribersFile, known: Collection[str]) -> tuple[Expectation, ...]:
    """The tests of the file.

    Raises:
        ConfigError: with every mistake in them.
    """
    return tuple(collect([partial(_test, document, index, data, known) for index, data in enumerate(file.tests)]))


def run_tests(book: Book, now: datetime) -> int:
    """Run the tests of the file; returns how many there are.

    Raises:
        ConfigError: signals that others would hear of than expected.
    """
    problems = [Problem(book.file, it.line, told) for it in book.tests if (told := _difference(book, it.entry, now))]
    if problems:
        raise ConfigError(problems)
    return len(book.tests)


def unique(document: Document, part: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Refuse ids that are used twice.

    Raises:
        ConfigError: naming the line of the first use.
    """
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        line, name = document.line((part, index, "id")), str(entry.get("id", ""))
        if name and name in first:
            hint = f"first used in line {first[name]}"
            problems.append(Problem(document.file, line, f"{part.removesuffix('s')} id `{name}` is used twice", hint))
        first.setdefault(name, line)
    if problems:
        raise ConfigError(problems)


def routes(
    subscribers: Iterable[Subscriber], silences: Sequence[Silence], fields: Mapping[str, Any], now: datetime
) -> tuple[str, dict[str, Route]]:
    """What a new story with these fields would mean for each subscriber; or why there would be no alert.

    Raises:
        ValueError: no signal can have these fields.
    """
    alert = first_alert(hypothesis(fields, now), now)
    if isinstance(alert, str):
        return alert, {}
    return "", {it.id: route(it, alert, now, Standing(), silences) for it in subscribers}


def _silence(document: Document, index: int, data: Mapping[str, Any], known: Collection[str]) -> Silence:
    at = ("silences", index)
    entry = validate(SilenceEntry, document, at=at, data=data)
    _known(document, (*at, "subscribers"), entry.subscribers, known)
    return entry.silence()


def _test(document: Document, index: int, data: Mapping[str, Any], known: Collection[str]) -> Expectation:
    at = ("tests", index)
    entry = validate(TestEntry, document, at=at, data=data)
    _known(document, (*at, "expect"), entry.expect, known)
    line = document.line((*at, "signal"))
    wrong = strangers(entry.signal)
    if wrong:
        raise ConfigError([Problem(document.file, line, told) for told in wrong])
    return Expectation(entry, line)


def _known(document: Document, at: tuple[str | int, ...], names: Iterable[str], known: Collection[str]) -> None:
    problems = []
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else ""
            problems.append(Problem(document.file, document.line(at), f"no subscriber `{name}`", hint))
    if problems:
        raise ConfigError(problems)


def _difference(book: Book, test: TestEntry, now: datetime) -> str:
    """What is not as the test expects, in words; empty when all is."""
    try:
        reason, found = routes(book.subscribers.values(), book.silences, test.signal, test.at or now)
    except ValueError as error:
        first = str(error).splitlines()
        return f"test `{test.name}`: no signal can be like this: {' '.join(first[1:3]) or first[0]}"
    told = {name: it for name, it in found.items() if it.course not in NOT_TOLD}
    wrong = [f"{name} is told ({told[name].lane})" for name in told if name not in test.expect]
    wrong += [f"{name} is not told ({_why(found.get(name), reason)})" for name in test.expect if name not in told]
    wrong += [
        f"{name} is told by lane {told[name].lane}, not {lane}"
        for name, lane in test.expect.items()
        if lane is not None and name in told and told[name].lane != lane
    ]
    return f"test `{test.name}` fails: {'; '.join(wrong)}" if wrong else ""


def _why(found: Route | None, reason: str) -> str:
    if found is None:
        return reason
    return f"{found.course}: {found.detail}" if found.detail else str(found.course)
