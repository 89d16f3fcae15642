"""Made-up news for load and crash tests: flagged articles that are all different acts, and ordinary ones."""

from __future__ import annotations

from itertools import product
from typing import Any

GOVERNMENTS = (
    "Indonesia", "Chile", "Gabon", "Namibia", "Zimbabwe", "Malaysia", "Vietnam", "Kazakhstan", "Mongolia", "Brazil",
    "Peru", "Zambia", "Tanzania", "Bolivia", "Turkey", "Argentina", "Philippines", "Thailand", "Myanmar", "Laos",
)  # fmt: skip
METALS = (
    "nickel",
    "cobalt",
    "lithium",
    "tungsten",
    "antimony",
    "gallium",
    "graphite",
    "manganese",
    "tin ore",
    "bauxite",
)
ACTS = tuple(product(GOVERNMENTS, METALS))


def flagged(number: int, *, published_at: str) -> dict[str, Any]:
    """An article that announces an export ban; each number up to len(ACTS) is another act."""
    government, metal = ACTS[number % len(ACTS)]
    return {
        "title": f"{government} bans exports of {metal}",
        "text": (
            f"The government of {government} on Thursday banned all exports of {metal}, the trade ministry said in a "
            f"statement. The ban takes effect immediately and covers every destination."
        ),
        "url": f"https://news.example/{number}/{government.lower()}-bans-{metal.replace(' ', '-')}",
        "published_at": published_at,
        "lang": "en",
        "source_id": "test-wire",
    }


def ordinary(number: int, *, published_at: str) -> dict[str, Any]:
    """An article about nothing that concerns anyone here."""
    return {
        "title": f"Town library number {number} extends opening hours",
        "text": f"Library number {number} will stay open until nine in the evening from next week, the mayor said. "
        * 12,
        "url": f"https://news.example/{number}/library",
        "published_at": published_at,
        "lang": "en",
        "source_id": "test-wire",
    }
