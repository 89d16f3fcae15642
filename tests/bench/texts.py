"""Made-up texts to measure with: ordinary news, news full of acts, and text meant to hurt."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

from tests.kit.news import ACTS

WORDS: Final = (
    "mayor library road school market harbour season morning team coach village garden museum bridge summer winter "
    "weather farmer teacher student doctor hospital concert painter novel theatre festival street corner window family "
    "cousin dinner recipe kitchen football cricket player league stadium ticket visitor island river forest mountain "
    "railway station platform driver passenger council budget clerk letter parcel office worker union holiday beach "
    "hotel guest chef menu baker bread cheese apple orchard"
).split()
_OPENINGS: Final = ("The", "On Monday the", "Last week the", "For years the", "Nobody in town thought that the")
_VERBS: Final = ("opened", "visited", "repaired", "painted", "described", "remembered", "sold", "found", "praised")
_CHINESE: Final = (
    "市图书馆从下周起延长开放时间，馆长在周一表示，读者可以在晚上九点以前借书。",
    "当地居民在公园里举行了音乐会，许多学生和老师参加了活动。",
    "新修的桥梁将在明年春天通车，司机们期待道路更加畅通。",
    "足球队在周末的比赛中以三比一获胜，教练对年轻球员表示满意。",
)
_CHINESE_ACTS: Final = (
    "商务部周四宣布，自12月1日起对镓和锗相关物项实施出口管制。",
    "印度尼西亚政府宣布禁止镍矿石出口，该禁令立即生效。",
    "中国商务部表示，将暂停对美国的稀土出口禁令，有效期至2026年11月10日。",
    "日本与赞比亚签署了关于钴供应链的合作备忘录。",
)
_ACTS: Final = (
    "The government of {state} on Thursday banned all exports of {metal}, the trade ministry said in a statement.",
    "{state} and Japan signed a memorandum of understanding on {metal} supply chains in Tokyo on Friday.",
    "The trade ministry of {state} will require export licences for {metal} from December 1, an official said.",
    "Officials in {state} said the ban on {metal} exports may be suspended until November 10, 2026.",
    "{state} raised the export tax on {metal} to 20% with immediate effect, according to Decree No. {number} of 2026.",
    "Two people familiar with the matter said {state} was considering an export quota for {metal} next year.",
    "The United States and {state} agreed to build a stockpile of {metal} under a new critical minerals partnership.",
    "{state} has no plans to restrict exports of {metal}, its mining minister told reporters on Tuesday.",
)


def ordinary(number: int, size: int = 3000) -> tuple[str, str]:
    """Title and text of English news about nothing that concerns anyone here, of about `size` characters."""
    dice = random.Random(number)
    sentences: list[str] = []
    length = 0
    while length < size:
        opening, verb = dice.choice(_OPENINGS), dice.choice(_VERBS)
        tail = " and the ".join(dice.choice(WORDS) for _ in range(dice.randint(2, 5)))
        sentence = f"{opening} {dice.choice(WORDS)} {verb} a {dice.choice(WORDS)} near the {tail}, a neighbour said."
        sentences.append(sentence)
        length += len(sentence) + 1
    paragraphs = ["\n".join([" ".join(sentences[i : i + 4])]) for i in range(0, len(sentences), 4)]
    return f"The {dice.choice(WORDS)} by the {dice.choice(WORDS)}", "\n\n".join(paragraphs)[:size]


def ordinary_chinese(number: int, size: int = 1000) -> tuple[str, str]:
    """The same in Chinese."""
    dice = random.Random(number)
    sentences = [dice.choice(_CHINESE) for _ in range(size // 25)]
    return "市图书馆延长开放时间", "".join(sentences)[:size]


def wire(number: int) -> tuple[str, str]:
    """Title and about 350 characters of a wire report; every sentence is about an act."""
    state, metal = ACTS[number % len(ACTS)]
    return f"{state} bans exports of {metal}", " ".join(_act(number + step) for step in (0, 3, 5))


def full(number: int, size: int = 3000) -> tuple[str, str]:
    """An article in which every sentence is about an act."""
    sentences: list[str] = []
    while sum(map(len, sentences)) + len(sentences) < size:
        sentences.append(_act(number + 7 * len(sentences), len(sentences)))
    state, metal = ACTS[number % len(ACTS)]
    return f"{state} bans exports of {metal}", " ".join(sentences)


def full_chinese(number: int, size: int = 1000) -> tuple[str, str]:
    """The same in Chinese."""
    sentences = [_CHINESE_ACTS[(number + step) % len(_CHINESE_ACTS)] for step in range(size // 27)]
    return "商务部宣布对镓实施出口管制", "".join(sentences)


def _act(number: int, shape: int | None = None) -> str:
    state, metal = ACTS[number % len(ACTS)]
    sentence = _ACTS[(number if shape is None else shape) % len(_ACTS)]
    return sentence.format(state=state, metal=metal, number=number % 90 + 1)


def _every_character() -> str:
    return "".join(chr(code) for code in range(0x20, 0x110000) if not 0xD800 <= code < 0xE000)


_ACT: Final = "China bans exports of gallium. "
HOSTILE: Final[Mapping[str, Callable[[], tuple[str, str]]]] = {
    "no full stop": lambda: ("Gallium", "gallium exports rose while china " * 31_000),
    "one term": lambda: ("Gallium", "gallium " * 100_000),
    "one act, unbroken": lambda: ("Gallium", "China bans gallium exports " * 37_000),
    "one chinese term": lambda: ("镓", "镓出口管制" * 60_000),
    "combining marks": lambda: ("Gallium", "gallium ban " + "e\u0301\u0323\u0308" * 250_000),
    "full width": lambda: ("Gallium", "Ｃｈｉｎａ　ｂａｎｓ　ｅｘｐｏｒｔｓ．" * 50_000),
    "right to left": lambda: (
        "Gallium",
        "gallium export ban \u202e" + "\u0627\u0644\u0645\u0639\u062f\u0646 " * 160_000,
    ),
    "zero width": lambda: ("Gallium", "g\u200ba\u200bl\u200bl\u200bi\u200bu\u200bm export ban " * 40_000),
    "soft hyphens": lambda: ("Gallium", "gallium export ban " + "\u00ad" * 1_000_000),
    "noncharacters": lambda: ("Gallium", "gallium export ban " + "\ufffe\uffff\ufdd0\ue000\U0010ffff" * 200_000),
    "run of han": lambda: ("镓", "镓" + "中" * 1_000_000),
    "mixed han": lambda: ("镓", "".join(chr(0x4E00 + index % 20_000) for index in range(300_000)) + "镓出口管制"),
    "ligatures": lambda: ("Gallium", "gallium export ban " + "\ufdfa" * 300_000),
    "every character": lambda: ("Gallium", "gallium export ban " + _every_character()),
    "not": lambda: ("Gallium", "China will not ban gallium exports " + "not " * 50_000),
    "quotes": lambda: ("Gallium", "China bans gallium exports " + "\"'“‘" * 25_000 + "”’'\"" * 25_000),
    "line breaks": lambda: ("Gallium", "China bans gallium exports" + "\n" * 1_000_000),
    "wrapped lines": lambda: ("Gallium", "a\ngallium,\n" * 90_000),
    "full stops": lambda: ("Gallium", "China bans gallium exports" + "." * 1_000_000),
    "abbreviations": lambda: ("Gallium", "U.S. no. China bans gallium. e.g. " * 30_000),
    "50,000 sentences": lambda: ("Gallium", _ACT * 50_000),
    "50,000 dated sentences": lambda: (
        "Gallium",
        "China bans exports of gallium from May 1, 2026 until June 2. " * 16_000,
    ),
    "notices": lambda: ("Gallium", _ACT + "commerce ministry announcement no. 1, " * 26_000),
    "chinese notices": lambda: ("镓", "商务部公告2025年第61号对镓实施出口管制，" * 10_000),
    "spaces": lambda: ("Gallium", "China bans gallium" + " " * 1_000_000 + "exports"),
    "digits": lambda: ("Gallium", "China bans gallium exports " + "2026-01-01 1 may 2026 " * 45_000),
    "long title": lambda: ("China bans gallium exports " * 37_000, "Gallium."),
    "long title without spaces": lambda: ("镓" * 1_000_000, "Gallium."),
    "long title of spaces": lambda: ("Gallium" + " " * 1_000_000 + "-", "Gallium\nexports"),
}
"""Makes titles and texts that try to make the classifier slow, by what they are made of."""
