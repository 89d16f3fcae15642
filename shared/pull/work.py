"""What a consumer does with one message."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from nats.aio.msg import Msg

Rest = Coroutine[Any, Any, None]
"""What still has to be awaited before a message may be acknowledged."""

Work = Callable[[Msg], Rest | None]
"""Handles one message. None: done, acknowledge it. Any exception is judged as `shared.deadletter` says."""
