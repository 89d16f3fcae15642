"""Reads an article once: folds, scans and cuts it into the passages that are worth judging."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.classify.genre import by_official, genre_of, reprinted
from services.classify.headline import after_headline, opinion_label
from services.classify.normalise import Folded, fold, searchable
from services.classify.parties import members, party_hits
from services.classify.passage import Passage, Position
from services.classify.roles import MINISTRY, STATE, countries
from services.classify.ruleset import RuleSet
from services.classify.scan import Hit
from services.classify.sentences import Span, split
from shared.events import Article

MAX_TITLE: Final = 1_000
MAX_TEXT: Final = 200_000
"""Characters that are read; the rest is cut, and the decision says so."""
MAX_PASSAGES: Final = 40
"""Sentences with an anchor word that are judged, the first ones; the decision says when there are more."""
MAX_JUDGED: Final = 16_000
"""Characters of all sentences that are judged."""
FEW_SENTENCES: Final = 4
"""Articles of so few sentences have no background section."""
LEAD_SENTENCES: Final = 2
COMMODITY: Final = "commodity"
ANAPHORA: Final = "anaphora"
MASK: Final = "mask"
_GOVERNMENT: Final = (STATE, MINISTRY, "official")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the passages worth judging, and what the article as a whole tells."""

    passages: tuple[Passage, ...]
    text: Folded
    published: date | None
    brief: bool = False
    """Whether the text has only a few sentences."""
    cut: str = ""
    """What was left unread because the article is too long, for people."""
    opinion: str = ""
    """The word by which the title calls the article an opinion: `editorial`."""
    genre: tuple[str, str] | None = None
    """What the whole article is, when it is no news, and what tells so: `retrospective`, `book review`."""


def read(article: Article, ruleset: RuleSet) -> Reading | None:
    """Read an article; None when no anchor word stands in it, so that nothing can be found."""
    title = fold(article.title[:MAX_TITLE]).cut(MAX_TITLE)
    text = fold(article.text[:MAX_TEXT]).cut(MAX_TEXT)
    title_search, text_search = searchable(title.text), searchable(text.text)
    if not (ruleset.anchors.any_in(text_search) or ruleset.anchors.any_in(title_search)):
        return None
    passages = (
        [_passage(ruleset, "title", title, title_search, Span(0, len(title.text)), -1)] if title.text.strip() else []
    )
    worth = Worth(text.text, _prose(text, after_headline(title.text, text.text)), ruleset.anchors.starts(text_search))
    passages += [_passage(ruleset, "text", text, text_search, span, index) for index, span in worth.spans()]
    _share(passages)
    for passage in passages:
        ruleset.composer.compose(passage)
    published = article.published_at.date() if article.published_at else None
    return Reading(
        tuple(passages),
        text,
        published,
        brief=worth.seen <= FEW_SENTENCES,
        cut=_unread(article, title, text, worth),
        opinion="" if by_official(text.text) else opinion_label(title.text, passages[:1]),
        genre=genre_of(passages[:1]) or reprinted(text.text, published),
    )


def _unread(article: Article, title: Folded, text: Folded, worth: Worth) -> str:
    """What of an article was not read, or an empty text."""
    said = [
        f"read {part.length_read} of {len(whole)} characters of the {name}"
        for name, part, whole in (("title", title, article.title), ("text", text, article.text))
        if part.length_read < len(whole)
    ]
    return "; ".join(said + [f"judged {worth.seen} sentences, there are more"] * worth.more)


_CAPTION: Final = re.compile(
    r"embedded post\b|【?(?:相关阅读|延伸阅读|推荐阅读)|(?:related|read more|more on this):|photo:|tags\b|"
    r"\(?(?:reporting|editing|writing) by\b|newspaper headline"
)
"""Captions, credits and tag clouds tell of other things. They start like this."""
_CREDIT: Final = "file photo"
_CAPTION_REACH: Final = 200


