"""From a finding to the event that is published."""

from __future__ import annotations

from datetime import datetime

from services.classify.decision import Finding
from shared.events import Article, Hops, RuleRef, SignalDetected
from shared.events.article import revised_id
from shared.ids import stable_id


def to_event(
    finding: Finding, article: Article, *, digest: str, detected_at: datetime, collected_at: datetime
) -> SignalDetected:
    """The `signal.detected` event of a finding. Article, revision and kind make the id: a re-run is the same fact."""
    return SignalDetected(
        id=revised_id(stable_id("sig", article.id, finding.kind), article.revision),
        article=article.ref(),
        kind=finding.kind,
        measure=finding.measure,
        stage=finding.stage,
        direction=finding.direction,
        certainty=finding.certainty,
        severity=finding.severity,
        score=finding.score,
        actors=finding.actors,
        targets=finding.targets,
        parties=finding.parties,
        initiative=finding.initiative,
        commodities=finding.commodities,
        hs_codes=finding.hs_codes,
        instrument=finding.instrument,
        effective_at=finding.effective_at,
        until=finding.until,
        evidence=finding.evidence,
        rules=tuple(RuleRef(id=rule, version=version) for rule, version in finding.rules),
        rules_digest=digest,
        clock=Hops(collected_at=collected_at, detected_at=detected_at),
    )
