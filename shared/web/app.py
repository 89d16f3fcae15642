"""Puts a service's HTTP side together: its own routes, and what every service has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from shared.web.access import Access
from shared.web.asyncapi import asyncapi_routes
from shared.web.failures import Failures, http_error, refused
from shared.web.health import Check, health_routes
from shared.web.problem import Refused


class Lifespan(Protocol):
    """What runs from before the first request until after the last."""

    def __call__(self, app: Starlette, /) -> AbstractAsyncContextManager[None]:
        """Start on entry, stop on exit."""
        ...


def make_app(
    *,
    service: str,
    routes: Sequence[BaseRoute],
    checks: Mapping[str, Check],
    token: str | None,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The HTTP side of `service`: `routes` plus health, metrics and AsyncAPI, behind the token."""
    app = Starlette(
        routes=[*health_routes(checks), *asyncapi_routes(service), *routes],
        middleware=[Middleware(Failures), Middleware(Access, token)],
        exception_handlers={Refused: refused, HTTPException: http_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a path with one slash too many gets a problem document like any other
    return app
