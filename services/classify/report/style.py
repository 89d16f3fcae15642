"""The look of the report. Text only; the page carries it inside itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_HUES: Final = {
    "commodity": 145,
    "actor": 285,
    "party": 265,
    "action": 10,
    "control": 25,
    "restriction": 0,
    "export": 45,
    "measure": 200,
    "pact": 190,
    "negation": 330,
}
"""Colours of the roles that matter most; the others take theirs from their name."""

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667; --line: #d8dbe0; --paper: #fff; --sheet: #f5f6f8;
  --right: 140, 60%, 40%; --wrong: 8, 75%, 50%; --tint: 86%; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6ea; --soft: #9aa0aa; --line: #363b43; --paper: #15181c;
  --sheet: #1d2127; --tint: 26%; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem 6rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; }
p.sub, .dim { color: var(--soft); }
code, .num { font-variant-numeric: tabular-nums; font-family: ui-monospace, "SF Mono", Menlo, monospace;
  font-size: .88em; }
.cards { display: flex; flex-wrap: wrap; gap: .75rem; }
.card { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem;
  min-width: 7rem; }
.card b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: .82rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; }
th { font-weight: 600; text-align: left; color: var(--soft); }
th, td { padding: .28rem .6rem; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
table.heat td { text-align: center; min-width: 2.4rem; border: 1px solid var(--paper); }
table.heat thead th { writing-mode: vertical-rl; transform: rotate(180deg); padding: .5rem .2rem; text-align: left;
  border: 0; }
table.heat tbody th { border: 0; text-align: right; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; background: var(--sheet); }
summary { cursor: pointer; padding: .5rem .8rem; }
summary code { color: var(--soft); margin-left: .5rem; }
details > div { padding: 0 .8rem .8rem; }
.tag { border-radius: 4px; padding: .05rem .45rem; font-size: .78rem; margin-right: .5rem; white-space: nowrap;
  background: hsla(var(--wrong), .18); }
.tag.miss { background: hsla(45, 90%, 50%, .25); }
.tag.wrong_direction { background: hsla(300, 60%, 55%, .22); }
.tag.wrong_stage { background: hsla(210, 60%, 55%, .2); }
.article { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border-radius: 6px;
  padding: .7rem .9rem; margin: .5rem 0 0; }
.article .title { font-weight: 650; display: block; margin-bottom: .4rem; }
.word { border-radius: 3px; padding: 0 .1em; color: inherit; background: hsl(var(--hue, 220), 70%, var(--tint)); }
.evidence { border-bottom: 2px solid hsl(8, 75%, 55%); }
.legend { display: flex; flex-wrap: wrap; gap: .4rem; margin: .5rem 0 1rem; font-size: .85rem; }
"""


def role_style(roles: Iterable[str]) -> str:
    """One colour for each role."""
    return "".join(f".role-{role} {{ --hue: {hue(role)}; }}\n" for role in sorted(set(roles)))


def hue(role: str) -> int:
    """The colour of a role, in degrees; the same in every report."""
    return _HUES.get(role, sum(ord(character) * 37 for character in role) % 360)
