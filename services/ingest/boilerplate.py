"""What surrounds the article on a page, told by its tags and class names, and taken out before the text is read.

A name is a hint, not a proof: an element that holds the headline, or much of what there is to read, stays.
"""

from __future__ import annotations

import re
from typing import Any, Final

_TAGS: Final = ("figure", "figcaption", "nav", "aside", "footer", "form", "dialog", "noscript", "iframe", "button")
_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:"
    r"related\w*|recommend\w*|readmore|read-(?:more|also|next)|more-(?:news|stories|from|on)|also-read|see-also|"
    r"tags?|tag-?(?:list|cloud|links)|keywords|topics|"
    r"cookies?|cookie-?\w*|consent|gdpr|onetrust\w*|newsletter\w*|subscri\w*|sign-?up|"
    r"share|share-?\w*|sharing|social\w*|breadcrumbs?|caption|wp-caption-text|photo-?credit|credit|copyright|"
    r"picture|photo|promo\w*|sponsor\w*|advert\w*|ads?|ad-\w+|banner|popup|modal|overlay|"
    r"comments?|disqus\w*|trending|popular|most-?read|pagination|pager|author-(?:bio|box)|about-author|"
    r"xgxw|xiangguan|fenxiang|bshare\w*|pages_print|back-?to-?top|skip-?link|print-?\w*|toolbar"
    r")(?:$|[\s_-])",
    re.IGNORECASE,
)
_KEPT: Final = frozenset({"html", "body", "main", "article", "h1", "head", "meta", "link", "time"})
_SHARE: Final = 0.4
"""Of the text of a page; what holds more is no boilerplate, whatever its name."""


def prune(tree: Any) -> None:
    """Take boilerplate out of the tree, in place."""
    from lxml import etree

    etree.strip_elements(tree, *_TAGS, with_tail=False)
    whole = _length(tree)
    for node in [node for node in tree.iter(etree.Element) if _is_named(node)]:
        if _length(node) <= _SHARE * whole and node.find(".//h1") is None:
            _drop(node)


def _is_named(node: Any) -> bool:
    if node.tag in _KEPT or not isinstance(node.tag, str):
        return False
    names = f"{node.get('class', '')} {node.get('id', '')} {node.get('role', '')}"
    return len(names) > 2 and _NAMES.search(names[:500]) is not None


def _length(node: Any) -> int:
    return sum(map(len, node.itertext("*")))


def _drop(node: Any) -> None:
    """Remove the element but not the text behind it."""
    parent = node.getparent()
    if parent is None:
        return
    before = node.getprevious()
    if node.tail and before is not None:
        before.tail = (before.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)
