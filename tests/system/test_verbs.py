"""Every verb of the command: help, bad input, and what it says when nothing runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from services.__main__ import command
from tests.kit.command import Ended
from tests.kit.misspelt import SECRET, broken_config
from tests.kit.ports import free_port
from tests.kit.stack import make_config

COMMAND = command()


def orewire(*arguments: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run a verb inside this process, which has loaded all it needs."""
    result = CliRunner().invoke(COMMAND, arguments, env=dict(env or {}))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def test_all_typos_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    config, places = broken_config(tmp_path)
    ended = orewire("check", "--config", str(config))
    assert (ended.code, ended.out) == (2, "")
    missing = [place for place in places if f"{place}:" not in ended.err]
    assert not missing
    assert "did you mean `interval`?" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("sources.yaml", "sources: [\n", "sources.yaml:2"),
        ("subscribers.yaml", "subscribers: &a [*a]", "subscribers.yaml:1"),
        ("severity.yaml", "- \x00", "severity.yaml"),
        ("rules/nothing.yaml", "", "rules/nothing.yaml"),
        ("rules/binary.yaml", "\udcff\udcfe", "rules/binary.yaml"),
        ("lexicons/list.yaml", "[1, 2]", "lexicons/list.yaml"),
    ],
)
def test_a_file_that_is_no_config_is_named(tmp_path: Path, file: str, text: str, words: str) -> None:
    config = make_config(tmp_path, receiver_url="http://127.0.0.1:1", secret=SECRET)
    (config / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = orewire("check", "--config", str(config))
    assert ended.code == 2
    assert words in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "https://ministry.example/notice", "--url", "{http}"),
        ("alerts", "list", "--url", "{http}"),
        ("alerts", "show", "story_x", "--url", "{http}"),
        ("deliveries", "list", "--url", "{http}"),
        ("deliveries", "retry", "x", "--url", "{http}"),
        ("tail", "--nats", "{nats}"),
        ("replay", "--from", "1h", "--nats", "{nats}"),
        ("dead", "list", "--nats", "{nats}"),
        ("dead", "redrive", "1", "--nats", "{nats}"),
        ("provision",),
    ],
)
def test_verbs_say_what_to_start_when_nothing_runs(arguments: tuple[str, ...]) -> None:
    port = free_port()
    places = {"http": f"http://127.0.0.1:{port}", "nats": f"nats://127.0.0.1:{port}"}
    env = {"OREWIRE_NATS_URL": places["nats"]}
    ended = orewire(*(argument.format(**places) for argument in arguments), env=env)
    assert (ended.code, ended.out) == (3, "")
    assert "orewire up" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "--from", "yesterday"),
        ("replay", "--from", "0001-01-01T00:00:00+14:00"),
        ("replay", "--from", "2999-01-01"),
        ("replay", "--from", "1h", "elsewhere.>"),
        ("tail", "orewire.nothing"),
        ("tail", "orewire.alert..x"),
        ("dead", "redrive"),
        ("dead", "redrive", "first"),
        ("run", "nothing"),
        ("check", "--config", "/nowhere"),
        ("up", "--config", "/nowhere", "--data", "{tmp}/data"),
        ("submit", "{tmp}/file"),
        ("submit", "{tmp}"),
        ("classify", "{tmp}/missing.txt"),
        ("subscribers", "test", "nobody"),
        ("sources", "probe", "nothing"),
        ("alerts", "list", "--url", "no url"),
        ("submit", "https://a.example/", "--url", "no url"),
    ],
)
def test_input_that_makes_no_sense_ends_with_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").write_bytes(b"\x00")
    ended = orewire(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert ended.err
    assert "Traceback" not in ended.err


def test_a_misspelt_setting_is_refused_with_the_right_one() -> None:
    ended = orewire("run", "classify", env={"OREWIRE_NATS_ULR": "nats://x", "OREWIRE_PORT": "many"})
    assert ended.code == 2
    assert "did you mean OREWIRE_NATS_URL?" in ended.err
    assert "OREWIRE_PORT" in ended.err


def _verbs(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(group, "commands"):
        yield " ".join(path), group
        return
    for name, verb in group.commands.items():
        yield from _verbs(verb, (*path, name))


VERBS = dict(_verbs(typer.main.get_command(command())))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example_that_it_understands_and_json(verb: str) -> None:
    found = VERBS[verb]
    example = re.search(r"Example: (.*)", found.help or "")
    assert example, f"orewire {verb} --help shows no example"
    assert f"orewire {verb}" in example.group(1)
    words = shlex.split(example.group(1).split(f"orewire {verb}", 1)[1])
    with found.make_context(verb, words, resilient_parsing=False):
        pass
    options = {option for parameter in found.params for option in parameter.opts}
    assert "--json" in options or verb in {"run", "rules schema", "subscribers schema"}  # they print no data


def test_the_fixed_verbs_are_all_there() -> None:
    fixed = "up, run, demo, classify, check, rules list, rules test, rules explain, rules score, submit, tail, replay"
    fixed += ", sources probe, sources status, subscribers test, deliveries list, deliveries retry, dead list"
    fixed += ", dead redrive, db upgrade"
    assert set(fixed.split(", ")) <= VERBS.keys()
