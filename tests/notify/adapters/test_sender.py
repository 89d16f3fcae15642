"""The way out, against real servers that behave badly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from services.notify.adapters.catalog import channels
from services.notify.adapters.sender import HttpSender, Transports
from services.notify.adapters.transports import Exits, NoThreads
from services.notify.message import Message
from services.notify.outcome import Answer
from services.notify.ports import Sender
from shared.events.delivery import Outcome
from shared.http import HttpClient
from tests.kit.ports import free_port
from tests.notify.builders import NOW, make_alert
from tests.notify.fakes import FrozenClock, ScriptedSender
from tests.notify.receiver import HANG, OK, receiving, status

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # imported by one of Apprise's plugins
MESSAGE = {"body": b'{"a":1}', "headers": {"webhook-id": "delivery_1"}}


def _sender(client: HttpClient) -> Sender:
    return HttpSender(client, FrozenClock())


async def _send(*answers: bytes, endless: bool = False, allow: tuple[str, ...] = ("127.0.0.0/8",)) -> Answer:
    async with receiving(*answers, endless=endless) as receiver, HttpClient(allow_networks=allow) as client:
        return await _sender(client).send(Message(receiver.url, **MESSAGE))


@pytest.mark.parametrize(
    ("reply", "outcome", "code"),
    [
        (OK, Outcome.DELIVERED, 204),
        (status(200), Outcome.DELIVERED, 200),
        (status(302, location="http://127.0.0.1:1/elsewhere"), Outcome.REDIRECTED, 302),
        (status(400), Outcome.REFUSED, 400),
        (status(410), Outcome.GONE, 410),
        (status(429), Outcome.THROTTLED, 429),
        (status(500), Outcome.SERVER_ERROR, 500),
        (status(502), Outcome.THROTTLED, 502),
        (b"garbage\r\n\r\n", Outcome.BAD_RESPONSE, None),
    ],
)
async def test_answers(reply: bytes, outcome: Outcome, code: int | None) -> None:
    answer = await _send(reply)
    assert (answer.outcome, answer.status) == (outcome, code)
    assert "s3cret" not in answer.detail


async def test_retry_after_is_read() -> None:
    assert (await _send(status(429, retry_after="120"))).retry_after == 120


async def test_a_body_that_never_ends_counts_by_its_status() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"
    assert (await _send(head, endless=True)).outcome == Outcome.DELIVERED


async def test_a_redirect_is_not_followed() -> None:
    async with receiving(OK) as elsewhere:
        await _send(status(307, location=elsewhere.url))
        assert elsewhere.requests == []


async def test_a_private_address_is_refused_unless_the_operator_allows_it() -> None:
    answer = await _send(OK, allow=())
    assert answer.outcome == Outcome.ADDRESS_BLOCKED
    assert "s3cret" not in answer.detail


async def test_nobody_listens() -> None:
    async with HttpClient(allow_networks=("127.0.0.0/8",)) as client:
        answer = await _sender(client).send(Message(f"http://127.0.0.1:{free_port()}/s3cret", **MESSAGE))
    assert answer.outcome == Outcome.UNREACHABLE
    assert "s3cret" not in answer.detail


async def test_a_receiver_that_never_answers_is_given_up() -> None:
    async with receiving(HANG) as receiver, HttpClient(allow_networks=("127.0.0.0/8",)) as client:
        sender = HttpSender(client, FrozenClock(), total_timeout=0.2)
        async with asyncio.timeout(5):
            answer = await sender.send(Message(receiver.url, **MESSAGE))
    assert answer.outcome == Outcome.TIMED_OUT


async def test_a_remark_is_logged_and_the_message_is_sent_by_its_transport() -> None:
    sender = ScriptedSender()
    message = Message("https://s3cret.example", b"", {}, transport="pigeon", remark="template `body` is broken")
    with capture_logs() as logs:
        answer = await Transports({"pigeon": sender}).send(message)
    assert (answer.outcome, len(sender.sent)) == (Outcome.DELIVERED, 1)
    [line] = logs
    assert (line["event"], line["why"]) == ("message_made_differently", "template `body` is broken")
    assert "s3cret" not in str(logs)


@pytest.mark.parametrize("name", sorted(channels()))
async def test_every_channel_has_its_way_out_and_tells_no_secret_when_it_fails(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    channel = channels()[name]
    settings = channel.settings.model_validate(_unreachable(channel.example))
    async with HttpClient(allow_networks=("127.0.0.0/8",)) as client:
        exits = Exits(client, FrozenClock(), NoThreads(), allow_networks=("127.0.0.0/8",))
        messages = channel.compose(make_alert(), settings, delivery_id="delivery_1", at=NOW)
        with capture_logs() as logs:
            answer = await exits.send(messages[0])
        await exits.aclose()
    assert answer.outcome == Outcome.UNREACHABLE
    told = f"{answer}{logs}{capfd.readouterr()}"
    assert "s3cret" not in told


def _unreachable(example: Mapping[str, Any]) -> dict[str, Any]:
    """The example's settings, with secrets in its addresses, at a port where nobody listens."""
    port = free_port()
    parts = {key: urlsplit(value) for key, value in example.items() if "://" in value}
    aimed = {
        key: f"{it.scheme}://s3cret:s3cret@127.0.0.1:{port}{it.path if it.scheme == 'smtps' else '/s3cret'}"
        for key, it in parts.items()
    }
    return {**example, **aimed}
