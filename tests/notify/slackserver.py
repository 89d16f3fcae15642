"""A server that behaves as Slack does: its limits, its answers, its pace of one message a second, its threads."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.demo.serving import serving
from services.demo.slack_limits import broken_limits

TOKEN = "xoxb-s3cret-token"
CHANNEL = "C0123456789"


@dataclass
class Slack:
    """What was posted, and how the next calls are answered: `answers` first, then as Slack would."""

    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    now: Callable[[], float] = lambda: 0.0
    pace: float = 0.0
    problems: list[str] = field(default_factory=list)
    _last: float = float("-inf")

    async def hook(self, request: Request) -> Response:
        """An incoming webhook."""
        body = await self._read("hook", request)
        if self.answers:
            return self.answers.pop(0)
        if self._too_fast():
            return PlainTextResponse("rate_limited", 429, headers={"retry-after": "1"})
        if self._bad(body):
            return PlainTextResponse("invalid_blocks", 400)
        self.messages.append(body)
        return PlainTextResponse("ok")

    async def call(self, request: Request) -> Response:
        """The Web API: HTTP 200 and `ok: false` for nearly everything that is wrong."""
        method = request.path_params["method"]
        body = await self._read(method, request)
        if self.answers:
            return self.answers.pop(0)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused("invalid_auth")
        if body.get("channel") not in (CHANNEL, "#minerals"):
            return _refused("channel_not_found")
        if self._bad(body):
            return _refused("invalid_blocks", detail=self.problems[-1])
        return self._update(body) if method == "chat.update" else self._post(body)

    def _post(self, body: dict[str, Any]) -> Response:
        if self._too_fast():
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"retry-after": "1"})
        ts = f"1780000000.{len(self.messages):06}"
        if "thread_ts" in body and not self._find(body["thread_ts"]):
            return _refused("thread_not_found")
        self.messages.append({**body, "ts": ts})
        return JSONResponse({"ok": True, "channel": CHANNEL, "ts": ts, "message": {}})

    def _update(self, body: dict[str, Any]) -> Response:
        known = self._find(body.get("ts"))
        if known is None:
            return _refused("message_not_found")
        known.update(body)
        return JSONResponse({"ok": True, "channel": CHANNEL, "ts": body["ts"], "text": body["text"]})

    def _find(self, ts: object) -> dict[str, Any] | None:
        return next((message for message in self.messages if message.get("ts") == ts), None)

    def _too_fast(self) -> bool:
        now = self.now()
        fast = self.pace > 0 and now - self._last < self.pace
        self._last = self._last if fast else now
        return fast

    def _bad(self, body: dict[str, Any]) -> bool:
        found = broken_limits(body)
        self.problems += found
        return bool(found)

    async def _read(self, method: str, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(await request.body())
        self.calls.append((method, body))
        return body


def _refused(error: str, **more: str) -> Response:
    return JSONResponse({"ok": False, "error": error, **more})


@asynccontextmanager
async def slack() -> AsyncIterator[Slack]:
    """A running Slack."""
    known = Slack()
    routes = [
        Route("/services/T0/B0/s3cret", known.hook, methods=["POST"]),
        Route("/api/{method}", known.call, methods=["POST"]),
    ]
    async with serving(Starlette(routes=routes)) as url:
        known.url = url
        yield known
