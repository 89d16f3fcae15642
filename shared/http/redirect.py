"""Where a redirect leads, and what may be taken along. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SAFE_HEADERS: Final = frozenset({"accept", "accept-language", "user-agent", "if-none-match", "if-modified-since"})


@dataclass(frozen=True)
class Hop:
    """One request of a chain of redirects. Header names are lower-case."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


def next_hop(hop: Hop, status: int, location: str | None) -> Hop | None:
    """The request that follows `hop`, or None when the reply is no redirect.

    301, 302 and 303 turn everything but HEAD into a GET without a body, as browsers do. At another origin only
    harmless headers go along, and never a body: a signature or token is meant for one receiver.

    Raises:
        httpx.InvalidURL: the location is no URL.
    """
    if status not in REDIRECTS or not location:
        return None
    url = hop.url.join(location)
    foreign = origin(url) != origin(hop.url)
    headers = {name: value for name, value in hop.headers.items() if not foreign or name in _SAFE_HEADERS}
    if status in (307, 308) and not foreign:
        return Hop(hop.method, url, headers, hop.content)
    headers.pop("content-type", None)
    return Hop("HEAD" if hop.method == "HEAD" else "GET", url, headers)


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port. The port is None for the scheme's own."""
    return (url.scheme, url.host, url.port)
