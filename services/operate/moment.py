"""A moment as operators write it: an ISO time, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from shared.errors import ConfigError
from shared.events.base import to_utc

_AGO: Final = re.compile(r"(\d{1,5})([smhd])")
_UNIT: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_moment(text: str, *, now: datetime, option: str = "--from") -> datetime:
    """`2026-11-21T08:00:00Z`, `2026-11-21`, or `30m`, `6h`, `7d` before `now`. Without a zone it is UTC.

    `option` is what the operator typed it after.

    Raises:
        ConfigError: it is neither, or lies in the future.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNIT[ago.group(2)]: int(ago.group(1))})
    try:
        moment = to_utc(datetime.fromisoformat(text.strip()))
    except ValueError as error:
        hint = "write 2026-11-21T08:00:00Z, or 30m, 6h, 7d"
        raise ConfigError.one(option, f"`{text}` is no time", hint=hint) from error
    if moment > now:
        raise ConfigError.one(option, f"`{text}` lies in the future")
    return moment
