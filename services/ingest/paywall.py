"""Does a page show only the beginning of its article?"""

from __future__ import annotations

import re
from typing import Any, Final

STUB: Final = 2_500
"""Characters; a longer text may speak of subscriptions and still be whole."""
TAIL: Final = 600
"""Characters at the end of the text, where a paywall speaks."""
_SAYS_SO: Final = re.compile(
    r"subscribe (?:now |today )?to (?:read|continue|unlock|access|keep reading)"
    r"|(?:continue|keep) reading (?:with|by|your)"
    r"|to (?:continue|keep|read) (?:reading|the (?:full|rest)|this)|already (?:a |have a )?subscri"
    r"|(?:is|are) (?:only )?(?:for|available to) "
    r"(?:our )?(?:paid |premium )?(?:subscribers|members)|sign in to (?:read|continue)"
    r"|log ?in to (?:read|continue)|start your free trial"
    r"|unlock (?:this article|the full)|register (?:for free )?to (?:read|continue)"
    r"|you have reached your .{0,30}limit"
    r"|réservé aux abonnés|il vous reste .{0,20} à lire|nur für abonnenten|weiterlesen mit|solo para suscriptores"
    r"|付费(?:阅读|内容|文章)|订阅后.{0,6}阅读|登录后.{0,6}(?:阅读|查看)|剩余内容.{0,10}付费|有料会員限定|会員限定記事|続きを読むには|유료회원",
    re.IGNORECASE,
)


def is_stub(text: str, linked: list[dict[str, Any]]) -> bool:
    """Whether the page calls its article not free, or a short text ends by asking for a subscription.

    Args:
        text: what can be read on the page.
        linked: the nodes of its JSON-LD; `isAccessibleForFree` is what search engines are told.
    """
    told = any(str(node.get("isAccessibleForFree", "")).lower() == "false" for node in linked)
    return told or (len(text) < STUB and _SAYS_SO.search(text[-TAIL:]) is not None)


def without_offer(text: str) -> str:
    """The text without its last lines, as far as they ask for a subscription."""
    lines = text.rstrip().split("\n")
    for index in range(max(1, len(lines) - 6), len(lines)):
        if _SAYS_SO.search(lines[index]):
            return "\n".join(lines[:index]).rstrip()
    return text
