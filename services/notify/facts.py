"""An alert as people read it, free of any channel's markup: title, facts, changes, sources. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.notify.bundle import NOTICE
from services.notify.initiatives import initiative_name
from services.notify.materials import material
from services.notify.phrases import day, joined, measure_noun, words
from services.notify.places import place
from shared.events import Alert
from shared.events.alert import Reason, StorySource
from shared.events.vocabulary import Severity

DOT: Final = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "⚪"}
TIER: Final = {1: "official", 2: "news", 3: "commentary"}
MAX_FACTS: Final = 10
"""As many as the narrowest channel shows side by side."""
MAX_URL: Final = 2_000
_MOST: Final = 8
_MOST_SOURCES: Final = 50
_PREFIX: Final = {
    "new_story": "",
    "retracted": "Retracted: ",
    "denied": "Denied: ",
    "corrected": "Corrected: ",
    "reminder": "Reminder: ",
}
_CAUSE: Final = {
    "official_confirmation": "confirmed by an official source",
    "retracted": "withdrawn: the report was wrong",
}


def title(alert: Alert) -> str:
    """The first line, with what it is to readers who know the story: `🟠 Update: Export restriction: China, …`."""
    prefix = _PREFIX.get(alert.reason, "Update: ")
    return f"{DOT[alert.severity]} {prefix}{alert.headline.removeprefix(prefix)}"


def digest_title(alerts: Sequence[Alert]) -> str:
    """The first line of several alerts told at once: `🔴 5 alerts: 1 critical, 4 high`."""
    ranks = {severity: sum(alert.severity == severity for alert in alerts) for severity in Severity}
    told = [f"{count} {severity}" for severity, count in sorted(ranks.items(), key=lambda it: -it[0].rank) if count]
    worst = max((alert.severity for alert in alerts), key=lambda it: it.rank)
    return f"{DOT[worst]} {len(alerts)} alert{'s' if len(alerts) > 1 else ''}: {', '.join(told)}"


def changes(alert: Alert) -> list[tuple[str, str, str]]:
    """What is new in this revision: field, before, after. A cause without values has empty ones."""
    told = [(words(it.field), it.before, it.after) for it in alert.changes]
    causes = (_CAUSE.get(alert.reason, ""), alert.note)  # events of an older contract have no note
    return [*told, *((" ".join(cause.split()), "", "") for cause in causes if cause)]


def facts(alert: Alert) -> list[tuple[str, str]]:
    """What is known, as name and value, the most telling first; what is unknown is left out. A notice has none."""
    if alert.kind == NOTICE:
        return []
    acting = [place(code) for code in dict.fromkeys((*alert.actors, *alert.parties))]
    targets = ["everyone" if code == "all" else place(code) for code in alert.targets]
    told = [
        ("Severity", words(alert.severity)),
        ("Stage", words(alert.stage)),
        ("Who", _listed(acting)),
        ("Against" if alert.direction == "tighten" else "Towards", _listed(targets)),
        ("Commodities", _listed([material(item) for item in alert.commodities])),
        ("Measure", measure_noun(alert.measure, alert.kind) if alert.measure else ""),
        ("In force from", day(alert.effective_at) if alert.effective_at else ""),
        ("Until", day(alert.until) if alert.until else ""),
        ("Certainty", words(alert.certainty)),
        ("Instrument", _instrument(alert)),
        ("Initiative", initiative_name(alert.initiative) if alert.initiative else ""),
        ("HS codes", _listed(list(alert.hs_codes))),
    ]
    return [(name, value) for name, value in told if value][:MAX_FACTS]


def source_count(alert: Alert) -> str:
    """How many sources tell it: `4, 2 independent`; copies of one report are no confirmation."""
    count, alone = len(alert.sources), alert.independent_sources
    return f"{count}, {alone} independent" if count > 1 and alone else str(count)


def watch(alert: Alert) -> str:
    """The next date to watch: `1 Aug 2026: it takes effect`; empty when there is none."""
    return f"{day(alert.next_date.date)}: {alert.next_date.what}" if alert.next_date else ""


def seen(alert: Alert) -> str:
    """When the story was first seen: `1 Jul 2026, 12:00 UTC`."""
    return f"{day(alert.first_seen_at.date())}, {alert.first_seen_at:%H:%M} UTC"


def lead(alert: Alert) -> StorySource | None:
    """The source to open first: the best tier, the first seen among those, with an address."""
    return next((source for source in ranked(alert) if web_url(source.url)), None)


def ranked(alert: Alert) -> list[StorySource]:
    """The sources, official ones first, then as they were first seen."""
    return sorted(alert.sources, key=lambda source: source.source_tier)


def told_by(source: StorySource) -> str:
    """`wire, news`."""
    return f"{source.source_id}, {TIER[source.source_tier]}"


def is_revision(alert: Alert) -> bool:
    """Whether readers may know the story already."""
    return alert.reason != Reason.NEW_STORY


def _moved(name: str, before: str, after: str) -> str:
    moved = f"{before} → {after}" if before else after
    return f"{name}: {moved}" if moved else name


def _listed(names: list[str]) -> str:
    return joined(names, most=_MOST) if names else ""


def _instrument(alert: Alert) -> str:
    known = alert.instrument
    if known is None:
        return ""
    number = known.number or ""
    named = [known.authority, f"No. {number}" if number[:1].isdigit() else number]
    dated = f", {day(known.date)}" if known.date else ""
    return (" ".join(part for part in named if part) + dated).removeprefix(", ")


def as_values(alert: Alert, *, quotes: Sequence[str], story: str | None) -> dict[str, Any]:
    """What a template may show: the alert's own fields as in the event contract, and what this module makes of them.

    `quotes` are the evidence sentences in the target's markup, `story` the address of the whole story.
    """
    return {
        **alert.model_dump(mode="json"),
        "title": title(alert),
        "what_changed": [
            {"field": name, "before": old, "after": new, "text": _moved(name, old, new)}
            for name, old, new in changes(alert)
        ],
        "facts": [{"name": name, "value": value} for name, value in facts(alert)],
        "quotes": list(quotes),
        "watch": watch(alert),
        "source_count": source_count(alert),
        "first_seen": seen(alert),
        "ranked_sources": [
            {"title": it.title or it.source_id, "url": web_url(it.url), "told_by": told_by(it)}
            for it in ranked(alert)[:_MOST_SOURCES]
        ],
        "story_url": story,
    }


def web_url(url: str | None) -> str | None:
    """The address when it is one that people can safely open."""
    if not url or len(url) > MAX_URL or any(c.isspace() for c in url):
        return None
    return url if url.startswith(("http://", "https://")) else None
