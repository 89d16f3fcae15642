"""What becomes of exceptions: those raised on purpose speak for themselves, all others stay inside."""

from __future__ import annotations

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problem import Refused, problem

_log = structlog.get_logger(__name__)
_TITLES = {404: "No such path", 405: "Method not allowed"}


class Failures:
    """Middleware that logs an unexpected exception and answers 500 without a word of it. Pure ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the app; once the answer has begun, its exceptions pass, so that the connection is cut."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            _log.exception("request failed", method=scope["method"], path=scope["path"])
            if begun:
                raise
            answer = problem(500, "Internal error", "The error is in the log of the service.")
            await answer(scope, receive, send)


def refused(request: Request, error: Exception) -> Response:
    """Handler of `Refused`."""
    assert isinstance(error, Refused)
    return error.response()


def http_error(request: Request, error: Exception) -> Response:
    """Handler of Starlette's own errors, such as 404 and 405."""
    assert isinstance(error, HTTPException)
    response = problem(error.status_code, _TITLES.get(error.status_code, ""), path=request.url.path)
    response.headers.update(error.headers or {})
    return response
