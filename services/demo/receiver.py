"""The demo's receivers: a webhook that verifies every signature, and a Slack-like endpoint that checks limits."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.demo.slack_limits import broken_limits
from shared.clock import Clock
from shared.events import Alert

MAX_BODY: Final = 1_000_000  # bytes; a webhook body is under 20 kB, the rest is no friend


@dataclass(frozen=True)
class Receipt:
    """One alert as the webhook got it."""

    webhook_id: str
    received_at: datetime
    alert: Alert


@dataclass
class Tally:
    """What was refused or came twice; all zero on a good day."""

    duplicates: int = 0
    bad_signatures: int = 0
    unreadable: int = 0


class Receiver:
    """Takes alerts at `/webhook` and Slack messages at `/slack`; `changed` is set at each arrival."""

    def __init__(self, secret: str, clock: Clock, changed: asyncio.Event) -> None:
        self._webhook, self._clock = Webhook(secret), clock
        self._seen: set[str] = set()
        self.receipts: list[Receipt] = []
        self.slack: list[dict[str, Any]] = []
        self.slack_problems: list[str] = []
        self.tally = Tally()
        self.changed = changed
        routes = [Route("/webhook", self._take_alert, methods=["POST"])]
        routes.append(Route("/slack", self._take_slack, methods=["POST"]))
        self.app = Starlette(routes=routes)

    async def _take_alert(self, request: Request) -> Response:
        received_at = self._clock.now()
        body = await _bounded(request)
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):
            self.tally.bad_signatures += 1
            return PlainTextResponse("bad signature", 400)
        self.changed.set()
        return self._keep(request.headers["webhook-id"], body, received_at)

    def _keep(self, webhook_id: str, body: bytes, received_at: datetime) -> Response:
        if webhook_id in self._seen:
            self.tally.duplicates += 1
            return PlainTextResponse("had it already")
        try:
            alert = Alert.model_validate(json.loads(body)["data"])
        except (ValidationError, ValueError, KeyError, TypeError) as error:
            self.tally.unreadable += 1
            return PlainTextResponse(f"no alert: {type(error).__name__}", 400)
        self._seen.add(webhook_id)
        self.receipts.append(Receipt(webhook_id, received_at, alert))
        return PlainTextResponse("thank you")

    async def _take_slack(self, request: Request) -> Response:
        try:
            message = json.loads(await _bounded(request))
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return PlainTextResponse("invalid_payload", 400)
        problems = broken_limits(message)
        self.slack.append(message)
        self.slack_problems += problems
        self.changed.set()
        return PlainTextResponse("invalid_blocks", 400) if problems else PlainTextResponse("ok")


async def _bounded(request: Request) -> bytes:
    """The body up to MAX_BODY bytes; what is cut off fails the signature or the parser."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            break
    return body[:MAX_BODY]
