"""How the demo tells its progress: for people on a screen, or for programs as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from rich.console import Console
from rich.status import Status

from services.demo.expect import Verdict, slugs_of
from services.demo.expected import Silent
from services.demo.latency import HopSummary, hop_times
from services.demo.receiver import Receipt
from services.demo.show import show_alert, show_summary, show_verdict


class Reporter(Protocol):
    """Is told what happens, as it happens."""

    def step(self, text: str) -> None:
        """A new step of the demo begins."""

    def alert(self, receipt: Receipt, number: int) -> None:
        """The webhook got alert `number`, counted from 1."""

    def finish(
        self,
        receipts: Sequence[Receipt],
        hops: Sequence[HopSummary],
        silent: Sequence[Silent],
        slack: int,
        end: Verdict,
    ) -> None:
        """All is over: the alerts, hop times, silent articles, number of Slack messages, and the verdict."""


class Screen:
    """For people. On a terminal the current step is a spinner, elsewhere a plain line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = console.status("") if console.is_terminal else None

    def step(self, text: str) -> None:
        """Show the step."""
        if self._status is None:
            self._console.print(text)
            return
        self._status.update(text)
        self._status.start()

    def alert(self, receipt: Receipt, number: int) -> None:
        """Show the alert as a reader would see it."""
        show_alert(self._console, receipt, number)

    def finish(
        self,
        receipts: Sequence[Receipt],
        hops: Sequence[HopSummary],
        silent: Sequence[Silent],
        slack: int,
        end: Verdict,
    ) -> None:
        """Show the tables and the verdict."""
        self.pause()
        told = {slug for receipt in receipts for slug in slugs_of(receipt.alert)}
        show_summary(self._console, receipts, hops, silent, told)
        show_verdict(self._console, end, len(receipts), slack)

    def pause(self) -> None:
        """Take the spinner away."""
        if self._status is not None:
            self._status.stop()


class JsonLines:
    """For programs: one JSON object a line, told apart by its key `line`."""

    def __init__(self, write: Callable[[Any], None]) -> None:
        self._write = write

    def step(self, text: str) -> None:
        """Write the step."""
        self._write({"line": "step", "text": text})

    def alert(self, receipt: Receipt, number: int) -> None:
        """Write the alert with the times of its hops in milliseconds."""
        times = hop_times(receipt.alert.clock, receipt.received_at)
        alert = receipt.alert.model_dump(mode="json")
        self._write({"line": "alert", "number": number, "webhook_id": receipt.webhook_id, "ms": times, "alert": alert})

    def finish(
        self,
        receipts: Sequence[Receipt],
        hops: Sequence[HopSummary],
        silent: Sequence[Silent],
        slack: int,
        end: Verdict,
    ) -> None:
        """Write the summary."""
        self._write(
            {
                "line": "summary",
                "passed": end.passed,
                "differences": list(end.differences),
                "alerts": len(receipts),
                "slack_messages": slack,
                "latency_ms": {hop.hop: {"median": hop.median_ms, "max": hop.max_ms} for hop in hops},
                "silent": {item.article: item.why for item in silent},
            }
        )
