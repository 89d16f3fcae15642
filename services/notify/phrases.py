"""How people say the closed words of the contract: measures, stages, certainty. Pure data."""

from __future__ import annotations

from datetime import date
from typing import Final

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
"""Written out: strftime would follow the machine's locale."""

MEASURES: Final = {
    "export_ban": "export ban",
    "export_quota": "export quota",
    "export_licence": "export licence requirement",
    "general_licence": "general export licence",
    "export_reporting": "export reporting duty",
    "export_tax": "export tax",
    "vat_rebate_removal": "cut of export tax rebates",
    "price_control_export": "minimum export price",
    "state_trading": "state control of exporters",
    "domestic_obligation": "domestic supply obligation",
    "technology_control": "control on technology exports",
    "extraterritorial_licence": "licence rule for re-exports and foreign-made goods",
    "entity_listing": "export bar on listed firms",
    "watch_list": "watch list for buyers",
    "end_use_rule": "end-use rule for exports",
    "customs_friction": "slowdown of exports at customs",
    "licence_freeze": "freeze of export licences",
    "informal_halt": "unpublished halt of exports",
    "scrap_export_restriction": "export restriction on scrap",
    "contract_suspension": "stop of state deliveries",
    "legal_framework": "legal framework for export controls",
    "enforcement": "enforcement of export controls",
    "wto_dispute": "WTO dispute over export restrictions",
    "suspension": "suspension of an export control",
    "partnership_mou": "minerals memorandum",
    "framework_agreement": "minerals framework agreement",
    "alliance_formed": "minerals alliance",
    "join": "accession",
    "invite": "invitation to join",
    "observer": "observer status",
    "leave_or_suspend": "withdrawal",
    "expand": "expansion",
    "trade_deal_minerals_chapter": "minerals chapter of a trade deal",
    "plurilateral_talks": "talks among several governments",
    "joint_statement": "joint statement",
    "stockpile_created": "state stockpile",
    "stockpile_purchase": "purchase for a state stockpile",
    "stockpile_release": "release from a state stockpile",
    "joint_purchasing": "joint purchasing",
    "joint_financing": "joint financing",
    "offtake_government_backed": "government-backed offtake",
    "equity_stake_by_state": "state equity stake",
    "price_floor": "price floor",
    "contract_for_difference": "contract for difference",
    "reference_price": "reference price",
    "preferential_zone_or_tariff_club": "preferential trade zone",
    "coordinated_sanction_or_anti_coercion": "coordinated response to coercion",
    "rapid_response_mechanism": "rapid response mechanism",
    "corridor_infrastructure": "transport corridor",
    "standards_traceability_scheme": "standards and traceability scheme",
    "producer_cartel_idea": "producer cartel",
    "resource_swap": "resource swap",
}

_DEFAULT_NOUN: Final = {"export_restriction": "export restriction", "alliance_move": "minerals cooperation"}

RESTRICTION_SENTENCES: Final = {
    "denied": "{who} denied planning {noun} on {what}",
    "rumour": "{who} may be planning {noun} on {what}",
    "hint": "{who} hinted at {noun} on {what}",
    "under_consideration": "{who} {be} considering {noun} on {what}",
    "proposal": "{who} proposed {noun} on {what}",
    "announced": "{who} announced {noun} on {what}",
    "in_force": "{who} put {noun} on {what} into force",
    "extended": "{who} extended {noun} on {what}",
    "clarified": "{who} clarified {noun} on {what}",
    "eased": "{who} eased {noun} on {what}",
    "suspended": "{who} suspended {noun} on {what}",
    "lifted": "{who} lifted {noun} on {what}",
    "disputed": "{noun} by {who} on {what} is disputed",
    "dropped": "{who} dropped {noun} on {what}",
}

ALLIANCE_SENTENCES: Final = {
    "floated": "{who} floated {noun} on {what}",
    "negotiating": "{who} {be} negotiating {noun} on {what}",
    "announced": "{who} announced {noun} on {what}",
    "signed": "{who} signed {noun} on {what}",
    "joined": "{who} joined {club}",
    "operational": "{who} started {noun} on {what}",
    "expanded": "{who} expanded {noun} on {what}",
    "suspended": "{who} suspended {noun} on {what}",
    "left": "{who} left {club}",
}

SOURCES_SAY: Final = {
    "official_text": "according to an official text",
    "official_speech": "according to officials",
    "named_report": "according to a named report",
    "unnamed_report": "according to unnamed sources",
    "inference": "as inferred from context",
}


def words(code: str) -> str:
    """A closed word as people write it: `in_force` → `in force`."""
    return code.replace("_", " ")


def day(value: date | None) -> str:
    """A date as people read it: `1 Aug 2026`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}" if value else "not known"


def measure_noun(measure: str | None, kind: str) -> str:
    """What the act is called, without article; the kind stands in for an unknown measure."""
    if measure is None:
        return _DEFAULT_NOUN.get(kind, words(kind))
    return MEASURES.get(measure, words(measure))


def with_article(noun: str) -> str:
    """`an export ban`, `a price floor`; mass nouns stay bare."""
    if noun in {"joint purchasing", "joint financing", "minerals cooperation", "observer status"} or noun.endswith("s"):
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def joined(names: list[str], most: int = 5) -> str:
    """`gallium, germanium and antimony`; beyond `most` the rest is counted."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
