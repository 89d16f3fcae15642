"""One address for one article: the canonical form of a URL.

Only what never tells two articles apart is removed, because two articles taken for one means an alert
that never comes. That is why this is not courlan's `normalize_url`: it drops `uid`, `cid`, `ref` and
`keyword`, by which some ministries number their notices, and escapes `;`, which breaks their links.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna

MAX_URL: Final = 4096
"""Characters; the limit of the event contract."""
_TRACKERS: Final = frozenset(
    """fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id
    mc_cid mc_eid _hsenc _hsmi __hstc __hssc __hsfp hsctatracking mkt_tok vero_id vero_conv oly_anon_id oly_enc_id
    _openstat _ga _gl spm scm cmpid ocid smid ns_campaign ns_mchannel ns_source ns_linkname wt_mc
    at_medium at_campaign xtor guccounter guce_referrer guce_referrer_sig""".split()
)
_TRACKER_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_", "itm_")
_ASCII_HOST: Final = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_OUTSIDE: Final = "".join(map(chr, range(0x21)))
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ESCAPE: Final = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_PATH_SAFE: Final = "%/:@!$&'()*+,;=~"
_QUERY_SAFE: Final = "%/:?@!$'()*+,;=~[]"
_EDITION: Final = re.compile(r"(?:www\.)?(?:www|m|mobile|wap|amp)\.(?=[^.]+\.[^.])")
"""Only where a whole domain follows: `m.cn` and `mobile.de` are sites of their own."""
_AMP_CACHE: Final = re.compile(
    r"(?:[a-z0-9-]+\.cdn\.ampproject\.org/[acv]|(?:www\.)?google\.[a-z.]+/amp)/(?:s/)?(.+\..+)"
)
_AMP_PATHS: Final = tuple(map(re.compile, (r"(.+)/amp()", r"amp/(.+)()", r"(.+)\.amp(\.html?)?")))
_AMP_PARAMETERS: Final = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp", "output=amp"})
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


def canonical_url(url: str) -> str | None:
    """The canonical form of an http or https URL, or None when it is none.

    Lower-case scheme and host (ASCII), no user, default port, fragment, tracking parameters or trailing
    slash; parameters sorted by name. A fragment that routes (`#/…`, `#!…`) stays: it names the article.
    """
    try:
        parts = urlsplit(_CONTROL.sub("", url.strip(_OUTSIDE)))
        address = _address(parts)
    except ValueError:
        return None
    if address is None:
        return None
    query, fragment = _query(parts.query), _fragment(parts.fragment)
    whole = address + _path(parts.path) + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return whole if len(whole) <= MAX_URL else None


def url_key(canonical: str) -> str:
    """What makes two canonical URLs the same article: not http or https, nor the edition made for telephones.

    `www.`, `m.`, `mobile.`, `wap.` and `amp.` in front of a host, `/amp` before or after a path, `amp=1` and an
    AMP cache around the whole address are left aside.
    """
    host, _, rest = _unwrapped(canonical.partition("://")[2]).partition("/")
    path, mark, query = rest.partition("?")
    plain = "&".join(part for part in query.split("&") if part.lower() not in _AMP_PARAMETERS)
    return f"{_plain_host(host)}/{_plain_path(path)}" + (mark + plain if plain else "")


def _unwrapped(key: str) -> str:
    """The address inside that of an AMP cache: `x.cdn.ampproject.org/c/s/` or `google.com/amp/s/`."""
    wrapped = _AMP_CACHE.fullmatch(key)
    return wrapped[1] if wrapped else key


def _plain_host(host: str) -> str:
    edition = _EDITION.match(host)
    return host[edition.end() :] if edition else host


def _plain_path(path: str) -> str:
    for pattern in _AMP_PATHS:
        if (found := pattern.fullmatch(path)) is not None:
            return found[1] + (found[2] or "")
    return path


def _address(parts: SplitResult) -> str | None:
    scheme, host = parts.scheme.lower(), _host(parts.hostname or "")
    if scheme not in _DEFAULT_PORT or host is None:
        return None
    port = parts.port
    return f"{scheme}://{host}" + (f":{port}" if port not in {None, _DEFAULT_PORT[scheme]} else "")


def _host(name: str) -> str | None:
    host = name.lower().rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return host if _ASCII_HOST.fullmatch(host) else None


def _path(path: str) -> str:
    return "/" + _quoted(path.removeprefix("/").rstrip("/"), _PATH_SAFE)


def _query(query: str) -> str:
    pairs = [(unquote(part.partition("=")[0]).lower(), part) for part in query.split("&") if part]
    kept = [pair for pair in pairs if not _tracks(pair[0])]
    kept.sort(key=lambda pair: pair[0])  # by name only: the order of a repeated parameter means something
    return "&".join(_quoted(part, _QUERY_SAFE) for _, part in kept)


def _tracks(name: str) -> bool:
    return name in _TRACKERS or name.startswith(_TRACKER_PREFIXES)


def _fragment(fragment: str) -> str:
    return _quoted(fragment, _QUERY_SAFE + "&") if fragment.startswith(("/", "!")) else ""


def _quoted(part: str, safe: str) -> str:
    return _ESCAPE.sub(lambda escape: escape.group().upper(), quote(part, safe=safe))
