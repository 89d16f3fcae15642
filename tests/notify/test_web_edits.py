"""Why a story was told, correcting it and taking it back, over HTTP and on the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notify.adapters import tables
from services.notify.adapters.records import SqlRecords
from services.notify.web import AlertsApi
from services.notify.web_edits import EditsApi
from shared.db import open_database
from shared.web import make_app
from tests.notify.builders import NOW, make_signal
from tests.notify.world import World, make_subscriber


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = open_database(f"sqlite:///{tmp_path}/notify.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
    yield World(database, make_subscriber())
    await database.close()


@pytest.fixture
async def api(world: World) -> AsyncIterator[httpx.AsyncClient]:
    records = SqlRecords(world.database)
    alerts = AlertsApi(records, world.deliveries, world.clock, wake=world._wake)
    routes = [*alerts.routes(), *EditsApi(records, world.editing, world.clock).routes()]
    app = make_app(service="notify", routes=routes, checks={}, token=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


async def _story(world: World) -> str:
    [story_id] = await world.rows(tables.stories, "story_id")
    return f"/v1/alerts/{story_id}"


async def _why(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    reply = await api.get(f"{path}/why")
    assert reply.status_code == 200, reply.text
    return list(reply.json()["decisions"])


async def test_every_decision_about_a_story_is_told_with_its_reason(world: World, api: httpx.AsyncClient) -> None:
    for number, claim in enumerate(({}, {}, {"stage": "in_force"}), 1):
        world.clock.advance(60)
        await world.tell(make_signal(number, hours=number / 60, **claim))
    world.clock.advance(60)
    path = await _story(world)
    await api.post(f"{path}/retract", json={"why": "wrong country", "by": "night desk"})
    told = [(it["action"], it["reason"], it["sent"], it["revision"], it["by"]) for it in await _why(api, path)]
    assert told == [
        ("raise", "new_story", True, 1, "signal"),
        ("corroborate", "corroborated", False, None, "signal"),
        ("update", "stage_changed", True, 2, "signal"),
        ("retract", "retracted", True, 3, "operator"),
    ]


async def test_a_decision_shows_its_source_and_what_changed(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1), make_signal(2, hours=1, tier=1, stage="in_force"))
    last = (await _why(api, await _story(world)))[-1]
    assert (last["source_id"], last["source_tier"], last["title"], last["recipients"]) == ("source-2", 1, "Report 2", 1)
    assert last["changes"] == [{"field": "stage", "before": "announced", "after": "in force"}]


async def test_what_made_no_story_is_found_by_its_signal_or_article(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1, published=None))
    for name in ("signal_1", "article_1"):
        [decision] = await _why(api, f"/v1/alerts/{name}")
        assert (decision["action"], decision["reason"], decision["sent"]) == ("nothing", "undated", False)


async def test_a_signal_that_was_told_is_found_as_sent(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1))
    [decision] = await _why(api, "/v1/alerts/signal_1")
    assert (decision["sent"], decision["recipients"]) == (True, 1)


async def test_reminders_to_come_are_told_too(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1, effective_at="2026-07-20"))
    notes = [(it["reason"], it["note"]) for it in (await _why(api, await _story(world)))[1:]]
    assert notes == [("reminder_planned", f"{days} days before effective_at 2026-07-20") for days in (7, 1)]


async def test_a_correction_is_answered_with_the_revision(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1))
    reply = await api.post(
        f"{await _story(world)}/correct", json={"why": "from October", "set": {"effective_at": "2026-10-01"}}
    )
    assert reply.status_code == 200
    body = reply.json()
    assert (body["recipients"], body["alert"]["reason"], body["alert"]["effective_at"]) == (
        1,
        "corrected",
        "2026-10-01",
    )
    assert body["alert"]["summary"].startswith("Corrected: from October")


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("retract", {}, 400),
        ("retract", {"why": " "}, 400),
        ("retract", {"why": "x" * 501}, 400),
        ("retract", {"why": "x", "set": {}}, 400),
        ("retract", ["why"], 400),
        ("correct", {"why": "x", "set": {"stage": "nonsense"}}, 400),
        ("correct", {"why": "x", "set": {"story_id": "y"}}, 400),
        ("correct", {"why": "x", "set": {"targets": {"a": 1}}}, 400),
        ("correct", {"why": "x", "set": {"hs_codes": ["2804"] * 9_000}}, 413),
    ],
)
async def test_a_bad_edit_is_a_problem_document(
    world: World, api: httpx.AsyncClient, verb: str, body: Any, status: int
) -> None:
    await world.tell(make_signal(1))
    reply = await api.post(f"{await _story(world)}/{verb}", json=body)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert await world.rows(tables.revisions, "revision") == [1]


async def test_a_story_is_taken_back_once(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1))
    path = await _story(world)
    answers = [(await api.post(f"{path}/retract", json={"why": "x"})).status_code for _ in range(2)]
    assert answers == [200, 409]


@pytest.mark.parametrize(("method", "verb"), [("GET", "why"), ("POST", "correct"), ("POST", "retract")])
async def test_a_story_nobody_knows_is_not_found(api: httpx.AsyncClient, method: str, verb: str) -> None:
    reply = await api.request(method, f"/v1/alerts/story_x/{verb}", json={"why": "x"})
    assert reply.status_code == 404


async def test_an_edit_of_another_time_keeps_its_moment(world: World, api: httpx.AsyncClient) -> None:
    await world.tell(make_signal(1))
    world.clock.advance(3600)
    await api.post(f"{await _story(world)}/correct", json={"why": "x"})
    assert (await _why(api, await _story(world)))[-1]["at"] == "2026-07-01T13:00:00Z"
    assert world.clock.at > NOW
