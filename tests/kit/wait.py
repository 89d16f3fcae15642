"""Waiting for conditions, never for time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def until(condition: Callable[[], Awaitable[T]], *, seconds: float = 10.0, what: str = "") -> T: ...
@overload
async def until(condition: Callable[[], T], *, seconds: float = 10.0, what: str = "") -> T: ...
async def until(condition: Callable[[], Any], *, seconds: float = 10.0, what: str = "") -> Any:
    """Poll `condition` until it is true and return its value.

    Raises:
        AssertionError: it was not true in time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        await asyncio.sleep(0.01)
