"""Hides what may be secret in an address before it is shown, logged or put into an error."""

from __future__ import annotations

import re
from typing import Final

_USERINFO: Final = re.compile(r"(?<=://)[^/@\s,]*@")
_QUERY: Final = re.compile(r"(?<=[?&])([^=&#\s]+)=[^&#\s,]*")


def mask_url(text: str) -> str:
    """The address, or several separated by commas, without user, password and the values of its query."""
    return _QUERY.sub(r"\1=***", _USERINFO.sub("***@", text))
