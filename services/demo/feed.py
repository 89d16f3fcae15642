"""The demo's feed server: each source's feed and its article pages, wave after wave."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.demo.articles import Published
from services.demo.pages import FORMATS, article_page


class Feed:
    """Articles that become visible with `show`. A feed is read at `/feeds/<source id>.<rss, atom or rdf>`."""

    def __init__(self, articles: Sequence[Published]) -> None:
        self._articles = tuple(sorted(articles, key=lambda article: article.published_at, reverse=True))
        self._wave = 0
        self.app = Starlette(
            routes=[
                Route("/robots.txt", self._robots),
                Route("/feeds/{source}.{format}", self._feed),
                Route("/articles/{source}/{slug}", self._article),
            ]
        )

    def show(self, wave: int) -> None:
        """Show all articles up to `wave`; the later ones do not exist yet."""
        self._wave = wave

    @property
    def visible(self) -> tuple[Published, ...]:
        """What readers can see now, newest first."""
        return tuple(article for article in self._articles if article.wave <= self._wave)

    async def _robots(self, request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    async def _feed(self, request: Request) -> Response:
        source, render = request.path_params["source"], FORMATS.get(request.path_params["format"])
        if render is None or all(article.source != source for article in self._articles):
            return PlainTextResponse("no such feed", 404)
        shown = [article for article in self.visible if article.source == source]
        return _cached(request, render(source, str(request.base_url).rstrip("/"), shown), "application/xml")

    async def _article(self, request: Request) -> Response:
        path = request.url.path
        found = next((article for article in self.visible if article.path == path), None)
        return HTMLResponse(article_page(found)) if found else PlainTextResponse("no such article", 404)


def _cached(request: Request, text: str, media_type: str) -> Response:
    """The text, or 304 when the reader has it already."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type=media_type, headers={"ETag": tag})
