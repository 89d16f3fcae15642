"""Signed webhooks after Standard Webhooks 1.0.

What it does: POSTs `{"type", "timestamp", "data"}` (`format: cloudevents`: a CloudEvent as JSON) with `webhook-id` (the
delivery's id, the same for every attempt), `webhook-timestamp` and `webhook-signature` (`v1`, one signature a secret).
The schemas are published in `deploy/contracts/webhook/`; `type` carries the version.

When to use it: a program of yours acts on alerts. Verify with any Standard Webhooks library, or as
`deploy/receivers/` shows; answer 2xx within 15 s, and drop ids you have seen. A body never reaches 20 kB: what was left
out is counted under `omitted`, the whole story stands at `/v1/alerts/{story_id}`.

Example:
    - {id: desk, channel: webhook, url: "https://desk.example.com/alerts", secret: "${DESK_WEBHOOK_SECRET}",
       headers: {x-api-key: "${DESK_API_KEY}"}}
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, field_validator
from standardwebhooks import Webhook as Signer

from services.notify.addresses import http_url
from services.notify.message import Message
from services.notify.payload import CONTENT_TYPES, MAX_BYTES, alert_body, digest_bodies
from shared.config.validate import Strict
from shared.events import Alert

__all__ = ["CHANNEL", "MAX_BYTES", "Settings"]
MIN_SECRET, MAX_SECRET = 24, 64
"""Bytes, as Standard Webhooks recommends."""
MAX_HEADERS, MAX_HEADER = 20, 4_000
_PREFIX: Final = "whsec_"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_RESERVED: Final = re.compile(
    r"webhook-.*|content-.*|host|connection|transfer-encoding|te|trailer|upgrade|keep-alive|expect|accept-encoding|"
    r"proxy-.*",
    re.IGNORECASE,
)


class Settings(Strict):
    """Where to send and how to sign. During a rotation both secrets sign; drop the previous one afterwards.

    `headers` are added to every request; their values are secrets.
    """

    url: SecretStr
    secret: SecretStr
    previous_secret: SecretStr | None = None
    format: Literal["standard", "cloudevents"] = "standard"
    headers: dict[str, SecretStr] = Field(default_factory=dict)

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

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in value.items():
            text = secret.get_secret_value()
            if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
                raise ValueError("a header's name is a token, and none that the request itself sets")
            if len(text) > MAX_HEADER or not text.isascii() or not text.isprintable() or text != text.strip():
                raise ValueError("a header's value is printable ASCII")
        if len(value) > MAX_HEADERS or len({name.lower() for name in value}) < len(value):
            raise ValueError(f"at most {MAX_HEADERS} headers, each once")
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
        return (_signed(settings, delivery_id, alert_body(alert, settings.format), at),)

    def compose_digest(
        self, alerts: Sequence[Alert], settings: Settings, *, delivery_id: str, at: datetime, note: str = ""
    ) -> Sequence[Message]:
        """Signed requests with several alerts each; their ids are the delivery's, numbered after the first."""
        told = digest_bodies(alerts, settings.format, digest_id=delivery_id, at=at, note=note)
        return tuple(_signed(settings, name, body, at) for name, body in told)

    def flaws(self, settings: Settings) -> Sequence[tuple[tuple[str, ...], str]]:
        """None: a body is a contract, no template changes it."""
        del settings
        return ()


CHANNEL: Final = WebhookChannel()


def _signed(settings: Settings, message_id: str, body: str, at: datetime) -> Message:
    keys = [settings.secret, *([settings.previous_secret] if settings.previous_secret else [])]
    signatures = [Signer(_key(key)).sign(message_id, at, body) for key in keys]
    headers = {
        **{name.lower(): value.get_secret_value() for name, value in settings.headers.items()},
        "content-type": CONTENT_TYPES[settings.format],
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Message(settings.url.get_secret_value(), body.encode(), headers)


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
