"""Why an outgoing request got no usable reply. Texts name the host only: never a path, a query or a secret."""

from __future__ import annotations

from shared.errors import TransientError


class HttpFailure(TransientError):
    """Base of all failures of `HttpClient`. `host` is the host of the request, for messages and limits."""

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(f"{host}: {detail}" if host else detail)
        self.host = host
        self.detail = detail


class AddressBlocked(HttpFailure):
    """The host is, or resolves to, an address that must not be reached; or the scheme is not HTTP."""


class BadRequest(HttpFailure):
    """The request itself cannot be sent: no valid URL, method or header."""


class TimedOut(HttpFailure):
    """No complete reply in time."""


class ConnectionFailed(HttpFailure):
    """The name does not resolve, or the connection or its TLS could not be made, or broke before the reply."""


class TooLarge(HttpFailure):
    """The body is larger than asked for (only with `whole=True`)."""


class BadReply(HttpFailure):
    """What came back is no HTTP, redirects in circles, or cannot be decoded."""
