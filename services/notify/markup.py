"""Slack's mrkdwn: escaping, links, bold words, and packing pieces into texts of limited length. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from shared.events import Evidence

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_BORDER: Final = "\u200b"
"""Zero-width space: Slack sees bold only between borders, and Chinese has no spaces."""
_MAX_URL: Final = 1_200
"""Characters as written, so that URL, title and source fit one section."""


def escape(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no line break."""
    return " ".join(text.split()).translate(_ESCAPES)


def link(url: str | None, text: str) -> str:
    """`<url|text>`; the text alone where the URL is missing or cannot stand in a link."""
    label = escape(text).replace("|", "¦")
    if not url or not url.startswith(("http://", "https://")) or any(c.isspace() for c in url):
        return label
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    if len(safe) > _MAX_URL:
        return label
    return f"<{safe}|{label}>"


def bold_terms(evidence: Evidence) -> Iterator[str]:
    """The sentence in pieces that must not be torn apart: single characters, and matched words in bold."""
    text, position = evidence.sentence, 0
    for start, end in spans(evidence):
        yield from map(_atom, text[position:start])
        yield f"{_BORDER}*{_atom_text(text[start:end])}*{_BORDER}"
        position = end
    yield from map(_atom, text[position:])


def quoted(evidence: Evidence, mark: Callable[[str], str], bold: Callable[[str], str]) -> str:
    """The sentence on one line, plain text put through `mark`, matched words through `bold`."""
    text, position, pieces = evidence.sentence, 0, []
    for start, end in spans(evidence):
        pieces += [mark(text[position:start]), bold(text[start:end])]
        position = end
    return " ".join("".join([*pieces, mark(text[position:])]).split())


def pack(atoms: Iterable[str], limit: int) -> list[str]:
    """Join the pieces into texts of at most `limit` characters, in order, nothing lost.

    Only a piece that is longer than `limit` by itself is torn apart.
    """
    chunks: list[list[str]] = [[]]
    length = 0
    for atom in (piece[at : at + limit] for piece in atoms for at in range(0, len(piece), limit)):
        if length + len(atom) > limit and chunks[-1]:
            chunks.append([])
            length = 0
        chunks[-1].append(atom)
        length += len(atom)
    return [text for text in ("".join(chunk) for chunk in chunks) if text.strip()]


def spans(evidence: Evidence) -> list[tuple[int, int]]:
    """Spans of the matched words inside the sentence, in order, without overlaps and without nonsense."""
    length, found, last = len(evidence.sentence), [], 0
    shifted = ((term.start - evidence.start, term.end - evidence.start) for term in evidence.terms)
    for start, end in sorted(shifted):
        if last <= start < end <= length and evidence.sentence[start:end].strip():
            found.append((start, end))
            last = end
    return found


def _atom(char: str) -> str:
    """One character; a star would end the bold of its neighbours."""
    return " " if char.isspace() else char.translate(_ESCAPES).replace("*", "∗")


def _atom_text(text: str) -> str:
    return "".join(map(_atom, text.strip()))
