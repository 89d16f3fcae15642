"""The alert as a reader sees it."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from services.demo.expect import Verdict
from services.demo.receiver import Receipt
from services.demo.show import marked, show_alert, show_verdict
from shared.events import Alert, Evidence

NOW = datetime(2026, 11, 20, 9, 30, 1, tzinfo=UTC)
SENTENCE = "China bans gallium exports."
EVIDENCE = {
    "sentence": SENTENCE,
    "start": 100,
    "end": 100 + len(SENTENCE),
    "rule": "r",
    "terms": [
        {"text": "gallium", "start": 111, "end": 118, "role": "commodity"},
        {"text": "bans", "start": 106, "end": 110, "role": "action"},
    ],
}


def printed(show: Callable[[Console], None]) -> str:
    console = Console(file=StringIO(), width=140)
    show(console)
    output = console.file
    assert isinstance(output, StringIO)
    return output.getvalue()


def test_matched_words_are_marked_in_the_sentence() -> None:
    assert marked(Evidence.model_validate(EVIDENCE)).plain == "China [bans] [gallium] exports."


def test_terms_outside_the_sentence_or_overlapping_are_left_alone() -> None:
    odd = [{"text": "x", "start": 0, "end": 4, "role": "r"}, {"text": "an", "start": 107, "end": 109, "role": "r"}]
    evidence = Evidence.model_validate(EVIDENCE | {"terms": [*EVIDENCE["terms"], *odd]})
    assert marked(evidence).plain == "China [bans] [gallium] exports."


def test_the_alert_says_who_what_since_when_and_how_fast(make_alert: Callable[..., Alert]) -> None:
    alert = make_alert(
        "gallium-wire",
        revision=2,
        reason="stage_changed",
        changes=[{"field": "stage", "before": "proposal", "after": "announced"}],
        measure="export_licence",
        targets=["US"],
        instrument={"authority": "MOFCOM", "number": "87 of 2026"},
        effective_at="2026-12-30",
        evidence=[EVIDENCE],
    )
    text = printed(lambda console: show_alert(console, Receipt("id", NOW, alert), 3))
    for words in (
        "3. HIGH · export_restriction · stage_changed",
        "China restricts gallium exports",
        "stage: proposal → announced",
        "CN → US",
        "export_licence on gallium",
        "MOFCOM 87 of 2026",
        "from 2026-12-30",
        "China [bans] [gallium] exports.",
        "http://x/articles/s/gallium-wire",
        "collected → received 1000 ms",
    ):
        assert words in text, words


def test_markup_in_an_alert_is_shown_as_it_is(make_alert: Callable[..., Alert]) -> None:
    alert = make_alert("x", headline="[bold]not bold[/] [/nonsense]")
    assert "[bold]not bold[/] [/nonsense]" in printed(lambda console: show_alert(console, Receipt("id", NOW, alert), 1))


def test_every_difference_is_printed() -> None:
    text = printed(lambda console: show_verdict(console, Verdict(("one [thing]", "another")), 1, 0))
    assert "2 differences" in text
    assert "one [thing]" in text
    assert "another" in text
