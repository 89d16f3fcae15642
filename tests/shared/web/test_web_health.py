"""Alive, ready, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from prometheus_client import Counter
from starlette.applications import Starlette

from shared.errors import Unreachable
from shared.web.health import run_checks

if TYPE_CHECKING:
    from tests.shared.web.conftest import Apps

VISITS = Counter("orewire_test_visits", "Counted by a test.")


async def good() -> str:
    return "connected"


async def silent() -> None:
    return None


async def known_failure() -> str:
    raise Unreachable("NATS does not answer")


async def leaking_failure() -> str:
    raise RuntimeError("postgresql://user:pa55@db")


async def hanging() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_a_process_that_answers_is_alive_whatever_its_checks_say(run: Apps) -> None:
    client = await run(checks={"nats": known_failure})

    got = await client.get("/healthz")

    assert (got.status_code, got.json()) == (200, {"alive": True})


async def test_it_is_ready_when_all_checks_pass(run: Apps) -> None:
    client = await run(checks={"nats": good, "database": silent})

    got = await client.get("/readyz")

    assert got.status_code == 200
    assert got.json() == {
        "ready": True,
        "checks": {"nats": {"ok": True, "detail": "connected"}, "database": {"ok": True, "detail": ""}},
    }


async def test_it_is_not_ready_when_one_check_fails_and_says_which(run: Apps) -> None:
    client = await run(checks={"nats": known_failure, "database": leaking_failure, "rules": good})

    got = await client.get("/readyz")

    assert got.status_code == 503
    assert got.json() == {
        "ready": False,
        "checks": {
            "nats": {"ok": False, "detail": "NATS does not answer"},
            "database": {"ok": False, "detail": "RuntimeError"},
            "rules": {"ok": True, "detail": "connected"},
        },
    }


async def test_a_check_that_hangs_is_not_ok_and_holds_up_no_other() -> None:
    results = await asyncio.wait_for(run_checks({"a": hanging, "b": hanging, "c": good}), 5)

    assert [results[name]["ok"] for name in "abc"] == [False, False, True]
    assert results["a"]["detail"] == "no answer within 2 s"


async def test_metrics_are_those_of_the_process(run: Apps) -> None:
    client = await run()
    VISITS.inc()

    got = await client.get("/metrics")

    assert got.headers["content-type"].startswith("text/plain; version=")
    assert "orewire_test_visits_total 1.0" in got.text


async def test_metrics_speak_openmetrics_when_asked(run: Apps) -> None:
    client = await run()

    got = await client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert got.headers["content-type"].startswith("application/openmetrics-text")
    assert got.text.endswith("# EOF\n")


async def test_the_lifespan_runs_around_the_app(run: Apps) -> None:
    steps: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette, /) -> AsyncIterator[None]:
        steps.append("start")
        yield
        steps.append("stop")

    client = await run(lifespan=lifespan)
    await client.get("/healthz")
    assert steps == ["start"]

    await run.stop()
    assert steps == ["start", "stop"]
