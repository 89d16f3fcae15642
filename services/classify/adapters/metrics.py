"""Prometheus metrics: what classify decided, and by which rules."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Counter, Gauge, Info

from services.classify.decision import Decision

ARTICLES = Counter("orewire_classify_articles_total", "Articles decided, by result.", ["result"])
SIGNALS = Counter("orewire_classify_signals_total", "Signals detected.", ["kind", "stage", "severity"])
IGNORED = Counter("orewire_classify_ignored_total", "Articles or sentences passed over, by reason.", ["reason"])
RULES_OK = Gauge("orewire_classify_rules_ok", "1 when the rule files are in force as they are now, else 0.")
RULES_INFO = Info("orewire_classify_rules", "The rule set in force.")
RULES_LOADED = Gauge("orewire_classify_rules_loaded_timestamp_seconds", "When rules last came into force.")
RELOADS = Counter("orewire_classify_rules_reloads_total", "Edits of the rule files, by result.", ["result"])


class DecisionCounter:
    """Counts decisions. Every label is a closed word: text from outside never becomes one."""

    def decided(self, decision: Decision) -> None:
        """Count one decision."""
        ARTICLES.labels("signal" if decision.signals else "quiet").inc()
        for finding in decision.signals:
            SIGNALS.labels(finding.kind, finding.stage, finding.severity).inc()
        for ignored in decision.ignored:
            IGNORED.labels(ignored.reason).inc()


def rules_in_force(digest: str, at: datetime) -> None:
    """The rule files are in force as they are."""
    RULES_OK.set(1)
    RULES_INFO.info({"digest": digest})
    RULES_LOADED.set(at.timestamp())


def reload_counted(*, accepted: bool) -> None:
    """An edit of the rule files was taken or refused."""
    RELOADS.labels("accepted" if accepted else "refused").inc()
    if not accepted:
        RULES_OK.set(0)
