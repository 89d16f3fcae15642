"""YAML with positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config.yamltree import parse, plain_scalar
from shared.errors import ConfigError


def test_the_country_code_of_norway_stays_text() -> None:
    assert parse("countries: [NO, on, yes]", "f.yaml").data == {"countries": ["NO", "on", "yes"]}


def test_every_key_and_item_knows_its_line() -> None:
    document = parse("a: 1\nb:\n- x\n- y: 2\n", "f.yaml")
    assert document.line(("b",)) == 2
    assert document.line(("b", 1, "y")) == 4
    assert document.line(("b", 1, "missing")) == 4


def test_a_key_given_twice_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: 1\nb: 2\na: 3\n", "f.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        "f.yaml:3: key `a` is given twice (keep one of them)"
    ]


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- x", "a: !!python/object:os.system {}", "x: \x00"])
def test_what_is_no_plain_yaml_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml")
    assert str(caught.value).startswith("f.yaml")


def test_aliases_that_contain_themselves_are_refused() -> None:
    with pytest.raises(ConfigError, match="refers to itself"):
        parse("a: &a [*a]", "f.yaml")


def test_aliases_that_grow_without_bound_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="too many values"):
        parse("\n".join(lines), "bomb.yaml")


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_integers_are_numbers(number: int) -> None:
    assert plain_scalar(str(number)) == number


@given(st.text(alphabet="abcdefgNO-_./: ", min_size=1))
def test_quoted_text_is_always_text(text: str) -> None:
    assert parse(f'k: "{text}"', "f.yaml").data == {"k": text}
