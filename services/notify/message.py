"""One message on its way to a receiver: where to, what, by which transport, and its place in a story's thread. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Step(StrEnum):
    """What a message is to its story's thread."""

    STORY = "story"
    """The story itself: posted once, brought up to date by each revision."""
    MORE = "more"
    """What the story's own message had no room for."""
    REVISION = "revision"
    """What a revision changed: a reply in the thread."""


@dataclass(frozen=True)
class Post:
    """Where a message belongs: a step of one delivery in the thread of a story at one `place` (an opaque id)."""

    story_id: str
    revision: int
    delivery_id: str
    place: str
    step: Step


@dataclass(frozen=True)
class Message:
    """One message, ready to be sent. Its text form hides where it goes and what it says.

    `transport` names the way out; `post` is set where revisions share a thread. `remark` says what went wrong in
    making the message although it can be sent, such as a template that fell back; it holds no secret.
    """

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    transport: str = "http"
    post: Post | None = None
    remark: str = ""
