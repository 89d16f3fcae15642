"""From the verdicts of one kind to one finding with all its fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from services.classify.certainty import certainty_of
from services.classify.dates import DateRole, Mention, mentions, starts_at_once, stated_start
from services.classify.decision import Finding, Verdict
from services.classify.evidence import Names, evidence_of
from services.classify.instrument import cite
from services.classify.lexicon import Lexicons
from services.classify.parties import members, party_hits
from services.classify.passage import Passage, Position
from services.classify.roles import MINISTRY, actors_of, complainants_of, targets_of
from services.classify.severity import Case, SeverityPolicy
from services.classify.stage import Standing, standing_of
from shared.events import Evidence, Instrument
from shared.events.vocabulary import ALLIANCE_MEASURES, RESTRICTION_MEASURES, Certainty, Direction, Stage

GENERIC: Final = frozenset({"critical_minerals", "raw_minerals"})
"""Commodity ids that say nothing beside a named metal."""
_MEASURES: Final = RESTRICTION_MEASURES | ALLIANCE_MEASURES
_POSITION_BONUS: Final = {Position.TITLE: 0.15, Position.LEAD: 0.1, Position.BODY: 0.0}
_CERTAINTY_BONUS: Final = {
    Certainty.OFFICIAL_TEXT: 0.1,
    Certainty.OFFICIAL_SPEECH: 0.05,
    Certainty.NAMED_REPORT: 0.0,
    Certainty.UNNAMED_REPORT: -0.05,
    Certainty.INFERENCE: -0.15,
}
_ACTS: Final = frozenset(
    {Stage.ANNOUNCED, Stage.IN_FORCE, Stage.EXTENDED, Stage.EASED, Stage.SUSPENDED, Stage.LIFTED, Stage.PROPOSAL}
)
"""Stages at which some text was issued on some day, even if the article names no number."""
_STARTING: Final = frozenset({Stage.IN_FORCE, Stage.LIFTED})
"""Stages that have only been announced while their first day lies ahead."""
_YEAR_OR_SO: Final = 400
"""Days; older events are not the day on which a new text was issued."""
_ALLIANCE_DIRECTIONS: Final = frozenset({Direction.ADVANCE, Direction.RETREAT})


@dataclass(frozen=True, slots=True)
class Claimed:
    """A verdict that stands, with what was read from its sentence."""

    verdict: Verdict
    standing: Standing
    certainty: Certainty
    dates: tuple[Mention, ...]
    score: float


def claim(verdict: Verdict, dates: tuple[Mention, ...], tier: int) -> Claimed:
    """Read stage, certainty and score of one verdict."""
    certainty = certainty_of(verdict, tier)
    score = verdict.rule.weight + _POSITION_BONUS[verdict.passage.position] + _CERTAINTY_BONUS[certainty]
    if verdict.passage.has("fresh_time"):
        score += 0.05
    return Claimed(verdict, standing_of(verdict, dates), certainty, dates, max(0.0, min(0.99, score)))


def finding_of(
    claims: list[Claimed],
    *,
    reading_text: str,
    reference: date | None,
    tier: int,
    lexicons: Lexicons,
    policy: SeverityPolicy,
) -> Finding:
    """The finding that the strongest of `claims` (at least one, all of one kind) makes, filled up from the others.

    `reading_text` is the folded text, where the legal instrument is sought; `reference` the day of publication.
    """
    ranked = sorted(claims, key=lambda c: (-c.score, c.verdict.passage.index))
    best, direction, kind = ranked[0], ranked[0].standing.direction, ranked[0].verdict.rule.kind
    same = [c for c in ranked if c.standing.direction is direction]
    commodities = _commodities(same)
    doers = _doers(best, same)
    effective, until = _dates(same, reading_text, reference)
    stage = _stage(same) if direction in _ALLIANCE_DIRECTIONS else _settled(_stage(same), effective, reference)
    return Finding(
        **doers._asdict(),
        kind=kind,
        measure=_measure(same),
        stage=stage,
        direction=direction,
        certainty=best.certainty,
        severity=policy.level(Case(kind, stage, direction, best.certainty, tier, tuple(commodities))),
        score=round(min(0.99, best.score + 0.02 * (len(ranked) - 1)), 3),
        commodities=tuple(commodities),
        hs_codes=tuple(sorted({code for codes in commodities.values() for code in codes})),
        instrument=_instrument(same, reading_text, _actors(best), reference),
        effective_at=effective,
        until=until,
        evidence=_evidence(ranked[:3], doers, lexicons),
        rules=tuple(dict.fromkeys((c.verdict.rule.id, c.verdict.rule.version) for c in ranked)),
    )


def _evidence(claims: list[Claimed], doers: _Doers, lexicons: Lexicons) -> tuple[Evidence, ...]:
    names = Names((*doers.actors, *doers.parties), doers.targets)
    return tuple(evidence_of(c.verdict, c.standing.cue, c.dates, names, lexicons) for c in claims)


class _Doers(NamedTuple):
    """Who does what to whom."""

    actors: tuple[str, ...]
    targets: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    initiative: str | None = None


def _doers(best: Claimed, claims: list[Claimed]) -> _Doers:
    """An alliance has parties and no target; its first party stands for who acts."""
    actors = _actors(best)
    if best.verdict.rule.meaning.direction not in _ALLIANCE_DIRECTIONS:
        return _Doers(actors, targets=_targets(claims, actors))
    parties = _parties(claims)
    return _Doers(parties[:1] or actors, parties=parties, initiative=_initiative(claims))


def _stage(claims: list[Claimed]) -> Stage:
    """The stage of the strongest claim that tells one; a bare headline leaves it to the text."""
    return next((c.standing.stage for c in claims if c.standing.told), claims[0].standing.stage)


def _actors(best: Claimed) -> tuple[str, ...]:
    passage = best.verdict.passage
    if best.standing.direction is Direction.CONTEST:
        return complainants_of(passage)
    return actors_of(passage, best.verdict.act)


def _settled(stage: Stage, effective: date | None, reference: date | None) -> Stage:
    """A rule that is told as in force but starts later has only been announced, and the other way round."""
    if effective is None or reference is None:
        return stage
    if stage in _STARTING and effective > reference:
        return Stage.ANNOUNCED
    if stage is Stage.ANNOUNCED and effective <= reference:
        return Stage.IN_FORCE
    return stage


def _commodities(claims: list[Claimed]) -> dict[str, tuple[str, ...]]:
    hits = [hit for c in claims[:4] for hit in (c.verdict.passage.of("commodity") or c.verdict.passage.implied)]
    found = {hit.entry.id: hit.entry.hs for hit in hits}
    if set(found) == GENERIC:
        return {"critical_minerals": ()}
    specific = {name: hs for name, hs in found.items() if name not in GENERIC}
    return specific or found


def _measure(claims: list[Claimed]) -> str | None:
    fixed = claims[0].verdict.rule.meaning.measure
    if fixed:
        return fixed
    for c in claims:
        act = [word for hit in c.verdict.act for word in hit.words()]
        for hit in (*c.verdict.passage.of("measure_cue"), *reversed(act), *c.verdict.passage.of("initiative")):
            if hit.entry.code in _MEASURES:
                return hit.entry.code
    return None


def _targets(claims: list[Claimed], actors: tuple[str, ...]) -> tuple[str, ...]:
    for c in claims[:3]:
        found = targets_of(c.verdict.passage, actors)
        if found != ("all",):
            return found
    return ("all",)


def _parties(claims: list[Claimed]) -> tuple[str, ...]:
    told = [(c.verdict.passage, party_hits(c.verdict.passage, c.verdict.act)) for c in claims[:3]]
    found = tuple(dict.fromkeys(code for passage, hits in told for code in members(passage, hits)))
    return found if len(found) > 1 else tuple(dict.fromkeys((*found, *claims[0].verdict.passage.known_parties)))


def _initiative(claims: list[Claimed]) -> str | None:
    return next((hit.entry.id for c in claims for hit in c.verdict.passage.of("initiative")), None)


def _dates(claims: list[Claimed], text: str, reference: date | None) -> tuple[date | None, date | None]:
    """From when and until when the measure applies."""
    dates = [mention for c in claims[:3] for mention in c.dates]
    effective = next((m.date for m in dates if m.role is DateRole.EFFECTIVE), None)
    until = next((m.date for m in dates if m.role is DateRole.UNTIL), None)
    if effective is None and claims[0].standing.stage in _ACTS:
        effective = stated_start(text, reference)
        if effective is None and starts_at_once(text):
            effective = _told_on(claims) or reference
    return effective, until


def _told_on(claims: list[Claimed]) -> date | None:
    """The first day of an event that the sentences name."""
    dates = [mention for c in claims[:3] for mention in c.dates]
    return next((m.date for m in dates if m.role is DateRole.EVENT and m.exact), None)


def _instrument(claims: list[Claimed], text: str, actors: tuple[str, ...], reference: date | None) -> Instrument | None:
    """The legal text that the strongest sentence names by number, else the first that the article names."""
    cited = cite(claims[0].verdict.passage.text) or cite(text)
    if not cited:
        return None
    issued = _told_on(claims)
    if issued and reference and abs((reference - issued).days) > _YEAR_OR_SO:
        issued = None
    return Instrument(authority=cited[0].authority or _issuer(claims, actors), number=cited[0].number, date=issued)


def _issuer(claims: list[Claimed], actors: tuple[str, ...]) -> str | None:
    """The first ministry of an acting state that the sentences name, by the name that stands first in its lexicon."""
    ministries = [hit.entry for c in claims for hit in c.verdict.passage.of(MINISTRY)]
    return next((entry.aliases[0].text for entry in ministries if entry.country in actors), None)


def dates_of(passage: Passage, reference: date | None) -> tuple[Mention, ...]:
    """The dates of a passage."""
    return mentions(passage.text, reference)
