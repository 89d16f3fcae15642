"""Talks to a running notify, for the command line."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self

import httpx

from shared.errors import ConfigError, Unreachable

TIMEOUT: Final = 30.0  # seconds


class NotifyClient:
    """The HTTP side of notify as functions."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False)
        except (httpx.InvalidURL, ValueError) as error:
            raise ConfigError.one("--url", f"not a URL: {error}") from error

    def get(self, path: str, **parameters: str | int | None) -> dict[str, Any]:
        """GET `path` with those parameters that are given.

        Raises:
            ConfigError: notify refuses the request.
            Unreachable: notify does not answer.
        """
        return self._call("GET", path, {name: value for name, value in parameters.items() if value is not None})

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST `path`, with a JSON body if there is one. Raises as `get` does."""
        return self._call("POST", path, {}, body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _call(self, method: str, path: str, parameters: dict[str, Any], sent: Any = None) -> dict[str, Any]:
        try:
            reply = self._http.request(method, path, params=parameters, json=sent)
            body = reply.json()
        except httpx.UnsupportedProtocol as error:
            raise ConfigError.one("--url", f"`{self._url}` is no http or https address") from error
        except httpx.HTTPError as error:
            hint = "start it with `orewire up`, or say where it is with --url"
            raise Unreachable(f"notify does not answer at {self._url} ({type(error).__name__}): {hint}") from error
        except (httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"what answers at {self._url} is not notify") from error
        if reply.status_code >= 500:
            raise Unreachable(f"notify: {_told(body, reply.status_code)}")
        if reply.is_error:
            raise ConfigError.one("notify", _told(body, reply.status_code))
        return body if isinstance(body, dict) else {}


def _told(body: Any, status: int) -> str:
    if not isinstance(body, dict):
        return f"HTTP {status}"
    wrong = "; ".join(f"{item.get('field')}: {item.get('message')}" for item in body.get("errors", ()))
    return ". ".join(part for part in (str(body.get("title", status)), str(body.get("detail", "")), wrong) if part)
