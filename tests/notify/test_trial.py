"""The test message through every channel is a message nobody takes for real."""

from __future__ import annotations

import pytest

from services.notify.adapters.catalog import channels
from services.notify.trial import try_out
from tests.notify.fakes import FrozenClock, ScriptedSender
from tests.notify.world import make_subscriber


@pytest.mark.parametrize("channel", sorted(channels()))
async def test_the_test_message_says_what_it_is(channel: str) -> None:
    sender = ScriptedSender()
    answer = await try_out(make_subscriber(channel=channel), channels()[channel], sender, FrozenClock())
    assert answer.outcome == "delivered"
    [message] = sender.sent
    assert b"TEST of orewire" in message.body
