"""The way out to Slack: incoming webhooks, and the Web API with a thread for each story.

A message that Slack refuses for its blocks is sent once more as plain text: a badly laid out alert beats none.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any, Final

import structlog

from services.notify.adapters.sender import HttpSender, failed
from services.notify.message import Message, Post, Step
from services.notify.outcome import Answer
from services.notify.thread import Thread, Threads
from shared.clock import Clock
from shared.errors import TransientError
from shared.events.delivery import Outcome
from shared.http import HttpFailure

log = structlog.get_logger(__name__)
_BAD_BLOCKS: Final = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_LOST: Final = frozenset(
    "message_not_found cant_update_message edit_window_closed update_failed thread_not_found".split()
)
"""Answers to chat.update after which the story is posted anew."""
_GONE: Final = frozenset("account_inactive token_revoked token_expired invalid_auth not_authed is_archived".split())
"""Nothing will arrive until someone edits the subscriber: it is held, as after HTTP 410."""
_STOP: Final = _BAD_BLOCKS | frozenset("invalid_arguments msg_too_long no_text too_many_attachments".split())
_BUSY: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_ILL: Final = frozenset("internal_error fatal_error service_unavailable request_timeout team_added_to_org".split())
_KNOWN: Final = (_BAD_BLOCKS | _LOST | _GONE | _STOP | _BUSY | _ILL) | frozenset(
    "channel_not_found not_in_channel missing_scope no_permission access_denied org_login_required ekm_access_denied "
    "restricted_action channel_type_not_supported invalid_payload invalid_json action_prohibited posting_to_general_"
    "channel_denied no_service no_active_hooks channel_is_archived user_not_found rollup_error".split()
)
"""Words of Slack that may be shown; anything else it wrote is not."""


class SlackSender:
    """See `Sender`. Messages without a `post` are sent as they are."""

    def __init__(self, http: HttpSender, threads: Threads, clock: Clock) -> None:
        self._http, self._threads, self._clock = http, threads, clock

    async def send(self, message: Message) -> Answer:
        """See `Sender.send`."""
        if message.post is None:
            hook = "authorization" not in message.headers
            return (await self._plainly(message, "" if hook else "chat.postMessage", {}))[0]
        try:
            thread = await self._threads.find(message.post.story_id, message.post.place)
        except TransientError:
            return Answer(Outcome.SERVER_ERROR, detail="the database is away, the thread is not known")
        if thread is not None and _knows(thread, message.post):
            return Answer(Outcome.DELIVERED, 200, detail="its readers know it already")
        if message.post.step == Step.STORY:
            return await self._story(message, message.post, thread)
        return await self._reply(message, message.post, thread)

    async def _story(self, message: Message, post: Post, thread: Thread | None) -> Answer:
        if thread is None:
            return await self._begin(message, post)
        where = {"channel": thread.channel, "ts": thread.ts}
        answer, reply = await self._plainly(message, "chat.update", where)
        if reply.get("error") in _LOST:
            log.warning("thread_lost", story=post.story_id, why=reply["error"])
            with contextlib.suppress(TransientError):  # what is begun now takes its place anyway
                await self._threads.forget(post.story_id, post.place)
            return await self._begin(message, post)
        if answer.outcome == Outcome.DELIVERED:
            await self._keep(replace(thread, told=post.revision, delivery_id=post.delivery_id))
        return answer

    async def _begin(self, message: Message, post: Post) -> Answer:
        answer, reply = await self._plainly(message, "chat.postMessage", {})
        channel, ts = reply.get("channel"), reply.get("ts")
        if answer.outcome == Outcome.DELIVERED and isinstance(channel, str) and isinstance(ts, str):
            begun = Thread(
                post.story_id, post.place, channel[:64], ts[:64], post.revision, post.revision, post.delivery_id
            )
            await self._keep(begun)
        return answer

    async def _keep(self, thread: Thread) -> None:
        """Write it down; without that the next revision begins a thread of its own, which is better than twice now."""
        try:
            await self._threads.keep(thread, self._clock.now())
        except TransientError:
            log.warning("thread_not_kept", story=thread.story_id)

    async def _reply(self, message: Message, post: Post, thread: Thread | None) -> Answer:
        if thread is not None and post.step == Step.REVISION and thread.begun == post.revision:
            return Answer(Outcome.DELIVERED, 200, detail="the thread began with this revision")
        where = {"channel": thread.channel, "thread_ts": thread.ts} if thread else {}
        return (await self._plainly(message, "chat.postMessage", where))[0]

    async def _plainly(self, message: Message, method: str, where: dict[str, str]) -> tuple[Answer, dict[str, Any]]:
        """Send with blocks, and without them when Slack does not take those."""
        answer, reply = await self._exchange(message, method, where)
        if reply.get("error") not in _BAD_BLOCKS:
            return answer, reply
        log.error("blocks_refused", why=reply["error"])
        body = json.loads(message.body)
        text = json.dumps({key: value for key, value in body.items() if key != "blocks"}, ensure_ascii=False)
        return await self._exchange(replace(message, body=text.encode()), method, where)

    async def _exchange(self, message: Message, method: str, where: dict[str, str]) -> tuple[Answer, dict[str, Any]]:
        if method:
            body = {**json.loads(message.body), **where}
            if "thread_ts" not in where:
                body.pop("reply_broadcast", None)
            content = json.dumps(body, ensure_ascii=False).encode()
            message = replace(message, url=f"{message.url}/{method}", body=content)
        try:
            reply = await self._http.exchange(message)
        except HttpFailure as failure:
            return failed(failure), {}
        answer = self._http.judged(reply)
        return _read(answer, reply.body) if method else _read_hook(answer, reply.body)


def _knows(thread: Thread, post: Post) -> bool:
    """Whether the place was told this revision by another delivery, or a newer one by any."""
    return thread.told > post.revision or (thread.told == post.revision and thread.delivery_id != post.delivery_id)


def _read_hook(answer: Answer, body: bytes) -> tuple[Answer, dict[str, Any]]:
    """An incoming webhook says why in a word of plain text."""
    word = body[:64].decode("ascii", "replace").strip()
    if answer.outcome == Outcome.DELIVERED or word not in _KNOWN:
        return answer, {}
    return replace(answer, detail=f"{answer.detail} {word}"), {"error": word}


def _read(answer: Answer, body: bytes) -> tuple[Answer, dict[str, Any]]:
    """The Web API says in its body whether it worked, with HTTP status 200 either way."""
    if answer.outcome != Outcome.DELIVERED:
        return answer, {}
    try:
        reply = json.loads(body)
        fine = reply["ok"]
    except (ValueError, TypeError, LookupError):  # no JSON, no object, no `ok`
        return replace(answer, outcome=Outcome.BAD_RESPONSE, detail="no answer of the Web API"), {}
    if fine is True:
        return answer, reply
    said = reply.get("error")
    word = said if isinstance(said, str) and said in _KNOWN else "unknown error"
    status = 400 if word in _STOP else None
    return replace(answer, outcome=_outcome(word), status=status, detail=f"Slack: {word}"), {"error": word}


def _outcome(word: str) -> Outcome:
    if word in _BUSY:
        return Outcome.THROTTLED
    if word in _ILL:
        return Outcome.SERVER_ERROR
    return Outcome.GONE if word in _GONE else Outcome.REFUSED
