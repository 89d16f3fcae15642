"""Signed webhooks after Standard Webhooks 1.0.

What it does: POSTs `{"type", "timestamp", "data"}` with `webhook-id` (the delivery's id, the same for every
attempt), `webhook-timestamp` and `webhook-signature` (`v1`, one signature a secret).

When to use it: a program of yours acts on alerts. Verify with any Standard Webhooks library, answer 2xx within
15 s, and drop ids you have seen. A body never reaches 20 kB: what was left out is counted under `omitted`, the
whole story stands at `/v1/alerts/{story_id}`.

Example:
    - {id: desk, channel: webhook, url: "https://desk.example.com/alerts", secret: "${DESK_WEBHOOK_SECRET}"}
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr, field_validator
from standardwebhooks import Webhook as Signer

from services.notify.addresses import http_url
from services.notify.ports import Message
from shared.config.validate import Strict
from shared.events import Alert

MAX_BYTES: Final = 20_000
MIN_SECRET, MAX_SECRET = 24, 64
"""Bytes, as Standard Webhooks recommends."""
_PREFIX: Final = "whsec_"
_SHORTER: Final = ((20, 5), (10, 3), (3, 1), (1, 1))
"""How many sources and evidence sentences to keep, tried in this order until the body fits."""


class Settings(Strict):
    """Where to send and how to sign. During a rotation both secrets sign; drop the previous one afterwards."""

    url: SecretStr
    secret: SecretStr
    previous_secret: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        return http_url(value)

    @field_validator("secret", "previous_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _key(value)
        return value


class WebhookChannel:
    """See the module's docstring."""

    settings = Settings
    example: Mapping[str, Any] = {
        "url": "https://desk.example.com/alerts",
        "secret": "whsec_" + base64.b64encode(b"an example, not a secret").decode(),
    }
    interval = 0.0
    final: frozenset[int] = frozenset()  # a receiver that is being redeployed answers 404 or 403 for a while

    def compose(self, alert: Alert, settings: Settings, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """One signed request."""
        body = _body(alert)
        keys = [settings.secret, *([settings.previous_secret] if settings.previous_secret else [])]
        signatures = [Signer(_key(key)).sign(delivery_id, at, body) for key in keys]
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        return (Message(settings.url.get_secret_value(), body.encode(), headers),)


CHANNEL: Final = WebhookChannel()


def _key(secret: SecretStr) -> bytes:
    """The bytes of a secret.

    Raises:
        ValueError: it is no base64, too short or too long.
    """
    text = secret.get_secret_value().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"expected {_PREFIX} and base64 (make one: openssl rand -base64 32)") from None
    if not MIN_SECRET <= len(key) <= MAX_SECRET:
        raise ValueError(f"a secret has {MIN_SECRET} to {MAX_SECRET} bytes before base64, found {len(key)}")
    return key


def _body(alert: Alert) -> str:
    data = alert.model_dump(mode="json")
    timestamp = data["clock"]["raised_at"] or data["first_seen_at"]
    whole = _json({"type": alert.TYPE, "timestamp": timestamp, "data": data})
    for sources, evidence in _SHORTER:
        if len(whole.encode()) < MAX_BYTES:
            break
        whole = _json({"type": alert.TYPE, "timestamp": timestamp, **_shortened(data, sources, evidence)})
    return whole


def _shortened(data: Mapping[str, Any], sources: int, evidence: int) -> dict[str, Any]:
    """The lead source and the newest ones; the first evidence sentences; and how many of each are missing."""
    newest = data["sources"][1:][-(sources - 1) :] if sources > 1 else []
    kept = {
        "sources": [*data["sources"][:1], *newest],
        "evidence": data["evidence"][:evidence],
        "signal_ids": data["signal_ids"][-sources:],
    }
    omitted = {name: len(data[name]) - len(values) for name, values in kept.items()}
    return {"data": {**data, **kept}, "omitted": omitted}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
