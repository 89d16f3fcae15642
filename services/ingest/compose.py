"""From what was found to the article that is published: cleaned, cut, dated, with a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, cast

from services.ingest.canonical import canonical_url
from services.ingest.dates import Undated
from services.ingest.essence import essence, fingerprint, is_substantial
from services.ingest.found import API_SOURCE, Extracted, Found, Origin
from services.ingest.furniture import without_furniture
from services.ingest.lookalike import Sketch, sketch
from services.ingest.novelty import Draft, Reason, Verdict, content_key, entry_key, headline_key, identity, rejected
from services.ingest.plaintext import MAX_RAW, MAX_TITLE, clean, clean_title, comparable, cut
from services.ingest.script import script_language
from shared.events import Article
from shared.events.article import DateRefusal, Tier


@dataclass(frozen=True)
class Prepared:
    """An article ready to be judged and published: with what tells it again, and a sketch of its text."""

    article: Article
    draft: Draft
    sketch: Sketch | None


Detect = Callable[[str], str | None]
"""The language of a text as an ISO 639-1 code, None when it cannot be told."""
TELLING: Final = 200
"""Characters from which on a text shows its language better than a claim does."""
NEAR: Final = {
    "id": ("ms",), "ms": ("id",), "no": ("da", "sv"), "da": ("no",), "sv": ("no",), "pt": ("es",), "es": ("pt",),
    "uk": ("ru",), "kk": ("ru", "mn"), "mn": ("kk",), "hi": ("ne",), "ur": ("fa", "ar"), "nl": ("de",),
}  # fmt: skip
"""Languages whose texts a detector takes for one another."""
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
    fitting = cut(without_headline(without_furniture(clean(raw[:MAX_RAW])), title))
    if not title and not fitting.text:
        return rejected(Reason.EMPTY_TEXT, "neither title nor text holds a readable character")
    dates = dated(found, page, fetched_at)
    url = canonical_url(found.url) if found.url else page_url(page.url)
    return Article(
        id=identity(url=url, client_id=found.client_id, text=fitting.text or title),
        url=url,
        title=title,
        text=fitting.text,
        truncated=fitting.truncated or len(raw) > MAX_RAW,
        source_id=origin.source_id,
        source_tier=cast(Tier, origin.tier),
        lang=language(found, page, origin, f"{title}\n{fitting.text}", detect),
        published_at=dates.published,
        updated_at=dates.updated,
        date_refused=dates.refused,
        fetched_at=fetched_at,
        partial=page.partial or (found.follow and extracted is None),
    )


@dataclass(frozen=True)
class Dates:
    """When an article was published and updated. `refused` says why a date that was told is not believed."""

    published: datetime | None = None
    updated: datetime | None = None
    refused: DateRefusal | None = None


def dated(found: Found, page: Extracted, fetched_at: datetime) -> Dates:
    """The dates of an article: the source's own, or the page's where the source has none that can be true."""
    refused: DateRefusal | None = None
    published: datetime | None = None
    for moment in (found.published, page.published):
        believed = moment.seen_at(fetched_at) if moment and published is None else None
        if isinstance(believed, datetime):
            published = believed
        elif believed is not None and refused is None:
            refused = "future_date" if believed is Undated.FUTURE else "absurd_date"
    changed = found.updated or page.updated
    updated = changed.seen_at(fetched_at) if changed else None
    later = isinstance(updated, datetime) and (published is None or updated > published)
    return Dates(
        published, updated if later and isinstance(updated, datetime) else None, None if published else refused
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


def language(found: Found, page: Extracted, origin: Origin, text: str, detect: Detect) -> str | None:
    """The language of this article, in the two-letter form of the contract.

    What the text itself shows goes first, where it is long enough to show anything: feeds claim the language
    of their software, and a ministry's Chinese list holds English notices. Between languages so near that a
    detector confuses them, the claim decides.
    """
    claims = (found.lang, origin.lang, page.lang)
    claimed = next((code for given in claims if (code := two_letters(given))), None)
    if claimed and len(text) < TELLING and script_language(text) is None:
        return claimed
    seen = detect(text)
    return claimed if seen is None or (claimed and seen in NEAR.get(claimed, ())) else seen


def two_letters(given: str | None) -> str | None:
    """`en` from `en-US`; None when it is no language code of two letters."""
    code = (given or "").strip().lower().replace("_", "-").split("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None
