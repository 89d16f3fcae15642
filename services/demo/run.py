"""Runs the demo: local servers, `orewire up`, one wave of news after the other, and the verdict at the end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from services.demo.application import Application, running
from services.demo.articles import publish
from services.demo.expect import Verdict
from services.demo.feed import Feed
from services.demo.latency import hop_times, summarise
from services.demo.library import Library, load_library
from services.demo.notify_view import NotifyView
from services.demo.receiver import Receiver
from services.demo.rehearsal import Rehearsal
from services.demo.report import Reporter
from services.demo.serving import serving
from services.demo.stream_watch import StreamWatch
from services.demo.workspace import LOOPBACK, demo_environment, make_config, new_secret
from shared.clock import SystemClock
from shared.http import HttpClient


async def run_demo(reporter: Reporter, env: Mapping[str, str], *, keep: bool) -> Verdict | None:
    """Run the whole demo; with `keep`, stay up after the verdict until SIGINT or SIGTERM.

    Returns:
        The verdict, or None when a signal came before it was reached.

    Raises:
        ConfigError: the demo's files or its configuration are wrong.
        Unreachable: orewire did not become ready.
    """
    library = load_library()
    reached: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(_play(library, reporter, env, reached, keep=keep))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _cancel_once, task)
    try:
        await task
    except asyncio.CancelledError:
        reporter.step("stopping")
    return reached.result() if reached.done() else None


def _cancel_once(task: asyncio.Task[None]) -> None:
    """Cancel; a second signal must not interrupt the orderly stop that the first one began."""
    if not task.cancelling():
        task.cancel()


async def _play(
    library: Library, reporter: Reporter, env: Mapping[str, str], reached: asyncio.Future[Verdict], *, keep: bool
) -> None:
    start = SystemClock().now()
    feed = Feed([publish(slug, article, start=start) for slug, article in library.articles.items()])
    secret, changed = new_secret(), asyncio.Event()
    receiver = Receiver(secret, SystemClock(), changed)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="orewire-demo-")))
        feed_url = await stack.enter_async_context(serving(feed.app))
        receiver_url = await stack.enter_async_context(serving(receiver.app))
        reporter.step("Starting NATS and the services ingest, classify and notify")
        variables = demo_environment(env, folder=folder, feed_url=feed_url, receiver_url=receiver_url, secret=secret)
        config = make_config(folder / "config")
        application = await stack.enter_async_context(running(config, folder / "data", variables))
        watch = await stack.enter_async_context(StreamWatch(application.nats_url, changed))
        client = await stack.enter_async_context(HttpClient(allow_networks=[LOOPBACK]))
        notify = NotifyView(client, application.url("notify"))
        rehearsal = Rehearsal(library, feed, receiver, watch, notify, reporter)
        verdict = await rehearsal.play(start)
        for complaint in () if verdict.passed else application.complaints():
            reporter.step(f"log: {complaint}")
        _finish(reporter, library, receiver, verdict)
        reached.set_result(verdict)
        if keep:
            await _stay(reporter, application, feed_url)


def _finish(reporter: Reporter, library: Library, receiver: Receiver, verdict: Verdict) -> None:
    hops = summarise([hop_times(receipt.alert.clock, receipt.received_at) for receipt in receiver.receipts])
    reporter.finish(receiver.receipts, hops, library.expected.silent, len(receiver.slack), verdict)


async def _stay(reporter: Reporter, application: Application, feed_url: str) -> None:
    """Say where everything can be looked at, and wait for a signal."""
    addresses = {service: application.url(service) for service in ("ingest", "classify", "notify")}
    told = ", ".join(f"{name} {url}" for name, url in addresses.items())
    reporter.step(f"Up until Ctrl-C: {told}, NATS {application.nats_url}, feeds {feed_url}/feeds/demo-newswire.rss")
    await asyncio.Event().wait()
