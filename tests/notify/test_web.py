"""The HTTP side on a real database, asked politely and otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notify.adapters import tables
from services.notify.adapters.records import SqlRecords
from services.notify.outcome import Answer
from services.notify.web import AlertsApi
from shared.db import open_database
from shared.events.delivery import Outcome
from shared.web import make_app
from tests.notify.builders import make_signal
from tests.notify.fakes import ScriptedSender
from tests.notify.world import World, make_subscriber

GONE = Answer(Outcome.GONE, 410, detail="HTTP 410")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = open_database(f"sqlite:///{tmp_path}/notify.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
    yield World(database, make_subscriber(), sender=ScriptedSender(GONE))
    await database.close()


@pytest.fixture
async def api(world: World) -> AsyncIterator[httpx.AsyncClient]:
    routes = AlertsApi(SqlRecords(world.database), world.deliveries, world.clock, wake=world._wake).routes()
    app = make_app(service="notify", routes=routes, checks={}, token=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def _told(world: World, count: int, **claim: Any) -> None:
    for n in range(count):
        world.clock.advance(1)
        await world.tell(make_signal(n, actors=(f"Q{n:02}",), **claim))


async def _list(api: httpx.AsyncClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    reply = await api.get(path, params=parameters)
    assert reply.status_code == 200, reply.text
    return list(next(value for name, value in reply.json().items() if name != "next"))


async def test_alerts_are_listed_newest_first_and_paged_without_gaps(world: World, api: httpx.AsyncClient) -> None:
    await _told(world, 7)
    seen, cursor = [], None
    while True:
        page = (await api.get("/v1/alerts", params={"limit": 3, **({"cursor": cursor} if cursor else {})})).json()
        seen += [alert["actors"][0] for alert in page["alerts"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"Q{n:02}" for n in range(6, -1, -1)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"kind": "export_restriction"}, 1),
        ({"severity": "high"}, 2),
        ({"severity": "critical"}, 1),
        ({"actor": "JP"}, 1),
        ({"actor": "ZM"}, 1),
        ({"actor": "RU"}, 1),
        ({"actor": "US"}, 0),
        ({"commodity": "gallium"}, 1),
        ({"commodity": "rare_earths"}, 1),
        ({"commodity": "dysprosium"}, 1),
        ({"commodity": "terbium"}, 0),
        ({"since": "2026-07-01T12:00:00Z"}, 2),
        ({"since": "2026-07-01T12:00:01Z"}, 0),
    ],
)
async def test_alerts_are_found_by_what_they_say(
    world: World, api: httpx.AsyncClient, asked: dict[str, str], found: int
) -> None:
    pact = {"kind": "alliance_move", "actors": (), "parties": ("JP", "ZM"), "direction": "advance", "stage": "signed"}
    await world.tell(
        make_signal(1, actors=("CN", "RU")), make_signal(2, commodities=("dysprosium",), severity="critical", **pact)
    )
    assert len(await _list(api, "/v1/alerts", **asked)) == found


async def test_a_story_shows_its_revisions_and_deliveries(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1), make_signal(2, stage="in_force"))
    await world.send_all()
    [alert] = await _list(api, "/v1/alerts")
    story = (await api.get(f"/v1/alerts/{alert['story_id']}")).json()
    assert [revision["alert"]["reason"] for revision in story["revisions"]] == ["new_story", "stage_changed"]
    assert [delivery["status"] for delivery in story["deliveries"]] == ["superseded", "held"]
    assert story["deliveries"][1]["tries"][0]["outcome"] == "gone"
    assert story["alert"]["revision"] == 2


async def test_a_delivery_is_retried_by_hand(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1))
    await world.send_all()
    [delivery] = await _list(api, "/v1/deliveries", status="held", subscriber="desk")
    [receiver] = (await api.get("/v1/subscribers")).json()["subscribers"]
    assert receiver["disabled_reason"] == "HTTP 410"
    path = f"/v1/deliveries/{delivery['delivery_id']}/retry"
    assert (await api.post(path)).status_code == 202
    world.sender.answers = [Answer(Outcome.DELIVERED, 200)]  # type: ignore[attr-defined]
    assert await world.send_all() == 1
    refused = await api.post(path)
    assert (refused.status_code, refused.json()["title"]) == (409, "Nothing to send")
    assert (await api.post("/v1/deliveries/delivery_unknown/retry")).status_code == 404
    assert (await api.get(path)).status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "limit=5&limit=6",
        "cursor=%00",
        "cursor=AAAA",
        "cursor=MjAyNi0wNy0wMXw=",
        "since=yesterday",
        "severity=hihg",
        "kind=UPPER",
        "kind=x%27%3B%20DROP%20TABLE%20notify_stories",
        "actor=%F0%9F%98%80",
        "commodity=" + "x" * 5000,
        "sevrity=high",
        "%00=1",
    ],
)
async def test_hostile_parameters_get_a_problem_document(api: httpx.AsyncClient, query: str) -> None:
    reply = await api.get(f"/v1/alerts?{query}")
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["title"] == "Bad query"


@pytest.mark.parametrize("path", ["/v1/alerts/unknown", "/v1/alerts/%00", "/v1/alerts/" + "x" * 3000, "/v1/nothing"])
async def test_what_is_not_there_is_a_404(api: httpx.AsyncClient, path: str) -> None:
    reply = await api.get(path)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_story_shows_what_is_known_now_beside_what_was_told(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1), make_signal(2, hours=1, effective_at="2026-08-01"))
    [story_id] = await world.rows(tables.stories, "story_id")
    world.clock.advance(40 * 86_400)
    shown = (await api.get(f"/v1/alerts/{story_id}")).json()
    assert (shown["alert"]["effective_at"], shown["alert"]["phase"]) == (None, "announced")
    current = shown["current"]
    assert (current["effective_at"], current["phase"], current["independent_sources"]) == ("2026-08-01", "in_force", 2)
