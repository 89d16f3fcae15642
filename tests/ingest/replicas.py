# ruff: noqa: E501 - answers of servers are as long as they are
"""Small servers that answer as the real ones do, quirks included. The articles are made up."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.ingest.pdfs import pdf_of

HEX = "0123456789abcdef0123456789abcde"
NOTICE = """<!DOCTYPE html><html><head><title>{title}_某部</title>
<meta name="PubDate" content="2026-02-12 16:05:00"></head><body><div class="nav"><a href="/">首页</a></div>
<div class="art-title"><h1>{title}</h1></div><div class="art-con">
<p>根据有关法律法规，决定对锑相关物项实施出口管制，出口经营者须申请许可。</p>
<p>本公告自公布之日起正式实施。未经许可，任何单位和个人不得出口上述物项。</p>
<p>附件：<a href="/files/annex.pdf">物项清单.pdf</a></p></div>
<div class="bshare">分享到：微信</div><p>【打印】【关闭】</p></body></html>"""


def _json(value: Any, **headers: str) -> Response:
    return Response(
        json.dumps(value, ensure_ascii=False).encode(), headers={"content-type": "application/json", **headers}
    )


class FederalRegister:
    """Pages by `next_page_url`; an answer without results has no `results`; unknown conditions are errors."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.empty = False

    async def documents(self, request: Request) -> Response:
        self.asked.append(request)
        query = request.query_params
        unknown = [
            name for name in query if name.startswith("conditions[") and "agencies" not in name and "date" not in name
        ]
        if unknown:
            return _json({"errors": {unknown[0]: "is not a valid field"}})
        if self.empty:
            return _json({"count": 0, "description": "Documents from nobody"})
        page = int(query.get("page", "1"))
        size = int(query["per_page"])
        rows = [self._row(page, number) for number in range(size)]
        following = f"{request.url.include_query_params(page=page + 1)}"
        return _json({"count": 9999, "total_pages": 50, "next_page_url": following, "results": rows})

    def _row(self, page: int, number: int) -> dict[str, Any]:
        name = f"2026-{page:02}{number:03}"
        return {
            "title": f"Additions to the Entity List, part {name}",
            "abstract": "The Bureau adds entities." if number % 2 else None,
            "html_url": f"https://register.example/documents/{name}",
            "publication_date": "2026-02-12",
            "document_number": name,
        }

    async def inspection(self, request: Request) -> Response:
        self.asked.append(request)
        rows = [
            {"title": "Export Controls on Gallium Machines", "toc_subject": "Rules", "agency_names": ["Industry and Security Bureau"],
             "html_url": "https://register.example/documents/i-1", "filed_at": "2026-02-12T08:45:00.000-05:00",
             "publication_date": "2026-02-13", "editorial_note": None},
            {"title": None, "toc_subject": "Meeting", "agency_names": None, "html_url": "https://register.example/i-2",
             "filed_at": "2026-02-12T08:45:00.000-05:00", "publication_date": "2026-02-13"},
            {"title": "List of Critical Minerals", "agency_names": ["Geological Survey"],
             "html_url": "https://register.example/documents/i-3", "filed_at": None, "publication_date": "2026-02-13"},
        ]  # fmt: skip
        return _json({"count": 3, "results": rows})


class Mofcom:
    """Lists as HTML in JSON from a `unit` that wants its own misspelling; pages without a charset or a zone."""

    def __init__(self) -> None:
        self.broken = False

    async def unit(self, request: Request) -> Response:
        query = request.query_params
        if self.broken or query.get("parseType") != "bulidstatic" or not query.get("paramJson", "").startswith("{"):
            return _json({"code": "500", "message": "系统异常", "data": None})
        assert unquote(query["tagId"]) in {"分页列表", "信息列表"}
        rows = "".join(
            f'<li><a href="/art/2026/art_{HEX}{n}.html" target="_blank" title="商务部公告2026年第{n}号 公布对锑实施出口管制的决定">'
            f"商务部公告2026年第{n}号 公布对锑实…</a><span>[2026-02-1{n}]</span></li>"
            for n in (2, 1)
        )
        return _json(
            {"code": "200", "data": {"html": f'<ul class="txtList_01">{rows}</ul><div class="page">共2页</div>'}}
        )

    async def notice(self, request: Request) -> Response:
        return Response(
            NOTICE.format(title="公布对锑实施出口管制的决定").encode(), headers={"content-type": "text/html"}
        )

    async def annex(self, request: Request) -> Response:
        return Response(
            pdf_of(["Annex: antimony ore and concentrates", "Antimony metal and its products"]),
            headers={"content-type": "application/octet-stream"},
        )


class ExportControlNetwork:
    """Answers POST only; writes `?` for Chinese unless asked for UTF-8; every page holds the same rows."""

    def __init__(self) -> None:
        self.asked = 0

    async def columns(self, request: Request) -> Response:
        self.asked += 1
        asked = await request.json()
        assert (asked["columnID"], asked["pageSize"]) == (1, 20)
        rows = [
            {
                "id": n,
                "title": f"两用物项公告第{n}号",
                "url": f"/article/202602/{n}.html",
                "publishTime": "2026-02-12 09:00:00",
            }
            for n in range(20)
        ]
        body = json.dumps({"rows": rows}, ensure_ascii=False)
        if "charset=utf-8" not in request.headers.get("accept", ""):
            body = body.encode("ascii", "replace").decode()
        return Response(body.encode(), headers={"content-type": "application/json"})


