"""Errors as RFC 9457 problem documents, and the exception that becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse

_ABOUT: Final = "about:blank"  # RFC 9457: the title says no more than the status does


class Problem(JSONResponse):
    """A response of type application/problem+json."""

    media_type = "application/problem+json"


def problem(status: int, title: str, detail: str = "", **extra: Any) -> Problem:
    """A problem document. `extra` members must be JSON values; they stand beside the standard ones."""
    body = {"type": _ABOUT, "title": title or HTTPStatus(status).phrase, "status": status, **extra}
    if detail:
        body["detail"] = detail
    return Problem(body, status_code=status)


class Refused(Exception):
    """A request that is not done, for a reason its sender should know. Becomes a problem document."""

    def __init__(
        self, status: int, title: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(f"{status} {title}: {detail}" if detail else f"{status} {title}")
        self.status, self.title, self.detail, self.extra = status, title, detail, extra
        self.headers = dict(headers or {})

    def response(self) -> Problem:
        """The problem document that answers the request."""
        response = problem(self.status, self.title, self.detail, **self.extra)
        response.headers.update(self.headers)
        return response
