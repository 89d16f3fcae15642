"""Where a claim comes from and in what words: the tiers and languages of its sources, and what it says. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from shared.events import Alert, Claim, SignalDetected

_LETTER: Final = r"[^\W_\u3040-\u30ff\u3400-\u9fff]"
"""Letters and digits of scripts that put spaces between words."""


def tiers(claim: Claim) -> frozenset[int]:
    """Tiers of the sources that tell it: 1 official, 2 news, 3 commentary."""
    if isinstance(claim, Alert):
        return frozenset(source.source_tier for source in claim.sources)
    return frozenset({claim.article.source_tier}) if isinstance(claim, SignalDetected) else frozenset()


def languages(claim: Claim) -> frozenset[str]:
    """Languages of the articles that tell it, without their region: `zh-Hant` is `zh`."""
    told: Iterable[str | None] = ()
    if isinstance(claim, Alert):
        told = (source.lang for source in claim.sources)
    elif isinstance(claim, SignalDetected):
        told = (claim.article.lang,)
    return frozenset(lang.partition("-")[0].casefold() for lang in told if lang)


def says(claim: Claim, words: Iterable[str]) -> bool:
    """Whether headline, summary, evidence or an article's title has one of the words or phrases.

    Upper case, full width and line breaks play no part. `tin` is not found in `testing`; Chinese and Japanese words
    are found anywhere, because those scripts have no spaces.
    """
    text = _plain(" \n ".join(_wording(claim)))
    return any(_pattern(word).search(text) for word in words)


def _wording(claim: Claim) -> Iterable[str]:
    if isinstance(claim, Alert):
        yield from (claim.headline, claim.summary)
        yield from (item.sentence for item in claim.evidence)
        yield from (source.title for source in claim.sources)
    elif isinstance(claim, SignalDetected):
        yield claim.article.title
        yield from (item.sentence for item in claim.evidence)


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    plain = _plain(word)
    before = f"(?<!{_LETTER})" if re.match(_LETTER, plain) else ""
    after = f"(?!{_LETTER})" if re.search(f"{_LETTER}$", plain) else ""
    return re.compile(before + re.escape(plain) + after)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
