"""What every event has: a type, a stable id, a subject and a body that readers may extend."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def to_utc(value: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is UTC.

    Raises:
        ValueError: it lies before the year 1 or after 9999 there.
    """
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("not within the years 1 to 9999 in UTC") from None


UtcDatetime = Annotated[AwareDatetime, AfterValidator(to_utc)]
"""An aware datetime, kept in UTC."""


class Body(BaseModel):
    """Part of an event body. Readers ignore fields they do not know, so additions break nobody."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Body):
    """A fact that was published. Subclasses set TYPE and say how subject and id follow from the body."""

    TYPE: ClassVar[str]
    """CloudEvents `type`, with the version of the contract."""
    SUBJECT: ClassVar[str]
    """Template of the NATS subject, with one `{parameter}` a variable token."""

    @property
    def event_id(self) -> str:
        """The CloudEvents `id`: the same fact always has the same one."""
        raise NotImplementedError

    @property
    def subject_tokens(self) -> dict[str, str]:
        """Values of the parameters in SUBJECT."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """The NATS subject this event is published on."""
        return self.SUBJECT.format(**self.subject_tokens)

    def body(self) -> bytes:
        """The JSON body as published."""
        return self.model_dump_json().encode()

    @classmethod
    def schema_document(cls) -> dict[str, Any]:
        """The published JSON Schema of the body."""
        return cls.model_json_schema(mode="serialization")
