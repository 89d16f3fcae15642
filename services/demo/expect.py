"""Compares what subscribers got with what they should have got. Every difference is told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Final

from services.demo.articles import slug_of
from services.demo.expected import Expected, ExpectedRevision, ExpectedStory
from shared.events import Alert


@dataclass(frozen=True)
class Observed:
    """All that came out of the pipeline.

    `alerts` in the order the webhook got them; `sources` maps each story id to the slugs of the articles
    attached to it at the end; `refused` names what receivers turned away, with how often.
    """

    alerts: Sequence[Alert]
    slack_messages: int
    slack_problems: Sequence[str]
    sources: Mapping[str, frozenset[str]]
    unread: Sequence[str]
    refused: Mapping[str, int]


@dataclass(frozen=True)
class Verdict:
    """Whether all is as expected, and if not, every difference."""

    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True when there is no difference."""
        return not self.differences


_FIELDS: Final[tuple[tuple[str, Callable[[ExpectedStory], object], Callable[[Alert], object]], ...]] = (
    ("kind", lambda story: story.kind, lambda alert: alert.kind),
    ("direction", lambda story: story.direction.value, lambda alert: alert.direction.value),
    ("actors", lambda story: set(story.actors) or None, lambda alert: set(alert.actors)),
    ("parties", lambda story: set(story.parties) or None, lambda alert: set(alert.parties)),
    ("initiative", lambda story: story.initiative, lambda alert: alert.initiative),
    ("commodities", lambda story: set(story.commodities) or None, lambda alert: set(alert.commodities)),
)
"""Fields that every revision of a story shares: name, expected value (None: not checked), received value."""


def judge(expected: Expected, observed: Observed, *, today: Date) -> Verdict:
    """Compare; `today` is the day the demo began, from which expected dates count."""
    differences = [f"article {slug} never reached the stream" for slug in observed.unread]
    differences += _refusals(observed.refused) + _silences(expected, observed.alerts)
    for story in expected.stories:
        alerts = [alert for alert in observed.alerts if _tells(story, alert)]
        found = [*_story_differences(story, alerts, today), *_source_differences(story, alerts, observed.sources)]
        differences += [f"{story.id}: {text}" for text in found]
    return Verdict(tuple(differences + _slack_differences(expected, observed)))


def _refusals(refused: Mapping[str, int]) -> list[str]:
    return [f"{count} {what}" for what, count in refused.items() if count]


def _silences(expected: Expected, alerts: Sequence[Alert]) -> list[str]:
    """Alerts about articles that call for silence, or about none of the demo's stories."""
    why = {silent.article: silent.why for silent in expected.silent}
    differences = []
    for alert in alerts:
        silent = [slug for slug in slugs_of(alert) if slug in why]
        differences += [f"{slug} must stay silent ({why[slug]}), but told: {alert.headline}" for slug in silent]
        if not silent and not any(_tells(story, alert) for story in expected.stories):
            differences.append(f"an alert that belongs to no expected story: {alert.headline}")
    return differences


def _story_differences(story: ExpectedStory, alerts: Sequence[Alert], today: Date) -> Iterable[str]:
    """Differences between the revisions of one story and the alerts that told it."""
    wanted = story.revisions
    if len({alert.story_id for alert in alerts}) > 1:
        yield f"told as {len({alert.story_id for alert in alerts})} stories, not as one"
    for alert in alerts[len(wanted) :]:
        yield f"one message too many: revision {alert.revision}, {alert.reason.value}, {_changes(alert)}"
    for revision in wanted[len(alerts) :]:
        yield f"no alert came for {revision.reason.value} (stage {revision.stage.value})"
    for number, (revision, alert) in enumerate(zip(wanted, alerts, strict=False), 1):
        yield from _revision_differences(number, revision, alert)
        yield from _field_differences(story, alert)
    if alerts:
        yield from _date_differences(story.effective_at(today), alerts[-1])


def _revision_differences(number: int, wanted: ExpectedRevision, alert: Alert) -> Iterable[str]:
    for name, want, got in (
        ("revision", number, alert.revision),
        ("reason", wanted.reason.value, alert.reason.value),
        ("stage", wanted.stage.value, alert.stage.value),
    ):
        if want != got:
            yield f"message {number}: {name} is {got}, expected {want}"


def _field_differences(story: ExpectedStory, alert: Alert) -> Iterable[str]:
    for name, want_of, got_of in _FIELDS:
        want, got = want_of(story), got_of(alert)
        if want is not None and want != got:
            yield f"revision {alert.revision}: {name} is {_plain(got)}, expected {_plain(want)}"
    if not alert.evidence:
        yield f"revision {alert.revision}: no evidence sentence"


def _date_differences(want: Date | None, alert: Alert) -> Iterable[str]:
    if want is not None and alert.effective_at != want:
        yield f"effective date is {alert.effective_at}, expected {want}"


def _source_differences(
    story: ExpectedStory, alerts: Sequence[Alert], sources: Mapping[str, frozenset[str]]
) -> Iterable[str]:
    """Which articles should be attached to the story at the end and are not, or the other way round."""
    if not alerts:
        return
    attached = sources.get(alerts[-1].story_id, frozenset())
    if attached != set(story.articles):
        yield f"its sources are {_plain(attached)}, expected {_plain(set(story.articles))}"


def _slack_differences(expected: Expected, observed: Observed) -> list[str]:
    problems = [f"Slack message breaks a limit: {problem}" for problem in observed.slack_problems]
    if observed.slack_messages != expected.slack_messages:
        problems.append(f"Slack got {observed.slack_messages} messages, expected {expected.slack_messages}")
    return problems


def slugs_of(alert: Alert) -> frozenset[str]:
    """Slugs of the demo articles an alert cites."""
    return frozenset(slug_of(source.url) for source in alert.sources) - {""}


def _tells(story: ExpectedStory, alert: Alert) -> bool:
    return bool(slugs_of(alert) & set(story.articles))


def _changes(alert: Alert) -> str:
    return "; ".join(f"{c.field} {c.before} → {c.after}" for c in alert.changes) or "no change"


def _plain(value: object) -> str:
    return ", ".join(sorted(value)) or "none" if isinstance(value, set | frozenset) else str(value or "none")
