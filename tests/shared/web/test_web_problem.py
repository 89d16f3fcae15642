"""Errors come as problem documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.web import Refused, problem

if TYPE_CHECKING:
    from tests.shared.web.conftest import Apps


def test_a_problem_has_the_members_of_rfc_9457_and_extra_ones() -> None:
    response = problem(422, "Not an article", "title: missing", line=3)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "about:blank",
        "title": "Not an article",
        "status": 422,
        "detail": "title: missing",
        "line": 3,
    }


def test_a_problem_without_title_takes_the_phrase_of_its_status() -> None:
    assert json.loads(bytes(problem(404, "").body)) == {"type": "about:blank", "title": "Not Found", "status": 404}


async def _refuse(_: Request) -> Response:
    raise Refused(409, "Already sent", "It was sent before.", headers={"retry-after": "5"}, id="d_1")


async def _crash(_: Request) -> Response:
    raise RuntimeError("postgresql://user:pa55@db")


async def _break_off(_: Request) -> Response:
    async def parts():  # type: ignore[no-untyped-def]
        yield b"begun"
        raise RuntimeError("in the middle")

    return StreamingResponse(parts())


async def _fine(_: Request) -> Response:
    return PlainTextResponse("fine")


ROUTES = [
    Route("/refuse", _refuse),
    Route("/crash", _crash),
    Route("/break", _break_off),
    Route("/fine", _fine, methods=["POST"]),
]


async def test_refused_becomes_its_problem_with_headers_and_extras(run: Apps) -> None:
    client = await run(ROUTES)

    got = await client.get("/refuse")

    assert (got.status_code, got.headers["content-type"]) == (409, "application/problem+json")
    assert got.headers["retry-after"] == "5"
    assert got.json() == {
        "type": "about:blank",
        "title": "Already sent",
        "status": 409,
        "detail": "It was sent before.",
        "id": "d_1",
    }


async def test_an_unexpected_error_is_logged_and_tells_nothing(run: Apps) -> None:
    client = await run(ROUTES)

    with structlog.testing.capture_logs() as lines:
        got = await client.get("/crash?token=s3cret")

    assert (got.status_code, got.json()["title"]) == (500, "Internal error")
    assert "pa55" not in got.text
    assert [(line["event"], line["path"], line["log_level"]) for line in lines] == [
        ("request failed", "/crash", "error")
    ]
    assert "s3cret" not in str(lines)
    assert (await client.post("/fine")).text == "fine"


async def test_an_error_in_the_middle_of_an_answer_cuts_it(run: Apps) -> None:
    client = await run(ROUTES)

    with structlog.testing.capture_logs(), pytest.raises(httpx.RemoteProtocolError):
        await client.get("/break")


async def test_an_unknown_path_is_a_problem(run: Apps) -> None:
    client = await run(ROUTES)

    got = await client.get("/nowhere")

    assert (got.status_code, got.headers["content-type"]) == (404, "application/problem+json")
    assert got.json() == {"type": "about:blank", "title": "No such path", "status": 404, "path": "/nowhere"}


async def test_a_wrong_method_is_a_problem_that_tells_the_right_one(run: Apps) -> None:
    client = await run(ROUTES)

    got = await client.get("/fine")

    assert (got.status_code, got.headers["allow"], got.json()["title"]) == (405, "POST", "Method not allowed")
