"""Mail over real connections: encrypted or not, refused in every way, and never a secret in an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest

from services.notify.adapters.guard import Guard
from services.notify.adapters.smtp_sender import SmtpSender
from services.notify.channels.email import CHANNEL, Settings
from services.notify.outcome import Answer, Verdict, verdict_of
from shared.events import Alert
from shared.events.delivery import Outcome
from tests.kit.certificate import HAS_OPENSSL, Certificate, make_certificate
from tests.kit.ports import free_port
from tests.notify.builders import NOW, make_alert
from tests.notify.mailserver import PASSWORD, USER, mail_server

needs_openssl = pytest.mark.skipif(not HAS_OPENSSL, reason="needs openssl to make a certificate")
pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning"),  # of the server, for a login over TLS
    pytest.mark.filterwarnings("ignore:.*login_data:DeprecationWarning"),  # of the server, about itself
]
LOGIN = f"{USER}:{quote(PASSWORD, safe='')}@"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


def _settings(server: str, **more: Any) -> Settings:
    return Settings.model_validate({"server": server, "sender": "orewire@sender.test", "to": "desk@desk.test", **more})


@asynccontextmanager
async def _sender(*, allow: tuple[str, ...] = ("127.0.0.0/8",), seconds: float = 15.0) -> AsyncIterator[SmtpSender]:
    guard = Guard(allow_networks=allow)
    yield SmtpSender(guard, total_timeout=seconds)
    await guard.aclose()


async def _send(
    server: str, *, alert: Alert | None = None, allow: tuple[str, ...] = ("127.0.0.0/8",), **more: Any
) -> Answer:
    seconds = more.pop("seconds", 15.0)
    [message] = CHANNEL.compose(alert or make_alert(), _settings(server, **more), delivery_id="delivery_1", at=NOW)
    async with _sender(allow=allow, seconds=seconds) as sender:
        answer = await sender.send(message)
    assert "s3cret" not in repr(answer)
    return answer


async def test_a_mail_arrives_with_text_html_and_headers_to_sort_it_by() -> None:
    async with mail_server() as box:
        answer = await _send(f"smtp+plain://127.0.0.1:{box.port}")
    assert (answer.outcome, answer.status) == (Outcome.DELIVERED, 250)
    [mail] = box.mails
    assert box.envelopes == [("orewire@sender.test", ["desk@desk.test"])]
    assert mail["Message-ID"] == "<delivery_1@sender.test>"
    assert mail["List-Id"] == "<orewire.sender.test>"
    assert mail["Subject"].startswith("🟠 Export restriction: China, gallium + germanium")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "licences for *gallium* and germanium" in text.get_content()
    assert "licences for <b>gallium</b> and germanium" in html.get_content()


@needs_openssl
async def test_starttls_encrypts_before_the_password_is_sent(certificate: Certificate) -> None:
    async with mail_server(starttls=certificate.context, login=True) as box:
        answer = await _send(f"smtp://{LOGIN}127.0.0.1:{box.port}", ca=certificate.pem)
    assert answer.outcome == Outcome.DELIVERED
    assert box.encrypted == [True]


@needs_openssl
async def test_tls_from_the_start(certificate: Certificate) -> None:
    async with mail_server(tls=certificate.context, login=True) as box:
        answer = await _send(f"smtps://{LOGIN}127.0.0.1:{box.port}", ca=certificate.pem)
    assert answer.outcome == Outcome.DELIVERED
    assert len(box.mails) == 1


@needs_openssl
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_certificate_that_is_not_trusted_stops_it(certificate: Certificate, scheme: str) -> None:
    encrypted = {"tls": certificate.context} if scheme == "smtps" else {"starttls": certificate.context}
    async with mail_server(**encrypted) as box:
        answer = await _send(f"{scheme}://{LOGIN}127.0.0.1:{box.port}")
    assert (answer.outcome, box.mails) == (Outcome.UNREACHABLE, [])


async def test_a_server_without_starttls_gets_nothing() -> None:
    async with mail_server() as box:
        answer = await _send(f"smtp://{LOGIN}127.0.0.1:{box.port}")
    assert answer.outcome != Outcome.DELIVERED
    assert box.mails == []


@needs_openssl
async def test_a_wrong_password_is_tried_again_until_someone_mends_it(certificate: Certificate) -> None:
    async with mail_server(starttls=certificate.context, login=True) as box:
        answer = await _send(f"smtp://{USER}:s3cret-wrong@127.0.0.1:{box.port}", ca=certificate.pem)
    assert (answer.outcome, answer.status) == (Outcome.REFUSED, 535)
    assert verdict_of(answer, final=CHANNEL.final) == Verdict.RETRY


def _verdict(code: int) -> Verdict:
    if code in (421, 452):
        return Verdict.THROTTLE
    return Verdict.STOP if code >= 550 else Verdict.RETRY


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 450, 451, 452, 454, 500, 501, 503, 530, 550, 551, 552, 553, 554])
async def test_every_refusal_has_its_verdict(command: str, code: int) -> None:
    async with mail_server() as box:
        box.refuse = {command: f"{code} s3cret reason"}
        answer = await _send(f"smtp+plain://127.0.0.1:{box.port}")
    assert (answer.status, verdict_of(answer, final=CHANNEL.final)) == (code, _verdict(code))


async def test_nobody_listens() -> None:
    answer = await _send(f"smtp+plain://127.0.0.1:{free_port()}")
    assert answer.outcome == Outcome.UNREACHABLE


async def test_a_private_address_is_refused_unless_the_operator_allows_it() -> None:
    async with mail_server() as box:
        answer = await _send(f"smtp+plain://127.0.0.1:{box.port}", allow=())
    assert (answer.outcome, box.mails) == (Outcome.ADDRESS_BLOCKED, [])


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (b"", Outcome.TIMED_OUT),
        (b"554 s3cret go away\r\n", Outcome.REFUSED),
        (b"421 busy\r\n", Outcome.THROTTLED),
        (b"HTTP/1.1 400 Bad\r\n\r\n", Outcome.BAD_RESPONSE),
        (b"\xff\xfe\x00", Outcome.TIMED_OUT),
        (b"220 " + b"x" * 100_000, Outcome.BAD_RESPONSE),
    ],
)
async def test_servers_that_do_not_behave(said: bytes, outcome: Outcome) -> None:
    async with _greeting(said) as port:
        answer = await _send(f"smtp+plain://127.0.0.1:{port}", seconds=0.5)
    assert answer.outcome == outcome


async def test_a_server_that_hangs_up_is_tried_again() -> None:
    async with _greeting(None) as port:
        answer = await _send(f"smtp+plain://127.0.0.1:{port}")
    assert verdict_of(answer, final=CHANNEL.final) == Verdict.RETRY


@asynccontextmanager
async def _greeting(said: bytes | None) -> AsyncIterator[int]:
    """A server that says this and no more; None hangs up."""
    writers: list[asyncio.StreamWriter] = []

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        if said is None:
            writer.close()
        else:
            writer.write(said)

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


async def test_revisions_share_a_thread_and_every_attempt_is_the_same_mail() -> None:
    second = make_alert().model_copy(update={"revision": 2})
    known = _settings("smtps://mail.test")
    [first], [again], [later] = (
        CHANNEL.compose(alert, known, delivery_id=name, at=NOW)
        for alert, name in ((make_alert(), "delivery_1"), (make_alert(), "delivery_1"), (second, "delivery_2"))
    )
    assert first.body == again.body
    threads = {line for it in (first, later) for line in it.body.splitlines() if line.startswith(b"In-Reply-To")}
    assert len(threads) == 1


async def test_a_headline_cannot_add_headers() -> None:
    evil = make_alert().model_copy(update={"headline": "x\r\nBcc: all@evil.test\r\n\r\nbody", "story_id": "a\r\nb"})
    async with mail_server() as box:
        answer = await _send(f"smtp+plain://127.0.0.1:{box.port}", alert=evil)
    assert answer.outcome == Outcome.DELIVERED
    assert box.mails[0]["Bcc"] is None
    assert box.envelopes[0][1] == ["desk@desk.test"]


async def test_lone_surrogates_and_control_characters_do_not_stop_a_mail() -> None:
    odd = make_alert().model_copy(update={"summary": "a\ud800b\x00c\x07d", "headline": "e\udfff\x00f"})
    async with mail_server() as box:
        answer = await _send(f"smtp+plain://127.0.0.1:{box.port}", alert=odd)
    assert answer.outcome == Outcome.DELIVERED


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "https://mail.test"},
        {"server": "smtp+plain://u:s3cret@mail.test"},
        {"server": "smtps://"},
        {"server": "smtps://mail.test/path"},
        {"to": "desk"},
        {"to": "a@b.test, c@d.test"},
        {"to": "a@b.test\r\nBcc: x@y.test"},
        {"sender": "Orewire <a@b.test>"},
        {"list_id": "a b"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"expected|in the clear") as caught:
        _settings(**{"server": "smtps://mail.test", **wrong})
    assert "expected a mail address" in str(caught.value) or "s3cret" not in str(caught.value).split("input_value")[0]
