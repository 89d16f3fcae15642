"""Templates that subscribers bring: useful, harmless, bounded."""

from __future__ import annotations

import contextlib
import time
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify import letter
from services.notify.specimen import specimens
from services.notify.template import MAX_OUTPUT, Broken, Raw, fill, render

VALUES: dict[str, Any] = {
    "title": "<b>",
    "actors": ["CN", "US"],
    "facts": [{"name": "Stage", "value": "in_force"}],
    "none": None,
    "long": "x" * 5000,
    "many": list(range(200)),
    "quote": Raw("<b>bold</b>"),
    "score": 0.5,
}


def _plain(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ title }}", "&lt;b&gt;"),
        ("{{ quote }}", "<b>bold</b>"),
        ("<i>{{ actors | join }}</i>", "<i>CN, US</i>"),
        ("{{ actors | join('/') }} {{ actors[0] }} {{ actors | length }}", "CN/US CN 2"),
        ("{% for it in facts %}{{ it.name }}={{ it.value | words }}{% endfor %}", "Stage=in force"),
        ("{% for it in actors %}{{ loop.index }}{{ it }}{% if not loop.last %},{% endif %}{% endfor %}", "1CN,2US"),
        ("{% if score > 0.4 and 'CN' in actors %}yes{% else %}no{% endif %}", "yes"),
        ("{{ none }}{{ none | default('-', true) }}", "-"),
        ("{{ title | upper }}", "&lt;B&gt;"),
    ],
)
def test_what_a_template_can_do(source: str, text: str) -> None:
    assert render(source, VALUES, escape) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ title.__class__.__mro__ }}",
        "{{ title | attr('__class__') }}",
        "{{ actors.append('x') }}",
        "{{ cycler }}",
        "{{ self }}",
        "{{ loop }}",
        "{{ actors }}",
        "{{ facts[0] }}",
        "{% for it in actors %}{{ loop }}{{ loop.changed }}{% endfor %}",
        "{{ range(9) }}",
        "{{ title() }}",
        "{{ title ~ title }}",
        "{{ long * 100 }}",
        "{{ 2 ** 99999 }}",
        "{{ '%999999999d' % 1 }}",
        "{% set x = 1 %}",
        "{% macro f() %}{{ f() }}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% for x in actors recursive %}{{ loop(x) }}{% endfor %}",
        "{% for x in long %}{% endfor %}",
        "{% for x in many %}{% for y in many %}{% endfor %}{% endfor %}",
        "{% for x in many %}{{ long }}{% endfor %}",
        "{{ actors | join(long | join(long)) }}",
        "{{ orewire_budget }}",
        "{{ nothing }}",
        "{{ actors[7] }}",
        "{{ facts[0].nothing }}",
        "{{ title | nofilter }}",
        "{{ title is notest }}",
        "{% if %}",
        "{{",
        "(" * 5000,
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ title }}" * 5000,
    ],
)
def test_what_a_template_can_not_do(source: str) -> None:
    if source == "(" * 5000:
        assert render(source, VALUES, escape) == source
        return
    begun = time.perf_counter()
    with pytest.raises(Broken) as caught:
        render(source, VALUES, escape)
    assert time.perf_counter() - begun < 2
    assert "xxxx" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_template_makes_no_more_than_its_bound() -> None:
    source = "{% for x in many %}" + "y" * 200 + "{% endfor %}"
    assert len(render(source, VALUES, _plain)) == 200 * 200 <= MAX_OUTPUT
    with pytest.raises(Broken, match="characters"):
        render(source * 2, VALUES, _plain)


def test_the_worst_allowed_template_ends_soon() -> None:
    inner = "{% if 'z' in long and 'q' in long %}{% endif %}" * 100
    source = "{% for x in many %}{% for y in actors %}" + inner + "{% endfor %}{% endfor %}"
    begun = time.perf_counter()
    render(source, VALUES, _plain)
    assert time.perf_counter() - begun < 2


@given(st.text(max_size=200))
def test_any_text_renders_or_is_called_broken(source: str) -> None:
    with contextlib.suppress(Broken):
        render(source, VALUES, escape)


@given(st.lists(st.sampled_from("{{ }} {% %} for in if endif endfor title actors | join ( ) [ ] . _ 1 '".split())))
def test_any_mix_of_words_renders_or_is_called_broken(words: list[str]) -> None:
    with contextlib.suppress(Broken):
        render(" ".join(words), VALUES, escape)


def test_a_broken_template_falls_back_to_the_built_in_one_and_says_which() -> None:
    filled = fill("{{ nothing }}", "built in", VALUES, _plain, name="body")
    assert filled.text == "built in"
    assert filled.remark.startswith("template `body` is broken, the built-in one was used: ")
    assert fill("mine", "built in", VALUES, _plain, name="body") == fill("mine", "x", VALUES, _plain, name="body")


@pytest.mark.parametrize("source", [letter.SUBJECT, letter.TEXT])
def test_the_built_in_templates_are_a_model_that_works(source: str) -> None:
    for alert in specimens():
        assert render(source, letter.values(alert, None), letter.plain).strip()
        assert "<from 1 August>" not in render(letter.HTML, letter.html_values(alert, None), letter.html)
