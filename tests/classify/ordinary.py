"""Ordinary news, made from templates with a fixed seed: every article is distinct, and none tells of a measure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.config.yamltree import parse
from shared.events import Article
from tests.classify.kit import article

_FILE = Path(__file__).parent / "ordinary.yaml"
_DATA: dict[str, Any] = parse(_FILE.read_text("utf-8"), _FILE.name).data
_SLOT = re.compile(r"\{(\w+)\}")


def ordinary_articles(count: int, seed: int) -> Iterator[Article]:
    """Distinct articles over all subjects in turn."""
    chance = random.Random(seed)
    subjects = list(_DATA["subjects"].values())
    seen: set[tuple[str, str]] = set()
    while len(seen) < count:
        subject = subjects[len(seen) % len(subjects)]
        title = _filled(chance.choice(subject["titles"]), chance)
        lines = chance.sample(subject["lines"], min(len(subject["lines"]), chance.randint(1, 4)))
        text = ("" if subject.get("zh") else " ").join(_filled(line, chance) for line in lines)
        if (title, text) not in seen:
            seen.add((title, text))
            yield article(title, text, lang="zh" if subject.get("zh") else "en")


def _filled(template: str, chance: random.Random) -> str:
    text = _SLOT.sub(lambda slot: str(chance.choice(_DATA["slots"][slot[1]])), template)
    return text[:1].upper() + text[1:]
