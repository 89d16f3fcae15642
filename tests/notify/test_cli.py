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
STORY = {"alert": ALERT, "current": CURRENT, "revisions": [{"type": "x", "alert": ALERT}], "deliveries": [DELIVERY]}
ANSWERS: dict[str, tuple[int, Any]] = {
    "GET /v1/alerts": (200, {"alerts": [ALERT], "next": None}),
    "GET /v1/alerts/story_1": (200, STORY),
    "GET /v1/alerts/story_1/why": (200, {"decisions": [DECISION]}),
    "POST /v1/alerts/story_1/retract": (200, {"alert": ALERT, "recipients": 3}),
    "GET /v1/deliveries": (200, {"deliveries": [DELIVERY], "next": None}),
    "POST /v1/deliveries/delivery_1/retry": (202, {"delivery_id": "delivery_1", "status": "waiting"}),
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


def test_the_schemas_of_webhook_bodies_are_written_checked_and_never_broken(tmp_path: Path) -> None:
    assert _run("subscribers", "schema", "--check", "--folder", str(tmp_path)).exit_code == 1
    assert _run("subscribers", "schema", "--folder", str(tmp_path)).exit_code == 0
    assert _run("subscribers", "schema", "--check", "--folder", str(tmp_path)).exit_code == 0
    path = tmp_path / "standard.v1.json"
    known = json.loads(path.read_text("utf-8"))
    known["properties"]["colour"] = {"type": "string"}
    path.write_text(json.dumps(known), "utf-8")
    refused = _run("subscribers", "schema", "--folder", str(tmp_path))
    assert refused.exit_code == 1
    assert "breaks receivers" in refused.output
