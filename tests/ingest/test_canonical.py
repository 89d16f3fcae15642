from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.canonical import MAX_URL, canonical_url, url_key

SAME = [
    ("upper-case scheme and host", "HTTPS://News.Example/A", "https://news.example/A"),
    ("default port", "https://news.example:443/a", "https://news.example/a"),
    ("another port stays", "http://news.example:8080/a", "http://news.example:8080/a"),
    ("user and password", "https://user:secret@news.example/a", "https://news.example/a"),
    ("fragment", "https://news.example/a#top", "https://news.example/a"),
    ("a fragment that routes stays", "https://news.example/#/art/1", "https://news.example/#/art/1"),
    ("trailing slash", "https://news.example/a/", "https://news.example/a"),
    ("the front page", "https://news.example", "https://news.example/"),
    ("trailing dot of the host", "https://news.example./a", "https://news.example/a"),
    ("tracking", "https://n.example/a?utm_source=x&fbclid=1&UTM_Medium=y&id=7", "https://n.example/a?id=7"),
    ("order of parameters", "https://n.example/a?b=2&a=1", "https://n.example/a?a=1&b=2"),
    ("order of a repeated parameter stays", "https://n.example/a?a=2&a=1", "https://n.example/a?a=2&a=1"),
    ("an id is no tracker", "https://n.example/a?uid=5&cid=6&ref=7", "https://n.example/a?cid=6&ref=7&uid=5"),
    ("path parameters stay", "https://n.example/a;id=5", "https://n.example/a;id=5"),
    ("an empty query", "https://n.example/a?", "https://n.example/a"),
    ("a value that is not UTF-8 stays", "https://n.example/a?q=%d6%D0", "https://n.example/a?q=%D6%D0"),
    ("a host in Chinese", "https://中国.example/新闻", "https://xn--fiqs8s.example/%E6%96%B0%E9%97%BB"),
    ("spaces around, and in the path", " https://n.example/a b\n", "https://n.example/a%20b"),
    ("an IPv6 host", "http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
]
NONE = [
    "", "news.example/a", "ftp://n.example/a", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
    "https://", "https:///a", "https://n ews.example/", "https://n.example:99999/", "https://[::1", "https://x<y>/",
    "https://n.example/" + "a" * MAX_URL, "mailto:a@b.example", "https://\ud800/",
]  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_addresses_of_one_article_become_one(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) is None


def test_http_and_https_are_one_article() -> None:
    assert url_key("http://n.example/a?b=1") == url_key("https://n.example/a?b=1")


parts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.sampled_from(["http", "HTTPS"]), st.sampled_from(["n.example", "中国.example", "N.EXAMPLE:80"]), parts, parts)
def test_the_canonical_form_is_canonical(scheme: str, host: str, path: str, query: str) -> None:
    once = canonical_url(f"{scheme}://{host}/{path}?{query}")
    if once is not None:
        assert canonical_url(once) == once
        assert once.isascii()


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    once = canonical_url(text)
    assert once is None or urlsplit(once).scheme in {"http", "https"}


@given(st.permutations(["a=1", "b=2", "utm_source=x", "c=3", "gclid=9"]))
def test_neither_order_nor_trackers_tell_articles_apart(parameters: list[str]) -> None:
    assert canonical_url("https://n.example/p?" + "&".join(parameters)) == "https://n.example/p?a=1&b=2&c=3"
