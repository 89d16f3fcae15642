"""Which states take part in an act: not those that only say where a firm is from, who leads, or who the rival is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from services.classify.passage import Passage
from services.classify.roles import MINISTRY, STATE, AgentKind, agent_of, countries, preceded
from services.classify.scan import Hit

BOTH_SIDES: Final = "both_sides"
MANY_STATES: Final = "many_states"
DEMONYM: Final = "demonym"
FIRM: Final = "firm"
BUSINESS: Final = "business"
_MODIFIERS: Final = frozenset(
    {"commodity", "metal_context", "supply", "export", "stockpile", STATE, DEMONYM, FIRM, BUSINESS}
)
"""Lexicons whose words may stand between a demonym and its firm: "Chinese rare earth producer"."""
_REACH: Final = 3
"""Tokens between a demonym and its firm."""
_LINK: Final = re.compile(
    r"[,;:，。；：、()]|\b(?:and|or|with|to|of|in|for|on|at|by|from|will|has|have|had|is|are|the)\b|[与和及跟同对向在将]"
)
_FIRM_OF: Final = re.compile(r"(?:,? based)? (?:of|from|in) (?:the )?(?:[a-z .]{2,24}(?:,| and|, and) (?:the )?)?")
"""Between a firm and where it is from: "miners of Canada and Chile"."""
_HAN: Final = "\u2e80"
_LEADS: Final = re.compile(
    r"-(?:led|backed|funded|financed|owned|based|listed|sponsored|headed|dominated|brokered|controlled|aligned|born|educated)\b"
    r"|(?:主导|牵头|领导|领衔|支持|资助|控股)的"
)
_AWAY: Final = (
    "on|from|counter|countering|against|over|than|outside|contain|rival|by|after|beyond|bypass|break|edges? out"
)
_THE: Final = r"(?: (?:the|all|its|both|certain|some|a))?\s*"
_RIVAL: Final = re.compile(rf"(?:\b(?:{_AWAY}){_THE}|摆脱|对|依赖|遏制|绕开|来自)$")
_OPPOSED: Final = re.compile(
    r"(?:\b(?:counter|countering|response to|respond to|against|offset)(?: (?:the|its))?\s*|应对|反对)$"
)
_PLACE: Final = re.compile(r"(?:\b(?:in|near|at|across|outside|of|from|off)(?: \w+(?:ern|al))?(?: the)?\s*|在|位于)$")
_MANY: Final = re.compile(
    r"\b(?P<en>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|dozens of|several|many)"
    r"(?:[ -](?!million|thousand|billion)\w+)?[ -]"
    r"(?:nations?|countries|states|governments|members?|partners|economies|allies)\b|(?P<zh>\d{1,3}|[两三四五六七八九十]|多)多?个?(?:国家|国|成员)"
)
_NUMBERS: Final = {
    word: number
    for words in ("two three four five six seven eight nine ten".split(), "两三四五六七八九十")
    for number, word in enumerate(words, 2)
}


def is_of_firm(passage: Passage, hit: Hit) -> bool:
    """Whether a state is only where a firm is from: "the German battery maker", "China's CMOC", 德国电池厂商."""
    return passage.once(("of firm", hit.start, hit.end), lambda: _is_of_firm(passage, hit))


def _is_of_firm(passage: Passage, hit: Hit) -> bool:
    text = passage.folded.text
    if _follows_firm(passage, hit):
        return True
    possessive = text.startswith("'s", hit.end)
    adjective = any(word.start == hit.start for word in passage.of(DEMONYM))
    if not (possessive or adjective or text[hit.end - 1] >= _HAN):
        return False
    start = hit.end + 2 * possessive
    for firm in passage.of(FIRM, BUSINESS):
        if firm.start >= hit.end and passage.tokens_between(hit, firm) <= _REACH:
            return not _LINK.search(text, start, firm.start) and _only_modifiers(passage, start, firm.start)
    return False


def _follows_firm(passage: Passage, hit: Hit) -> bool:
    text = passage.folded.text
    firms = [firm for firm in passage.of(FIRM, BUSINESS) if firm.end <= hit.start]
    return bool(firms) and _FIRM_OF.fullmatch(text, firms[-1].end, hit.start) is not None


def _only_modifiers(passage: Passage, start: int, end: int) -> bool:
    return all(hit.lexicon in _MODIFIERS for hit in passage.hits if start <= hit.start < end)


def is_leader(passage: Passage, hit: Hit) -> bool:
    """Whether a state only describes something else: "the US-led initiative", 美国主导的倡议."""
    return _LEADS.match(passage.folded.text, hit.end) is not None


def party_hits(passage: Passage, act: tuple[Hit, ...]) -> list[Hit]:
    """States that may take part. Rivals are left out: "reliance on China", "China moves to counter the US pact"."""
    states = [hit for hit in passage.of(STATE, MINISTRY) if not is_of_firm(passage, hit)]
    opposed = [h for h in states if act and h.end <= act[0].start and preceded(passage, h, _OPPOSED)]
    if opposed:
        states = [hit for hit in states if hit.start >= opposed[-1].start]
    return [hit for hit in states if hit in opposed[-1:] or not preceded(passage, hit, _RIVAL)]


def members(passage: Passage, hits: Iterable[Hit]) -> tuple[str, ...]:
    """Codes of the states among these that take part themselves; of all, if each only leads something."""
    found = list(hits)
    return countries(hit for hit in found if not is_leader(passage, hit)) or countries(found)


def count_parties(passage: Passage, act: tuple[Hit, ...]) -> int:
    """How many states take part, as far as the sentence tells."""
    hits = party_hits(passage, act)
    named = set(countries(hits))
    blocs = {hit.entry.id for hit in hits if hit.entry.country and len(hit.entry.states) > 1}
    count = len(named) + 2 * len(blocs)
    if passage.has(BOTH_SIDES):
        count = max(count, min(2, len(set(passage.known_parties) | named)))
    if passage.has(MANY_STATES) or (named and len(passage.of("official")) > 1):
        count = max(count, 2)
    match = _MANY.search(passage.text)
    return max(count, _number(match)) if match and (named or passage.known_parties) else count


def _number(match: re.Match[str]) -> int:
    word = match["en"] or match["zh"]
    return int(word) if word.isdigit() else _NUMBERS.get(word, 3)


def only_firms(passage: Passage, act: tuple[Hit, ...]) -> bool:
    """Whether firms agree among themselves: a firm acts, and states are named only as places or as where it is from."""
    if agent_of(passage, act).kind is not AgentKind.FIRM or passage.has("official", MINISTRY):
        return False
    return all(preceded(passage, hit, _PLACE) for hit in party_hits(passage, act))
