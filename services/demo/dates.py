"""Dates in the demo's articles: they are written as offsets, so the news is always of today."""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import timedelta
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z]+)\s*(-?\d+)?\s*\}\}")
_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
_MONTHS: Final = "January February March April May June July August September October November December".split()


def fill_dates(text: str, *, lang: str, today: Date) -> str:
    """Replace `{{day N}}`, `{{weekday N}}` and `{{year}}`, N days from `today`, as `lang` (en or zh) writes them.

    Raises:
        ValueError: a placeholder is not known, or was left half written.
    """
    filled = _PLACEHOLDER.sub(lambda match: _written(match[1], int(match[2] or 0), lang, today), text)
    if "{{" in filled or "}}" in filled:
        raise ValueError("a date placeholder is half written; write {{day N}}, {{weekday N}} or {{year}}")
    return filled


def _written(word: str, days: int, lang: str, today: Date) -> str:
    day = today + timedelta(days=days)
    if word == "day":
        return _long_date(day, lang)
    if word == "weekday":
        return _WEEKDAYS[lang][day.weekday()]
    if word == "year":
        return str(today.year)
    raise ValueError(f"unknown date placeholder {{{{{word}}}}}; known are day, weekday and year")


def _long_date(day: Date, lang: str) -> str:
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
