"""Where a redirect leads."""

from __future__ import annotations

import httpx
import pytest

from shared.http.redirect import Hop, next_hop

_HEADERS = {
    "authorization": "Bearer s3cret",
    "webhook-signature": "v1,abc",
    "accept": "text/xml",
    "content-type": "a/b",
}


def _hop(method: str = "POST") -> Hop:
    return Hop(method, httpx.URL("https://a.example/x"), _HEADERS, b"body")


@pytest.mark.parametrize("status", [200, 204, 300, 304, 400, 500])
def test_other_statuses_lead_nowhere(status: int) -> None:
    assert next_hop(_hop(), status, "https://b.example/") is None


@pytest.mark.parametrize("location", [None, ""])
def test_a_redirect_without_location_leads_nowhere(location: str | None) -> None:
    assert next_hop(_hop(), 302, location) is None


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_becomes_a_get_without_body(status: int) -> None:
    hop = next_hop(_hop(), status, "/y")

    assert hop is not None
    assert (hop.method, str(hop.url), hop.content) == ("GET", "https://a.example/y", None)
    assert "content-type" not in hop.headers


@pytest.mark.parametrize("status", [307, 308])
def test_307_and_308_keep_method_and_body_at_the_same_origin(status: int) -> None:
    hop = next_hop(_hop(), status, "y?z=1")

    assert hop is not None
    assert (hop.method, str(hop.url), hop.content) == ("POST", "https://a.example/y?z=1", b"body")
    assert hop.headers == _HEADERS


def test_head_stays_head() -> None:
    hop = next_hop(_hop("HEAD"), 302, "/y")

    assert hop is not None
    assert hop.method == "HEAD"


@pytest.mark.parametrize(
    "location", ["https://b.example/", "http://a.example/", "https://a.example:444/", "//b.example/x"]
)
@pytest.mark.parametrize("status", [302, 307])
def test_nothing_secret_goes_to_another_origin(location: str, status: int) -> None:
    hop = next_hop(_hop(), status, location)

    assert hop is not None
    assert (hop.method, hop.content, hop.headers) == ("GET", None, {"accept": "text/xml"})
