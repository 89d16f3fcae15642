"""Receivers of every bad kind side by side: each outcome is as it should be, and the good one does not notice."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.kit.command import orewire
from tests.kit.news import flagged
from tests.kit.ports import free_port
from tests.kit.rawserver import RawServer, RawServers, reply, send
from tests.kit.stack import Stack, stack
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
ARTICLES = 12
IN_FLIGHT = 4
"""The most that one receiver may hold at a time."""
ENTRY = "  - {{id: {id}, channel: webhook, url: '{url}', secret: whsec_YW4gZXhhbXBsZSwgbm90IGEgc2VjcmV0ISE=}}\n"
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class World:
    """What was seen: deliveries by subscriber when the good receiver had everything, and when each had been tried.

    `asked` counts the requests that each server had got by then.
    """

    running: Stack
    client: httpx.AsyncClient
    servers: Mapping[str, RawServer]
    early: Rows
    late: Rows
    held_by_silent: int
    asked: Mapping[str, int]
    events: Rows

    async def deliveries(self, subscriber: str) -> list[dict[str, Any]]:
        return (await _deliveries(self.client, self.running))[subscriber]

    async def states(self) -> dict[str, dict[str, Any]]:
        """What notify has learnt, by subscriber."""
        answer = await self.client.get(f"{self.running.urls['notify']}/v1/subscribers")
        return {row["subscriber_id"]: row for row in answer.json()["subscribers"]}

    def first_failure(self, subscriber: str, outcome: str) -> dict[str, Any]:
        """The event of a first attempt that ended with `outcome`."""
        events = [it["data"] for it in self.events[subscriber]]
        return next(event for event in events if (event["attempt"], event["outcome"]) == (1, outcome))


async def _hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _endless(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await send(writer, b"4\r\nmore\r\n" * 1000)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _serve(raw: RawServers) -> dict[str, RawServer]:
    target = await raw(reply("200 OK"))
    return {
        "target": target,
        "broken": await raw(reply("500 Internal Server Error")),
        "busy": await raw(reply("429 Too Many Requests", Retry_After="120")),
        "greedy": await raw(reply("429 Too Many Requests", Retry_After="999999999")),
        "gone": await raw(reply("410 Gone")),
        "moved": await raw(reply("307 Temporary Redirect", Location=f"{target.url}elsewhere")),
        "silent": await raw(_hang),
        "endless": await raw(_endless),
        "rude": await raw(_hang_up),
        "babbling": await raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    }


def _subscribers(servers: Mapping[str, RawServer]) -> str:
    urls = {name: server.url for name, server in servers.items() if name != "target"}
    urls["closed"] = f"http://127.0.0.1:{free_port()}/"
    urls["private"] = "http://10.1.2.3/hook"
    urls["metadata"] = "http://169.254.169.254/latest/meta-data/"
    urls["loopback"] = f"http://[::1]:{servers['target'].port}/"  # only 127.0.0.0/8 is allowed
    urls["mapped"] = f"http://[::ffff:10.1.2.3]:{servers['target'].port}/"
    return "".join(ENTRY.format(id=name, url=url) for name, url in urls.items())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Articles go in once; the tests look at what followed."""
    raw = RawServers()
    servers = await _serve(raw)
    folder = tmp_path_factory.mktemp("receivers")
    async with (
        stack(folder, more=_subscribers(servers)) as running,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        await _post(client, running)
        await until(lambda: len(running.receiver.receipts) == ARTICLES, what="all alerts at the good receiver")
        held, early = servers["silent"].connections, await _deliveries(client, running)
        await until(lambda: _all_tried(client, running), seconds=30, what="an attempt of each receiver")
        asked = {name: len(server.requests) for name, server in servers.items()}
        late, events = await _deliveries(client, running), await _events(running)
        yield World(running, client, servers, early, late, held, asked, events)
    await raw.stop()


async def _post(client: httpx.AsyncClient, running: Stack) -> None:
    now = datetime.now(UTC).isoformat()
    lines = "\n".join(json.dumps(flagged(number, published_at=now)) for number in range(ARTICLES))
    headers = {"content-type": "application/x-ndjson"}
    answer = await client.post(f"{running.urls['ingest']}/v1/articles", content=lines, headers=headers)
    assert {result["status"] for result in answer.json()["results"]} == {"accepted"}


async def _deliveries(client: httpx.AsyncClient, running: Stack) -> Rows:
    rows: Rows = defaultdict(list)
    page: dict[str, Any] = {"next": None}
    while not rows or page["next"]:
        cursor = {"cursor": page["next"]} if page["next"] else {}
        page = (await client.get(f"{running.urls['notify']}/v1/deliveries", params={"limit": 200, **cursor})).json()
        for row in page["deliveries"]:
            rows[row["subscriber_id"]].append(row)
    return rows


async def _all_tried(client: httpx.AsyncClient, running: Stack) -> bool:
    rows = await _deliveries(client, running)
    return all(any(row["tries"] for row in found) for found in rows.values())


async def _events(running: Stack) -> Rows:
    ended = await orewire("replay", "--from", "1h", "orewire.delivery.>", "--nats", running.urls["nats"])
    assert ended.code == 0, ended.err
    events: Rows = defaultdict(list)
    for event in ended.lines():
        events[event["data"]["subscriber_id"]].append(event)
    return events


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _pause(event: Mapping[str, Any]) -> timedelta:
    return _time(event["next_attempt_at"]) - _time(event["at"])


async def test_the_good_receiver_has_all_before_the_silent_one_has_lost_its_first(world: World) -> None:
    assert [row["status"] for row in world.early["desk"]] == ["delivered"] * ARTICLES
    assert [row["attempts"] for row in world.early["desk"]] == [1] * ARTICLES
    assert len(world.early["silent"]) == ARTICLES
    assert not any(row["tries"] for row in world.early["silent"])
    assert 0 < world.held_by_silent <= IN_FLIGHT
    assert world.running.receiver.tally.bad_signatures == world.running.receiver.tally.duplicates == 0


@pytest.mark.parametrize(
    ("subscriber", "outcome", "status_code"),
    [
        ("broken", "server_error", 500),
        ("moved", "redirected", 307),
        ("silent", "timed_out", None),
        ("closed", "unreachable", None),
        ("rude", "bad_response", None),
        ("babbling", "bad_response", None),
        ("private", "address_blocked", None),
        ("metadata", "address_blocked", None),
        ("loopback", "address_blocked", None),
        ("mapped", "address_blocked", None),
    ],
)
async def test_a_failed_attempt_is_tried_again_after_five_seconds(
    world: World, subscriber: str, outcome: str, status_code: int | None
) -> None:
    failure = world.first_failure(subscriber, outcome)
    assert failure["status_code"] == status_code
    assert timedelta(seconds=4) <= _pause(failure) <= timedelta(seconds=6)
    [row] = [row for row in world.late[subscriber] if row["delivery_id"] == failure["delivery_id"]]
    assert row["status"] == "waiting"
    assert _time(row["next_attempt_at"]) >= _time(failure["next_attempt_at"])
    assert row["tries"][0]["outcome"] == outcome


@pytest.mark.parametrize(("subscriber", "pause"), [("busy", timedelta(seconds=120)), ("greedy", timedelta(hours=10))])
async def test_retry_after_is_honoured_up_to_ten_hours_for_all_messages(
    world: World, subscriber: str, pause: timedelta
) -> None:
    failure = world.first_failure(subscriber, "throttled")
    assert (failure["status_code"], _pause(failure)) == (429, pause)
    assert sum(bool(row["tries"]) for row in world.late[subscriber]) <= IN_FLIGHT
    assert 0 < world.asked[subscriber] <= IN_FLIGHT
    assert _time((await world.states())[subscriber]["hold_until"]) >= _time(failure["next_attempt_at"])


async def test_a_redirect_is_not_followed(world: World) -> None:
    assert world.servers["moved"].connections > 0
    assert world.servers["target"].connections == 0


async def test_a_body_without_end_counts_by_its_status(world: World) -> None:
    assert {row["status"] for row in world.early["endless"]} <= {"delivered", "waiting"}
    assert [(row["status"], row["outcome"]) for row in world.late["endless"]] == [("delivered", "delivered")] * ARTICLES


async def test_one_that_is_gone_gets_nothing_more_until_it_is_retried_by_hand(world: World) -> None:
    url = world.running.urls["notify"]
    failure = world.first_failure("gone", "gone")
    assert {row["status"] for row in world.late["gone"]} <= {"exhausted", "held"}
    assert (await world.states())["gone"]["disabled_at"]
    asked = len(world.servers["gone"].requests)
    assert 0 < asked <= IN_FLIGHT
    ended = await orewire("deliveries", "retry", failure["delivery_id"], "--url", url, "--json")
    assert (ended.code, ended.lines()) == (0, [{"delivery_id": failure["delivery_id"], "status": "waiting"}])
    await until(lambda: len(world.servers["gone"].requests) == asked + 1, what="the retry")


async def test_a_retry_by_hand_does_not_wait_for_the_end_of_retry_after(world: World) -> None:
    url = world.running.urls["notify"]
    listed = await orewire("deliveries", "list", "--subscriber", "busy", "--limit", "200", "--url", url, "--json")
    tried = [row for row in listed.lines() if row["tries"]]
    assert (listed.code, {row["subscriber_id"] for row in listed.lines()}) == (0, {"busy"})
    asked = len(world.servers["busy"].requests)
    assert (await orewire("deliveries", "retry", tried[0]["delivery_id"], "--url", url)).code == 0
    await until(lambda: len(world.servers["busy"].requests) > asked, what="the retry")


async def test_what_is_delivered_or_unknown_cannot_be_retried(world: World) -> None:
    url = world.running.urls["notify"]
    delivered = world.late["desk"][0]["delivery_id"]
    ended = await orewire("deliveries", "retry", delivered, "delivery_unknown", "--url", url)
    assert ended.code == 2
    assert "Nothing to send. The delivery is delivered." in ended.err
    assert (await orewire("deliveries", "retry", "delivery_unknown", "--url", url)).code == 2


async def test_every_attempt_is_an_event_on_the_stream(world: World) -> None:
    assert {event["type"] for event in world.events["desk"]} == {"io.orewire.delivery.succeeded.v1"}
    assert {event["type"] for event in world.events["broken"]} == {"io.orewire.delivery.failed.v1"}
    assert {event["data"]["next_attempt_at"] for event in world.events["gone"]} == {None}
    assert len(world.events["desk"]) == ARTICLES
    told = json.dumps(world.events)
    assert "http://" not in told
    assert {event["natssubject"].split(".")[-1] for events in world.events.values() for event in events} == {"webhook"}


async def test_bad_receivers_are_no_bugs_of_ours(world: World) -> None:
    assert world.running.bugs() == []
