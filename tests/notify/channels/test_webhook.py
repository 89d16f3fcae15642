"""The signed webhook: what any Standard Webhooks library must be able to verify."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from services.notify.channels.webhook import CHANNEL, MAX_BYTES, Settings
from services.notify.ports import Message
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
