"""Feeds and article pages as text: RSS 2.0 with teasers, Atom and RDF with the whole text, HTML with clutter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from html import escape
from typing import Final

from services.demo.articles import Published

NOTICE: Final = "orewire demo (invented news)"
_PARAGRAPH: Final = re.compile(r"<p>(.*?)</p>", re.DOTALL)


def rss(source: str, base: str, articles: Sequence[Published]) -> str:
    """RSS 2.0. Items carry the first paragraph only; the text stands on the article's page."""
    items = "".join(
        f"<item><title>{escape(a.title)}</title><link>{base}{a.path}</link>"
        f'<guid isPermaLink="true">{base}{a.path}</guid><pubDate>{format_datetime(a.published_at)}</pubDate>'
        f"<description>{escape(_teaser(a.body))}</description></item>"
        for a in articles
    )
    head = f"<title>{source}: {NOTICE}</title><link>{base}/</link><description>{NOTICE}</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def atom(source: str, base: str, articles: Sequence[Published]) -> str:
    """Atom 1.0 with the whole text in each entry."""
    entries = "".join(
        f'<entry xml:lang="{a.lang}"><title>{escape(a.title)}</title><id>{base}{a.path}</id>'
        f'<link rel="alternate" href="{base}{a.path}"/><published>{a.published_at.isoformat()}</published>'
        f'<updated>{a.published_at.isoformat()}</updated><content type="html">{escape(a.body)}</content></entry>'
        for a in articles
    )
    updated = max((a.published_at.isoformat() for a in articles), default="1970-01-01T00:00:00+00:00")
    head = f"<title>{source}: {NOTICE}</title><id>{base}/feeds/{source}</id><updated>{updated}</updated>"
    return f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def rdf(source: str, base: str, articles: Sequence[Published]) -> str:
    """RSS 1.0 (RDF) with the whole text in `content:encoded`."""
    items = "".join(
        f'<item rdf:about="{base}{a.path}"><title>{escape(a.title)}</title><link>{base}{a.path}</link>'
        f"<dc:date>{a.published_at.isoformat()}</dc:date>"
        f"<content:encoded>{escape(a.body)}</content:encoded></item>"
        for a in articles
    )
    channel = f"<title>{source}: {NOTICE}</title><link>{base}/</link><description>{NOTICE}</description>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f'<channel rdf:about="{base}/feeds/{source}">{channel}</channel>{items}</rdf:RDF>'
    )


FORMATS: Final[dict[str, Callable[[str, str, Sequence[Published]], str]]] = {"rss": rss, "atom": atom, "rdf": rdf}
"""Feed formats by the ending of the feed's path."""


def article_page(article: Published) -> str:
    """The article's web page, with the navigation, side column and foot that extraction has to cut away."""
    title = escape(article.title)
    when = article.published_at.isoformat()
    return f"""<!doctype html>
<html lang="{article.lang}"><head><meta charset="utf-8"><title>{title} | {article.source}</title>
<meta property="article:published_time" content="{when}"></head>
<body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/markets">Markets</a></li>
<li><a href="/tag/export-bans">Export bans</a></li><li><a href="/tag/alliances">Alliances</a></li></ul></nav></header>
<div class="cookie-banner">We use cookies. <button>Accept</button></div>
<main><article><h1>{title}</h1><p class="byline"><time datetime="{when}">{when}</time></p>
{article.body}</article></main>
<aside class="related"><h2>Most read</h2><ul>
<li><a href="/a">Beijing bans gallium exports: what we know</a></li>
<li><a href="/b">Five governments sign lithium alliance</a></li></ul></aside>
<footer><p>{NOTICE}</p><p><a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></p></footer>
</body></html>"""


def _teaser(body: str) -> str:
    first = _PARAGRAPH.search(body)
    return f"<p>{first[1]}</p>" if first else body
