"""Display names of initiatives. Pure data."""

from __future__ import annotations

from typing import Final

INITIATIVES: Final = {
    "msp": "Minerals Security Partnership",
    "msp_finance": "MSP Finance Network",
    "forge": "FORGE",
    "quad_cmi": "Quad Critical Minerals Initiative",
    "cm_ministerial": "Critical Minerals Ministerial",
    "us_cd_spa": "US-DRC Strategic Partnership Agreement",
    "us_ua_fund": "US-Ukraine Reconstruction Investment Fund",
    "g7_cmap": "G7 Critical Minerals Action Plan",
    "g7_cmpa": "G7 Critical Minerals Production Alliance",
    "g7_5point": "G7 Five-Point Plan for Critical Minerals Security",
    "resourceeu": "RESourceEU",
    "eu_stockpile": "EU critical minerals stockpile",
    "au_reserve": "Australian Critical Minerals Strategic Reserve",
    "ca_stockpile": "Canadian critical minerals stockpile",
    "ipef_sca": "IPEF Supply Chain Agreement",
    "cma_scpa": "Sustainable Critical Minerals Alliance",
    "lobito": "Lobito Corridor",
    "igcm_china": "Green Mining Cooperation Initiative",
    "un_panel": "UN Panel on Critical Energy Transition Minerals",
    "tin_agreement": "International Tin Agreement",
    "erma": "European Raw Materials Alliance",
}
"""Lexicon id to name, where the id itself does not read as one."""


def initiative_name(initiative: str) -> str:
    """Name of an initiative: `pax_silica` → `Pax Silica`. What is a name already stays as it is."""
    if initiative in INITIATIVES:
        return INITIATIVES[initiative]
    is_id = initiative.islower() and " " not in initiative
    return initiative.replace("_", " ").title() if is_id else initiative
