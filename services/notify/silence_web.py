"""The HTTP side of silences: list them, make one, end one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.notify.adapters.silences import SqlSilences
from services.notify.adapters.subscriberfile import SilenceEntry
from services.notify.ports import Silences, Subscribers
from services.notify.silence import Silence
from shared.clock import Clock
from shared.errors import TransientError
from shared.ids import stable_id
from shared.web import Refused, read_body

MAX_BODY: Final = 64 * 1024


class SilencesApi:
    """Silences of subscribers.yaml are shown here and changed there; those made here are kept in the database."""

    def __init__(self, store: SqlSilences, in_file: Silences, subscribers: Subscribers, clock: Clock) -> None:
        self._store, self._in_file, self._subscribers, self._clock = store, in_file, subscribers, clock

    def routes(self) -> list[Route]:
        """What to add to the service's HTTP side."""
        return [
            Route("/v1/silences", self.listed),
            Route("/v1/silences", self.add, methods=["POST"]),
            Route("/v1/silences/{silence_id}/end", self.end, methods=["POST"]),
        ]

    async def listed(self, _: Request) -> Response:
        """All that have not ended."""
        now = self._clock.now()
        in_file = [it for it in self._in_file() if now < it.until]
        stored = await _guarded(lambda: self._store.listed(now))
        shown = [_shown(it, "file", active=it.in_force(now)) for it in in_file]
        return JSONResponse({"silences": [*shown, *(_shown(it, "command", active=it.in_force(now)) for it in stored)]})

    async def add(self, request: Request) -> Response:
        """Make one: 201, 400 with every mistake, or 409 when its id is in use."""
        now = self._clock.now()
        entry = _entry(await read_body(request, limit=MAX_BODY), now.isoformat())
        unknown = sorted(set(entry.subscribers) - self._subscribers().keys())
        if unknown:
            raise _bad([{"field": "subscribers", "message": f"no subscriber {', '.join(unknown)}"}])
        if entry.until <= now:
            raise _bad([{"field": "until", "message": "has passed"}])
        in_file = any(it.id == entry.id and now < it.until for it in self._in_file())
        if in_file or not await _guarded(lambda: self._store.add(entry, now)):
            raise Refused(409, "Silence exists", f"A silence {entry.id} has not ended, or there are too many.")
        made = entry.silence()
        return JSONResponse(_shown(made, "command", active=made.in_force(now)), status_code=201)

    async def end(self, request: Request) -> Response:
        """End one now: 200, 404, or 409 when it stands in the file."""
        name, now = request.path_params["silence_id"], self._clock.now()
        if await _guarded(lambda: self._store.end(name, now)):
            return JSONResponse({"id": name, "until": now.isoformat()})
        if any(it.id == name for it in self._in_file()):
            raise Refused(409, "Not made here", "This silence stands in subscribers.yaml: end it there.")
        raise Refused(404, "No such silence", "Look it up under /v1/silences.")


def _entry(body: bytes, at: str) -> SilenceEntry:
    """The silence that is asked for; one without an id is given one."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "No JSON", str(error)) from None
    if not isinstance(data, Mapping):
        raise Refused(400, "Bad silence", "Expected keys and values.")
    name = stable_id("silence", at, str(data.get("author", "")), str(data.get("reason", "")))
    try:
        return SilenceEntry.model_validate({"id": name, **data})
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        mistakes = [(".".join(map(str, item["loc"]))[:100], str(item["msg"])) for item in told]
        raise _bad([{"field": field, "message": message} for field, message in mistakes]) from None


def _bad(errors: Sequence[Mapping[str, str]]) -> Refused:
    return Refused(400, "Bad silence", "Fields are wrong.", errors=list(errors))


def _shown(silence: Silence, made_by: str, *, active: bool) -> dict[str, Any]:
    return {
        "id": silence.id,
        "author": silence.author,
        "reason": silence.reason,
        "from": silence.since.isoformat() if silence.since else None,
        "until": silence.until.isoformat(),
        "subscribers": sorted(silence.subscribers),
        "active": active,
        "made_in": made_by,
    }


async def _guarded(work: Callable[[], Any]) -> Any:
    try:
        return await work()
    except TransientError as error:
        raise Refused(503, "Not available now", str(error), headers={"retry-after": "1"}) from error
