"""Plain text from a fragment of HTML, as feeds carry it in titles and summaries."""

from __future__ import annotations

from typing import Any, Final

_BLOCKS: Final = frozenset(
    "p div br li ul ol h1 h2 h3 h4 h5 h6 tr table blockquote section article header footer pre hr dt dd".split()
)
_BREAK: Final = "\u2028"
"""Marks a line break while spaces are collapsed."""
_DROPPED: Final = ("script", "style", "figure", "figcaption", "noscript", "iframe", "form")


def fragment_text(html: str) -> str:
    """The words of the fragment, one block a line. Text without markup comes back as it is."""
    if "<" not in html and "&" not in html:
        return html.strip()
    from lxml import html as parser
    from lxml.etree import ParserError

    try:
        tree = parser.fragment_fromstring(html, create_parent="div")
    except (ParserError, ValueError):
        return ""
    _break_lines(tree)
    lines = (" ".join(line.split()) for line in tree.text_content().split(_BREAK))
    return "\n".join(line for line in lines if line)


def _break_lines(tree: Any) -> None:
    """Drop what nobody reads, and mark where blocks begin and end."""
    from lxml import etree

    etree.strip_elements(tree, *_DROPPED, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for block in tree.iter(*_BLOCKS):
        block.text = _BREAK + (block.text or "")
        block.tail = _BREAK + (block.tail or "")
