"""Teams, Discord, Telegram, ntfy, Matrix and many more, by one URL, through the Apprise library.

What it does: sends title and text to the service the URL names. The text is plain; Apprise turns it into what the
service understands and splits what is too long for it. A service that is down is tried again like any other receiver.

When to use it: the people you want to reach are on a service orewire has no channel of its own for. For Slack, mail
and programs use `slack`, `email` and `webhook`: they can more. The schemes are a closed list: nothing that writes
files, runs programs, loads configuration or posts to any address. `title` and `body` under `templates` replace the
built-in texts.

Example:
    - {id: desk-teams, channel: apprise, url_file: /run/secrets/teams_url}    # workflows://host/workflow/signature
    - {id: desk-ntfy, channel: apprise, url: "ntfys://${NTFY_TOKEN}@ntfy.example.com/minerals"}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr, field_validator

from services.notify import letter
from services.notify.addresses import MAX_LENGTH, StoryUrl
from services.notify.blocks import dump
from services.notify.message import Message
from services.notify.specimen import specimens
from services.notify.template import Broken, fill, render
from shared.config.validate import Strict
from shared.events import Alert
from shared.events.vocabulary import Severity

SCHEMES: Final = frozenset(
    """
dingtalk discord feishu flock gchat gotify gotifys guilded ilert lark line matrix matrixs mmost mmosts nctalk nctalks
ntfy ntfys onesignal opsgenie pagerduty pbul pover pushy revolt rocket rockets ryver schan signal signals signl4 spike
splunk squadcast synology synologys tgram threema twist victorops webex wecombot whatsapp workflow workflows wxteams
zulip
""".split()
)
_REFUSED: Final = frozenset("attach attachment config redirect store template verify cto rto".split())
"""Query keys that would read files or loosen what orewire guards: redirects, TLS, timeouts."""
MAX_TITLE: Final = 200
DIGEST_SIZE: Final = 20
"""Alerts in one message of a digest."""
TITLE: Final = "{{ title }}"
BODY: Final = """\
{% for it in what_changed %}
{{ it.text }}
{% endfor %}
{{ summary }}
{% for it in quotes %}{% if loop.first %}

"{{ it }}"
{% endif %}{% endfor %}

{% for it in facts %}
{{ it.name }}: {{ it.value }}
{% endfor %}
{% if watch %}
Next date: {{ watch }}
{% endif %}
{% for it in ranked_sources %}{% if loop.index <= 3 %}

{{ it.title }} ({{ it.told_by }})
{% if it.url %}
{{ it.url }}
{% endif %}{% endif %}{% endfor %}
{% if story_url %}

{{ story_url }}
{% endif %}
"""
_TYPES: Final = {Severity.CRITICAL: "failure", Severity.HIGH: "warning"}


class Templates(Strict):
    """Texts of one's own, plain; what is left out stays built in."""

    title: str | None = None
    body: str | None = None


class Settings(Strict):
    """The Apprise URL. It is a secret: it holds the service's tokens."""

    url: SecretStr
    story_url: StoryUrl | None = None
    templates: Templates = Templates()

    @field_validator("url")
    @classmethod
    def _known(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        try:
            parts = urlsplit(text)
            keys = {key.lower().strip(" +-:") for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        except ValueError:
            raise ValueError("expected an Apprise URL") from None
        if parts.scheme not in SCHEMES:
            raise ValueError(f"expected a URL of one of {', '.join(sorted(SCHEMES))}")
        if refused := sorted(keys & _REFUSED):
            raise ValueError(f"the URL must not set {', '.join(refused)}")
        if len(text) > MAX_LENGTH or any(c.isspace() or not c.isprintable() for c in text):
            raise ValueError("expected an Apprise URL without blanks")
        return value


class AppriseChannel:
    """See the module's docstring."""

    settings = Settings
    example: Mapping[str, Any] = {"url": "ntfys://ntfy.example.com/an-example-topic"}
    interval = 1.0
    final: frozenset[int] = frozenset({400, 401, 403, 404, 413})

    def compose(self, alert: Alert, settings: Settings, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """One message; these services know neither threads nor ids."""
        del delivery_id, at
        own, values = settings.templates, letter.values(alert, settings.story_url)
        title = fill(own.title, TITLE, values, letter.plain, name="title")
        body = fill(own.body, BODY, values, letter.plain, name="body")
        remark = "; ".join(part.remark for part in (title, body) if part.remark)
        return (_message(settings, title.text, body.text, alert.severity, remark),)

    def compose_digest(
        self, alerts: Sequence[Alert], settings: Settings, *, delivery_id: str, at: datetime, note: str = ""
    ) -> Sequence[Message]:
        """Messages with a few lines an alert."""
        del delivery_id, at
        groups = [alerts[first : first + DIGEST_SIZE] for first in range(0, len(alerts), DIGEST_SIZE)]
        return tuple(_digest(settings, group, note) for group in groups)

    def flaws(self, settings: Settings) -> Sequence[tuple[tuple[str, ...], str]]:
        """Templates that do not render."""
        return [flaw for name in ("title", "body") for flaw in _flaws(settings, name)]


CHANNEL: Final = AppriseChannel()


def _flaws(settings: Settings, name: str) -> Sequence[tuple[tuple[str, ...], str]]:
    source = getattr(settings.templates, name)
    try:
        for alert in specimens() if source is not None else ():
            render(source, letter.values(alert, settings.story_url), letter.plain)
    except Broken as error:
        return [(("templates", name), str(error))]
    return []


def _digest(settings: Settings, alerts: Sequence[Alert], note: str) -> Message:
    values = letter.digest_values(alerts, settings.story_url, note)
    text = fill(None, letter.DIGEST_TEXT, values, letter.plain, name="digest").text
    worst = max((alert.severity for alert in alerts), key=lambda severity: severity.rank)
    title, _, body = text.partition("\n")
    return _message(settings, title, body, worst, "")


def _message(settings: Settings, title: str, body: str, severity: Severity, remark: str) -> Message:
    told = {"title": letter.plain(title)[:MAX_TITLE], "body": body.strip(), "type": _TYPES.get(severity, "info")}
    return Message(settings.url.get_secret_value(), dump(told).encode(), {}, transport="apprise", remark=remark)
