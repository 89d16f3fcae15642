"""The way out, against real servers that behave badly."""

from __future__ import annotations

import asyncio

import pytest

from services.notify.adapters.sender import HttpSender
from services.notify.outcome import Answer
from services.notify.ports import Message, Sender
from shared.events.delivery import Outcome
from shared.http import HttpClient
from tests.kit.ports import free_port
from tests.notify.fakes import FrozenClock
from tests.notify.receiver import HANG, OK, receiving, status

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
