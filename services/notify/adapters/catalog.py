"""subscribers.yaml: every subscriber and silence, or every mistake with its file and line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from services.notify import channels as channel_files
from services.notify.adapters.book import Book, Expectation, read_silences, read_tests, run_tests, unique
from services.notify.adapters.subscriberfile import COMMON, Entry, SubscribersFile
from services.notify.ports import Channel, Subscriber
from services.notify.silence import Silence
from shared.clock import SystemClock
from shared.config.files import collect, read
from shared.config.validate import Strict, complete, validate
from shared.config.yamltree import Document
from shared.errors import ConfigError, Problem
from shared.ids import stable_id
from shared.plugins import discover

FILE: Final = "subscribers.yaml"
_FALLBACK: Final = "until it is mended the built-in one is used"


def channels() -> dict[str, Channel]:
    """Every channel by its name."""
    return {name: _checked(name, plugin) for name, plugin in discover(channel_files, attribute="CHANNEL").items()}


def load(config: Path, variables: Mapping[str, str]) -> dict[str, Subscriber]:
    """The subscribers in `config`/subscribers.yaml, by id, in their order.

    Raises:
        ConfigError: with every mistake in the file.
    """
    return dict(load_book(config, variables).subscribers)


def load_book(config: Path, variables: Mapping[str, str]) -> Book:
    """All of `config`/subscribers.yaml.

    Raises:
        ConfigError: with every mistake in the file.
    """
    document = read(config / FILE, root=config, variables=variables)
    file = validate(SubscribersFile, document)
    names = [str(entry.get("id")) for entry in file.subscribers]
    found: list[dict[str, Subscriber]] = []
    silences: list[tuple[Silence, ...]] = []
    tests: list[tuple[Expectation, ...]] = []
    steps: list[Callable[[], None]] = [
        partial(complete, document),
        lambda: found.append(_subscribers(document, file)),
        lambda: silences.append(read_silences(document, file, names)),
        lambda: tests.append(read_tests(document, file, names)),
    ]
    collect(steps)
    return Book(document.file, found[0], silences[0], tests[0])


def _subscribers(document: Document, file: SubscribersFile) -> dict[str, Subscriber]:
    known, entries = channels(), file.subscribers
    steps: list[Callable[[], Subscriber | None]] = [partial(unique, document, "subscribers", entries)]
    steps += [partial(_subscriber, document, index, entry, known) for index, entry in enumerate(entries)]
    return {found.id: found for found in collect(steps) if found is not None}


def _checked(name: str, plugin: object) -> Channel:
    wanted = ("settings", "example", "interval", "final", "compose", "compose_digest", "flaws")
    missing = [word for word in wanted if not hasattr(plugin, word)]
    if missing:
        raise TypeError(f"channels/{name}.py: CHANNEL has no {', '.join(missing)}")
    return plugin  # type: ignore[return-value]  # checked word by word above


def _subscriber(document: Document, index: int, entry: Mapping[str, Any], known: Mapping[str, Channel]) -> Subscriber:
    at = ("subscribers", index)
    common = {key: value for key, value in entry.items() if key in COMMON}
    own = {key: value for key, value in entry.items() if key not in COMMON}
    if "channel" in entry and entry["channel"] not in list(known):
        common["channel"] = next(iter(known))  # the step below tells of the channel, this one of the rest
    checks: list[Callable[[], Strict]] = [
        partial(validate, Entry, document, at=at, data=common),
        partial(_settings, document, at, entry.get("channel"), own, known),
    ]
    found, settings = collect(checks)
    assert isinstance(found, Entry)
    return _assembled(found, settings)


def _settings(
    document: Document, at: tuple[str | int, ...], name: object, own: Mapping[str, Any], known: Mapping[str, Channel]
) -> Strict:
    if name is None:  # told as a missing key; perhaps it is there, misspelt
        fields = [field for channel in known.values() for field in channel.settings.model_fields]
        _no_strangers(document, at, own, fields)
        raise ConfigError([])
    if not isinstance(name, str) or name not in known:
        line = document.line((*at, "channel"))
        raise ConfigError.one(document.file, f"unknown channel `{name}`", line=line, hint=_nearest(str(name), known))
    model = known[name].settings
    mine = {key: value for key, value in own.items() if key in model.model_fields}
    checks: list[Callable[[], Strict | None]] = [
        partial(_no_strangers, document, at, own, list(model.model_fields)),
        partial(validate, model, document, at=at, data=mine),
    ]
    settings = collect(checks)[-1]
    assert settings is not None
    return settings


def _no_strangers(document: Document, at: tuple[str | int, ...], own: Mapping[str, Any], fields: list[str]) -> None:
    problems = [
        Problem(document.file, document.line((*at, key)), f"unknown key `{key}`", _nearest(key, [*COMMON, *fields]))
        for key in own
        if key not in fields
    ]
    if problems:
        raise ConfigError(problems)


def _assembled(entry: Entry, settings: Strict) -> Subscriber:
    url = getattr(settings, "url", None)
    address = getattr(settings, "address", None) or (url.get_secret_value() if url is not None else entry.id)
    return Subscriber(
        id=entry.id,
        channel=entry.channel,
        settings=settings,
        filter=entry.wanted(),
        fingerprint=stable_id("address", entry.channel, address),
        timing=entry.timing(),
        enabled=entry.enabled,
    )


def _nearest(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean `{near[0]}`?" if near else _one_of(known)


def _one_of(known: Iterable[str]) -> str:
    return f"one of {', '.join(known)}"


def check(config: Path, variables: Mapping[str, str]) -> str:
    """Load the subscribers, run the file's tests, and say what was found.

    Raises:
        ConfigError: with every mistake in the file, or every test that fails.
    """
    book = load_book(config, variables)
    subscribers = book.subscribers.values()
    _no_flaws(config, variables, subscribers)
    count = run_tests(book, SystemClock().now())
    told = f"{len(subscribers)} subscribers, {sum(subscriber.enabled for subscriber in subscribers)} enabled"
    told += f", {len(book.silences)} silences" if book.silences else ""
    return told + (f", {count} tests passed" if count else "")


def _no_flaws(config: Path, variables: Mapping[str, str], subscribers: Iterable[Subscriber]) -> None:
    """What alerts survive, but their owner should mend: the service runs with it, `check` tells it."""
    document, known = read(config / FILE, root=config, variables=variables), channels()
    problems = [
        Problem(document.file, _line(document, ("subscribers", index, *path)), f"`{'.'.join(path)}` {flaw}", _FALLBACK)
        for index, subscriber in enumerate(subscribers)
        for path, flaw in known[subscriber.channel].flaws(subscriber.settings)
    ]
    if problems:
        raise ConfigError(problems)


def _line(document: Document, path: tuple[str | int, ...]) -> int:
    """The line of a key, or of the `*_file` that stands for it."""
    in_file = (*path[:-1], f"{path[-1]}_file")
    return document.line(in_file if in_file in document.lines else path)


class Catalog:
    """The subscribers in force. Replaced as a whole by `reload`; a bad edit leaves the last good set."""

    def __init__(self, config: Path, variables: Mapping[str, str]) -> None:
        """Load the file.

        Raises:
            ConfigError: with every mistake in the file.
        """
        self._config, self._variables = config, variables
        self._book = load_book(config, variables)
        self.problem: str | None = None
        """What is wrong with the file as it is now, when it is not the set in force."""

    def subscribers(self) -> Mapping[str, Subscriber]:
        """Those that are enabled, by id."""
        return {name: found for name, found in self._book.subscribers.items() if found.enabled}

    def silences(self) -> tuple[Silence, ...]:
        """The silences of the file, past and future ones too."""
        return self._book.silences

    def reload(self) -> None:
        """Read the file again.

        Raises:
            ConfigError: with every mistake; everything stays as it was.
        """
        try:
            self._book = load_book(self._config, self._variables)
        except ConfigError as error:
            self.problem = str(error)
            raise
        self.problem = None
