"""Serves a service's AsyncAPI document: as JSON, and as a page that loads nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from shared.contracts import ROLES, asyncapi
from shared.web.page import render

_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def asyncapi_routes(service: str) -> list[Route]:
    """`/asyncapi.json` and `/asyncapi`. Neither can publish anything.

    A service that is not on the bus shows the document of the whole application.
    """

    @cache
    def contract() -> dict[str, Any]:
        return asyncapi(service if service in ROLES else None)

    @cache
    def page() -> str:
        return render(contract())

    async def document(_: Request) -> Response:
        return JSONResponse(contract())

    async def show(_: Request) -> Response:
        return HTMLResponse(page(), headers=_HEADERS)

    return [Route("/asyncapi.json", document), Route("/asyncapi", show)]
