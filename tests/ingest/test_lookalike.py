"""Which texts count as copies: a labelled set of reports, copies as desks make them, and forms filled in twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.essence import essence
from services.ingest.lookalike import SHORTEST, Gallery, Seen, Sketch, is_copy, likeness, sketch
from tests.ingest.conftest import NOW
from tests.kit.news import prose

LINES = (Path(__file__).parent / "data/copies/texts.jsonl").read_text("utf-8").splitlines()
TEXTS = {row["id"]: row["text"] for row in map(json.loads, LINES)}
PROSE = [name for name in TEXTS if not name.startswith(("notice", "prices", "zh-notice"))]


def made(text: str) -> Sketch:
    found = sketch(essence("Some headline", text))
    assert found is not None
    return found


def _spoken(text: str) -> str:
    return text.replace("percent", "%").replace("said", "stated").replace("表示", "说").replace("'", "’")


COPIES: dict[str, Callable[[str], str]] = {
    "word for word": lambda text: text,
    "an agency's mark and byline": lambda text: f"(Agency) By A. Writer\n{text}\nEditing by B. Person",
    "a mark in Chinese": lambda text: f"【本网讯】（记者 某某）{text}",
    "paragraphs run together": lambda text: text.replace("\n", " "),
    "the last paragraph cut": lambda text: text.rpartition("\n")[0],
    "a local paragraph in front": lambda text: f"Readers here buy little of it, but prices matter.\n{text}",
    "a notice behind": lambda text: f"{text}\nThis article was first published elsewhere. All rights reserved.",
    "words replaced": _spoken,
    "capitals": str.upper,
    "the dateline dropped": lambda text: text.partition(" - ")[2] or text,
}


@pytest.mark.parametrize("change", list(COPIES.values()), ids=list(COPIES))
@pytest.mark.parametrize("name", PROSE)
def test_a_copy_is_recognised_however_a_desk_dresses_it(name: str, change: Callable[[str], str]) -> None:
    assert is_copy(made(TEXTS[name]), made(change(TEXTS[name])))


@pytest.mark.parametrize(("one", "other"), list(combinations(TEXTS, 2)))
def test_reports_in_words_of_their_own_and_forms_filled_in_twice_are_no_copies(one: str, other: str) -> None:
    assert not is_copy(made(TEXTS[one]), made(TEXTS[other]))


def test_over_the_whole_set_copies_meet_in_a_band_and_only_they_are_marked() -> None:
    originals = {name: made(text) for name, text in TEXTS.items()}
    gallery = Gallery(Seen(name, name, NOW, found) for name, found in originals.items())
    marked = {
        (name, how): gallery.hang(f"{name} {how}", NOW + timedelta(hours=1), made(change(TEXTS[name])))
        for name in PROSE
        for how, change in COPIES.items()
    }
    right = sum(found == name for (name, _), found in marked.items())
    wrong = sum(found not in (None, name) for (name, _), found in marked.items())
    assert wrong == 0
    assert right / len(marked) >= 0.98, [key for key, found in marked.items() if found is None]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ban announced.",
        "China to restrict exports of antimony from September, ministry says",
        "商务部公布对镓、锗相关物项实施出口管制",
        "Advertisement\nRead more",
        "word " * 500,
    ],
)
def test_little_text_is_never_compared(text: str) -> None:
    assert sketch(essence("Headline", text)) is None


@pytest.mark.parametrize("words", [SHORTEST + 1, SHORTEST + 2])
def test_the_shortest_text_that_is_compared(words: int) -> None:
    text = " ".join(f"w{number}" for number in range(words))
    assert (sketch(essence("", text)) is not None) is (words >= SHORTEST + 2)


texts = st.integers(0, 500).map(lambda number: prose(number, run="p", published_at="")["text"])
cuts = st.tuples(texts, st.integers(0, 6), st.integers(0, 6)).map(
    lambda it: "\n".join(it[0].split("\n")[it[1] : 22 - it[2]])
)


@given(cuts, cuts)
@settings(deadline=None)
def test_likeness_is_symmetric_and_of_a_text_with_itself_whole(one: str, other: str) -> None:
    a, b = made(one), made(other)
    assert likeness(a, b) == likeness(b, a)
    assert is_copy(a, b) == is_copy(b, a)
    assert likeness(a, a) == 1.0


@given(st.permutations([(number, part) for number in range(4) for part in range(4)]))
@settings(deadline=None, max_examples=30)
def test_copies_are_grouped_alike_in_whatever_order_they_come(order: list[tuple[int, int]]) -> None:
    gallery = Gallery()
    origins: dict[tuple[int, int], str] = {}
    for step, (number, part) in enumerate(order):
        text = prose(number, run="g", published_at="")["text"]
        body = "\n".join(text.split("\n")[: 22 - part])
        name = f"{number}.{part}"
        found = gallery.hang(name, NOW + timedelta(minutes=step), made(body))
        origins[number, part] = found or name
    groups = {number: {origins[number, part] for part in range(4)} for number in range(4)}
    assert all(len(group) == 1 for group in groups.values())
    assert len(set.union(*groups.values())) == 4


def test_of_two_originals_that_are_equally_like_the_one_seen_first_is_named() -> None:
    text = made(TEXTS["nickel"])
    late, early = Seen("late", "late", NOW, text), Seen("early", "early", NOW - timedelta(hours=1), text)
    for seen in ([late, early], [early, late]):
        assert Gallery(seen).hang("copy", NOW, text) == "early"


def test_the_copy_of_a_copy_names_the_first_original() -> None:
    text = made(TEXTS["nickel"])
    assert Gallery([Seen("copy", "first", NOW, text)]).hang("third", NOW, text) == "first"


def test_a_text_is_no_copy_of_itself() -> None:
    text = made(TEXTS["nickel"])
    assert Gallery([Seen("same", "same", NOW, text)]).hang("same", NOW, text) is None
