"""Lines of a text that belong to the page and not to the article: names of pictures, lists of tags, `Back to top`.

Only the first and last lines are looked at, and only whole lines that are known: a line inside the text is the
author's.
"""

from __future__ import annotations

import re
from typing import Final

LOOKED_AT: Final = 40
"""Lines at either end of a text that may be furniture."""
LONGEST: Final = 1_000
"""Characters of such a line; a list of tags is the longest."""
LONGEST_TAG: Final = 40
"""Characters of a tag that stands on a line of its own."""
_PICTURE: Final = re.compile(r".{0,300}\.(?:jpe?g|png|webp|gif|svg|avif|bmp|tiff?)", re.IGNORECASE)
_ENDS_SENTENCE: Final = re.compile(r"[.!?。！？…\"”’»」』)）:：;；]\s*$")
_TAGS: Final = (
    r"(?:tags?|tagged|topics?|keywords?|filed under|categor(?:y|ies)|labels?|标签|關鍵詞|关键词|タグ|キーワード)"
)
_HEADING: Final = re.compile(rf"{_TAGS}(?:\s+{_TAGS})?\s*[:：]?", re.IGNORECASE)
_TAIL: Final = (
    r"(?:related|recommended|more)\s+(?:articles?|stor(?:y|ies)|news|reading|posts?|coverage|content|from .{1,40})",
    r"(?:read|see|watch)\s+(?:also|more|next|on)",
    r"you (?:may|might) also (?:like|be interested in).{0,20}",
    r"most (?:read|popular|viewed)|trending(?: now)?|latest news|in case you missed it",
    r"相关(?:阅读|新闻|报道|链接|文章|稿件)|延伸阅读|推荐阅读|热点新闻|関連(?:記事|ニュース|リンク)|あわせて読みたい|관련\s?기사",
)
"""Headings behind which nothing belongs to the article any more."""
_LINES: Final = (
    rf"{_TAGS}\s*[:：]\s*\S.{{0,400}}",
    r"(?:back|go|scroll)(?: to)?(?: the)? top|back|top|home|close|menu|search|next|previous|ad|advertisement|sponsored",
    r"print(?: this page)?|e-?mail|tweet|share(?: (?:this|on|via)\b.{0,60})?|copy link|follow us.{0,80}",
    r"facebook|twitter|x|linkedin|whatsapp|telegram|reddit|pinterest|wechat|weibo",
    r"comments?(?: \(\d+\))?|\d+ comments?|leave a (?:comment|reply)|(?:next|previous) article|loading\.*",
    r"skip to (?:main )?content|sign up (?:for|to) .{0,100}|subscribe(?: now)?|subscribe to our .{0,80}",
    r"(?:we|this (?:web)?site) uses? cookies.{0,300}|accept (?:all )?cookies|(?:accept|reject) all",
    r"cookie (?:settings|policy|preferences)|manage (?:preferences|cookies)",
    r"all rights reserved.{0,80}|(?:copyright )?(?:©|\(c\)|copyright \d).{0,140}|read more.{0,5}|click here to .{0,60}",
    r"[\[【(（]?(?:打印(?:本页)?|关闭(?:窗口|本页)?|返回(?:顶部|首页|列表))[\]】)）]?|分享(?:到|至)?.{0,12}|扫一扫.{0,40}|[上下]一篇[:：].{0,120}",
    r"[(（【]?责任编辑[:：].{0,40}|【?字[体号][:：].{0,20}|版权所有.{0,80}|ページの先頭へ|印刷(?:する)?|シェアする",
    r"공유하기|무단\s?전재.{0,40}",
)
_CUT: Final = re.compile("|".join(_TAIL), re.IGNORECASE)
_LINE: Final = re.compile("|".join(f"(?:{line})" for line in _LINES), re.IGNORECASE)


def without_furniture(text: str) -> str:
    """The text without such lines at its beginning and end; what is nothing but furniture stays as it is."""
    lines = [line.strip() for line in text.split("\n")]
    end = _end(lines, _cut_at(lines, _end(lines, len(lines))))
    start = next((at for at in range(end) if at == LOOKED_AT or not _is_furniture(lines[at])), end)
    return "\n".join(text.split("\n")[start:end]).strip() or text.strip()


def _end(lines: list[str], end: int) -> int:
    """How many lines are left once furniture is taken from the end."""
    for left in range(end, max(0, end - LOOKED_AT), -1):
        if not (_is_furniture(lines[left - 1]) or _is_tag(lines, left - 1)):
            return left
    return max(0, end - LOOKED_AT)


def _cut_at(lines: list[str], end: int) -> int:
    """Where a heading such as `Related articles` begins the tail, if one does in the last half."""
    for at in range(max(1, end // 2, end - LOOKED_AT), end):
        if len(lines[at]) <= 60 and _CUT.fullmatch(lines[at].rstrip(":：>»| ")):
            return at
    return end


def _is_furniture(line: str) -> bool:
    """Whether the line is empty, a picture's name, or one of the known lines."""
    known = line.rstrip("|·>» ")
    return not line or (len(line) <= LONGEST and any(form.fullmatch(known) for form in (_LINE, _HEADING, _PICTURE)))


def _is_tag(lines: list[str], at: int) -> bool:
    """A line without the end of a sentence right under a heading such as `Tags`, or in a column under it."""
    if len(lines[at]) > LONGEST or _ENDS_SENTENCE.search(lines[at]):
        return False
    above = [line for line in lines[max(0, at - LOOKED_AT) : at] if line]
    for steps, line in enumerate(reversed([*above, lines[at]])):
        if steps and _HEADING.fullmatch(line):
            return steps == 1 or len(lines[at]) <= LONGEST_TAG
        if steps and (len(line) > LONGEST_TAG or _ENDS_SENTENCE.search(line)):
            return False
    return False
