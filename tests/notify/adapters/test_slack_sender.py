"""The way to Slack, against a server with Slack's limits, answers and threads, and a real store of threads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from services.notify.adapters.sender import HttpSender
from services.notify.adapters.slack_sender import SlackSender
from services.notify.adapters.threads import SqlThreads
from services.notify.adapters.transports import NoThreads
from services.notify.attempt import send_all
from services.notify.channels.slack import CHANNEL, Settings
from services.notify.filter import Filter
from services.notify.fold import Decision, fold
from services.notify.notice import alert_of
from services.notify.outcome import Answer, Verdict, verdict_of
from services.notify.ports import Subscriber
from services.notify.thread import Thread, Threads
from shared.db import Database
from shared.events import Alert
from shared.events.delivery import Outcome
from shared.http import HttpClient
from tests.notify.builders import NOW, make_alert, make_evidence, make_signal
from tests.notify.fakes import FrozenClock
from tests.notify.slackserver import CHANNEL as ROOM
from tests.notify.slackserver import TOKEN, Slack, slack
from tests.notify.world import World


@pytest.fixture
async def server() -> AsyncIterator[Slack]:
    async with slack() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(allow_networks=("127.0.0.0/8",)) as opened:
        yield opened


def _revisions() -> list[Alert]:
    """One story as it is told three times."""
    decision: Decision = fold(None, make_signal(1, stage="proposal"))
    told = [alert_of(decision, NOW)]
    for number, stage in ((2, "announced"), (3, "in_force")):
        decision = fold(decision.story, make_signal(number, stage=stage))
        told.append(alert_of(decision, NOW))
    return told


class _Bot:
    """A bot's way from alert to Slack."""

    def __init__(self, server: Slack, client: HttpClient, threads: Threads) -> None:
        self.settings = Settings.model_validate({"token": TOKEN, "slack_channel": ROOM, "api": f"{server.url}/api"})
        self.sender = SlackSender(HttpSender(client, FrozenClock()), threads, FrozenClock())

    async def tell(self, alert: Alert, delivery: str = "", sent: int = 0, **settings: Any) -> tuple[Answer, int]:
        delivery_id = delivery or f"delivery_{alert.revision}"
        known = self.settings.model_copy(update=settings)
        messages = CHANNEL.compose(alert, known, delivery_id=delivery_id, at=NOW)
        return await send_all(messages, self.sender, interval=0, sent=sent)


def _hook(server: Slack) -> Settings:
    return Settings.model_validate({"url": f"{server.url}/services/T0/B0/s3cret"})


async def _send_hook(server: Slack, client: HttpClient, alert: Alert) -> Answer:
    sender = SlackSender(HttpSender(client, FrozenClock()), NoThreads(), FrozenClock())
    messages = CHANNEL.compose(alert, _hook(server), delivery_id="delivery_1", at=NOW)
    return (await send_all(messages, sender, interval=0))[0]


async def test_a_webhook_takes_every_part_of_a_long_alert(server: Slack, client: HttpClient) -> None:
    long = make_alert(evidence=tuple(make_evidence(f"{n} " + "< & > " * 130) for n in range(5)))
    assert (await _send_hook(server, client, long)).outcome == Outcome.DELIVERED
    assert len(server.messages) > 1
    assert server.problems == []


@pytest.mark.parametrize(
    ("answer", "outcome", "verdict"),
    [
        (PlainTextResponse("rate_limited", 429, headers={"retry-after": "30"}), Outcome.THROTTLED, Verdict.THROTTLE),
        (PlainTextResponse("no_service", 404), Outcome.REFUSED, Verdict.STOP),
        (PlainTextResponse("action_prohibited", 403), Outcome.REFUSED, Verdict.STOP),
        (PlainTextResponse("channel_is_archived", 410), Outcome.GONE, Verdict.DISABLE),
        (PlainTextResponse("rollup_error", 500), Outcome.SERVER_ERROR, Verdict.RETRY),
        (PlainTextResponse("s3cret", 500), Outcome.SERVER_ERROR, Verdict.RETRY),
    ],
)
async def test_what_a_webhook_answers(
    server: Slack, client: HttpClient, answer: Response, outcome: Outcome, verdict: Verdict
) -> None:
    server.answers = [answer]
    found = await _send_hook(server, client, make_alert())
    assert (found.outcome, verdict_of(found, final=CHANNEL.final)) == (outcome, verdict)
    assert "s3cret" not in found.detail
    assert found.retry_after == (30 if outcome == Outcome.THROTTLED else None)


