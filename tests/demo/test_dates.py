"""Dates of the demo's articles."""

from datetime import date

import pytest

from services.demo.dates import fill_dates

NEW_YEARS_EVE = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "lang", "filled"),
    [
        ("from {{day 40}}", "en", "from 9 February 2027"),
        ("自{{day 40}}起", "zh", "自2027年2月9日起"),
        ("on {{weekday 0}}", "en", "on Thursday"),
        ("on {{weekday -1}}", "en", "on Wednesday"),
        ("{{weekday 3}}", "zh", "星期日"),
        ("No. 87 of {{year}}", "en", "No. 87 of 2026"),
        ("no dates", "en", "no dates"),
    ],
)
def test_offsets_become_the_dates_people_write(text: str, lang: str, filled: str) -> None:
    assert fill_dates(text, lang=lang, today=NEW_YEARS_EVE) == filled


@pytest.mark.parametrize("text", ["{{month 1}}", "{{day", "{{day x}}", "day 4}}"])
def test_a_wrong_placeholder_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="placeholder"):
        fill_dates(text, lang="en", today=NEW_YEARS_EVE)
