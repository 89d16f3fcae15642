"""Outgoing HTTP: one guarded client for sources and webhooks, and its typed failures."""

from shared.http.client import CONNECT_TIMEOUT, HttpClient, Reply
from shared.http.failures import (
    AddressBlocked,
    BadReply,
    BadRequest,
    ConnectionFailed,
    HttpFailure,
    TimedOut,
    TooLarge,
)

__all__ = [
    "CONNECT_TIMEOUT",
    "AddressBlocked",
    "BadReply",
    "BadRequest",
    "ConnectionFailed",
    "HttpClient",
    "HttpFailure",
    "Reply",
    "TimedOut",
    "TooLarge",
]
