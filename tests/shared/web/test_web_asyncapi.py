"""The AsyncAPI document as served."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from shared.contracts import ROLES, asyncapi

if TYPE_CHECKING:
    from tests.shared.web.conftest import Apps


class Tags(HTMLParser):
    """Collects tags with their attributes, and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("service", sorted(ROLES))
async def test_each_service_serves_its_own_document(run: Apps, service: str) -> None:
    client = await run(service=service)

    assert (await client.get("/asyncapi.json")).json() == asyncapi(service)


async def test_a_service_that_is_not_on_the_bus_serves_the_document_of_all(run: Apps) -> None:
    client = await run(service="console")

    assert (await client.get("/asyncapi.json")).json() == asyncapi()


async def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing(run: Apps) -> None:
    client = await run(service="notify")

    got = await client.get("/asyncapi")
    tags = Tags()
    tags.feed(got.text)

    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "form", "button", "input"}
    links = [str(attributes["href"]) for tag, attributes in tags.seen if "href" in attributes]
    assert all(link.startswith("#") or link == "asyncapi.json" for link in links)


async def test_every_subject_and_message_stands_on_the_page_and_every_link_leads_somewhere(run: Apps) -> None:
    client = await run(service="notify")
    document = asyncapi("notify")

    page = (await client.get("/asyncapi")).text

    assert all(channel["address"] in page for channel in document["channels"].values())
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert anchors == set(document["components"]["messages"])
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


async def test_there_is_no_way_to_publish(run: Apps) -> None:
    client = await run()

    assert (await client.post("/asyncapi")).status_code == 405
    assert (await client.post("/asyncapi/try")).status_code == 404
