"""`by`: who acts. `government` is a state, a ministry or a bloc; `firm` a company; `outsider` somebody with an opinion.

An act without a named agent ("exports were halted") counts as the government's if the article names one.

    by: government
"""

from __future__ import annotations

from typing import Any, Final

from services.classify.condition import Check, Condition, Example, Outcome
from services.classify.parties import is_of_firm
from services.classify.passage import Passage
from services.classify.roles import STATE, Agent, AgentKind, agent_of
from services.classify.scan import Hit


def _compile(value: Any) -> Check:
    known = [kind.value for kind in AgentKind if kind is not AgentKind.UNKNOWN]
    if value not in known:
        raise ValueError(f"expected one of {', '.join(known)}, found {value!r}")
    wanted = AgentKind(value)

    def judge(passage: Passage, act: tuple[Hit, ...]) -> Outcome:
        agent = agent_of(passage, act)
        if agent.hit is not None and agent.hit.lexicon == STATE and is_of_firm(passage, agent.hit):
            agent = Agent(AgentKind.FIRM, agent.hit)
        assumed = agent.kind is AgentKind.UNKNOWN and wanted is AgentKind.GOVERNMENT and passage.known_government
        found = agent.hit.text if agent.hit else "nobody"
        support = (agent.hit,) if agent.hit else ()
        return Outcome(agent.kind is wanted or assumed, support=support, lacking=f"a {wanted} as agent, not {found}")

    return Check(judge)


CONDITION: Final = Condition(
    _compile,
    Example(
        "government",
        holds="Jakarta bans bauxite exports",
        fails="The mining company halts bauxite exports",
        rest={"chain": ["$export_curb"]},
    ),
)
