"""Checks the address of a receiver as it stands in the configuration. Pure."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

MAX_LENGTH = 2000
SMTP_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
"""Schemes of mail servers and their ports: TLS from the start, STARTTLS, and in the clear."""
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_STORY = "{story_id}"


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


def smtp_url(value: SecretStr) -> SecretStr:
    """The URL of a mail server when it can be connected to.

    Raises:
        ValueError: it is none, or sends a password in the clear. The message does not repeat it.
    """
    text = value.get_secret_value()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in SMTP_PORTS and bool(parts.hostname) and parts.port != 0 and not parts.path.strip("/")
    except ValueError:
        usable = False
    if not usable or len(text) > MAX_LENGTH or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError("expected smtps://user:password@host, smtp:// (STARTTLS) or smtp+plain://")
    if parts.scheme == "smtp+plain" and parts.password:
        raise ValueError("smtp+plain:// would send the password in the clear; use smtps:// or smtp://")
    return value


def mailbox(value: str) -> str:
    """A mail address without a name beside it.

    Raises:
        ValueError: it is none.
    """
    if len(value) > 254 or not _MAILBOX.fullmatch(value) or ".." in value:
        raise ValueError("expected a mail address such as desk@example.com")
    return value


def _story_pattern(value: str) -> str:
    if _STORY not in value:
        raise ValueError(f"expected a URL with {_STORY} in it")
    http_url(SecretStr(value.replace(_STORY, "story")))
    return value


StoryUrl = Annotated[str, AfterValidator(_story_pattern)]
"""Where people read the whole story: `https://orewire.example.com/stories/{story_id}`."""


def story_link(pattern: str | None, story_id: str) -> str | None:
    """The address of one story; None where no pattern is given."""
    return pattern.replace(_STORY, story_id) if pattern else None
