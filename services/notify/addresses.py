"""Checks the address of a receiver as it stands in the configuration. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

MAX_LENGTH = 2000


def http_url(value: SecretStr) -> SecretStr:
    """The URL itself when it can be sent to. It is a secret: many receivers put their token into the path.

    Raises:
        ValueError: it is no absolute http or https URL. The message does not repeat it.
    """
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(text) > MAX_LENGTH or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("expected an absolute http or https URL")
    return value
