"""Dates in folded text, absolute and relative, and what each of them is: in effect from, until, or just a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

from services.classify.consultation import closes_consultation, is_due, opens_consultation

_MONTHS: Final = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?"
)
_DAYS: Final = {name: n for n, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_DAYS_ZH: Final = {character: n for n, character in enumerate("一二三四五六日")} | {"天": 6}
_DATE: Final = re.compile(
    rf"(?P<iso>(?:19|20)\d\d-\d\d-\d\d)"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<m1>{_MONTH})\b\.?,?(?:[ -](?P<y1>(?:19|20)\d\d))?"
    rf"|\b(?P<m2>{_MONTH})\b\.?[ -](?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y2>(?:19|20)\d\d))?"
    rf"|\b(?P<m3>{_MONTH})\b\.?,? (?P<y3>(?:19|20)\d\d)\b"
    rf"|(?:(?P<y4>(?:19|20)\d\d)年)?(?P<m4>\d{{1,2}})月(?:(?P<d4>\d{{1,2}})[日号])?"
    rf"|(?P<y5>(?:19|20)\d\d)年(?!\d*第)"
    rf"|(?:本|上)?(?:周|星期)(?P<wz>[一二三四五六日天])"
    rf"|\b(?P<w>monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
    rf"|\b(?P<rel>today|yesterday|tomorrow|next month|next year|next week)\b"
    rf"|(?P<relz>今天|今日|昨天|昨日|明天|下月|下个月|明年|当日|同日)"
    rf"|\b(?:from|in|since|until|by|through|of|during) (?P<y6>(?:19|20)\d\d)\b"
    rf"|\b(?:from|in|starting|until|since|by|next) (?P<m7>{_MONTH})\b(?! \d)"
)
_CANDIDATE: Final = re.compile(
    r"[0-9]|\b(?:(?:from|in|since|until|by|through|of|during|starting|next) )?"
    r"(?:[0-9]|jan|feb|mar|apr|may|ju[nl]|aug|sep|oct|nov|dec|"
    r"mon|tue|wed|thu|fri|sat|sun|today|yesterday|tomorrow|month|year|week)|[本上周星今昨明下当同]"
)
"""Where a date may start: `_DATE` is tried only there, which is five times faster than everywhere."""
_STARTS: Final = (
    "from|effective|starting|beginning|as of|with effect from|take[sn]? effect|took effect|in effect|into force|"
    "into effect|in force|implemented|imposed|starts?|begins?|apply|applies"
)
_EFFECTIVE: Final = re.compile(
    rf"(?:\b(?:{_STARTS})(?: as of| from| on| in| starting)?(?: the)?\s*|自|从|于|定于|将于)$"
)
_ENDS: Final = "until|till|through|up to|expires?|expiring|lapses?|valid to|extended to|ends?|to"
_UNTIL: Final = re.compile(rf"(?:\b(?:{_ENDS})(?: on| in)?(?: the)?\s*|至|到|截至|直到|止于)$")
_FROM_BEHIND: Final = re.compile(r"^(?:\d\d时)?(?:起|开始|生效|施行|实施)")
_UNTIL_BEHIND: Final = re.compile(r"^(?:止|为止|到期|前)")
_IMMEDIATE: Final = re.compile(
    r"with immediate effect|effective immediately|immediate(?:ly)? effective|takes? effect immediately|"
    r"(?:enters?|entered|came|comes) into force (?:immediately|on the (?:same )?day)|"
    r"即日起|自(?:公布|发布)之日起|立即生效"
)
_TEXTS: Final = (
    "announcement|notice|order|decree|regulation|rule|measure|levy|tax|duty|ban|control|restriction|curb|quota"
)
_IN_FORCE_FROM: Final = re.compile(
    r"本(?:公告|办法|规定|决定|通知|令|条例|细则|措施)自[^，。；]{4,16}起(?:正式)?(?:施行|实施|生效|执行)"
    rf"|\b(?:this|the|these) (?:new |present |export )?(?:{_TEXTS})s? (?:will |shall |is to |are to )?"
    r"(?:takes?|comes?|enters?|be|is|are) (?:effect|effective|(?:in|into) (?:force|effect)) "
    r"(?:on|from|as of) [^.;]{3,24}"
)
"""The sentence with which a legal text says when it starts. Told in the past tense it is of an older text."""
_MOST: Final = 12
"""Dates of one sentence that are read."""
_TRIES: Final = 100
"""Places of one sentence that are tried."""
_LONG_AGO: Final = timedelta(days=75)
_RECENT: Final = timedelta(days=10)
_HALF_YEAR: Final = timedelta(days=183)


class DateRole(StrEnum):
    """What a date in a sentence is."""

    EFFECTIVE = "effective"
    UNTIL = "until"
    EVENT = "event"
    DEADLINE = "deadline"
    """The end (or the start) of a consultation, which says nothing about the measure itself."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One date in a folded text."""

    date: date
    role: DateRole
    start: int
    end: int
    exact: bool = True
    """False when only the month or the year is told; the date is then its first day."""


def mentions(text: str, reference: date | None) -> tuple[Mention, ...]:
    """All dates of a folded text.

    Args:
        text: one sentence.
        reference: the day of publication. Without it, dates that need it (weekdays, "1 August") are left out.
    """
    found = [mention for match in islice(_matches(text), _MOST) if (mention := _mention(text, match, reference))]
    immediate = _IMMEDIATE.search(text)
    if immediate:
        day = next((m.date for m in found if m.role is DateRole.EVENT and m.exact), reference)
        if day:
            found.append(Mention(day, DateRole.EFFECTIVE, immediate.start(), immediate.end()))
    return tuple(found)


