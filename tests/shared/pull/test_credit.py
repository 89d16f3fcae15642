"""How much is asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.pull.credit import Credit

WINDOW, BYTES = 8, 1_000


@given(st.lists(st.sampled_from(["ask", "come", "answer", "end"]), max_size=200))
def test_what_is_asked_for_and_what_is_in_hand_never_exceed_the_window(steps: list[str]) -> None:
    credit = Credit(WINDOW, BYTES)
    for step in steps:
        if step == "ask" and (batch := credit.due()):
            credit.asked(batch)
        elif step == "come" and credit.open:
            credit.received(10)
        elif step == "answer" and credit.in_hand:
            credit.answered(10)
        elif step == "end":
            credit.ended()
        assert credit.open + credit.in_hand <= WINDOW
        assert credit.bytes_in_hand == 10 * credit.in_hand


def test_only_one_request_is_open_at_a_time() -> None:
    credit = Credit(WINDOW, BYTES)
    credit.asked(credit.due())
    assert credit.due() == 0
    credit.ended()
    assert credit.due() == WINDOW


def test_a_nearly_full_window_is_not_filled_message_by_message() -> None:
    credit = Credit(WINDOW, BYTES)
    for _ in range(WINDOW):
        credit.received(1)
    credit.answered(1)
    assert credit.due() == 0
    credit.answered(1)
    assert credit.due() == 2


def test_a_window_of_one_asks_for_one() -> None:
    assert Credit(1, BYTES).due() == 1


def test_nothing_is_asked_for_while_half_the_bytes_are_in_hand() -> None:
    credit = Credit(WINDOW, BYTES)
    credit.received(501)
    assert credit.due() == 0
    credit.answered(501)
    assert credit.due() == WINDOW
