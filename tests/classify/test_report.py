"""The HTML report: all in one file, nothing of an article can act in it, words and evidence are marked."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.classify.cli import register
from services.classify.report.highlight import LONGEST, Word, highlighted, safe
from services.classify.report.page import page
from services.classify.score import Case, score
from services.classify.slip import slips
from tests.classify.kit import article, detector, shipped

VOID = {"meta"}
HOSTILE = (
    '</div><script>alert(1)</script><img src=x onerror=alert(1)> "China" bans exports of gallium & <em>germanium</em>.'
)


class Outline(HTMLParser):
    """Collects tags and text, and insists that each tag is closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def report(*texts: str, title: str = "") -> str:
    cases = []
    for index, text in enumerate(texts):
        item = article(title, text).model_copy(update={"id": f"<{index}>"})
        cases.append(Case(item, {"stage": "hint"}, "", detector().detect(item), "T<1>"))
    scores = score(cases)
    return page(scores, slips(scores, shipped()), shipped(), ["<set>.jsonl"])


def test_nothing_of_an_article_becomes_markup() -> None:
    outline = Outline(report(HOSTILE, title=HOSTILE))
    assert outline.tags.isdisjoint({"script", "img", "em", "a", "link", "iframe"})
    assert HOSTILE in outline.text


def test_the_page_loads_and_runs_nothing() -> None:
    found = report(HOSTILE)
    assert "default-src 'none'" in found
    assert Outline(found).attributes.isdisjoint({"src", "href", "onerror", "onload"})
    assert "http://" not in found
    assert "https://" not in found


def test_words_are_marked_by_role_and_evidence_is_underlined() -> None:
    found = report("China bans exports of gallium.")
    assert '<mark class="word role-commodity evidence" title="commodity: $commodity">gallium</mark>' in found
    assert ".role-commodity { --hue:" in found


def test_offsets_hold_where_folding_changes_the_length() -> None:
    found = report("Ｃhina’s gov\u00adernment bans ex\u00adports of gallium ﬁrst.")
    assert ">gallium</mark>" in found
    assert "ex\u00adports" in found


def test_figures_and_confusions_are_there(tmp_path: Path) -> None:
    row = {"id": "a", "text": "China bans exports of gallium.", "labels": {"export_restriction": True, "stage": "hint"}}
    file, target = tmp_path / "set.jsonl", tmp_path / "score.html"
    file.write_text(json.dumps(row), "utf-8")
    root = typer.Typer()
    register(root)
    result = CliRunner().invoke(root, ["rules", "score", str(file), "--report", str(target)])
    assert result.exit_code == 0, result.output
    text = Outline(target.read_text("utf-8")).text
    for shown in ("measured on 1 articles", "precision", "Rules that decided", "wrong stage", "set.jsonl"):
        assert shown in text


def test_a_place_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"text": "x"}', "utf-8")
    root = typer.Typer()
    register(root)
    result = CliRunner().invoke(root, ["rules", "score", str(file), "--report", str(tmp_path / "no" / "x.html")])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_long_text_is_cut_and_says_so() -> None:
    shown = highlighted("x" * (LONGEST + 5), [Word(LONGEST - 1, LONGEST + 2, "actor", "state")])
    assert "5 more characters" in shown
    assert "<mark" not in shown


def test_unseen_characters_become_visible_ones() -> None:
    assert safe("a\u202eb\x00c\ud800") == "a\ufffdb\ufffdc\ufffd"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
def test_marks_never_change_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    words = [Word(start, end, "actor", "state") for start, end in spans]
    outline = Outline(f"<p>{highlighted(text, words, spans)}</p>")
    assert outline.text == Outline(f"<p>{safe(text)}</p>").text
