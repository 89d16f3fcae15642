"""The way out through Apprise, against a real server that answers as a chat service would."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.notify.adapters.apprise_sender import AppriseSender, parsed
from services.notify.adapters.guard import Guard
from services.notify.channels.apprise import CHANNEL, SCHEMES, Settings
from services.notify.outcome import Answer, Verdict, verdict_of
from shared.events.delivery import Outcome
from tests.kit.ports import free_port
from tests.notify.builders import NOW, make_alert
from tests.notify.receiver import HANG, receiving, status

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # imported by one of Apprise's plugins
PRIVATE = ("127.0.0.0/8",)


@asynccontextmanager
async def _sender(*, allow: tuple[str, ...] = PRIVATE, seconds: float = 15.0) -> AsyncIterator[AppriseSender]:
    guard = Guard(allow_networks=allow)
    sender = AppriseSender(guard, total_timeout=seconds)
    try:
        yield sender
    finally:
        await sender.aclose()
        await guard.aclose()


async def _send(url: str, **how: Any) -> Answer:
    [message] = CHANNEL.compose(make_alert(), Settings.model_validate({"url": url}), delivery_id="d", at=NOW)
    async with _sender(**how) as sender:
        answer = await sender.send(message)
    assert "s3cret" not in repr(answer)
    return answer


def _ntfy(url: str) -> str:
    return f"ntfy://s3cret-user:s3cret-password@{url.removeprefix('http://').partition('/')[0]}/s3cret-topic"


async def test_a_message_arrives_with_title_and_text() -> None:
    async with receiving(status(200)) as receiver:
        answer = await _send(_ntfy(receiver.url))
    assert answer.outcome == Outcome.DELIVERED
    [request] = receiver.requests
    told = json.loads(request.body)
    assert told["topic"] == "s3cret-topic"
    assert told["title"].startswith("🟠 Export restriction: China")
    assert "licences for *gallium*" in told["message"]


@pytest.mark.parametrize(
    ("code", "outcome", "verdict"),
    [
        (400, Outcome.REFUSED, Verdict.STOP),
        (403, Outcome.REFUSED, Verdict.STOP),
        (410, Outcome.GONE, Verdict.DISABLE),
        (418, Outcome.REFUSED, Verdict.RETRY),
        (429, Outcome.THROTTLED, Verdict.THROTTLE),
        (500, Outcome.SERVER_ERROR, Verdict.RETRY),
        (502, Outcome.THROTTLED, Verdict.THROTTLE),
        (302, Outcome.REDIRECTED, Verdict.RETRY),
    ],
)
async def test_the_status_is_read_from_what_apprise_says(code: int, outcome: Outcome, verdict: Verdict) -> None:
    async with receiving(status(code, location="http://127.0.0.1:1/")) as receiver:
        answer = await _send(_ntfy(receiver.url))
    assert (answer.outcome, verdict_of(answer, final=CHANNEL.final)) == (outcome, verdict)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving(status(200)) as elsewhere, receiving(status(307, location=elsewhere.url)) as receiver:
        await _send(_ntfy(receiver.url))
        assert elsewhere.requests == []


async def test_nobody_listens() -> None:
    assert (await _send(f"ntfy://127.0.0.1:{free_port()}/s3cret")).outcome == Outcome.UNREACHABLE


async def test_a_private_address_is_refused_unless_the_operator_allows_it() -> None:
    async with receiving(status(200)) as receiver:
        answer = await _send(_ntfy(receiver.url), allow=())
        assert (answer.outcome, receiver.requests) == (Outcome.ADDRESS_BLOCKED, [])


async def test_a_receiver_that_hangs_holds_one_thread_and_no_second_one() -> None:
    async with receiving(HANG) as receiver, _sender(seconds=0.3) as sender:
        known = Settings.model_validate({"url": _ntfy(receiver.url)})
        [message] = CHANNEL.compose(make_alert(), known, delivery_id="d", at=NOW)
        first = await sender.send(message)
        async with asyncio.timeout(0.2):
            second = await sender.send(message)
    assert (first.outcome, second.outcome) == (Outcome.TIMED_OUT, Outcome.TIMED_OUT)
    assert second.detail == "the attempt before has not ended yet"


async def test_nothing_of_what_apprise_and_its_libraries_log_reaches_our_log() -> None:
    told: list[str] = []

    class Ours(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    root, ours = logging.getLogger(), Ours(logging.DEBUG)
    level = root.level
    root.addHandler(ours)
    root.setLevel(logging.DEBUG)
    try:
        async with receiving(status(500)) as receiver:
            await _send(_ntfy(receiver.url))
        logging.getLogger("tests").debug("a line of ours")
    finally:
        root.removeHandler(ours)
        root.setLevel(level)
    assert "a line of ours" in told
    assert not [line for line in told if "s3cret" in line or "/ " in line]


def test_apprise_knows_every_scheme_we_allow() -> None:
    import apprise

    known = {
        scheme
        for service in apprise.Apprise().details()["schemas"]
        for protocols in (service.get("protocols"), service.get("secure_protocols"))
        for scheme in protocols or ()
    }
    assert known >= SCHEMES


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "json://127.0.0.1/s3cret",
        "form://127.0.0.1/s3cret",
        "syslog://",
        "mailto://s3cret@example.com",
        "ntfy://host/topic?attach=/etc/passwd",
        "ntfy://host/topic?redirect=yes",
        "ntfy://host/topic?verify=no",
        "ntfy://host/topic?Template=/s3cret",
        "ntfy://host/topic?+template=/s3cret",
        "s3cret",
        "ntfy://[s3cret",
        "ntfy://host/a b",
    ],
)
def test_what_could_read_files_or_loosen_the_guard_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|must not set") as caught:
        Settings.model_validate({"url": url})
    assert all("s3cret" not in error["msg"] for error in caught.value.errors())  # type: ignore[attr-defined]


def test_a_url_apprise_cannot_read_is_told_by_the_answer() -> None:
    assert parsed("tgram://") is None
