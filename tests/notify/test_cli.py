"""Notify's verbs against a running HTTP side: output, JSON and exit codes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from services.notify.cli import register
from services.notify.cli_stories import field_and_value
from tests.kit.ports import free_port
from tests.notify.builders import make_alert

ALERT = make_alert().model_dump(mode="json")
DELIVERY = {
    "delivery_id": "delivery_1",
    "subscriber_id": "desk",
    "revision": 1,
    "status": "exhausted",
    "attempts": 10,
    "outcome": "server_error",
    "detail": "HTTP 500",
    "next_attempt_at": None,
}
DECISION = {
    "at": "2026-07-01T12:00:00Z",
    "action": "nothing",
    "reason": "too_old",
    "sent": False,
    "revision": None,
    "recipients": 0,
    "changes": [],
    "note": "",
    "source_id": "wire",
    "source_tier": 2,
    "title": "[bold]Ban\u001b[31m",
}
CURRENT = {**ALERT, "phase": "in_force", "retracted": False}
ROUTES = {
    "desk": {"course": "at_once", "lane": "urgent", "due_at": "2026-07-01T12:00:00Z", "detail": ""},
    "team": {"course": "filtered", "lane": "normal", "due_at": None, "detail": "commodity"},
}
WAITS = {"subscriber_id": "late", "revision": 1, "course": "digest", "detail": "", "due_at": "2026-07-02T06:00:00Z"}
STORY = {
    "alert": ALERT,
    "current": CURRENT,
    "revisions": [{"type": "x", "alert": ALERT, "routes": ROUTES}],
    "deliveries": [DELIVERY],
    "waiting": [WAITS],
}
ANSWERS: dict[str, tuple[int, Any]] = {
    "GET /v1/alerts": (200, {"alerts": [ALERT], "next": None}),
    "GET /v1/alerts/story_1": (200, STORY),
    "GET /v1/alerts/story_1/why": (200, {"decisions": [DECISION]}),
    "POST /v1/alerts/story_1/retract": (200, {"alert": ALERT, "recipients": 3}),
    "GET /v1/deliveries": (200, {"deliveries": [DELIVERY], "next": None}),
    "POST /v1/deliveries/delivery_1/retry": (202, {"delivery_id": "delivery_1", "status": "waiting"}),
    "GET /v1/silences": (200, {"silences": [{"id": "tin", "author": "Ann"}]}),
    "POST /v1/silences": (201, {"id": "tin", "until": "2026-07-01T13:00:00Z"}),
    "POST /v1/silences/tin/end": (200, {"id": "tin", "until": "2026-07-01T12:00:00Z"}),
    "POST /hook": (200, {}),
    "POST /broken": (500, {}),
}


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        default = (404, {"title": "No such delivery", "detail": "Look it up."})
        status, body = ANSWERS.get(f"{self.command} {self.path.split('?')[0]}", default)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _run(*arguments: str, **env: str) -> Result:
    root = typer.Typer()
    register(root)
    return CliRunner().invoke(root, list(arguments), env={"COLUMNS": "200", **env})


def test_alerts_are_listed_for_people_and_as_json(url: str) -> None:
    told = _run("alerts", "list", "--url", url)
    assert told.exit_code == 0
    assert ALERT["headline"] in told.stdout
    lines = _run("alerts", "list", "--url", url, "--json").stdout.splitlines()
    assert [json.loads(line)["story_id"] for line in lines] == [ALERT["story_id"]]


def test_one_story_is_shown(url: str) -> None:
    told = _run("alerts", "show", "story_1", "--url", url)
    assert told.exit_code == 0
    assert ALERT["summary"] in told.stdout
    assert "exhausted  10 attempts" in told.stdout
    assert "now in_force; 1 sources, 1 independent, press first" in told.stdout
    assert "desk  at_once, due 2026-07-01T12:00:00Z" in told.stdout
    assert "team  filtered: commodity" in told.stdout
    assert "late  revision 1  digest until 2026-07-02T06:00:00Z" in told.stdout


def test_every_decision_is_told_with_its_reason_as_plain_text(url: str) -> None:
    told = _run("alerts", "why", "story_1", "--url", url)
    assert "nothing: too_old  not sent  wire (tier 2)  [bold]Ban [31m" in told.stdout
    assert json.loads(_run("alerts", "why", "story_1", "--url", url, "--json").stdout) == DECISION
    assert _run("alerts", "why", "story_2", "--url", url).exit_code == 2


def test_a_story_is_taken_back(url: str) -> None:
    told = _run("alerts", "retract", "story_1", "--why", "wrong", "--url", url)
    assert "3 subscribers are told" in told.stdout
    assert _run("alerts", "retract", "story_1", "--url", url).exit_code == 2


def test_a_correction_says_fields_and_values(url: str) -> None:
    wrong = _run("alerts", "correct", "story_1", "--why", "x", "--set", "stage", "--url", url)
    assert wrong.exit_code == 2
    assert "expected FIELD=VALUE" in wrong.stderr


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("stage=suspended", ("stage", "suspended")),
        ("until=", ("until", None)),
        ("targets=US, JP", ("targets", ["US", "JP"])),
        ("targets=", ("targets", [])),
        ("initiative=a=b", ("initiative", "a=b")),
    ],
)
def test_a_value_is_read_as_its_field_needs_it(text: str, pair: tuple[str, Any]) -> None:
    assert field_and_value(text) == pair


def test_deliveries_are_listed_and_retried(url: str) -> None:
    assert "HTTP 500" in _run("deliveries", "list", "--url", url).stdout
    assert _run("deliveries", "retry", "delivery_1", "--url", url).exit_code == 0
    refused = _run("deliveries", "retry", "delivery_2", "--url", url)
    assert refused.exit_code == 2
    assert "No such delivery" in refused.stderr


def test_a_notify_that_is_not_there_is_exit_code_3() -> None:
    told = _run("alerts", "list", "--url", f"http://127.0.0.1:{free_port()}")
    assert told.exit_code == 3
    assert "orewire up" in told.stderr


def _config(folder: Path, address: str) -> str:
    secret = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()
    entry = f"  - {{id: desk, channel: webhook, url: '{address}', secret: '{secret}', enabled: false}}\n"
    (folder / "subscribers.yaml").write_text("subscribers:\n" + entry)
    return str(folder)


def test_a_subscriber_is_tried_out(url: str, tmp_path: Path) -> None:
    config = _config(tmp_path, f"{url}/hook")
    allow = {"OREWIRE_ALLOW_NETWORKS": "127.0.0.0/8"}
    assert _run("subscribers", "test", "desk", "--config", config, **allow).stdout == "desk: delivered (HTTP 200)\n"
    assert _run("subscribers", "test", "desk", "--config", config).exit_code == 1
    _config(tmp_path, f"{url}/broken")
    broken = _run("subscribers", "test", "desk", "--config", config, "--json", **allow)
    assert broken.exit_code == 1
    assert json.loads(broken.stdout) == {"subscriber": "desk", "outcome": "server_error", "status_code": 500}


def test_a_subscriber_nobody_knows_is_exit_code_2(url: str, tmp_path: Path) -> None:
    told = _run("subscribers", "test", "dekc", "--config", _config(tmp_path, url))
    assert told.exit_code == 2
    assert "known are desk" in told.stderr


def test_subscribers_are_listed_without_addresses(url: str, tmp_path: Path) -> None:
    told = _run("subscribers", "list", "--config", _config(tmp_path, url))
    assert told.exit_code == 0
    assert "desk" in told.stdout
    assert "127.0.0.1" not in told.stdout


def test_the_schemas_of_subscribers_and_webhook_bodies_are_written_checked_and_never_broken(tmp_path: Path) -> None:
    assert _run("subscribers", "schema", "--check", "--folder", str(tmp_path)).exit_code == 1
    assert _run("subscribers", "schema", "--folder", str(tmp_path)).exit_code == 0
    assert _run("subscribers", "schema", "--check", "--folder", str(tmp_path)).exit_code == 0
    assert (tmp_path / "subscribers" / "subscribers.schema.json").is_file()
    path = tmp_path / "webhook" / "standard.v1.json"
    known = json.loads(path.read_text("utf-8"))
    known["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(known), "utf-8")
    refused = _run("subscribers", "schema", "--folder", str(tmp_path))
    assert refused.exit_code == 1
    assert "breaks receivers" in refused.output


def _route(tmp_path: Path, text: str, *options: str, config: str = "") -> Result:
    (tmp_path / "signal.json").write_text(text)
    more = "tests: []\nsilences: [{id: audit, match: {actor: ID}, author: A, reason: r, until: 2099-01-01}]\n"
    folder = _config(tmp_path, "https://desk.example/hook")
    with (tmp_path / "subscribers.yaml").open("a") as file:
        file.write(config or more)
    return _run("route", str(tmp_path / "signal.json"), "--config", folder, *options)


def test_a_route_is_shown_with_its_reason(tmp_path: Path) -> None:
    told = _route(tmp_path, '{"commodities": ["gallium"]}')
    assert told.exit_code == 0
    assert told.stdout.splitlines()[1].split() == ["desk", "no", "switched_off"]


def test_routes_of_several_signals_as_json(tmp_path: Path) -> None:
    config = "  - {id: chat, channel: slack, url: 'https://hooks.slack.com/x', lane: normal, filter: {actor: CN}}\n"
    lines = '{"actors": ["CN"]}\n{"signals": [{"actors": ["ID"]}]}\n{"data": {"article": {"published_at": null}}}\n'
    told = _route(tmp_path, lines, "--json", "--at", "2026-07-01T12:00:00Z", config=config)
    assert told.exit_code == 0, told.stderr
    first, second, third = (json.loads(line) for line in told.stdout.splitlines())
    assert first["routes"][1] == {
        "subscriber": "chat",
        "told": True,
        "lane": "normal",
        "reason": "grouped",
        "detail": "",
        "due_at": "2026-07-01T12:00:30Z",
    }
    assert second["routes"][1] | {"subscriber": ""} == {
        "subscriber": "",
        "told": False,
        "lane": None,
        "reason": "filtered",
        "detail": "actor",
        "due_at": None,
    }
    assert third == {"reason": "undated", "routes": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no signal"), ("{", "no JSON"), ("7", "expected a signal"), ('{"stage": "maybe"}', "no signal can be")],
)
def test_what_is_no_signal_is_exit_code_2(tmp_path: Path, text: str, words: str) -> None:
    told = _route(tmp_path, text)
    assert told.exit_code == 2
    assert words in told.stderr


def test_a_silence_is_made_listed_and_ended(url: str) -> None:
    said = ("--author", "Ann", "--reason", "known", "--for", "2h", "--match", "actor=ID,CN")
    made = _run("silence", "add", *said, "--url", url)
    assert made.exit_code == 0, made.stderr
    assert made.stdout == "silence tin until 2026-07-01T13:00:00Z\n"
    assert "Ann" in _run("silence", "list", "--url", url).stdout
    assert _run("silence", "end", "tin", "--url", url).stdout == "silence tin has ended\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--for", "soon"), "expected a duration"), (("--for", "2h", "--match", "actor"), "expected KEY=WORD")],
)
def test_a_silence_that_makes_no_sense_is_exit_code_2(url: str, options: tuple[str, ...], words: str) -> None:
    told = _run("silence", "add", "--author", "Ann", "--reason", "known", *options, "--url", url)
    assert told.exit_code == 2
    assert words in told.stderr
