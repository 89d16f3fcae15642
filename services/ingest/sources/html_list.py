"""Lists of notices in HTML: a page whose entries link to articles, found by CSS selectors.

What it does: fetches the list when it changed, takes each entry's link, title and date, and follows new ones to
their page (and, with `attachments: true`, to the PDFs it links to). With `inside` the HTML is taken out of a JSON
answer, as sites do whose lists are loaded by a script. A list in which nothing matches is a failure, not silence.
When to use it: for ministries without a feed. Give `zone`: their dates have none.
Example: `{id: mines, type: html_list, url: "https://mines.example/notices", item: "ul.list li", date: "span.date"}`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from cssselect import HTMLTranslator, SelectorError
from pydantic import AfterValidator

from services.ingest.parsers.listing import Shape, list_entries
from services.ingest.ports import Reach
from services.ingest.source import Cursor, Polled
from services.ingest.websource import MAX_ENTRIES, JmesPath, WebSource, marks


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"not a CSS selector: {error}") from error
    return value


Css = Annotated[str, AfterValidator(_selector)]


class Source(WebSource):
    """A list at a URL. `link` (default: the first link), `title` and `date` are sought inside each `item`."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {
        "id": "mines-notices",
        "type": "html_list",
        "url": "https://mines.example/notices/index.html",
        "item": "ul.list li",
        "link": "a",
        "date": "span.date",
        "zone": "Asia/Shanghai",
        "tier": 1,
        "attachments": True,
    }

    type: Literal["html_list"]
    item: Css
    link: Css = "a[href]"
    title: Css | None = None
    date: Css | None = None
    date_format: str | None = None
    inside: JmesPath | None = None
    may_be_empty: bool = False
    full_text: bool = True

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """See `ConfiguredSource.poll`."""
        page = await self.changed(cursor, reach)
        if page is None:
            return Polled(cursor=cursor)
        found = await reach.isolate(list_entries, page.body, page.url, page.content_type, self.shape, most=MAX_ENTRIES)
        return Polled(self.wanted(found), marks(page))

    @property
    def shape(self) -> Shape:
        """The selectors as the parser wants them."""
        return Shape(
            item=_xpath(self.item, "descendant::"),
            link=_xpath(self.link, "descendant-or-self::"),
            title=_xpath(self.title, "descendant-or-self::") if self.title else "",
            date=_xpath(self.date, "descendant-or-self::") if self.date else "",
            pattern=self.date_format,
            inside=self.inside or "",
            zone=self.zone,
            may_be_empty=self.may_be_empty,
        )


def _xpath(css: str, axis: str) -> str:
    return HTMLTranslator().css_to_xpath(css, prefix=axis)
