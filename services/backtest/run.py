"""The backtest itself: judge the stored articles again and compare with what was sent. Nothing is published."""

from __future__ import annotations

from collections.abc import Mapping

from nats.js.client import JetStreamContext

from services.backtest.audience import tallies
from services.backtest.compare import Difference, compare
from services.backtest.history import Count, Progress, Window, articles, signals, unclassified
from services.backtest.parts import Judge, Wants
from services.backtest.report import Report
from shared.events import SignalDetected


async def backtest(
    js: JetStreamContext, window: Window, rules: tuple[str, Judge], wants: Mapping[str, Wants], progress: Progress
) -> Report:
    """Re-run the rules over the window.

    Articles are read first: what classify sends meanwhile is then found among the signals.

    Raises:
        Unreachable: a stream is missing, or the connection was lost.
    """
    digest, judge = rules
    count = Count()
    found: dict[str, tuple[SignalDetected, ...]] = {}
    async for event in articles(js, window, count, progress):
        found[event.article.id] = judge(event)
    waiting = await unclassified(js)
    sent: dict[str, list[SignalDetected]] = {}
    async for signal in signals(js, window, count):
        if signal.article.id in found:
            sent.setdefault(signal.article.id, []).append(signal)
    differences: tuple[Difference, ...] = tuple(
        difference for article, now in found.items() for difference in compare(sent.get(article, ()), now)
    )
    return Report(
        since=window.since,
        to=window.to,
        digest=digest,
        articles=len(found),
        unreadable=count.unreadable,
        unclassified=waiting,
        differences=differences,
        wants=wants,
        subscribers=tallies(differences, wants),
    )
