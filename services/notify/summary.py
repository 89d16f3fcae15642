"""The one sentence of an alert that says it all: who did what to which minerals, against whom, from when. Pure."""

from __future__ import annotations

from typing import Final

from services.notify.initiatives import initiative_name
from services.notify.materials import material
from services.notify.phrases import (
    ALLIANCE_SENTENCES,
    RESTRICTION_SENTENCES,
    SOURCES_SAY,
    day,
    joined,
    measure_noun,
    with_article,
    words,
)
from services.notify.places import place_in_sentence
from shared.events import Claim
from shared.events.vocabulary import Direction

_KINDS: Final = ("export_restriction", "alliance_move")
_EASING: Final = ("general_licence", "suspension")
"""Measures that are an easing in themselves."""


def summary(claim: Claim) -> str:
    """`China announced an export licence requirement on gallium and germanium, from 1 Aug 2026, …`."""
    parts = [_act(claim), *_details(claim), SOURCES_SAY[claim.certainty]]
    sentence = ", ".join(part for part in parts if part)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _act(claim: Claim) -> str:
    noun = _noun(claim)
    acting = list(dict.fromkeys((*claim.actors, *claim.parties)))
    told = {
        "who": joined([place_in_sentence(code) for code in acting]) if acting else "a government not named",
        "be": "is" if len(acting) <= 1 else "are",
        "noun": noun,
        "what": joined([material(item) for item in claim.commodities] or ["critical minerals"]),
        "club": _club(claim) or "an alliance on critical minerals",
    }
    return _template(claim).format_map(told)


def _template(claim: Claim) -> str:
    if claim.kind not in _KINDS:
        return f"{words(claim.kind)}: {{who}}, {{what}}, {words(claim.stage)}"
    table = ALLIANCE_SENTENCES if claim.parties or _is_alliance(claim) else RESTRICTION_SENTENCES
    other = RESTRICTION_SENTENCES if table is ALLIANCE_SENTENCES else ALLIANCE_SENTENCES
    return table.get(claim.stage) or other.get(claim.stage) or "{who}: {noun} on {what}"


def _is_alliance(claim: Claim) -> bool:
    return claim.direction in (Direction.ADVANCE, Direction.RETREAT)


def _noun(claim: Claim) -> str:
    """What the act is called. "Eased the export ban" when something existing is touched, "an export ban" otherwise."""
    noun = measure_noun(claim.measure, claim.kind)
    existing = claim.stage in ("extended", "clarified", "eased", "suspended", "lifted", "dropped", "expanded")
    eases = claim.direction == Direction.EASE and claim.measure not in _EASING
    if existing or claim.stage == "disputed":
        return f"the {noun}"
    return f"an easing of the {noun}" if eases else with_article(noun)


def _details(claim: Claim) -> list[str]:
    targets = [code for code in claim.targets if code != "all"]
    club = "" if "{club}" in _template(claim) else _club(claim)
    return [
        f"under {club}" if club else "",
        f"{_toward(claim)} {joined([place_in_sentence(code) for code in targets])}" if targets else "",
        f"from {day(claim.effective_at)}" if claim.effective_at else "",
        f"until {day(claim.until)}" if claim.until else "",
        _instrument(claim),
    ]


def _club(claim: Claim) -> str:
    return initiative_name(claim.initiative) if claim.initiative else ""


def _toward(claim: Claim) -> str:
    return "aimed at" if claim.direction == Direction.TIGHTEN else "towards"


def _instrument(claim: Claim) -> str:
    instrument = claim.instrument
    if instrument is None or not (instrument.number or instrument.authority):
        return ""
    number = instrument.number or ""
    numbered = f"No. {number}" if number[:1].isdigit() else number
    return " ".join(part for part in (instrument.authority, numbered) if part)
