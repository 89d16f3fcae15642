"""Reading instrument numbers, and finding a story again by its words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.identity import InstrumentKey, identity, index_keys, instrument_key, is_same_act, search_keys
from services.notify.story import claim_of
from shared.events import Instrument
from tests.notify.builders import make_signal


@pytest.mark.parametrize(
    ("number", "dated", "key"),
    [
        ("61 of 2025", None, InstrumentKey(61, 2025)),
        ("No. 61 of 2025", None, InstrumentKey(61, 2025)),
        ("2025年第61号", None, InstrumentKey(61, 2025)),
        ("61/2025", None, InstrumentKey(61, 2025)),
        ("Announcement No. 61", date(2025, 10, 9), InstrumentKey(61, 2025)),
        ("Announcement No. 61", None, InstrumentKey(61, None)),
        ("2024/1252", None, InstrumentKey(1252, 2024)),
        ("2023", None, InstrumentKey(2023, None)),
        ("Decree", None, None),
        ("", None, None),
        ("9" * 400, None, None),
    ],
)
def test_instrument_numbers_are_read_however_they_are_written(number: str, dated: Any, key: Any) -> None:
    assert instrument_key(Instrument(number=number, date=dated)) == key


CLAIMS = st.builds(
    lambda **claim: identity(claim_of(make_signal(**claim))),
    actors=st.sampled_from([(), ("CN",), ("US",), ("CN", "RU")]),
    parties=st.sampled_from([(), ("US",), ("US", "JP"), ("JP", "US", "AU")]),
    commodities=st.sampled_from([(), ("gallium",), ("gallium", "germanium"), ("dysprosium",), ("critical_minerals",)]),
    measure=st.sampled_from([None, "export_ban", "partnership_mou"]),
    initiative=st.sampled_from([None, "Pax Silica"]),
    instrument=st.sampled_from([None, {"number": "61 of 2025"}, {"number": "62"}]),
)


@given(CLAIMS, CLAIMS, st.booleans())
def test_claims_of_one_act_always_find_each_other(story: Any, claim: Any, fresh: bool) -> None:
    if is_same_act(story, claim, fresh=fresh):
        assert set(index_keys(story)) & set(search_keys(claim))


@given(CLAIMS)
def test_a_claim_that_says_who_or_what_is_of_its_own_act(claim: Any) -> None:
    names_something = claim.states or claim.commodities or claim.initiative
    alone_without_measure = claim.is_joint and claim.initiative is None and claim.measure is None
    if names_something and not alone_without_measure and (claim.states or claim.commodities):
        assert is_same_act(claim, claim, fresh=False)
