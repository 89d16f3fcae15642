"""Slack, with Block Kit: an incoming webhook, or a bot that keeps each story's message up to date.

What it does: headline with the severity's colour, what changed, the summary, the facts as fields, the evidence with the
matched words in bold, buttons to the source and to the story. Long texts are split over blocks and messages, never cut.
With a webhook each revision is a message of its own. A bot posts a story once; a revision brings that message up to
date and replies in its thread with what changed (`broadcast: false` shows the reply in the thread only).

When to use it: people read alerts in a Slack channel. One message a second goes to one address. A bot needs the scope
`chat:write` and an invitation to the channel. `body` under `templates` replaces what stands between headline and
buttons.

Example:
    - {id: desk-slack, channel: slack, url_file: /run/secrets/slack_url, filter: {severity: high}}
    - {id: desk-bot, channel: slack, token: "${SLACK_BOT_TOKEN}", slack_channel: C0123456789,
       story_url: "https://orewire.example.com/stories/{story_id}"}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Self

from pydantic import SecretStr, StringConstraints, field_validator, model_validator

from services.notify import blocks, facts
from services.notify.addresses import StoryUrl, http_url, story_link
from services.notify.markup import bold_terms, escape
from services.notify.message import Message, Post, Step
from services.notify.specimen import specimens
from services.notify.template import Broken, Raw, render
from shared.config.validate import Strict
from shared.events import Alert
from shared.ids import stable_id

_TYPE: Final = "application/json; charset=utf-8"


class Templates(Strict):
    """Texts of one's own, in Slack's mrkdwn."""

    body: str | None = None


class Settings(Strict):
    """The incoming webhook's URL, or a bot's token and the id of a Slack channel. URL and token are secrets."""

    url: SecretStr | None = None
    token: SecretStr | None = None
    slack_channel: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{7,20}$")] | None = None
    api: str = "https://slack.com/api"
    broadcast: bool = True
    story_url: StoryUrl | None = None
    templates: Templates = Templates()

    @field_validator("url")
    @classmethod
    def _http(cls, value: SecretStr | None) -> SecretStr | None:
        return http_url(value) if value is not None else None

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not (
            value.get_secret_value().startswith("xox") and value.get_secret_value().isascii()
        ):
            raise ValueError("expected a bot token (xoxb-…)")
        return value

    @field_validator("api")
    @classmethod
    def _api(cls, value: str) -> str:
        http_url(SecretStr(value))
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        bot = (self.token is not None, self.slack_channel is not None)
        if (self.url is not None) == any(bot) or any(bot) != all(bot):
            raise ValueError("expected either `url`, or `token` and `slack_channel`")
        return self

    @property
    def address(self) -> str:
        """What makes another receiver of it when it changes."""
        if self.url is not None:
            return self.url.get_secret_value()
        token = self.token.get_secret_value() if self.token else ""
        return f"{self.api} {self.slack_channel} {token}"


class SlackChannel:
    """See the module's docstring."""

    settings = Settings
    example: Mapping[str, Any] = {"url": "https://hooks.slack.com/services/T0000/B0000/example"}
    interval = 1.0
    final: frozenset[int] = frozenset({400, 401, 403, 404, 413})

    def compose(self, alert: Alert, settings: Settings, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """One request a message. The time plays no part."""
        del at
        story = story_link(settings.story_url, alert.story_id)
        own, remark = _own(alert, settings, story)
        whole = blocks.split(blocks.story_blocks(alert, story, own), facts.title(alert))
        if settings.url is not None:
            return tuple(_hook(settings, part, remark) for part in whole)
        steps = [Step.STORY, *[Step.MORE] * (len(whole) - 1)]
        parts = list(zip(steps, whole, strict=True))
        if facts.is_revision(alert):
            told = blocks.split(blocks.revision_blocks(alert, story), facts.title(alert))
            parts += [(Step.REVISION, part) for part in told]
        make = partial(_call, alert, settings, delivery_id, remark)
        return tuple(make(step, part) for step, part in parts)

    def compose_digest(
        self, alerts: Sequence[Alert], settings: Settings, *, delivery_id: str, at: datetime, note: str = ""
    ) -> Sequence[Message]:
        """A list of alerts, in messages of their own: a digest belongs to no story's thread."""
        del delivery_id, at
        heading = facts.digest_title(alerts)
        links = {alert.story_id: story_link(settings.story_url, alert.story_id) for alert in alerts}
        parts = blocks.split(blocks.digest_blocks(alerts, heading, links, note), heading)
        if settings.url is not None:
            return tuple(_hook(settings, part, "") for part in parts)
        return tuple(_request(settings, part, "", None) for part in parts)

    def flaws(self, settings: Settings) -> Sequence[tuple[tuple[str, ...], str]]:
        """A body template that does not render."""
        for alert in specimens() if settings.templates.body is not None else ():
            try:
                _rendered(alert, settings.templates.body or "", "https://orewire.example.com/")
            except Broken as error:
                return [(("templates", "body"), str(error))]
        return []


CHANNEL: Final = SlackChannel()


def _own(alert: Alert, settings: Settings, story: str | None) -> tuple[str | None, str]:
    """The body the subscriber's template makes, or why it makes none."""
    source = settings.templates.body
    if source is None:
        return None, ""
    try:
        return _rendered(alert, source, story), ""
    except Broken as error:
        return None, f"template `body` is broken, the built-in one was used: {error}"


def _rendered(alert: Alert, source: str, story: str | None) -> str:
    quotes = [Raw("".join(bold_terms(item))) for item in alert.evidence]
    text = render(source, facts.as_values(alert, quotes=quotes, story=story), escape)
    if not text.strip():
        raise Broken("makes no text")
    return text


def _hook(settings: Settings, part: Mapping[str, Any], remark: str) -> Message:
    url = settings.url.get_secret_value() if settings.url else ""
    return Message(url, blocks.dump(part).encode(), {"content-type": _TYPE}, transport="slack", remark=remark)


def _call(
    alert: Alert, settings: Settings, delivery_id: str, remark: str, step: Step, part: Mapping[str, Any]
) -> Message:
    place = stable_id("place", settings.api, settings.slack_channel)
    return _request(
        settings,
        {**part, "reply_broadcast": True} if step == Step.REVISION and settings.broadcast else part,
        remark,
        Post(alert.story_id, alert.revision, delivery_id, place, step),
    )


def _request(settings: Settings, part: Mapping[str, Any], remark: str, post: Post | None) -> Message:
    """A call of the Web API; which method it is depends on the thread there is."""
    token = settings.token.get_secret_value() if settings.token else ""
    body = blocks.dump({"channel": settings.slack_channel, **part}).encode()
    headers = {"content-type": _TYPE, "authorization": f"Bearer {token}"}
    return Message(settings.api, body, headers, transport="slack", post=post, remark=remark)
