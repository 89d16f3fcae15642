"""Silences by HTTP and by command, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.notify.adapters import tables
from services.notify.adapters.records import SqlRecords
from services.notify.adapters.silences import SqlSilences
from services.notify.filter import Filter
from services.notify.silence import Silence
from services.notify.silence_web import SilencesApi
from shared.db import Database
from shared.web import make_app
from tests.notify.builders import NOW, make_signal
from tests.notify.world import World, make_subscriber

UNTIL = (NOW + timedelta(hours=1)).isoformat()
GOOD = {"id": "tin", "match": {"commodity": ["gallium"]}, "author": "Ann", "reason": "known", "until": UNTIL}


@pytest.fixture
def world(store: Database) -> World:
    return World(store, make_subscriber("desk"), make_subscriber("chat"))


@pytest.fixture
async def api(world: World) -> AsyncIterator[httpx.AsyncClient]:
    silences = SilencesApi(SqlSilences(world.database), lambda: world.silences, lambda: world.people, world.clock)
    app = make_app(service="notify", routes=silences.routes(), checks={}, token=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def test_a_silence_made_by_http_keeps_back_tells_and_ends(world: World, api: httpx.AsyncClient) -> None:
    made = await api.post("/v1/silences", json={**GOOD, "subscribers": ["desk"]})
    assert (made.status_code, made.json()["active"]) == (201, True)
    await world.keeper.step()
    await world.tell(make_signal(1))
    assert await world.rows(tables.held, "subscriber_id", "course", "detail") == [("desk", "silenced", "tin")]
    assert await world.send_all() == 2
    ended = await api.post("/v1/silences/tin/end")
    assert ended.status_code == 200
    assert await world.keeper.step() == 2
    assert await world.rows(tables.held, "subscriber_id") == []
    assert (await api.get("/v1/silences")).json() == {"silences": []}


async def test_the_story_shows_what_waits_and_every_route(world: World, api: httpx.AsyncClient) -> None:
    await api.post("/v1/silences", json={**GOOD, "subscribers": ["desk"]})
    await world.tell(make_signal(1))
    ((story_id, _),) = await world.rows(tables.stories, "story_id", "kind")
    story = await SqlRecords(world.database).story(story_id)
    assert story is not None
    assert [(it["subscriber_id"], it["course"]) for it in story["waiting"]] == [("desk", "silenced")]
    routes = story["revisions"][0]["routes"]
    assert {name: it["course"] for name, it in routes.items()} == {"desk": "silenced", "chat": "at_once"}


async def test_an_id_is_used_once_at_a_time(world: World, api: httpx.AsyncClient) -> None:
    assert (await api.post("/v1/silences", json=GOOD)).status_code == 201
    assert (await api.post("/v1/silences", json=GOOD)).status_code == 409
    world.clock.advance(3_600)
    later = (NOW + timedelta(hours=2)).isoformat()
    assert (await api.post("/v1/silences", json={**GOOD, "until": later})).status_code == 201


async def test_a_silence_of_the_file_is_shown_and_ended_only_there(world: World, api: httpx.AsyncClient) -> None:
    world.silences = [Silence("audit", Filter(), "Ann", "audit", NOW + timedelta(hours=1))]
    (shown,) = (await api.get("/v1/silences")).json()["silences"]
    assert (shown["id"], shown["made_in"]) == ("audit", "file")
    assert (await api.post("/v1/silences/audit/end")).status_code == 409
    assert (await api.post("/v1/silences/other/end")).status_code == 404
    assert (await api.post("/v1/silences", json={**GOOD, "id": "audit"})).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"author": ""}, "author"),
        ({"until": "soon"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"match": {"commodity": ["galium"]}}, "match.commodity"),
        ({"match": {"colour": "red"}}, "match.colour"),
        ({"subscribers": ["nobody"]}, "subscribers"),
        ({"id": "Not An Id"}, "id"),
        ({"more": 1}, "more"),
    ],
)
async def test_a_bad_silence_is_refused_with_its_mistake(
    api: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    reply = await api.post("/v1/silences", json={**GOOD, **change})
    assert reply.status_code == 400
    assert [error["field"] for error in reply.json()["errors"]] == [field]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
async def test_what_is_no_silence_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    assert (await api.post("/v1/silences", content=body)).status_code in {400, 413}