class Worth:
    """Picks the sentences worth judging: the lead, and those with an anchor word; each wording once."""

    def __init__(self, text: str, spans: Iterator[Span], anchors: Iterator[int]) -> None:
        """`anchors` are the places of anchor words in the folded `text`, in order."""
        self._text, self._spans, self._anchors = text, spans, anchors
        self._anchor = next(anchors, None)
        self._told: set[str] = set()
        self._length = self._copies = 0
        self.seen = 0
        """Sentences looked at so far."""
        self.more = False
        """Whether sentences worth judging were left out."""

    def spans(self) -> Iterator[tuple[int, Span]]:
        """The sentences with their index. The text is split no further than the last anchor word."""
        for index, span in enumerate(self._spans):
            self.seen += 1
            if (self._is_anchored(span) or index < LEAD_SENTENCES) and self._is_new(span):
                if len(self._told) > MAX_PASSAGES or self._length > MAX_JUDGED:
                    self.more = True
                    return
                yield index, span
            if (self._anchor is None or self._copies > MAX_PASSAGES) and index >= FEW_SENTENCES:
                return

    def _is_anchored(self, span: Span) -> bool:
        """Whether an anchor word stands in a sentence; those before it are passed."""
        anchor = self._anchor
        while anchor is not None and anchor < span.start:
            anchor = next(self._anchors, None)
        self._anchor = anchor
        return anchor is not None and anchor < span.end

    def _is_new(self, span: Span) -> bool:
        sentence = self._text[span.start : span.end]
        if sentence in self._told:
            self._copies += 1
            return False
        self._told.add(sentence)
        self._length += len(sentence)
        return True


def _prose(text: Folded, start: int) -> Iterator[Span]:
    """The sentences of a text from `start` on, without captions and credits."""
    return (span for span in split(text, start) if not _is_caption(text.text, span))


def _is_caption(text: str, span: Span) -> bool:
    end = min(span.end, span.start + _CAPTION_REACH)
    return _CAPTION.match(text, span.start, end) is not None or text.find(_CREDIT, span.start, end) >= 0


def _passage(
    ruleset: RuleSet, field: Literal["title", "text"], folded: Folded, search: str, span: Span, index: int
) -> Passage:
    window = f" {search[span.start + 1 : span.end + 1]} "
    hits = [hit for hit in ruleset.scanner.find(window, folded, span.start) if hit.lexicon != MASK]
    position = Position.TITLE if index < 0 else Position.LEAD if index < LEAD_SENTENCES else Position.BODY
    return Passage(field, folded, span.start, span.end, index, position, _without_weak(hits))


def _without_weak(hits: list[Hit]) -> list[Hit]:
    """Ambiguous names (tin, silver) count only beside another word of the trade."""
    if not any(hit.weak for hit in hits):
        return hits
    strong = any(hit.lexicon in (COMMODITY, "metal_context") and not hit.weak for hit in hits)
    return hits if strong else [hit for hit in hits if not hit.weak]


def _official(passage: Passage) -> bool:
    """Whether a title is that of a legal text or names the ministry behind it; such titles leave out the goods."""
    return passage.position is Position.TITLE and passage.has(MINISTRY, "legal_text")


def _first_named(passages: list[Passage]) -> tuple[Hit, ...]:
    """The goods that a legal text names first; its title and opening often name none."""
    return next((tuple(found) for passage in passages if (found := passage.of(COMMODITY))), ())


def _share(passages: list[Passage]) -> None:
    """Give every passage what the article as a whole tells: states, government, the commodities it is about."""
    front = [passage for passage in passages if passage.position is not Position.BODY]
    states = countries(hit for passage in front for hit in passage.of(STATE, MINISTRY))
    parties = tuple(dict.fromkeys(code for passage in front for code in members(passage, party_hits(passage, ()))))
    government = any(passage.has(*_GOVERNMENT) for passage in passages)
    about = tuple(hit for passage in front[:1] for hit in passage.of(COMMODITY)) or tuple(
        hit for passage in front for hit in passage.of(COMMODITY)
    )
    title = frozenset(
        name for passage in passages[:1] if passage.position is Position.TITLE for name in passage.by_lexicon
    )
    earlier: tuple[Hit, ...] = about
    for passage in passages:
        passage.known_states, passage.known_parties = states, parties
        passage.known_government, passage.title_lexicons = government, title
        own = tuple(passage.of(COMMODITY))
        if passage.position is Position.TITLE and passage.has("legal_text"):
            earlier = about or _first_named(passages)
        if not own and (passage.has(ANAPHORA) or passage.position is Position.LEAD or _official(passage)):
            passage.implied = earlier
        earlier = own or earlier
