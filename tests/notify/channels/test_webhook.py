"""The signed webhook: what any Standard Webhooks library must be able to verify."""

from __future__ import annotations

import base64
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from services.notify.adapters.payloadfiles import CONTRACTS, broken, stale, write
from services.notify.channels.webhook import CHANNEL, MAX_BYTES, Settings
from services.notify.message import Message
from services.notify.specimen import specimens
from shared.clock import SystemClock
from shared.events import Alert, AlertRaised
from tests.notify.builders import NOW, make_alert, make_evidence


def _secret(text: str = "thirty-two bytes of a secret key") -> str:
    return "whsec_" + base64.b64encode(text.encode()).decode()


def _message(alert: Alert, at: Any = None, **settings: str) -> Message:
    known = Settings.model_validate({"url": "https://desk.example/x", "secret": _secret(), **settings})
    [message] = CHANNEL.compose(alert, known, delivery_id="delivery_7", at=at or SystemClock().now())
    return message


def test_the_signature_is_verified_by_the_reference_library() -> None:
    message = _message(make_alert())
    body = Webhook(_secret()).verify(message.body, dict(message.headers))
    assert body["type"] == AlertRaised.TYPE
    assert AlertRaised.model_validate(body["data"]) == make_alert()


def test_a_changed_body_and_an_old_message_are_not_verified() -> None:
    message = _message(make_alert())
    with pytest.raises(WebhookVerificationError):
        Webhook(_secret()).verify(message.body + b" ", dict(message.headers))
    old = _message(make_alert(), at=SystemClock().now() - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError):
        Webhook(_secret()).verify(old.body, dict(old.headers))


def test_id_and_body_are_the_same_for_every_attempt() -> None:
    first, second = _message(make_alert(), at=NOW), _message(make_alert(), at=NOW + timedelta(hours=3))
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "delivery_7"
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_during_a_rotation_both_secrets_verify() -> None:
    previous = _secret("the previous secret, also long enough")
    message = _message(make_alert(), previous_secret=previous)
    for secret in (_secret(), previous):
        Webhook(secret).verify(message.body, dict(message.headers))
    assert message.headers["webhook-signature"].count("v1,") == 2


@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "24 to 64 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "24 to 64 bytes"),
        ("", "24 to 64 bytes"),
        ("whsec_not base64 !!", "base64"),
        ("whsec_秘密", "base64"),
    ],
)
def test_weak_and_broken_secrets_are_refused(secret: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        _message(make_alert(), secret=secret)


@pytest.mark.parametrize(
    "url", ["", "desk.example", "ftp://desk.example", "https://", "https://a b", "http://x:99999/"]
)
def test_addresses_that_cannot_be_sent_to_are_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="absolute http or https URL"):
        _message(make_alert(), url=url)


def test_a_long_story_is_shortened_below_the_limit_and_says_so() -> None:
    alert = make_alert(evidence=tuple(make_evidence(f"{n} 稀土" + "镓" * 790, bold=()) for n in range(5)))
    crowded = alert.model_copy(update={"sources": alert.sources * 100, "signal_ids": alert.signal_ids * 100})
    message = _message(crowded)
    body = json.loads(message.body)
    assert len(message.body) < MAX_BYTES
    assert body["omitted"]["sources"] == 100 - len(body["data"]["sources"])
    assert body["data"]["sources"][0]["article_id"] == alert.sources[0].article_id
    assert "omitted" not in json.loads(_message(make_alert()).body)


def test_a_cloudevent_has_its_attributes_and_is_signed_too() -> None:
    message = _message(make_alert(), format="cloudevents")
    body = Webhook(_secret()).verify(message.body, dict(message.headers))
    assert message.headers["content-type"] == "application/cloudevents+json"
    assert (body["specversion"], body["type"], body["source"]) == ("1.0", AlertRaised.TYPE, "orewire/notify")
    assert (body["id"], body["subject"]) == (make_alert().event_id, make_alert().story_id)
    assert AlertRaised.model_validate(body["data"]) == make_alert()


def test_own_headers_are_added_and_cannot_replace_the_signature() -> None:
    known = {"url": "https://desk.example/x", "secret": _secret(), "headers": {"X-Api-Key": "s3cret"}}
    settings = Settings.model_validate(known)
    [message] = CHANNEL.compose(make_alert(), settings, delivery_id="delivery_7", at=NOW)
    assert message.headers["x-api-key"] == "s3cret"
    assert "s3cret" not in repr(settings) + repr(message)


@pytest.mark.parametrize(
    "headers",
    [
        {"Webhook-Id": "x"},
        {"content-type": "x"},
        {"Host": "x"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "close"},
        {"x y": "s3cret"},
        {"": "s3cret"},
        {"x": "s3cret\r\nhost: evil"},
        {"x": "s3crét"},
        {"x": "s3cret" * 1000},
        {"x": "1", "X": "2"},
        {f"x{n}": "1" for n in range(21)},
    ],
)
def test_headers_that_would_break_the_request_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="header") as caught:
        Settings.model_validate({"url": "https://desk.example/x", "secret": _secret(), "headers": headers})
    assert all("s3cret" not in error["msg"] for error in caught.value.errors())


@pytest.mark.parametrize("style", ["standard", "cloudevents"])
def test_every_body_fits_the_published_schema(style: str) -> None:
    schema = json.loads((CONTRACTS / "webhook" / f"{style}.v1.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    known = Settings.model_validate({"url": "https://desk.example/x", "secret": _secret(), "format": style})
    about: dict[str, Any] = {"delivery_id": "delivery_7", "at": NOW}
    crowded = make_alert().model_copy(update={"sources": make_alert().sources * 300})
    told = [*specimens(), crowded]
    for alert in told:
        [message] = CHANNEL.compose(alert, known, **about)
        validator.validate(json.loads(message.body))
    for message in CHANNEL.compose_digest(told, known, **about):
        validator.validate(json.loads(message.body))
    broken = json.loads(CHANNEL.compose(told[0], known, **about)[0].body)
    del broken["data"]["story_id"]
    assert not validator.is_valid(broken)


def test_the_published_schemas_are_up_to_date_and_broke_nobody() -> None:
    assert broken(CONTRACTS / "webhook") == []
    if os.environ.get("UPDATE_GOLDEN"):
        write(CONTRACTS / "webhook")
    assert stale(CONTRACTS / "webhook") == []


def test_a_change_that_breaks_receivers_is_noticed(tmp_path: Path) -> None:
    write(tmp_path)
    old = json.loads((tmp_path / "standard.v1.json").read_text("utf-8"))
    old["$defs"][AlertRaised.TYPE]["properties"]["colour"] = {"type": "string"}
    (tmp_path / "standard.v1.json").write_text(json.dumps(old), "utf-8")
    assert any("colour" in change for change in broken(tmp_path))


def test_a_digest_is_split_below_the_limit_and_each_part_has_its_own_id() -> None:
    known = Settings.model_validate({"url": "https://desk.example/x", "secret": _secret()})
    messages = CHANNEL.compose_digest([make_alert()] * 60, known, delivery_id="delivery_7", at=NOW)
    assert [message.headers["webhook-id"] for message in messages][:2] == ["delivery_7", "delivery_7.1"]
    assert all(len(message.body) < MAX_BYTES for message in messages)
    assert sum(len(json.loads(message.body)["data"]["alerts"]) for message in messages) == 60