def _matches(text: str) -> Iterator[re.Match[str]]:
    """All matches of `_DATE`, first to last."""
    candidate = _CANDIDATE.search(text)
    for _ in range(_TRIES):
        if candidate is None:
            return
        match = _DATE.match(text, candidate.start())
        if match:
            yield match
        candidate = _CANDIDATE.search(text, match.end() if match else candidate.start() + 1)


def starts_at_once(text: str) -> bool:
    """Whether a folded text says that a measure starts on the day it is published."""
    return _IMMEDIATE.search(text) is not None


def stated_start(text: str, reference: date | None) -> date | None:
    """The day from which a text says that it applies itself, in a sentence of its own; None if it does not.

    Args:
        text: a whole folded text.
        reference: the day of publication; days well before it are those of older measures.
    """
    for match in _IN_FORCE_FROM.finditer(text):
        days = [m.date for m in mentions(match.group(), reference) if m.role is DateRole.EFFECTIVE]
        if days and (reference is None or reference - days[0] <= _RECENT):
            return days[0]
    return None


def _mention(text: str, match: re.Match[str], reference: date | None) -> Mention | None:
    role = _role(text, match)
    try:
        day, exact = _resolve(match, role, reference)
    except ValueError:  # 31 June and the like
        return None
    return Mention(day, role, match.start(), match.end(), exact) if day else None


def _role(text: str, match: re.Match[str]) -> DateRole:
    before, behind = text[max(0, match.start() - 32) : match.start()], text[match.end() : match.end() + 8]
    start = text[match.start() : match.start() + 9]
    if _UNTIL_BEHIND.match(behind) or _UNTIL.search(before) or start.startswith(("until ", "through ")):
        return DateRole.DEADLINE if closes_consultation(text, match.start(), match.end()) else DateRole.UNTIL
    if _FROM_BEHIND.match(behind) or _EFFECTIVE.search(before) or start.startswith(("from ", "starting ")):
        return DateRole.DEADLINE if opens_consultation(text, match.start(), match.end()) else DateRole.EFFECTIVE
    due = is_due(before) and closes_consultation(text, match.start(), match.end())
    return DateRole.DEADLINE if due else DateRole.EVENT


def _resolve(match: re.Match[str], role: DateRole, reference: date | None) -> tuple[date | None, bool]:
    part = match.groupdict()
    if part["iso"]:
        return date.fromisoformat(part["iso"]), True
    for number in "12347":
        month = part.get(f"m{number}")
        if month:
            return _calendar(month, part.get(f"d{number}"), part.get(f"y{number}"), role, reference)
    year = part["y5"] or part["y6"]
    if year:
        return date(int(year), 1, 1), False
    return (_relative(part, role, reference), True) if reference else (None, False)


def _calendar(
    month: str, day: str | None, year: str | None, role: DateRole, reference: date | None
) -> tuple[date | None, bool]:
    number = int(month) if month.isdigit() else _MONTHS[month[:3]]
    if year:
        return date(int(year), number, int(day or 1)), day is not None
    if reference is None:
        return None, False
    return _nearest(number, int(day or 1), role, reference), day is not None


def _nearest(month: int, day: int, role: DateRole, reference: date) -> date:
    """The year nearest to publication; dates to come are more likely for `from` and `until`."""
    if role is not DateRole.EVENT:
        reference += _HALF_YEAR / 2
    years = [date(reference.year + shift, month, day) for shift in (-1, 0, 1)]
    return min(years, key=lambda candidate: abs(candidate - reference))


def _relative(part: dict[str, str | None], role: DateRole, reference: date) -> date:
    if part["w"] or part["wz"]:
        weekday = _DAYS[part["w"]] if part["w"] else _DAYS_ZH[part["wz"] or "一"]
        back = (reference.weekday() - weekday) % 7
        return (
            reference - timedelta(days=back) if role is DateRole.EVENT else reference + timedelta(days=(7 - back) % 7)
        )
    word = part["rel"] or part["relz"] or ""
    if word in ("next month", "下月", "下个月"):
        return (reference.replace(day=1) + timedelta(days=32)).replace(day=1)
    if word in ("next year", "明年"):
        return date(reference.year + 1, 1, 1)
    shift = {"yesterday": -1, "昨天": -1, "昨日": -1, "tomorrow": 1, "明天": 1, "next week": 7}.get(word, 0)
    return reference + timedelta(days=shift)


def is_old(found: tuple[Mention, ...], reference: date | None) -> bool:
    """Whether every date of a sentence lies well before publication, so that it tells of the past."""
    if not found or reference is None:
        return False
    latest = max(mention.date if mention.exact else _end_of_year(mention) for mention in found)
    return reference - latest > _LONG_AGO


def is_fresh(found: tuple[Mention, ...], reference: date | None) -> bool:
    """Whether a sentence names a day close to publication, or one to come."""
    if reference is None:
        return False
    return any(mention.exact and reference - mention.date <= _RECENT for mention in found)


def _end_of_year(mention: Mention) -> date:
    if mention.date.month == 1:
        return date(mention.date.year, 12, 31)
    return mention.date + timedelta(days=31)
