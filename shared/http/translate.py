"""Turns the exceptions of httpx into ours, with texts that tell what happened and give nothing away. Pure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from shared.http.failures import BadReply, BadRequest, ConnectionFailed, HttpFailure, TimedOut


def as_failure(error: Exception, host: str) -> HttpFailure:
    """The failure that `error` means for a request to `host`."""
    if isinstance(error, httpx.TimeoutException):
        return TimedOut(host, "cannot be connected to in time")
    if isinstance(error, httpx.ConnectError):
        return ConnectionFailed(host, _why(error))
    if isinstance(error, httpx.RemoteProtocolError):
        return BadReply(host, "reply is cut off or no HTTP")
    if isinstance(error, httpx.NetworkError):
        return ConnectionFailed(host, "connection broke")
    return BadRequest(host, "request cannot be sent: its method, URL or a header is not valid")


def _why(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"TLS certificate is not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "TLS handshake failed"
        if isinstance(cause, socket.gaierror | UnicodeError):
            return "name cannot be resolved"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
    return "cannot be connected to"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
