"""Requests to an API: a template with variables, filled in for one page of one round."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

NAMES: Final = ("since", "page", "offset", "page_size", "cursor")
_VARIABLE: Final = re.compile(r"\{(" + "|".join(NAMES) + r")(?::([^{}]{1,40}))?\}")
_ISO: Final = "%Y-%m-%dT%H:%M:%SZ"
JSON_TYPE: Final = "application/json"


@dataclass(frozen=True)
class Variables:
    """What a template may refer to. `since` and `cursor` are None as long as nothing is known."""

    since: datetime | None = None
    page: int = 1
    offset: int = 0
    page_size: int = 50
    cursor: str | None = None


def address(url: str, params: Mapping[str, Any], variables: Variables) -> str:
    """The URL with its parameters. One that refers to a variable without a value is left out."""
    query = urlencode(filled(params, variables), doseq=True)
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}{query}" if query else url


def content(body: Any, variables: Variables) -> tuple[bytes | None, Mapping[str, str]]:
    """The body as bytes, and the header that tells its type: text is sent as it is, the rest as JSON."""
    if body is None:
        return None, {}
    if isinstance(body, str):
        return str(filled(body, variables) or "").encode(), {}
    return json.dumps(filled(body, variables), ensure_ascii=False).encode(), {"content-type": JSON_TYPE}


def filled(template: Any, variables: Variables) -> Any:
    """The template with its variables replaced. Keys whose variable has no value are dropped.

    A text that is nothing but a number's variable becomes the number, as JSON bodies want it.
    """
    if isinstance(template, Mapping):
        pairs = ((name, filled(value, variables)) for name, value in template.items())
        return {name: value for name, value in pairs if value is not None}
    if isinstance(template, list | tuple):
        return [value for item in template if (value := filled(item, variables)) is not None]
    return _text(template, variables) if isinstance(template, str) else template


def _text(template: str, variables: Variables) -> Any:
    whole = _VARIABLE.fullmatch(template)
    if whole:
        return _value(whole, variables)
    if any(_value(match, variables) is None for match in _VARIABLE.finditer(template)):
        return None
    return _VARIABLE.sub(lambda match: str(_value(match, variables)), template)


def _value(match: re.Match[str], variables: Variables) -> Any:
    value = getattr(variables, match[1])
    return value.strftime(match[2] or _ISO) if isinstance(value, datetime) else value
