"""The paths every service has for those who run it: alive, ready, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.errors import OrewireError

CHECK_TIMEOUT: Final = 2.0  # seconds

Check = Callable[[], Awaitable[str | None]]
"""Returns a word of detail when all is well, raises when not. Only texts of `OrewireError` are shown."""


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """`/healthz` (the process answers), `/readyz` (all checks pass: 200, else 503) and `/metrics`."""

    async def ready(_: Request) -> Response:
        results = await run_checks(checks)
        good = all(result["ok"] for result in results.values())
        return JSONResponse({"ready": good, "checks": results}, status_code=200 if good else 503)

    return [Route("/healthz", _alive), Route("/readyz", ready), Route("/metrics", _metrics)]


async def run_checks(checks: Mapping[str, Check]) -> dict[str, dict[str, Any]]:
    """Run all checks at once. Each gives `{"ok": bool, "detail": str}`; one that hangs is not ok."""
    results = await asyncio.gather(*(_run(check) for check in checks.values()))
    return dict(zip(checks, results, strict=True))


async def _run(check: Check) -> dict[str, Any]:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            return {"ok": True, "detail": await check() or ""}
    except TimeoutError:
        return {"ok": False, "detail": f"no answer within {CHECK_TIMEOUT:g} s"}
    except OrewireError as error:
        return {"ok": False, "detail": str(error)}
    except Exception as error:  # noqa: BLE001 - a check may fail in any way; its text may hold a secret
        return {"ok": False, "detail": type(error).__name__}


async def _alive(_: Request) -> Response:
    return JSONResponse({"alive": True})


async def _metrics(request: Request) -> Response:
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(REGISTRY), headers={"content-type": content_type})
