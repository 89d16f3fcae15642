"""Verifies a webhook of orewire with nothing but Python's standard library.

As a module: `verify(headers, body, secrets)`. As a command: the headers in the environment, the body on stdin.
"""

import base64
import hashlib
import hmac
import os
import sys
import time

TOLERANCE = 300  # seconds a message may be old, or ahead of this machine's clock


def verify(headers: dict[str, str], body: bytes, secrets: list[str], now: float) -> None:
    """Raise ValueError unless one of the secrets signed exactly these bytes, just now.

    `headers` has lower-case names, `body` is what came over the wire: parse it after this, not before.
    """
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(now - int(sent_at)) > TOLERANCE:
        raise ValueError("too old, or from the future")
    signed = f"{message_id}.{sent_at}.".encode() + body
    given = [part.removeprefix("v1,") for part in headers["webhook-signature"].split() if part.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return
    raise ValueError("no signature fits")


if __name__ == "__main__":
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    sent = {name: os.environ[name.upper().replace("-", "_")] for name in names}  # noqa: TID251 - no part of orewire
    secrets = os.environ["SECRETS"].split()  # noqa: TID251
    try:
        verify(sent, sys.stdin.buffer.read(), secrets, time.time())  # noqa: TID251
    except (ValueError, KeyError) as error:
        sys.exit(f"refused: {error}")
    print("verified")
