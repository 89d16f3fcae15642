"""How what people were told differs from what is known now, after a report that came late. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.notify.materials import groups, material
from services.notify.moves import Move, changed
from services.notify.phrases import day, measure_noun, words
from services.notify.places import place
from services.notify.standing import Backing, backing, is_talk
from services.notify.story import Story
from shared.events import Claim
from shared.events.alert import Reason
from shared.events.vocabulary import Stage


def drift(before: Story, after: Story) -> list[Move]:
    """What people must be told of, most important first; empty when they know it all."""
    old, new = before.claim, after.claim
    denied = [Move(Reason.DENIED)] if _is_denied(before, after) else []
    turn = [*denied, *_turn(old, new), *_confirmation(before, after)]
    return [*turn, *_scope(old, new), *_dates(old, new), *_weight(old, new)]


def _is_denied(before: Story, after: Story) -> bool:
    """See `moves`: officials deny what was only talk."""
    talk = is_talk(before.claim.stage) and not before.confirmed
    official = after.confirmed or backing(after.claim.certainty, 2) == Backing.OFFICIAL
    return talk and official and after.claim.stage == Stage.DENIED


def _turn(old: Claim, new: Claim) -> list[Move]:
    found = []
    if old.direction != new.direction:
        found.append(changed(Reason.DIRECTION_CHANGED, "direction", words(old.direction), words(new.direction)))
    if old.stage != new.stage:
        found.append(changed(Reason.STAGE_CHANGED, "stage", words(old.stage), words(new.stage)))
    return found


def _confirmation(before: Story, after: Story) -> list[Move]:
    agrees = before.claim.direction == after.claim.direction
    news = after.confirmed and not before.confirmed and agrees
    return [Move(Reason.OFFICIAL_CONFIRMATION)] if news else []


def _scope(old: Claim, new: Claim) -> list[Move]:
    found = []
    if set(new.actors) - set(old.actors or old.parties):
        found.append(_wider("actors", map(place, old.actors or old.parties), map(place, new.actors)))
    if groups(new.commodities) - groups(old.commodities):
        found.append(_wider("commodities", map(material, old.commodities), map(material, new.commodities)))
    if old.targets and set(new.targets) - set(old.targets) - {"all"} and "all" not in old.targets:
        found.append(_wider("targets", map(place, old.targets), map(place, new.targets)))
    if old.measure and new.measure and old.measure != new.measure:
        nouns = (measure_noun(old.measure, old.kind), measure_noun(new.measure, new.kind))
        found.append(changed(Reason.SCOPE_CHANGED, "measure", *nouns))
    return found


def _wider(field: str, before: Iterable[str], after: Iterable[str]) -> Move:
    return changed(Reason.SCOPE_CHANGED, field, ", ".join(before) or "not known", ", ".join(after))


def _dates(old: Claim, new: Claim) -> list[Move]:
    pairs = (("effective_at", old.effective_at, new.effective_at), ("until", old.until, new.until))
    return [
        changed(Reason.DATE_CHANGED, field, day(before), day(after))
        for field, before, after in pairs
        if before is not None and after is not None and before != after
    ]


def _weight(old: Claim, new: Claim) -> list[Move]:
    found = []
    if new.severity.rank > old.severity.rank:
        found.append(changed(Reason.SEVERITY_RAISED, "severity", old.severity, new.severity))
    was, now = backing(old.certainty, 2), backing(new.certainty, 2)
    if now > was and (was == Backing.SOFT or is_talk(old.stage)):
        found.append(changed(Reason.CERTAINTY_CHANGED, "certainty", words(old.certainty), words(new.certainty)))
    return found
