"""Who may call a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.web.access import bearer_matches, from_web_page

if TYPE_CHECKING:
    from tests.shared.web.conftest import Apps

TOKEN = "a-token-of-some-length"


async def _secret(_: Request) -> Response:
    return PlainTextResponse("secret")


ROUTES = [Route("/v1/secret", _secret)]


@pytest.mark.parametrize("path", ["/v1/secret", "/metrics", "/asyncapi", "/asyncapi.json", "/nowhere", "/healthz/x"])
async def test_everything_but_health_needs_the_token(run: Apps, path: str) -> None:
    client = await run(ROUTES, token=TOKEN)

    got = await client.get(path)

    assert (got.status_code, got.headers["www-authenticate"]) == (401, "Bearer")
    assert got.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_needs_no_token(run: Apps, path: str) -> None:
    client = await run(ROUTES, token=TOKEN)

    assert (await client.get(path)).status_code == 200


async def test_the_right_token_opens(run: Apps) -> None:
    client = await run(ROUTES, token=TOKEN)

    got = await client.get("/v1/secret", headers={"authorization": f"Bearer {TOKEN}"})

    assert (got.status_code, got.text) == (200, "secret")


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (f"Basic {TOKEN}", False),
        (TOKEN, False),
        ("Bearer", False),
        ("Bearer ", False),
        (f"Bearer {TOKEN}x", False),
        (f"Bearer {TOKEN[:-1]}", False),
        ("Bearer \xff\xfe", False),
        ("", False),
    ],
)
def test_only_the_exact_token_matches(header: str, matches: bool) -> None:
    assert bearer_matches(header, TOKEN.encode()) is matches


@pytest.mark.parametrize(
    ("host", "origin", "page"),
    [
        ("127.0.0.1:8701", None, False),
        ("localhost:8701", None, False),
        ("[::1]:8701", None, False),
        ("ingest:8701", None, False),
        ("", None, False),
        ("127.0.0.1:8701", "http://127.0.0.1:8701", False),
        ("127.0.0.1:8701", "https://evil.example", True),
        ("127.0.0.1:8701", "http://127.0.0.1:9999", True),
        ("127.0.0.1:8701", "null", True),
        ("rebound.evil.example:8701", None, True),
        ("rebound.evil.example:8701", "http://rebound.evil.example:8701", True),
    ],
)
def test_a_web_page_is_told_by_its_origin_or_host(host: str, origin: str | None, page: bool) -> None:
    assert from_web_page(host, origin) is page


async def test_without_a_token_local_programs_pass_and_web_pages_do_not(run: Apps) -> None:
    client = await run(ROUTES)

    assert (await client.get("/v1/secret")).text == "secret"
    assert (await client.get("/v1/secret", headers={"origin": "https://evil.example"})).status_code == 403
    assert (await client.get("/v1/secret", headers={"host": "rebound.evil.example"})).status_code == 403
    assert (await client.get("/v1/secret", headers={"host": "["})).status_code == 403
