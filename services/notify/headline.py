"""The first line of an alert: what kind of act, who, on what, how far, since when. Pure."""

from __future__ import annotations

from typing import Final

from services.notify.initiatives import initiative_name
from services.notify.materials import material
from services.notify.phrases import day, measure_noun, words
from services.notify.places import place
from shared.events import Claim
from shared.events.vocabulary import CANARY, Direction

MAX_HEADLINE: Final = 132
"""Characters: what a Slack header holds (150), less a mark and the longest word before it ("Retracted: ")."""

COMES_THROUGH: Final = "Canary of orewire: news comes through, nothing has happened"
_TITLES: Final = {
    ("export_restriction", Direction.EASE): "Export restriction easing",
    ("export_restriction", Direction.CONTEST): "Export restriction contested",
    ("alliance_move", Direction.RETREAT): "Alliance retreat",
}


def headline(claim: Claim) -> str:
    """`Export restriction: China, gallium + germanium — announced, export licence requirement, from 1 Aug 2026`.

    Never longer than MAX_HEADLINE: long lists are counted, then details left to the summary.
    """
    if claim.kind == CANARY:
        return COMES_THROUGH
    for most, with_detail in ((4, True), (2, True), (2, False), (1, False)):
        text = _compose(claim, most=most, with_detail=with_detail)
        if len(text) <= MAX_HEADLINE:
            return text
    return _title(claim)


def _title(claim: Claim) -> str:
    default = words(claim.kind).capitalize()
    return _TITLES.get((claim.kind, claim.direction), default)


def _compose(claim: Claim, *, most: int, with_detail: bool) -> str:
    club = initiative_name(claim.initiative) if claim.initiative else ""
    subject = ", ".join(part for part in (_who(claim, most), club, _what(claim, most)) if part)
    facts = [words(claim.stage)]
    if with_detail:
        facts += [measure_noun(claim.measure, claim.kind)] if claim.measure else []
        facts += [f"from {day(claim.effective_at)}"] if claim.effective_at else []
        facts += [f"until {day(claim.until)}"] if claim.until else []
    return f"{_title(claim)}: {subject or 'actor not named'} — {', '.join(facts)}"


def _who(claim: Claim, most: int) -> str:
    acting = _plus([place(code) for code in dict.fromkeys((*claim.actors, *claim.parties))], most)
    targets = [code for code in claim.targets if code != "all"]
    return f"{acting} → {_plus([place(code) for code in targets], most)}" if acting and targets else acting


def _what(claim: Claim, most: int) -> str:
    return _plus([material(item) for item in claim.commodities], most)


def _plus(names: list[str], most: int) -> str:
    """`gallium + germanium + 3 more`."""
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    return " + ".join(names)
