"""The HTTP side for operators: why a story was told, its correction, and taking it back."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.notify.edit import MAX_WHY, Edit
from services.notify.editing import Editing
from services.notify.ports import Records
from services.notify.web import guarded
from shared.clock import Clock
from shared.errors import PermanentError
from shared.web import Refused, read_body

MAX_BODY: Final = 16_384
_STATUS: Final = {"no_such_story": 404, "bad_value": 400}
"""Everything else conflicts with what the story is."""


class _Asked(BaseModel):
    """What the operator says. `set` are fields of the claim with their right values."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    why: str = Field(min_length=1, max_length=MAX_WHY)
    by: str = Field(default="", max_length=100)


A = TypeVar("A", bound=_Asked)


class _Correction(_Asked):
    set: dict[str, Any] = Field(default_factory=dict)


class EditsApi:
    """The endpoints under `/v1/alerts/{story_id}/`."""

    def __init__(self, records: Records, editing: Editing, clock: Clock) -> None:
        self._records, self._editing, self._clock = records, editing, clock

    def routes(self) -> list[Route]:
        """What to add to the service's HTTP side."""
        return [
            Route("/v1/alerts/{story_id}/why", self.why),
            Route("/v1/alerts/{story_id}/correct", self.correct, methods=["POST"]),
            Route("/v1/alerts/{story_id}/retract", self.retract, methods=["POST"]),
        ]

    async def why(self, request: Request) -> Response:
        """Every decision about a story, sent or not; also about one signal or article by its id."""
        found = await guarded(self._records.why(request.path_params["story_id"]))
        if not found:
            raise Refused(404, "No such story", "No story, signal or article of that id has been decided on.")
        return JSONResponse({"decisions": list(found)})

    async def correct(self, request: Request) -> Response:
        """Correct a story: 200 with the revision that says so; 400, 404 or 409 as a problem document."""
        asked = await _asked(request, _Correction)
        return await self._apply(request, Edit(self._clock.now(), asked.why, asked.by, values=asked.set))

    async def retract(self, request: Request) -> Response:
        """Take a story back: 200 with the revision that says so; 400, 404 or 409 as a problem document."""
        asked = await _asked(request, _Asked)
        return await self._apply(request, Edit(self._clock.now(), asked.why, asked.by, retracts=True))

    async def _apply(self, request: Request, edit: Edit) -> Response:
        try:
            alert, recipients = await guarded(self._editing.apply(request.path_params["story_id"], edit))
        except PermanentError as error:
            title = error.reason.replace("_", " ").capitalize()
            raise Refused(_STATUS.get(error.reason, 409), title, str(error)) from None
        return JSONResponse({"alert": alert.model_dump(mode="json"), "recipients": recipients})


async def _asked(request: Request, model: type[A]) -> A:
    try:
        return model.model_validate_json(await read_body(request, limit=MAX_BODY))
    except ValidationError as error:
        wrong = [{"field": ".".join(map(str, it["loc"]))[:60], "message": it["msg"]} for it in _mistakes(error)]
        raise Refused(400, "Bad body", 'Send {"why": "…"} as JSON.', errors=wrong) from None


def _mistakes(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_input=False))[:20]
