"""Who may call a service: holders of the token, or, without one, local programs but no web page. Pure ASGI."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.problem import Problem, problem

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})


class Access:
    """Middleware that lets a request pass, or answers 401 or 403 itself."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token.encode() if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check HTTP requests; everything else (start-up, shut-down) passes."""
        refused = self._refused(scope) if scope["type"] == "http" and scope["path"] not in OPEN_PATHS else None
        await (refused or self._app)(scope, receive, send)

    def _refused(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if self._token is None:
            return _refuse_page() if from_web_page(headers.get("host", ""), headers.get("origin")) else None
        return None if bearer_matches(headers.get("authorization", ""), self._token) else _refuse_token()


def bearer_matches(header: str, token: bytes) -> bool:
    """Whether an Authorization header carries `token`. Takes equally long whatever differs."""
    scheme, _, given = header.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), token)


def from_web_page(host: str, origin: str | None) -> bool:
    """Whether a web page, not a local program, sent this: its origin differs, or its host is a public name.

    The second is DNS rebinding: a page's own domain that was made to point to this machine.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        foreign = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
    except ValueError:  # no program on this machine sends such a host or origin
        return True
    return foreign or ("." in name and not _is_address(name) and not name.endswith(".localhost"))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _refuse_token() -> Problem:
    response = problem(401, "Token required", "Send the header `Authorization: Bearer <OREWIRE_API_TOKEN>`.")
    response.headers["www-authenticate"] = "Bearer"
    return response


def _refuse_page() -> Problem:
    return problem(403, "Not for web pages", "Set OREWIRE_API_TOKEN to use this service from beyond this machine.")