class Gdelt:
    """Says no in plain text under HTTP 200: too often, too short a word, OR without brackets. No news is `{}`."""

    def __init__(self) -> None:
        self.too_often = False
        self.empty = False

    async def doc(self, request: Request) -> Response:
        query = request.query_params
        if self.too_often:
            return PlainTextResponse(
                "Please limit requests to one every 5 seconds or contact the project for larger queries."
            )
        if " OR " in query["query"] and "(" not in query["query"]:
            return PlainTextResponse("Queries containing OR'd terms must be surrounded by ().\n")
        assert (query["mode"], query["format"], query["maxrecords"]) == ("artlist", "json", "250")
        if self.empty:
            return _json({})
        row = {"url": "https://paper.example/a?utm_source=x", "url_mobile": "", "title": "Country curbs  gallium exports , ministry says",
               "seendate": "20260212T091500Z", "socialimage": "", "domain": "paper.example", "language": "English", "sourcecountry": "Chile"}  # fmt: skip
        return _json({"articles": [row]})


class GovUk:
    """Relative links, times with a zone, pages by `start`."""

    async def search(self, request: Request) -> Response:
        query = request.query_params
        assert query.getlist("filter_organisations") == [
            "department-for-business-and-trade",
            "export-control-joint-unit",
        ]
        start, count = int(query["start"]), int(query["count"])
        rows = [
            {"title": f"Notice to exporters 2026/{n:02}", "link": f"/government/publications/nte-2026-{n:02}",
             "description": "Changes to open licences.", "public_timestamp": "2026-02-12T09:00:00.000+00:00", "format": "notice"}
            for n in range(start, min(start + count, 60))
        ]  # fmt: skip
        return _json({"results": rows, "total": 60, "start": start})


RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>x</title>{}</channel></rss>'
FEEDS = {
    "eurlex": RSS.format(
        "<item><title>Regulation (EU) 2026/1 on scrap of permanent magnets, OJ L, 2026/1, 12.2.2026</title>"
        "<link>http://publications.example/resource/oj/JOL_2026_1</link><guid isPermaLink=\"false\">L_2026_1</guid>"
        "<pubDate>Thu, 12 Feb 2026 00:00:00 CET</pubDate></item>"
    ),
    "commission": RSS.format(
        "<item><title>Questions and answers on critical raw materials</title><link>https://ec.example/presscorner/detail/en/qanda_26_1</link>"
        "<description><![CDATA[<p>The Commission today &amp; tomorrow.</p>]]></description><pubDate>Thu, 12 Feb 2026 12:00:00 +0100</pubDate></item>"
    ),
    "ustr": RSS.format(
        "<item><title>Joint Statement &amp;amp; Fact Sheet on Critical Minerals</title><link>https://ustr.example/about/2026/february/joint-statement</link>"
        '<description>&lt;span&gt;A framework.&lt;/span&gt;</description><pubDate>Thu, 12 Feb 2026 10:00:00 -0500</pubDate><guid isPermaLink="false">1234 at https://ustr.example</guid></item>'
    ),
    "google": RSS.format(
        "<item><title>Country limits cobalt exports - The Courier</title><link>https://news.example/rss/articles/CBMiAAAA?oc=5</link>"
        '<guid isPermaLink="false">CBMiAAAA</guid><pubDate>Thu, 12 Feb 2026 08:00:00 GMT</pubDate>'
        "<description>&lt;ol&gt;&lt;li&gt;&lt;a href=&quot;https://news.example/rss/articles/CBMiAAAA?oc=5&quot;&gt;Country limits cobalt exports&lt;/a&gt;"
        '&lt;/li&gt;&lt;/ol&gt;</description><source url="https://courier.example">The Courier</source></item>'
    ),
    "govuk": '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>https://gov.example/a#2026-02-12</id>'
    '<updated>2026-02-12T09:00:00Z</updated><link rel="alternate" href="https://gov.example/government/news/a"/><title>News story: Export licences</title>'
    '<summary>Licences change.</summary></entry></feed>',
}  # fmt: skip
SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://wire.example/markets/export-ban-2026-02-12/</loc>'
    "<news:news><news:publication><news:name>Wire</news:name><news:language>eng</news:language></news:publication>"
    "<news:publication_date>2026-02-12T07:00:00.000Z</news:publication_date><news:title>Export ban on tin ore</news:title></news:news></url></urlset>"
)


async def feed(request: Request) -> Response:
    return Response(FEEDS[request.path_params["name"]], headers={"content-type": "application/rss+xml"})


async def sitemap(request: Request) -> Response:
    return Response(SITEMAP, headers={"content-type": "text/xml; charset=utf-8"})


async def moved(request: Request) -> Response:
    return RedirectResponse("/feeds/ustr", 301)


class World:
    """All of them on one host."""

    def __init__(self) -> None:
        self.register, self.mofcom, self.network = FederalRegister(), Mofcom(), ExportControlNetwork()
        self.gdelt, self.govuk = Gdelt(), GovUk()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/documents.json", self.register.documents),
                Route("/api/v1/public-inspection-documents/current.json", self.register.inspection),
                Route("/api-gateway/jpaas-publish-server/front/page/build/unit", self.mofcom.unit),
                Route("/art/2026/{name}", self.mofcom.notice),
                Route("/files/annex.pdf", self.mofcom.annex),
                Route("/edi_ecms_web_front/front/column/getColumnList", self.network.columns, methods=["POST"]),
                Route("/api/v2/doc/doc", self.gdelt.doc),
                Route("/api/search.json", self.govuk.search),
                Route("/feeds/{name}", feed),
                Route("/moved.xml", moved),
                Route("/arc/outboundfeeds/news-sitemap/", sitemap),
            ]
        )
