"""Who acts, against whom, and who takes part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.classify.passage import Passage
from services.classify.scan import Hit

STATE: Final = "state"
MINISTRY: Final = "ministry"
ORDER: Final = "order"
TARGET: Final = "target_state"

_THE: Final = r"(?: (?:the|all|its|both|certain|some|a))?\s*"
_AIMED: Final = "to|against|targeting|bound for|destined for|at|toward|towards"
_TOWARDS: Final = re.compile(rf"(?:\b(?:{_AIMED}){_THE}|对|向|输往|针对)$")
_BESIDE: Final = f"{_AIMED}|on|upon|from|with|in|than|outside|via|over|urges?|urged|wants?|wanted|presses|asks?|asked"
_NOT_ACTING: Final = re.compile(rf"(?:\b(?:{_BESIDE}){_THE}|对|向|与|和|在|从|摆脱|依赖)$")
_BY_ORDER: Final = re.compile(
    r"\b(?:after|on|following|under)\b[^.]{0,30}\b(?:ministry|government|state|official|beijing)\w*(?: \w+)? "
    r"(?:order|instruction|directive|guidance|ban)s?\b"
)
_BY: Final = re.compile(r"\bby (?:the )?$")
_LIST: Final = re.compile(r"(?:'s)?[\s,/&、和与及]*(?:and|the)?[\s]*(?:the )?")


class AgentKind(StrEnum):
    """What sort of body acts."""

    GOVERNMENT = "government"
    FIRM = "firm"
    OUTSIDER = "outsider"
    UNKNOWN = "unknown"


_KINDS: Final = {
    STATE: AgentKind.GOVERNMENT,
    MINISTRY: AgentKind.GOVERNMENT,
    "official": AgentKind.GOVERNMENT,
    "firm": AgentKind.FIRM,
    "outsider": AgentKind.OUTSIDER,
}


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts in a sentence, and by which word that is known."""

    kind: AgentKind
    hit: Hit | None = None


def agent_of(passage: Passage, act: tuple[Hit, ...]) -> Agent:
    """The agent of an act: the nearest actor before it, else one named with "by" after it."""
    if not act:
        return Agent(AgentKind.UNKNOWN)
    start, end = act[0].start, max(hit.end for hit in act)
    return passage.once(("agent", start, end, act[0].lexicon), lambda: _agent(passage, act, start, end))


def _agent(passage: Passage, act: tuple[Hit, ...], start: int, end: int) -> Agent:
    inside = [hit for hit in _actors(passage) if start <= hit.start < end]
    before = [hit for hit in _actors(passage) if hit.end <= start and not preceded(passage, hit, _NOT_ACTING)]
    near = [hit for hit in before if passage.same_clause(hit, act[0])] or before
    if near:
        return _under_orders(passage, near, act)
    after = [hit for hit in _actors(passage) if hit.start >= end and preceded(passage, hit, _BY)]
    for hit in (*after, *inside):
        return Agent(_KINDS[hit.lexicon], hit)
    return Agent(AgentKind.UNKNOWN)


def _is_obliged(act: tuple[Hit, ...]) -> bool:
    """Whether an act is what a rule asks of those who export: "miners must hold a permit to sell abroad"."""
    return act[0].lexicon == "require"


def _under_orders(passage: Passage, near: list[Hit], act: tuple[Hit, ...]) -> Agent:
    """A firm or an expert whom a government told, or asked, to act is no agent of its own."""
    nearest = near[-1]
    kind = _KINDS[nearest.lexicon]
    if kind is AgentKind.FIRM and passage.known_government and _is_obliged(act):
        return Agent(AgentKind.GOVERNMENT, next((hit for hit in near if codes_of(hit)), nearest))
    if kind is AgentKind.FIRM and (speaker := _speaker(passage, near)):
        return Agent(AgentKind.GOVERNMENT, speaker)
    if kind in (AgentKind.FIRM, AgentKind.OUTSIDER):
        for order in passage.of(ORDER):
            givers = [hit for hit in near if hit.end <= order.start and _KINDS[hit.lexicon] is AgentKind.GOVERNMENT]
            if givers and order.start < nearest.start:
                return Agent(AgentKind.GOVERNMENT, givers[-1])
        if _BY_ORDER.search(passage.folded.text, nearest.end, passage.end):
            return Agent(AgentKind.GOVERNMENT, next((hit for hit in reversed(near) if codes_of(hit)), nearest))
    return Agent(kind, nearest)


def _speaker(passage: Passage, near: list[Hit]) -> Hit | None:
    """The government that a headline quotes before a colon: 商务部：对欧盟企业……."""
    first = near[0]
    quoted = first.start == passage.start and passage.folded.text[first.end : first.end + 1] in (":", "：")
    return first if quoted and _KINDS[first.lexicon] is AgentKind.GOVERNMENT else None


def is_consultation(passage: Passage, act: tuple[Hit, ...]) -> bool:
    """Whether a government asks others for their opinion, which makes it more than their opinion."""
    orders = [hit for hit in passage.of(ORDER) if act and hit.end <= act[0].start]
    return bool(orders) and agent_of(passage, act).kind is AgentKind.GOVERNMENT


def _actors(passage: Passage) -> list[Hit]:
    return passage.of(*_KINDS)


def preceded(passage: Passage, hit: Hit, words: re.Pattern[str]) -> bool:
    """Whether the words right before a hit match; the pattern ends with `$`."""
    left = passage.folded.text[max(passage.start, hit.start - 24) : hit.start]
    return bool(words.search(left))


def countries(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Codes of the states behind these words, first named first."""
    return tuple(dict.fromkeys(code for hit in hits for code in codes_of(hit)))


def codes_of(hit: Hit) -> tuple[str, ...]:
    """States a word stands for: one, the two of a pair such as 美乌, or none."""
    if hit.entry.country:
        return (hit.entry.country,)
    return hit.entry.states


def actors_of(passage: Passage, act: tuple[Hit, ...]) -> tuple[str, ...]:
    """States that act: the agent's own, others joined to it, else those known from title and lead."""
    agent = agent_of(passage, act)
    if agent.kind is AgentKind.GOVERNMENT and agent.hit is not None and codes_of(agent.hit):
        return countries(_joined(passage, agent.hit))
    states = [hit for hit in passage.of(STATE, MINISTRY) if not preceded(passage, hit, _TOWARDS)]
    return countries(states)[:1] or passage.known_states[:1]


def complainants_of(passage: Passage) -> tuple[str, ...]:
    """States that contest a measure: those named first, before the one they complain about."""
    states = passage.of(STATE, MINISTRY)
    leading = states[:1]
    for hit in states[1:]:
        if not _LIST.fullmatch(passage.folded.text[leading[-1].end : hit.start]):
            break
        leading.append(hit)
    return countries(leading) or passage.known_states[:1]


def _joined(passage: Passage, last: Hit) -> list[Hit]:
    """The agent and the states listed right before it: "the United States, Europe and Japan"."""
    joined = [last]
    for hit in reversed([hit for hit in passage.of(STATE, MINISTRY) if hit.end <= last.start]):
        between = passage.folded.text[hit.end : joined[0].start]
        if not _LIST.fullmatch(between):
            break
        joined.insert(0, hit)
    return joined


def targets_of(passage: Passage, actors: tuple[str, ...]) -> tuple[str, ...]:
    """States a measure is aimed at, or `all`."""
    aimed = [hit for hit in passage.of(STATE, TARGET) if hit.lexicon == TARGET or preceded(passage, hit, _TOWARDS)]
    found = tuple(code for code in countries(aimed) if code not in actors)
    return found or ("all",)
