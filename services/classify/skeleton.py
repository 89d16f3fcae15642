"""A rule to start from: valid as it stands, with comments on what to change. Text only."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.classify.rule import CONTEXT

_RULE: Final = """\
id: {id}
kind: {kind}
title: What has happened when this rule fires, as a short sentence
why: what in the sentence shows it, as readers of an alert see it
version: "1"                # raise it when the meaning changes; it is stamped on every signal
enabled: false              # its examples are tested already; true lets it judge articles
weight: 0.6                 # how strong it is, 0 to 1; title and lead add to it, a signal needs 0.5
when:
{when}
{set}
examples:                   # these are its tests: at least one of each, in each language it is meant for
  match:
{match}
  ignore:                   # what looks alike and is none; add one for each false alarm you mend
{ignore}
"""
_CHAIN: Final = """\
  # $words are lexicons in lexicons/; each key is a condition, a file in services/classify/conditions/
  chain:                    # the words of the act, near each other in one clause
    - {{of: [{chain}], gap: 6}}
{rest}"""


class _Parts(NamedTuple):
    """What differs from kind to kind."""

    chain: str
    rest: str
    set: str
    match: tuple[str, ...]
    ignore: tuple[str, ...]


_RESTRICTION: Final = _Parts(
    chain="$impose, $export_curb",
    rest="  about: $commodity         # what it is about\n"
    "  by: government            # who acts: a state, ministry or bloc, not a firm\n"
    "  negated: false            # not “has no plans to …”",
    set="set: {direction: tighten, stage: from_cues, measure: from_terms}   # or ease; a stage if it is always one",
    match=("Indonesia imposes restrictions on exports of tin.", "印尼对锡实施出口限制。"),
    ignore=("Indonesia imposes a tax on imports of tin.", "印尼的锡出口增长。"),
)
_ALLIANCE: Final = _Parts(
    chain="$ally, $pact",
    rest="  about: $commodity         # what it is about\n"
    "  parties: 2                # so many states or blocs at least, not firms",
    set="set: {direction: advance, stage: from_cues, measure: from_terms}   # or retreat",
    match=("Japan and Zambia sign an agreement on cobalt.", "日本与赞比亚签署钴合作协议。"),
    ignore=("Two miners sign an agreement on cobalt.", "两家矿业公司签署钴合作协议。"),
)
_CONTEXT: Final = _Parts(
    chain="$impose, $import_tax",
    rest="  about: $commodity         # what it is about",
    set="outweighs: []               # kinds that this rule silences in the same sentence, e.g. [export_restriction]\n"
    "set: {context: import_measure}   # the name of the class: why this is no signal",
    match=("Brussels imposes duties on imports of tin.", "美国对钨征收进口关税。"),
    ignore=("Brussels mines no tin.", "美国不开采钨。"),
)


def skeleton(rule_id: str, kind: str) -> str:
    """The YAML of a new rule. A kind of one's own starts as a restriction does."""
    parts = {"alliance_move": _ALLIANCE, CONTEXT: _CONTEXT}.get(kind, _RESTRICTION)
    return _RULE.format(
        id=rule_id,
        kind=kind,
        when=_CHAIN.format(chain=parts.chain, rest=parts.rest),
        set=parts.set,
        match=_listed(parts.match),
        ignore=_listed(parts.ignore),
    )


def _listed(sentences: tuple[str, ...]) -> str:
    return "\n".join(f'    - "{sentence}"' for sentence in sentences)
