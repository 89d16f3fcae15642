"""Which schema changes break readers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from shared.contracts import breaking_changes, schemas

OLD: dict[str, Any] = {
    "$defs": {
        "Colour": {"type": "string", "enum": ["red", "green"]},
        "Part": {
            "type": "object",
            "properties": {"size": {"type": "integer", "minimum": 1, "maximum": 9}, "note": {"type": "string"}},
            "required": ["size"],
        },
        "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
    },
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 10},
        "colour": {"$ref": "#/$defs/Colour", "description": "Its colour."},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        "until": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        "kind": {"const": "a", "type": "string"},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "tree": {"$ref": "#/$defs/Tree"},
    },
    "required": ["id", "parts"],
}


def _changed(*path: str, to: Any) -> dict[str, Any]:
    """OLD with one value set; `to=...` removes it."""
    new = deepcopy(OLD)
    node: Any = new
    for key in path[:-1]:
        node = node[key]
    if to is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return new


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        _changed("properties", "extra", to={"type": "string", "default": ""}),
        _changed("$defs", "Part", "properties", "extra", to={"type": "string"}),
        _changed("$defs", "Colour", "enum", to=["blue", "red", "green"]),
        _changed("$defs", "Part", "properties", "size", "minimum", to=0),
        _changed("$defs", "Part", "properties", "size", "maximum", to=...),
        _changed("properties", "id", "maxLength", to=20),
        _changed("properties", "kind", to={"enum": ["a", "b"], "type": "string"}),
        _changed("properties", "colour", "description", to="Another text."),
        _changed("properties", "until", "default", to="2030-01-01"),
        _changed("title", to="A new title"),
        _changed("$id", to="urn:other"),
        _changed("properties", "until", "anyOf", to=[{"type": "null"}, {"type": "string", "format": "date"}]),
        _changed("properties", "colour", to={"type": "string", "enum": ["red", "green"]}),
    ],
)
def test_additive_and_editorial_changes_are_allowed(new: dict[str, Any]) -> None:
    assert breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "change"),
    [
        (_changed("properties", "until", to=...), ".until: field removed"),
        (_changed("$defs", "Part", "properties", "note", to=...), ".parts[].note: field removed"),
        (_changed("required", to=["id", "parts", "colour"]), ".colour: field is newly required"),
        (_changed("$defs", "Part", "required", to=["size", "note"]), ".parts[].note: field is newly required"),
        (_changed("required", to=["id"]), ".parts: field is no longer promised"),
        (_changed("properties", "id", "type", to="integer"), ".id: type changed from string to integer"),
        (_changed("properties", "id", "pattern", to="^[a-f]+$"), ".id: pattern changed from ^[a-z]+$ to ^[a-f]+$"),
        (_changed("properties", "id", "pattern", to=...), ".id: pattern changed from ^[a-z]+$ to None"),
        (_changed("properties", "id", "maxLength", to=5), ".id: maxLength narrowed from 10 to 5"),
        (_changed("properties", "id", "minLength", to=1), ".id: minLength narrowed from None to 1"),
        (
            _changed("$defs", "Part", "properties", "size", "minimum", to=2),
            ".parts[].size: minimum narrowed from 1 to 2",
        ),
        (_changed("$defs", "Colour", "enum", to=["red"]), ".colour: words removed: green"),
        (_changed("$defs", "Colour", to={"type": "string"}), ".colour: opened from a list of words"),
        (_changed("properties", "id", "enum", to=["a"]), ".id: closed to a list of words"),
        (_changed("properties", "kind", "const", to="b"), ".kind: words removed: a"),
        (
            _changed("properties", "until", "anyOf", to=[{"type": "string", "format": "date"}]),
            ".until: type changed from string:date | null to string:date",
        ),
        (
            _changed("properties", "id", to={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            ".id: type changed from one to string | null",
        ),
        (
            _changed("properties", "tags", "additionalProperties", "type", to="integer"),
            ".tags.*: type changed from string to integer",
        ),
        (_changed("additionalProperties", to=False), ".*: changed from True to False"),
        (_changed("$defs", "Tree", "properties", "children", to=...), ".tree.children: field removed"),
        (
            _changed("properties", "id", "contentEncoding", to="base64"),
            ".id: contentEncoding changed from None to base64",
        ),
    ],
)
def test_a_breaking_change_is_named_with_its_place(new: dict[str, Any], change: str) -> None:
    assert change in breaking_changes(OLD, new)


def test_a_new_required_field_is_breaking_because_old_events_lack_it() -> None:
    new = _changed("properties", "extra", to={"type": "string"})
    new["required"] = ["id", "parts", "extra"]

    assert breaking_changes(OLD, new) == [".extra: field is newly required"]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_published_schema_is_compatible_with_itself_and_not_with_an_empty_one(name: str) -> None:
    schema = schemas()[name]

    assert breaking_changes(schema, schema) == []
    assert breaking_changes(schema, {"type": "object", "properties": {}})
