"""The demo's receivers, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from services.demo.receiver import MAX_BODY, Receiver
from services.demo.serving import serving
from services.demo.workspace import new_secret
from shared.clock import SystemClock
from shared.events import Alert

SECRET = new_secret()


@pytest.fixture
async def receiver() -> Receiver:
    return Receiver(SECRET, SystemClock(), asyncio.Event())


@pytest.fixture
async def client(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(receiver.app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


@pytest.fixture
def body(make_alert: Callable[..., Alert]) -> str:
    alert = make_alert("gallium-wire").model_dump(mode="json")
    return json.dumps({"type": "io.orewire.alert.raised.v1", "data": alert})


def signed(
    body: str, *, secret: str = SECRET, webhook_id: str = "story.1", age: timedelta = timedelta()
) -> dict[str, str]:
    at = datetime.now(UTC) - age
    signature = Webhook(secret).sign(webhook_id, at, body)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


async def test_a_signed_alert_is_kept_once(receiver: Receiver, client: httpx.AsyncClient, body: str) -> None:
    answers = [await client.post("/webhook", content=body, headers=signed(body)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [receipt.webhook_id for receipt in receiver.receipts] == ["story.1"]
    assert receiver.receipts[0].alert.commodities == ("gallium",)
    assert receiver.tally.duplicates == 1
    assert receiver.changed.is_set()


async def test_one_of_several_signatures_is_enough(receiver: Receiver, client: httpx.AsyncClient, body: str) -> None:
    headers = signed(body)
    headers["webhook-signature"] = (
        f"{signed(body, secret=new_secret())['webhook-signature']} {headers['webhook-signature']}"
    )
    assert (await client.post("/webhook", content=body, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v1,***"},
        {"webhook-id": "another"},
        {"webhook-timestamp": "yesterday"},
    ],
)
async def test_a_changed_header_is_refused_and_counted(
    receiver: Receiver, client: httpx.AsyncClient, body: str, change: dict[str, str]
) -> None:
    answer = await client.post("/webhook", content=body, headers=signed(body) | change)
    assert answer.status_code == 400
    assert receiver.tally.bad_signatures == 1
    assert receiver.receipts == []


async def test_a_missing_header_a_foreign_secret_and_an_old_message_are_refused(
    receiver: Receiver, client: httpx.AsyncClient, body: str
) -> None:
    old, foreign = signed(body, age=timedelta(minutes=6)), signed(body, secret=new_secret())
    for headers in ({}, old, foreign):
        assert (await client.post("/webhook", content=body, headers=headers)).status_code == 400
    assert receiver.tally.bad_signatures == 3


async def test_a_changed_body_is_refused(receiver: Receiver, client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post("/webhook", content=body.replace("CN", "US"), headers=signed(body))
    assert answer.status_code == 400
    assert receiver.receipts == []


@pytest.mark.parametrize("body", ["no json", "[]", '{"data": {}}', "{}"])
async def test_signed_nonsense_is_refused_and_counted(receiver: Receiver, client: httpx.AsyncClient, body: str) -> None:
    assert (await client.post("/webhook", content=body, headers=signed(body))).status_code == 400
    assert receiver.tally.unreadable == 1


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (MAX_BODY + 1)])
async def test_bytes_that_are_no_text_or_too_many_are_refused(
    receiver: Receiver, client: httpx.AsyncClient, content: bytes
) -> None:
    answer = await client.post("/webhook", content=content, headers=signed("other"))
    assert answer.status_code == 400
    assert receiver.tally.bad_signatures == 1


async def test_slack_messages_are_kept_and_measured(receiver: Receiver, client: httpx.AsyncClient) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    assert (await client.post("/slack", json={"text": "t", "blocks": [section]})).text == "invalid_blocks"
    assert len(receiver.slack) == 1
    assert receiver.slack_problems == ["a section of 3,001 characters, 3,000 allowed"]


@pytest.mark.parametrize("content", ["", "[1]", "text"])
async def test_slack_refuses_what_is_no_message(receiver: Receiver, client: httpx.AsyncClient, content: str) -> None:
    assert (await client.post("/slack", content=content)).status_code == 400
    assert receiver.slack == []
