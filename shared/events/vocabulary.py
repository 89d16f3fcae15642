"""The closed word lists of the event contract. A word is only ever added, never renamed or reused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import StringConstraints


class Severity(StrEnum):
    """How urgent a signal is, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return len(_SEVERITIES) - 1 - _SEVERITIES.index(self)


_SEVERITIES: Final = tuple(Severity)


class Direction(StrEnum):
    """Which way a measure moves. Restrictions use the first four, alliances the last two and neutral."""

    TIGHTEN = "tighten"
    EASE = "ease"
    NEUTRAL = "neutral"
    CONTEST = "contest"
    ADVANCE = "advance"
    RETREAT = "retreat"


class Certainty(StrEnum):
    """How well the signal is backed, best first."""

    OFFICIAL_TEXT = "official_text"
    OFFICIAL_SPEECH = "official_speech"
    NAMED_REPORT = "named_report"
    UNNAMED_REPORT = "unnamed_report"
    INFERENCE = "inference"


class Stage(StrEnum):
    """How far a measure has come: first the ladder of restrictions, then that of alliances."""

    DENIED = "denied"
    RUMOUR = "rumour"
    HINT = "hint"
    UNDER_CONSIDERATION = "under_consideration"
    PROPOSAL = "proposal"
    ANNOUNCED = "announced"
    IN_FORCE = "in_force"
    EXTENDED = "extended"
    CLARIFIED = "clarified"
    EASED = "eased"
    SUSPENDED = "suspended"
    LIFTED = "lifted"
    DISPUTED = "disputed"
    DROPPED = "dropped"
    FLOATED = "floated"
    NEGOTIATING = "negotiating"
    SIGNED = "signed"
    JOINED = "joined"
    OPERATIONAL = "operational"
    EXPANDED = "expanded"
    LEFT = "left"


RESTRICTION_MEASURES: Final = frozenset(
    """export_ban export_quota export_licence general_licence export_reporting export_tax
    vat_rebate_removal price_control_export state_trading domestic_obligation technology_control
    extraterritorial_licence entity_listing watch_list end_use_rule customs_friction licence_freeze
    informal_halt scrap_export_restriction contract_suspension legal_framework enforcement
    wto_dispute suspension""".split()
)
ALLIANCE_MEASURES: Final = frozenset(
    """partnership_mou framework_agreement alliance_formed join invite observer leave_or_suspend
    expand trade_deal_minerals_chapter plurilateral_talks joint_statement stockpile_created
    stockpile_purchase stockpile_release joint_purchasing joint_financing offtake_government_backed
    equity_stake_by_state price_floor contract_for_difference reference_price
    preferential_zone_or_tariff_club coordinated_sanction_or_anti_coercion rapid_response_mechanism
    corridor_infrastructure standards_traceability_scheme producer_cartel_idea resource_swap""".split()
)

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""What a signal is about, e.g. `export_restriction`. Open: operators add kinds of their own."""
CANARY: Final = "canary"
"""The kind of what orewire sends itself; only subscribers that name it are told."""

SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Id of a source; it is a token of a NATS subject."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_-]{1,23}$")]
"""ISO 3166-1 alpha-2 code, or the short name of a bloc such as `EU` or `G7`."""

Target = Annotated[str, StringConstraints(pattern=r"^(all|[A-Z][A-Za-z0-9_-]{1,23})$")]
"""A country or bloc, or `all`."""

CommodityId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""Id of a commodity in the lexicon, e.g. `gallium`."""

Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
"""Code of a government act, e.g. `export_licence`; operators' kinds may bring codes of their own."""
