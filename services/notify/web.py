"""The HTTP side: alerts and their deliveries, read and retried."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.notify.notice import current
from services.notify.ports import AlertQuery, Deliveries, DeliveryQuery, Records, Status
from shared.clock import Clock
from shared.errors import TransientError
from shared.events.base import to_utc
from shared.events.vocabulary import CommodityId, Country, Kind, Severity, SourceId
from shared.web import Refused

MAX_LIMIT: Final = 200
Q = TypeVar("Q", bound="_Page")
T = TypeVar("T")


class _Page(BaseModel):
    """Query parameters of a list. Unknown ones are refused: a misspelt filter must not look like no news."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: tuple[datetime, str] | None = None

    @field_validator("cursor", mode="before")
    @classmethod
    def _decoded(cls, value: Any) -> tuple[datetime, str]:
        try:
            time, _, name = base64.urlsafe_b64decode(str(value)).decode("ascii").partition("|")
            at = to_utc(datetime.fromisoformat(time))
        except (binascii.Error, ValueError):
            raise ValueError("expected the `next` of a page before") from None
        if not name or len(name) > 64:
            raise ValueError("expected the `next` of a page before")
        return at, name


class _Alerts(_Page):
    kind: Kind | None = None
    severity: Severity | None = None
    actor: Country | None = None
    commodity: CommodityId | None = None
    since: datetime | None = None

    @field_validator("since")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        return to_utc(value) if value is not None else None


class _Deliveries(_Page):
    status: Status | None = None
    subscriber: SourceId | None = None


class AlertsApi:
    """The endpoints of notify. `wake` is called when a delivery was made due by hand."""

    def __init__(self, records: Records, deliveries: Deliveries, clock: Clock, *, wake: Callable[[], None]) -> None:
        self._records, self._deliveries, self._clock, self._wake = records, deliveries, clock, wake

    def routes(self) -> list[Route]:
        """What to add to the service's HTTP side."""
        return [
            Route("/v1/alerts", self.alerts),
            Route("/v1/alerts/{story_id}", self.story),
            Route("/v1/deliveries", self.deliveries),
            Route("/v1/deliveries/{delivery_id}/retry", self.retry, methods=["POST"]),
            Route("/v1/subscribers", self.subscribers),
        ]

    async def alerts(self, request: Request) -> Response:
        """The current alert of each story, most recently told first."""
        asked = _parsed(_Alerts, request)
        query = AlertQuery(**asked.model_dump(exclude={"cursor"}), before=asked.cursor)
        return _page("alerts", await guarded(self._records.alerts(query)), query.limit)

    async def story(self, request: Request) -> Response:
        """One story with its revisions and deliveries, and what is known of it now."""
        name = request.path_params["story_id"]
        found, known = await guarded(self._records.story(name)), await guarded(self._records.known(name))
        if found is None or known is None:
            raise Refused(404, "No such story", "Look it up under /v1/alerts.")
        return JSONResponse({**found, "current": current(known, self._clock.now())})

    async def deliveries(self, request: Request) -> Response:
        """Deliveries with their attempts, newest first."""
        asked = _parsed(_Deliveries, request)
        query = DeliveryQuery(asked.status, asked.subscriber, asked.limit, asked.cursor)
        return _page("deliveries", await guarded(self._records.deliveries(query)), query.limit)

    async def retry(self, request: Request) -> Response:
        """Make a delivery due now: 202, 404, or 409 when there is nothing to send."""
        name = request.path_params["delivery_id"]
        status = await guarded(self._deliveries.retry(name, self._clock.now()))
        if status is None:
            raise Refused(404, "No such delivery", "Look it up under /v1/deliveries.")
        if status in (Status.DELIVERED, Status.SUPERSEDED):
            raise Refused(409, "Nothing to send", f"The delivery is {status}.", status_of_delivery=status)
        self._wake()
        return JSONResponse({"delivery_id": name, "status": Status.WAITING}, status_code=202)

    async def subscribers(self, _: Request) -> Response:
        """What was learnt about receivers: held back, disabled."""
        return JSONResponse({"subscribers": list(await guarded(self._records.subscribers()))})


def _parsed(model: type[Q], request: Request) -> Q:
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(400, "Bad query", f"given twice: {', '.join(twice)[:100]}")
    try:
        return model.model_validate(dict(pairs))
    except ValidationError as error:
        raise Refused(400, "Bad query", "Parameters are wrong.", errors=_mistakes(model, error)) from None


def _mistakes(model: type[BaseModel], error: ValidationError) -> list[Mapping[str, str]]:
    known = ", ".join(model.model_fields)
    return [
        {
            "field": str(item["loc"][0])[:60],
            "message": f"unknown, known are {known}" if item["type"] == "extra_forbidden" else item["msg"],
        }
        for item in error.errors(include_url=False, include_input=False)
    ]


async def guarded(work: Awaitable[T]) -> T:
    """Wait for the database; while it is away, say so and when to ask again."""
    try:
        return await work
    except TransientError as error:
        raise Refused(503, "Not available now", str(error), headers={"retry-after": "1"}) from error


def _page(name: str, rows: Sequence[tuple[datetime, str, Mapping[str, Any]]], limit: int) -> Response:
    """The rows, and the cursor of the next page when this one is full."""
    more = len(rows) == limit
    following = None
    if more:
        at, last, _ = rows[-1]
        following = base64.urlsafe_b64encode(f"{at.isoformat()}|{last}".encode("ascii", "replace")).decode()
    return JSONResponse({name: [item for _, _, item in rows], "next": following})
