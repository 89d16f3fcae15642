"""From what was found to the article that is published: cleaned, cut, dated, with a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, cast

from services.ingest.canonical import canonical_url
from services.ingest.essence import essence, fingerprint, is_substantial
from services.ingest.found import API_SOURCE, Extracted, Found, Origin
from services.ingest.lookalike import Sketch, sketch
from services.ingest.novelty import Draft, Reason, Verdict, content_key, entry_key, headline_key, identity, rejected
from services.ingest.plaintext import MAX_RAW, MAX_TITLE, clean, clean_title, comparable, cut
from shared.events import Article
from shared.events.article import Tier


@dataclass(frozen=True)
class Prepared:
    """An article ready to be judged and published: with what tells it again, and a sketch of its text."""

    article: Article
    draft: Draft
    sketch: Sketch | None


Detect = Callable[[str], str | None]
"""The language of a text as an ISO 639-1 code, None when it cannot be told."""
_NOTHING: Final = Extracted()


def announced(found: Found, source_id: str) -> Draft | None:
    """What can be told of an article before its page is read; None when it has neither address nor id."""
    url_id = identity(url=found.url, client_id=None, text="") if found.url else None
    named = entry_key(source_id, found.client_id)
    if url_id is None and named is None:
        return None
    headline = headline_key(clean_title(found.title))
    return Draft(url_id or "", source_id, stamp_of(found), headline, entry_key=named)


def stamp_of(found: Found) -> str:
    """A digest of all that the source says of an article but where and when it was published."""
    updated = found.updated.at.isoformat() if found.updated else ""
    said = "\0".join((found.title, found.text, updated)).encode("utf-8", "replace")
    return blake2b(said + found.html, digest_size=16).hexdigest()


def prepare(
    found: Found,
    extracted: Extracted | None,
    *,
    early: Draft | None,
    origin: Origin,
    fetched_at: datetime,
    detect: Detect,
) -> Prepared | Verdict:
    """The article with its digests and its sketch, or the verdict that there is none. `early` is what was announced."""
    article = compose(found, extracted, origin=origin, fetched_at=fetched_at, detect=detect)
    if isinstance(article, Verdict):
        return article
    said = essence(article.title, article.text)
    page = page_url(extracted.url) if extracted and found.url else None
    same_words = bool(article.url) and article.source_id != API_SOURCE and is_substantial(said)
    digest = fingerprint(said)
    draft = Draft(
        id=article.id,
        source_id=article.source_id,
        stamp=early.stamp if early else stamp_of(found),
        headline=early.headline if early and early.headline else headline_key(article.title),
        said=digest,
        entry_key=entry_key(article.source_id, found.client_id),
        page_key=identity(url=page, client_id=None, text="") if page else None,
        content_key=content_key(article.source_id, digest) if same_words else None,
    )
    return Prepared(article, draft, sketch(said))


def compose(
    found: Found, extracted: Extracted | None, *, origin: Origin, fetched_at: datetime, detect: Detect
) -> Article | Verdict:
    """The article, or the verdict that there is none.

    What the source says about an article goes before what its page says; the page's text goes before the
    source's, because feeds carry summaries.
    """
    page = extracted or _NOTHING
    title = clean_title(found.title or page.title)
    raw = (page.text or found.text).strip()
    fitting = cut(without_headline(clean(raw[:MAX_RAW]), title))
    if not title and not fitting.text:
        return rejected(Reason.EMPTY_TEXT, "neither title nor text holds a readable character")
    published = found.published or page.published
    url = canonical_url(found.url) if found.url else page_url(page.url)
    return Article(
        id=identity(url=url, client_id=found.client_id, text=fitting.text or title),
        url=url,
        title=title,
        text=fitting.text,
        truncated=fitting.truncated or len(raw) > MAX_RAW,
        source_id=origin.source_id,
        source_tier=cast(Tier, origin.tier),
        lang=language(found, page, origin) or detect(f"{title}\n{fitting.text}"),
        published_at=published.seen_at(fetched_at) if published else None,
        fetched_at=fetched_at,
    )


def without_headline(text: str, title: str) -> str:
    """The text without its first line, where that repeats the title and something follows."""
    first, _, rest = text.partition("\n")
    repeats = bool(title) and len(first) <= 2 * MAX_TITLE and comparable(first) == comparable(title)
    return rest.lstrip() if repeats and rest.strip() else text


def page_url(url: str | None) -> str | None:
    """The address a page claims for itself, unless it is a site's front page, which many pages claim."""
    canonical = canonical_url(url) if url else None
    return canonical if canonical and canonical.count("/") > 2 and not canonical.endswith("/") else None


def language(found: Found, page: Extracted, origin: Origin) -> str | None:
    """The language as given, in the two-letter form of the contract. A page's own claim is often wrong."""
    for given in (found.lang, origin.lang):
        code = (given or "").strip().lower().replace("_", "-").split("-")[0]
        if len(code) == 2 and code.isascii() and code.isalpha():
            return code
    return page.lang
