"""English word forms, so that a lexicon lists `restrict` once and means restricts, restricted, restricting."""

from __future__ import annotations

from typing import Final

_IRREGULAR: Final = {
    "cut": ("cuts", "cutting"),
    "slow": ("slows", "slowed", "slowing"),
    "set": ("sets", "setting"),
    "choke": ("chokes", "choked", "choking"),
    "make": ("makes", "made", "making"),
    "draw": ("draws", "drew", "drawn", "drawing"),
    "withdraw": ("withdraws", "withdrew", "withdrawn", "withdrawing"),
    "hold": ("holds", "held", "holding"),
    "give": ("gives", "gave", "given", "giving"),
    "say": ("says", "said", "saying"),
    "tell": ("tells", "told", "telling"),
    "put": ("puts", "putting"),
    "take": ("takes", "took", "taken", "taking"),
    "bring": ("brings", "brought", "bringing"),
    "rise": ("rises", "rose", "risen", "rising"),
    "fall": ("falls", "fell", "fallen", "falling"),
    "quit": ("quits", "quitting"),
    "leave": ("leaves", "left", "leaving"),
    "build": ("builds", "built", "building"),
    "forbid": ("forbids", "forbade", "forbidden", "forbidding"),
    "freeze": ("freezes", "froze", "frozen", "freezing"),
    "let": ("lets", "letting"),
    "meet": ("meets", "met", "meeting"),
    "seek": ("seeks", "sought", "seeking"),
    "see": ("sees", "saw", "seen", "seeing"),
    "write": ("writes", "wrote", "written", "writing"),
    "strike": ("strikes", "struck", "striking"),
    "think": ("thinks", "thought", "thinking"),
    "sell": ("sells", "sold", "selling"),
    "buy": ("buys", "bought", "buying"),
    "shut": ("shuts", "shutting"),
    "win": ("wins", "won", "winning"),
    "undo": ("undoes", "undid", "undone", "undoing"),
}
_DOUBLING: Final = frozenset(
    "ban bar cap curb stop scrap drop slap permit plan commit defer embar control cancel refer submit pen top".split()
) - {"curb", "cancel"}
_IRREGULAR_PAST: Final = frozenset(
    form for forms in _IRREGULAR.values() for form in forms if not form.endswith(("s", "ing"))
) | {"cut", "set", "put", "quit", "let", "shut"}


def verb_forms(phrase: str) -> tuple[str, ...]:
    """All forms of a verb whose first word is inflected: `cut off` gives cuts off, cutting off."""
    word, _, rest = phrase.partition(" ")
    tail = f" {rest}" if rest else ""
    return tuple(form + tail for form in (word, *_IRREGULAR.get(word, _regular(word))))


def _regular(word: str) -> tuple[str, ...]:
    if word.endswith("e"):
        return f"{word}s", f"{word}d", f"{word[:-1]}ing"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"
    stem = word + word[-1] if word in _DOUBLING else word
    plural = "es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s"
    return word + plural, f"{stem}ed", f"{stem}ing"


def noun_forms(phrase: str) -> tuple[str, ...]:
    """A noun phrase and its plural: `export quota`, `export quotas`."""
    if phrase.endswith("y") and phrase[-2] not in "aeiou":
        return phrase, f"{phrase[:-1]}ies"
    return phrase, phrase + ("es" if phrase.endswith(("s", "sh", "ch", "x")) else "s")


def is_past(word: str) -> bool:
    """Whether a verb form tells what has happened: `banned`, `cut`."""
    first = word.partition(" ")[0].lower()
    return first.endswith("ed") or first in _IRREGULAR_PAST
