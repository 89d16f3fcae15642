"""Mail over SMTP: plain text and HTML in one message, revisions of a story in one thread.

What it does: sends one message a revision, or one for a whole digest. `Message-ID` is the delivery's id, the same for
every attempt; `In-Reply-To` and `References` name the story, which mail programs thread by; `List-Id` is for filters.
The connection is encrypted: `smtps://` (port 465) or `smtp://` with STARTTLS (port 587), which is never skipped;
`smtp+plain://` (port 25) sends in the clear and takes no password.

When to use it: people read alerts in their mailbox. One subscriber is one mailbox; use a mailing list for a team.
`subject`, `text` and `html` under `templates` replace the built-in texts.

Example:
    - {id: desk-mail, channel: email, server: "smtps://orewire:${SMTP_PASSWORD}@mail.example.com",
       sender: orewire@example.com, to: minerals-desk@example.com}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, SecretStr, field_validator

from services.notify import facts, letter
from services.notify.addresses import StoryUrl, mailbox, smtp_url
from services.notify.message import Message
from services.notify.specimen import specimens
from services.notify.template import Broken, Filled, fill, render
from shared.config.validate import Strict
from shared.events import Alert
from shared.events.vocabulary import Severity
from shared.ids import stable_id

MAX_SUBJECT: Final = 200
"""Characters; the whole title stands in the body too."""
DIGEST_SIZE: Final = 50
"""Alerts in one mail of a digest."""
_BUILTIN: Final = {"subject": letter.SUBJECT, "text": letter.TEXT, "html": letter.HTML}
Mailbox = Annotated[str, AfterValidator(mailbox)]


class Templates(Strict):
    """Texts of one's own; what is left out stays built in."""

    subject: str | None = None
    text: str | None = None
    html: str | None = None


class Settings(Strict):
    """The mail server with user and password, from whom and to whom.

    `ca` holds certificates (PEM) to trust beside the system's.
    """

    server: SecretStr
    sender: Mailbox
    to: Mailbox
    reply_to: Mailbox | None = None
    list_id: str | None = None
    ca: str | None = None
    story_url: StoryUrl | None = None
    templates: Templates = Templates()

    @field_validator("server")
    @classmethod
    def _smtp(cls, value: SecretStr) -> SecretStr:
        return smtp_url(value)

    @field_validator("list_id")
    @classmethod
    def _dotted(cls, value: str | None) -> str | None:
        if value is not None and not all(
            part.replace("-", "").isalnum() and part.isascii() for part in value.split(".")
        ):
            raise ValueError("expected a name with dots such as alerts.example.com")
        return value

    @property
    def address(self) -> str:
        """What makes another receiver of it when it changes."""
        return f"{self.server.get_secret_value()} {self.sender} {self.to}"


class EmailChannel:
    """See the module's docstring."""

    settings = Settings
    example: Mapping[str, Any] = {
        "server": "smtps://orewire:an-example@mail.example.com",
        "sender": "orewire@example.com",
        "to": "minerals-desk@example.com",
    }
    interval = 0.0
    final: frozenset[int] = frozenset({550, 551, 552, 553, 554, 555, 556})

    def compose(self, alert: Alert, settings: Settings, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """One message. The time plays no part: every attempt sends the same bytes."""
        del at
        own, plain = settings.templates, letter.values(alert, settings.story_url)
        subject = fill(own.subject, letter.SUBJECT, plain, letter.plain, name="subject")
        text = fill(own.text, letter.TEXT, plain, letter.plain, name="text")
        rich = fill(own.html, letter.HTML, letter.html_values(alert, settings.story_url), letter.html, name="html")
        mail = _mail(settings, subject.text, text.text, rich.text, delivery_id)
        mail["Date"] = format_datetime(alert.clock.raised_at or alert.first_seen_at)
        thread = f"<{stable_id('thread', alert.story_id, settings.to)}@{_domain(settings)}>"
        mail["In-Reply-To"], mail["References"] = thread, thread
        mail["X-Orewire-Story"] = f"{letter.plain(alert.story_id)[:80]}; revision={alert.revision}"
        if alert.severity == Severity.CRITICAL:
            mail["X-Priority"] = "1"
        return (_message(settings, mail, _remarks(subject, text, rich)),)

    def compose_digest(
        self, alerts: Sequence[Alert], settings: Settings, *, delivery_id: str, at: datetime, note: str = ""
    ) -> Sequence[Message]:
        """One message with all alerts, in no thread; several for more than DIGEST_SIZE."""
        groups = [alerts[first : first + DIGEST_SIZE] for first in range(0, len(alerts), DIGEST_SIZE)]
        ids = [delivery_id if n == 0 else f"{delivery_id}.{n}" for n in range(len(groups))]
        return tuple(_digest(settings, group, note, name, at) for group, name in zip(groups, ids, strict=True))

    def flaws(self, settings: Settings) -> Sequence[tuple[tuple[str, ...], str]]:
        """Templates that do not render."""
        return [flaw for name in _BUILTIN for flaw in _flaws(settings, name)]


CHANNEL: Final = EmailChannel()


def _flaws(settings: Settings, name: str) -> Sequence[tuple[tuple[str, ...], str]]:
    source = getattr(settings.templates, name)
    make, mark = (letter.html_values, letter.html) if name == "html" else (letter.values, letter.plain)
    try:
        for alert in specimens() if source is not None else ():
            render(source, make(alert, settings.story_url), mark)
    except Broken as error:
        return [(("templates", name), str(error))]
    return []


def _digest(settings: Settings, alerts: Sequence[Alert], note: str, name: str, at: datetime) -> Message:
    values = letter.digest_values(alerts, settings.story_url, note)
    text = fill(None, letter.DIGEST_TEXT, values, letter.plain, name="digest").text
    rich = fill(None, letter.DIGEST_HTML, values, letter.html, name="digest").text
    mail = _mail(settings, facts.digest_title(alerts), text, rich, name)
    mail["Date"] = format_datetime(at)
    return _message(settings, mail, "")


def _mail(settings: Settings, subject: str, text: str, html: str, delivery_id: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("orewire", addr_spec=settings.sender)
    mail["To"] = Address(addr_spec=settings.to)
    if settings.reply_to:
        mail["Reply-To"] = Address(addr_spec=settings.reply_to)
    mail["Subject"] = letter.plain(subject)[:MAX_SUBJECT] or "orewire"
    mail["Message-ID"] = f"<{delivery_id}@{_domain(settings)}>"
    mail["List-Id"] = f"<{settings.list_id or 'orewire.' + _domain(settings)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_clean(text), cte="quoted-printable")
    mail.add_alternative(_clean(html), subtype="html", cte="quoted-printable")
    mail.set_boundary(stable_id("boundary", delivery_id))
    return mail


def _message(settings: Settings, mail: EmailMessage, remark: str) -> Message:
    headers = {"mail-from": settings.sender, "rcpt-to": settings.to, "ca": settings.ca or ""}
    return Message(settings.server.get_secret_value(), mail.as_bytes(), headers, transport="smtp", remark=remark)


def _remarks(*parts: Filled) -> str:
    return "; ".join(part.remark for part in parts if part.remark)


def _domain(settings: Settings) -> str:
    return settings.sender.rpartition("@")[2]


def _clean(text: str) -> str:
    """Text that can be encoded: articles hold lone surrogates and control characters."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not "\ud800" <= c <= "\udfff" and c != "\x7f"))
