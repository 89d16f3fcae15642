"""APIs that answer in JSON: a request template, paging, and JMESPath for what is wanted.

What it does: sends the request, takes each record's title, link, text and dates, and reads on, one page a poll,
until a page brings nothing new or `most_pages` are read. `{since}`, `{page}`, `{offset}`, `{page_size}` and
`{cursor}` stand for their values in `params` and `body`; a parameter whose variable has no value yet is left out.
An error under HTTP 200 is an error: text that is no JSON, what `error` finds, or an answer without the list.
When to use it: for official APIs and search services. Give `host_gap` where a service limits requests.
Example: `{id: x, type: json_api, url: "https://api.example/news", items: results, fields: {title: name, link: url}}`
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from urllib.parse import urljoin, urlsplit

from pydantic import Field, model_validator

from services.ingest.manners import Interval
from services.ingest.paging import Round, brings_news
from services.ingest.parsers.records import Answer, Selection, read_answer
from services.ingest.ports import Ask, Page, Reach
from services.ingest.request import Variables, address, content
from services.ingest.source import Cursor, Polled
from services.ingest.websource import MAX_ENTRIES, JmesPath, WebSource, marks
from shared.config.validate import Strict
from shared.errors import PermanentError, TransientError

BETWEEN_PAGES: Final = timedelta(seconds=1)
PATIENCE: Final = 60.0
"""Seconds an API is left alone that says it is asked too often."""


class Fields(Strict):
    """Where the pieces stand inside a record. Without an address an entry is known by its `id`."""

    title: JmesPath | None = None
    link: JmesPath | None = None
    text: JmesPath | None = None
    date: JmesPath | None = None
    updated: JmesPath | None = None
    id: JmesPath | None = None
    lang: JmesPath | None = None


class Paging(Strict):
    """How the next page is asked for; `next` finds the cursor, or the address, in the answer."""

    by: Literal["page", "offset", "cursor", "next_link"]
    next: JmesPath | None = None
    first: int = Field(default=1, ge=0)
    most_pages: int = Field(default=3, ge=1, le=50)

    @model_validator(mode="after")
    def _knows_the_next(self) -> Paging:
        if self.by in {"cursor", "next_link"} and self.next is None:
            raise ValueError(f"paging by `{self.by}` needs `next`, a JMESPath")
        return self


class Source(WebSource):
    """An API at a URL."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "trade-search",
        "type": "json_api",
        "url": "https://api.example/v1/search",
        "params": {"q": "critical minerals", "from": "{since:%Y-%m-%d}", "page": "{page}", "size": "{page_size}"},
        "headers": {"accept": "application/json"},
        "items": "results",
        "fields": {"title": "title", "link": "url", "text": "abstract", "date": "published_at"},
        "error": "error.message",
        "paging": {"by": "page", "most_pages": 3},
        "page_size": 50,
        "host_gap": "6s",
    }

    type: Literal["json_api"]
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str | int | bool | tuple[str, ...]] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | str | None = None
    items: JmesPath
    fields: Fields
    base: str | None = None
    error: JmesPath | None = None
    may_lack_items: bool = False
    date_format: str | None = None
    paging: Paging | None = None
    page_size: int = Field(default=50, ge=1, le=1000)
    overlap: Interval = timedelta(hours=1)

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`. Reads one page; while there are more, it asks to be polled again soon."""
        round_ = Round.of(cursor.get("round", {}))
        try:
            page = await self._page(cursor, round_, reach)
            answer = None if page is None else await self._answer(page, reach)
        except PermanentError as error:
            if not round_.pages:
                raise
            problem = f"page {round_.pages + 1}: {error}"  # a cursor that ran out must not stop the source for ever
            return Polled(cursor=_ended(cursor, round_), problems=(problem,))
        if page is None or answer is None:
            return Polled(cursor=cursor)
        return self._polled(cursor, round_, answer, page)

    def _polled(self, cursor: Cursor, round_: Round, answer: Answer, page: Page) -> Polled:
        now = round_.with_page(answer.found, answer.next, page.at)
        kept = {**cursor, **({} if round_.pages else {**marks(page), "asked": self._url(cursor, round_)})}
        found = self.wanted(answer.found)
        more = self._has_next(answer, now) and brings_news(answer.found, round_, cursor.get("seen", ()))
        if more:
            return Polled(found, {**kept, "round": now.stored()}, again_in=max(self.host_gap, BETWEEN_PAGES))
        return Polled(found, _ended(kept, now))

    def _has_next(self, answer: Answer, now: Round) -> bool:
        if self.paging is None or now.pages >= self.paging.most_pages or not answer.records:
            return False
        if self.paging.by == "next_link":  # elsewhere our headers, and the keys in them, have no business
            return bool(answer.next) and _host(urljoin(self.url, answer.next or "")) == _host(self.url)
        return bool(answer.next) if self.paging.by == "cursor" else answer.records >= self.page_size

    async def _page(self, cursor: Cursor, round_: Round, reach: Reach) -> Page | None:
        url, variables = self._url(cursor, round_), self._variables(cursor, round_)
        body, typed = content(self.body, variables)
        ask = Ask(self.method, {**typed, **self.headers}, body)
        known = cursor if cursor.get("asked") == url and self.method == "GET" and not round_.pages else {}
        return await reach.fetch(url, etag=known.get("etag"), last_modified=known.get("last_modified"), ask=ask)

    async def _answer(self, page: Page, reach: Reach) -> Answer:
        answer = await reach.isolate(read_answer, page.body, page.content_type, self.selection, most=MAX_ENTRIES)
        if answer.error is not None and answer.slow_down:
            raise TransientError(f"asked too often: {answer.error}", retry_after=PATIENCE)
        if answer.error is not None:
            raise PermanentError("api_error", answer.error)
        return answer

    def _url(self, cursor: Cursor, round_: Round) -> str:
        if round_.next and self.paging and self.paging.by == "next_link":
            return urljoin(self.url, round_.next)
        return address(self.url, self.params, self._variables(cursor, round_))

    def _variables(self, cursor: Cursor, round_: Round) -> Variables:
        since = cursor.get("since")
        return Variables(
            since=datetime.fromisoformat(since) - self.overlap if since else None,
            page=(self.paging.first if self.paging else 1) + round_.pages,
            offset=round_.pages * self.page_size,
            page_size=self.page_size,
            cursor=round_.next,
        )

    @property
    def selection(self) -> Selection:
        """What to take out of an answer, as the parser wants it."""
        return Selection(
            items=self.items,
            fields=self.fields.model_dump(exclude_none=True),
            error=self.error or "",
            next=(self.paging.next if self.paging else None) or "",
            may_lack_items=self.may_lack_items,
            pattern=self.date_format,
            zone=self.zone,
            base=self.base or self.url,
        )


def _ended(cursor: Cursor, round_: Round) -> Cursor:
    """The cursor after the last page of a round: what the next one need not read again."""
    newest = round_.newest.isoformat() if round_.newest else cursor.get("since")
    kept = {name: cursor.get(name) for name in ("etag", "last_modified", "asked")}
    return {**kept, "since": newest, "seen": list(round_.keys) or cursor.get("seen", [])}


def _host(url: str) -> str:
    return urlsplit(url).netloc
