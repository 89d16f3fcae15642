"""Who holds a lease: a name that tells its process, so that a restart on the same machine need not wait it out."""

from __future__ import annotations

import os
from typing import Final
from uuid import uuid4

_MARK: Final = "@pid"


def new_owner(service: str) -> str:
    """A name for the leases of this process."""
    return f"{service}-{uuid4().hex[:8]}{_MARK}{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Whether the process that took the name has ended. Only for owners on this machine."""
    _, mark, pid = owner.partition(_MARK)
    if not mark or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
