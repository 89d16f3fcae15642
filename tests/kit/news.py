"""Made-up news for load and crash tests: flagged articles that are all different acts, and ordinary ones."""

from __future__ import annotations

from itertools import product
from random import Random
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
_WORDS = (
    "harbour market morning council river bridge school winter garden bakery museum traffic season weather village "
    "railway station painter concert library window engine valley forest teacher doctor lawyer captain sailor farmer "
    "opened closed counted painted carried repaired visited promised planned measured gathered watched followed "
    "quiet early narrow local famous public wooden northern careful distant ordinary yearly modern empty crowded "
    "along before after beside behind under near during without toward between across"
).split()


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


def prose(number: int, *, run: str, published_at: str) -> dict[str, Any]:
    """An article of some 2,000 characters in words of its own: no two of them are near copies."""
    chance = Random(f"{run}-{number}")
    sentences = (" ".join(chance.choices(_WORDS, k=chance.randint(9, 16))).capitalize() + "." for _ in range(22))
    return {
        "title": f"Notes from the {' '.join(chance.choices(_WORDS, k=4))}",
        "text": "\n".join(sentences),
        "url": f"https://news.example/{run}/{number}",
        "published_at": published_at,
        "lang": "en",
        "source_id": "test-wire",
    }
