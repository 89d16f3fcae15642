"""What a source found: the raw pieces of one article, before anything was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.ingest.dates import Moment

API_SOURCE: Final = "api"
"""Source of an article that came through `POST /v1/articles` and names none."""


@dataclass(frozen=True)
class Found:
    """One article as a source or a client handed it over.

    At least one of `text`, `html` and `url` is worth something. `follow` asks for the page at `url` to be
    fetched and extracted, if the article is new; `text` is then what remains when the page cannot be had.
    `zone` is where the times of that page are written, `attachments` asks for the PDFs it links to.
    `source_id` is set when the article itself names a source other than the one that handed it over; `client_id` is
    what its source or client calls it (a feed's `guid`), `updated` when the source says that it was last changed.
    """

    title: str = ""
    text: str = ""
    html: bytes = b""
    url: str | None = None
    published: Moment | None = None
    updated: Moment | None = None
    lang: str | None = None
    client_id: str | None = None
    source_id: str | None = None
    follow: bool = False
    zone: str = "UTC"
    attachments: bool = False


@dataclass(frozen=True)
class Extracted:
    """The article inside a page or PDF. `url` is the page's own canonical address, if it names one.

    `partial` says that the page shows only a part of the article, `attachments` are the PDFs it links to.
    """

    title: str = ""
    text: str = ""
    published: Moment | None = None
    updated: Moment | None = None
    lang: str | None = None
    url: str | None = None
    partial: bool = False
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where an article comes from: the source's id, its tier, and the language it usually writes in.

    `max_age` is how old an article may be to be collected; None means any age.
    """

    source_id: str
    tier: int = 2
    lang: str | None = None
    max_age: timedelta | None = None
