"""What an article says, free of how it stands on the page: what is compared to tell a change from an edit.

A date line, a counter, the editor's name or the hint to share is no part of it; a date inside a sentence is,
because "from 1 August" may become "from 1 September".
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from services.ingest.plaintext import comparable

LONGEST_LABEL: Final = 120
"""Characters; a longer line is prose."""
MOST_WORDS: Final = 12
"""Words of such a line."""
SUBSTANTIAL: Final = 160
"""Characters of text from which on the same words under another address are the same article: less may be chance,
such as a headline that a desk uses every week. A Chinese text says as much in half of them."""
SUBSTANTIAL_HAN: Final = 80
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_TIME: Final = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?"
    r"|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|[0-9]{1,4}(?:st|nd|rd|th)?|[ap]\.?m\.?|utc|gmt|[a-z]{1,3}st|at|on|ago|just|now|minutes?|mins?|hours?|hrs?|days?"
    r"|年|月|日|时|分|秒|星期.|周.|上午|下午|[\s,.:/|()+–—-]|t(?=\d)|z\b)"
)
_LABEL: Final = (
    r"(?:(?:first |last |re)?(?:published|updated?|modified|posted|reviewed)(?: on| at)?|date|time|views?|reads?"
    r"|shares?|comments?|print|share(?: this(?: article| page)?)?|save|read more|advertisement|reading time|min read"
    r"|发布(?:时间|日期)?|更新(?:时间|于)?|时间|日期|阅读(?:量|次数)?|浏览(?:量|次数)?|点击(?:数|量)?|来源|次|字号|大|中|小|打印|分享|收藏)"
)
_BOILERPLATE: Final = re.compile(rf"(?:{_LABEL}[\s:：]*|{_TIME}|\[|\]|【|】|：)+")
_CREDIT: Final = re.compile(r"(?:责任编辑|责编|编辑|来源|source|editing by|edited by|reporting by)\s?[:：]?.{0,60}")


def essence(title: str, text: str) -> str:
    """Title and text as they are compared: no case, no width, no spacing, and no lines about the page itself."""
    lines = (line.split() for line in _one_width(text).split("\n"))
    return "\n".join((comparable(title), *(" ".join(words) for words in lines if words and not _is_boilerplate(words))))


def fingerprint(said: str) -> str:
    """32 hex digits that change when what is said changes; where its lines break does not matter."""
    return hashlib.blake2b(said.replace("\n", "").replace(" ", "").encode(), digest_size=16).hexdigest()


def is_substantial(said: str) -> bool:
    """Whether there is so much text that nobody else says just the same by chance."""
    body = said.partition("\n")[2]
    return len(body) >= SUBSTANTIAL or (len(body) >= SUBSTANTIAL_HAN and len(_HAN.findall(body)) * 2 > len(body))


def _one_width(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()


def _is_boilerplate(words: Sequence[str]) -> bool:
    if len(words) > MOST_WORDS:
        return False
    line = " ".join(words)
    if len(line) > LONGEST_LABEL:
        return False
    return bool(_BOILERPLATE.fullmatch(line) or _CREDIT.fullmatch(line))