async def test_refused_blocks_are_sent_as_plain_text(server: Slack, client: HttpClient) -> None:
    server.answers = [PlainTextResponse("invalid_blocks", 400)]
    assert (await _send_hook(server, client, make_alert())).outcome == Outcome.DELIVERED
    assert "blocks" not in server.messages[0]
    assert server.messages[0]["text"].startswith("🟠 Export restriction")


async def test_the_pace_of_slack_is_an_answer_like_any_other(server: Slack, client: HttpClient) -> None:
    server.pace = 1.0
    assert (await _send_hook(server, client, make_alert())).outcome == Outcome.DELIVERED
    second = await _send_hook(server, client, make_alert())
    assert (second.outcome, second.retry_after) == (Outcome.THROTTLED, 1)


async def test_revisions_update_the_first_message_and_reply_in_its_thread(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot = _Bot(server, client, SqlThreads(store))
    for alert in _revisions():
        answer, _ = await bot.tell(alert)
        assert answer.outcome == Outcome.DELIVERED
    first, *replies = server.messages
    assert "in force" in json.dumps(first["blocks"])
    assert [reply["thread_ts"] for reply in replies] == [first["ts"]] * 2
    assert all(reply["reply_broadcast"] for reply in replies)
    assert "proposal → *announced*" in json.dumps(replies[0]["blocks"], ensure_ascii=False)
    assert "announced → *in force*" in json.dumps(replies[1]["blocks"], ensure_ascii=False)
    assert server.problems == []


async def test_who_hears_of_a_story_late_gets_it_as_one_message(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot = _Bot(server, client, SqlThreads(store))
    await bot.tell(_revisions()[1])
    [message] = server.messages
    assert "thread_ts" not in message
    await bot.tell(_revisions()[2])
    assert len(server.messages) == 2


async def test_two_subscribers_of_one_slack_channel_are_told_once(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot, revisions = _Bot(server, client, SqlThreads(store)), _revisions()
    await bot.tell(revisions[0], "delivery_of_a")
    answer, sent = await bot.tell(revisions[0], "delivery_of_b")
    assert (answer.outcome, sent, len(server.messages)) == (Outcome.DELIVERED, 1, 1)


async def test_an_older_revision_never_overwrites_a_newer_one(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot, revisions = _Bot(server, client, SqlThreads(store)), _revisions()
    await bot.tell(revisions[2])
    await bot.tell(revisions[1])
    [message] = server.messages
    assert "in force" in json.dumps(message["blocks"])


async def test_a_message_somebody_deleted_is_posted_anew(server: Slack, client: HttpClient, store: Database) -> None:
    bot, revisions = _Bot(server, client, SqlThreads(store)), _revisions()
    await bot.tell(revisions[0])
    server.messages.clear()
    answer, _ = await bot.tell(revisions[1])
    assert answer.outcome == Outcome.DELIVERED
    [message] = server.messages
    assert "announced" in json.dumps(message["blocks"])


async def test_a_delivery_that_broke_off_goes_on_with_the_reply(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot, revisions = _Bot(server, client, SqlThreads(store)), _revisions()
    await bot.tell(revisions[0])
    server.answers = [JSONResponse({"ok": True, "channel": ROOM, "ts": "1"}), PlainTextResponse("", 503)]
    answer, sent = await bot.tell(revisions[1])
    assert (answer.outcome, sent) == (Outcome.SERVER_ERROR, 1)
    answer, sent = await bot.tell(revisions[1], sent=sent)
    assert (answer.outcome, sent) == (Outcome.DELIVERED, 2)
    assert server.messages[-1]["thread_ts"] == server.messages[0]["ts"]


@pytest.mark.parametrize(
    ("error", "outcome", "verdict"),
    [
        ("ratelimited", Outcome.THROTTLED, Verdict.THROTTLE),
        ("internal_error", Outcome.SERVER_ERROR, Verdict.RETRY),
        ("invalid_auth", Outcome.GONE, Verdict.DISABLE),
        ("token_revoked", Outcome.GONE, Verdict.DISABLE),
        ("is_archived", Outcome.GONE, Verdict.DISABLE),
        ("channel_not_found", Outcome.REFUSED, Verdict.RETRY),
        ("not_in_channel", Outcome.REFUSED, Verdict.RETRY),
        ("msg_too_long", Outcome.REFUSED, Verdict.STOP),
        ("something s3cret", Outcome.REFUSED, Verdict.RETRY),
        (["odd"], Outcome.REFUSED, Verdict.RETRY),
    ],
)
async def test_what_the_web_api_answers_with_status_200(
    server: Slack, client: HttpClient, error: Any, outcome: Outcome, verdict: Verdict
) -> None:
    server.answers = [JSONResponse({"ok": False, "error": error})]
    answer, sent = await _Bot(server, client, NoThreads()).tell(make_alert())
    assert (answer.outcome, verdict_of(answer, final=CHANNEL.final), sent) == (outcome, verdict, 0)
    assert "s3cret" not in answer.detail


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"ok": 1}', b"\xff"])
async def test_an_answer_that_is_none_of_slacks_is_a_failure(server: Slack, client: HttpClient, body: bytes) -> None:
    server.answers = [Response(body, 200)]
    answer, _ = await _Bot(server, client, NoThreads()).tell(make_alert())
    assert answer.outcome != Outcome.DELIVERED


async def test_a_wrong_token_holds_the_subscriber(server: Slack, client: HttpClient) -> None:
    bot = _Bot(server, client, NoThreads())
    bot.settings = Settings.model_validate({**_raw(bot.settings), "token": "xoxb-wrong"})
    answer, _ = await bot.tell(make_alert())
    assert (answer.outcome, answer.detail) == (Outcome.GONE, "Slack: invalid_auth")


async def test_the_dispatcher_tells_a_story_and_its_revision_in_one_thread(
    server: Slack, client: HttpClient, store: Database
) -> None:
    bot = _Bot(server, client, SqlThreads(store))
    desk = Subscriber("desk", "slack", bot.settings, Filter(), "fingerprint")
    world = World(store, desk, sender=bot.sender)
    await world.tell(make_signal(1, stage="proposal"))
    await world.send_all()
    await world.tell(make_signal(2, stage="announced"))
    world.clock.advance(60)
    async with asyncio.timeout(20):
        while await world.statuses() != ["delivered", "delivered"]:
            await world.send_all()
            await asyncio.sleep(0.05)  # the dispatcher leaves Slack alone for a second
    first, reply = server.messages
    assert reply["thread_ts"] == first["ts"]
    assert server.problems == []


async def test_threads_are_kept_and_never_go_back(store: Database) -> None:
    threads = SqlThreads(store)
    newer = Thread("story_1", "place_1", ROOM, "1.2", 1, 3, "delivery_3")
    await threads.keep(newer, NOW)
    await threads.keep(Thread("story_1", "place_1", ROOM, "9.9", 1, 2, "delivery_2"), NOW)
    assert await threads.find("story_1", "place_1") == newer
    assert await threads.find("story_1", "place_2") is None
    await threads.forget("story_1", "place_1")
    assert await threads.find("story_1", "place_1") is None


def _raw(settings: Settings) -> dict[str, Any]:
    return {"slack_channel": settings.slack_channel, "api": settings.api}
