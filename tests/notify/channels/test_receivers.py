"""The examples for receivers verify what the webhook channel signs, and nothing else."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.channels.webhook import CHANNEL, Settings
from services.notify.message import Message
from shared.clock import SystemClock
from tests.notify.builders import make_alert
from tests.notify.receiver import receiving, status

FOLDER = Path(__file__).parents[3] / "deploy" / "receivers"
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()
OLD = "whsec_" + base64.b64encode(b"the secret before, long enough!!").decode()
COMMANDS = {
    "python": [sys.executable, str(FOLDER / "verify.py")],
    "node": ["node", str(FOLDER / "verify.mjs")],
    "openssl": ["sh", str(FOLDER / "verify.sh")],
}
each_language = pytest.mark.parametrize(
    "language",
    [
        pytest.param(name, marks=pytest.mark.skipif(name != "python" and not shutil.which(name), reason=f"no {name}"))
        for name in COMMANDS
    ],
)


def _message(*, minutes: float = 0, **settings: str) -> Message:
    known = Settings.model_validate({"url": "https://desk.example/x", "secret": SECRET, **settings})
    at = SystemClock().now() + timedelta(minutes=minutes)
    [message] = CHANNEL.compose(make_alert(), known, delivery_id="delivery_7", at=at)
    return message


def _verified(language: str, headers: Mapping[str, str], body: bytes, folder: Path, secrets: str = SECRET) -> bool:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    told = {name.upper().replace("-", "_"): headers[name] for name in names}
    path = folder / "body"
    path.write_bytes(body)
    done = subprocess.run(
        [*COMMANDS[language], str(path)],
        input=body,
        env={"PATH": os.environ["PATH"], "SECRETS": secrets, **told},
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.stdout == b"verified\n") == (done.returncode == 0)
    assert done.returncode == 0 or done.stderr.startswith(b"refused: "), done.stderr
    return done.returncode == 0


@each_language
def test_a_genuine_message_is_verified(language: str, tmp_path: Path) -> None:
    message = _message()
    assert _verified(language, message.headers, message.body, tmp_path)


@each_language
def test_during_a_rotation_a_receiver_with_either_secret_verifies(language: str, tmp_path: Path) -> None:
    message = _message(previous_secret=OLD)
    assert _verified(language, message.headers, message.body, tmp_path, SECRET)
    assert _verified(language, message.headers, message.body, tmp_path, OLD)
    assert _verified(language, _message().headers, message.body, tmp_path, f"{OLD} {SECRET}")


@each_language
def test_a_changed_body_id_or_time_and_a_strange_secret_are_refused(language: str, tmp_path: Path) -> None:
    message = _message()
    assert not _verified(language, message.headers, message.body + b" ", tmp_path)
    assert not _verified(language, {**message.headers, "webhook-id": "delivery_8"}, message.body, tmp_path)
    later = str(int(message.headers["webhook-timestamp"]) + 1)
    assert not _verified(language, {**message.headers, "webhook-timestamp": later}, message.body, tmp_path)
    assert not _verified(language, message.headers, message.body, tmp_path, OLD)
    assert not _verified(language, {**message.headers, "webhook-signature": "v1, v2,x"}, message.body, tmp_path)


@each_language
@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_and_one_from_the_future_are_refused(language: str, minutes: int, tmp_path: Path) -> None:
    message = _message(minutes=minutes)
    assert not _verified(language, message.headers, message.body, tmp_path)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="no curl or no openssl")
async def test_what_the_curl_example_sends_is_verified(tmp_path: Path) -> None:
    import asyncio

    body = tmp_path / "body.json"
    body.write_text('{"type": "test"}', "utf-8")
    async with receiving(status(200)) as receiver:
        command = ["sh", str(FOLDER / "send.sh"), receiver.url, str(body)]
        process = await asyncio.create_subprocess_exec(
            *command, env={"PATH": os.environ["PATH"], "SECRET": SECRET}, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 0
    [request] = receiver.requests
    assert _verified("python", request.headers, request.body, tmp_path)
