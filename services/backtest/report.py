"""The outcome of a backtest, and its JSON form. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from services.backtest.audience import Tally, effects
from services.backtest.compare import Difference, What
from services.backtest.parts import Wants
from shared.events import SignalDetected

_ORDER: Final = (What.NEW, What.GONE, What.CHANGED)


@dataclass(frozen=True)
class Report:
    """What the rules with `digest` would change in what was sent about the articles of a window.

    `unclassified` articles wait for classify, so nothing can have been sent about them yet; `unreadable`
    messages are no articles or signals of this version.
    """

    since: datetime
    to: datetime
    digest: str
    articles: int
    unreadable: int
    unclassified: int
    differences: tuple[Difference, ...]
    wants: Mapping[str, Wants]
    subscribers: Mapping[str, Tally]

    @property
    def changes(self) -> tuple[Difference, ...]:
        """Everything that would change: new ones first, then gone and changed, the most severe first."""
        found = [difference for difference in self.differences if difference.what is not What.SAME]
        return tuple(sorted(found, key=lambda it: (_ORDER.index(it.what), -it.shown.severity.rank)))

    def counts(self) -> dict[str, int]:
        """How many signals are new, gone, changed, the same."""
        found = Counter(difference.what for difference in self.differences)
        return {what.value: found[what] for what in What}

    def value(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return {
            "from": self.since.isoformat(),
            "to": self.to.isoformat(),
            "rules_digest": self.digest,
            "articles": self.articles,
            "unreadable": self.unreadable,
            "unclassified": self.unclassified,
            **self.counts(),
            "changes": [self._change(difference) for difference in self.changes],
            "subscribers": {name: asdict(tally) for name, tally in self.subscribers.items()},
        }

    def _change(self, difference: Difference) -> dict[str, Any]:
        shown = difference.shown
        return {
            "what": difference.what.value,
            "article_id": shown.article.id,
            "kind": shown.kind,
            "headline": shown.article.title,
            "url": shown.article.url,
            "fields": [asdict(field) for field in difference.fields],
            "before": _signal(difference.before),
            "after": _signal(difference.after),
            "subscribers": {name: effect.value for name, effect in effects(difference, self.wants).items()},
        }


def _signal(signal: SignalDetected | None) -> dict[str, Any] | None:
    return signal.model_dump(mode="json", exclude={"article", "clock", "id"}) if signal else None
